//! What CustomField.Create and CustomField.Update read alike: choices, default, further data (OE-9).

use crate::dialects::kit::form::Node;
use crate::dialects::oempro::commands::list::options::text_or_json;
use crate::dialects::oempro::params::{Params, clip_line, clip_text};
use crate::domain::fields::Choice;
use crate::model::states::{FieldKind, Validation};

/// Choices of a field at most; more are dropped.
const MAX_CHOICES: usize = 1_000;

/// The choices of `OptionLabel[n]`, `OptionValue[n]` and `OptionSelected[]` (the n of those chosen beforehand); `None` when no labels or values
/// were sent. A choice without a value has its label for one, and the other way round.
#[must_use]
pub fn choices(params: &Params) -> Option<Vec<Choice>> {
    let labels = params.array("OptionLabel");
    let values = params.array("OptionValue");
    let first = labels.or(values)?;
    let selected = params.texts("OptionSelected");
    let mut choices = Vec::new();
    for (n, _) in first.iter().take(MAX_CHOICES) {
        let text = |array: Option<&_>| text_at(array, n);
        let (label, value) = (text(labels), text(values));
        if label.is_empty() && value.is_empty() {
            continue;
        }
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        choices.push(Choice {
            label: or(&label, &value),
            value: or(&value, &label),
            is_selected: selected.iter().any(|chosen| chosen.trim() == n),
        });
    }
    Some(choices)
}

/// A choice on one line, without the brackets that hold choices apart in answers.
fn text_at(array: Option<&crate::dialects::kit::form::Array>, key: &str) -> String {
    let text = array.and_then(|array| array.get(key)).and_then(Node::as_text).unwrap_or_default();
    clip_line(text, 250).replace("[[", "[").replace("]]", "]").replace("]||[", "] | [").trim().to_owned()
}

/// `FieldDefaultValue`, or as 5.x calls it `DefaultValue`; `None` when neither was sent.
#[must_use]
pub fn default_value(params: &Params) -> Option<String> {
    let name = if params.has("FieldDefaultValue") { "FieldDefaultValue" } else { "DefaultValue" };
    params.sent(name).map(|text| clip_text(text, 10_000))
}

/// `Years`, such as `2010-2030`; anything else is none. `None` when it was not sent.
#[must_use]
pub fn years(params: &Params) -> Option<String> {
    params.sent("Years").map(|text| {
        let text = text.trim();
        let is_year = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_range = text.split_once('-').is_some_and(|(first, last)| is_year(first) && is_year(last));
        if is_range { text.to_owned() } else { String::new() }
    })
}

/// `Meta`, kept as it came: text, or JSON for an array. `None` when it was not sent.
#[must_use]
pub fn meta(params: &Params) -> Option<String> {
    text_or_json(params, "Meta").map(|text| clip_text(&text, 10_000))
}

/// The kind and validation behind a `DataType` of 5.x, which overrides `FieldType`; `None` for a word that is none.
#[must_use]
pub fn data_type(word: &str) -> Option<(FieldKind, Validation)> {
    match word {
        "text" => Some((FieldKind::SingleLine, Validation::Disabled)),
        "longtext" => Some((FieldKind::Paragraph, Validation::Disabled)),
        "number" => Some((FieldKind::SingleLine, Validation::Numbers)),
        "date" => Some((FieldKind::Date, Validation::Disabled)),
        "time" => Some((FieldKind::Time, Validation::Disabled)),
        // No kind holds a date with its time; they are kept as text.
        "datetime" | "timestamp" => Some((FieldKind::SingleLine, Validation::Disabled)),
        "single-select" => Some((FieldKind::DropDown, Validation::Disabled)),
        "multi-select" => Some((FieldKind::Checkboxes, Validation::Disabled)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};

    fn params(query: &str) -> Params {
        Params::new(read_query(query.as_bytes(), &Limits::default()).expect("good query"))
    }

    #[test]
    fn parallel_arrays_become_choices() {
        let found = choices(&params(
            "OptionLabel[1]=Red&OptionLabel[2]=Blue&OptionLabel[3]=&OptionValue[1]=r&OptionValue[2]=&OptionSelected[]=2",
        ));
        let choice = |label: &str, value: &str, is_selected| Choice {
            label: label.to_owned(),
            value: value.to_owned(),
            is_selected,
        };
        assert_eq!(found, Some(vec![choice("Red", "r", false), choice("Blue", "Blue", true)]));
        assert_eq!(choices(&params("OptionValue[]=a")), Some(vec![choice("a", "a", false)]));
        assert_eq!(choices(&params("OptionLabel=x")), None);
        assert_eq!(choices(&params("OptionLabel[]=[[x]]")), Some(vec![choice("[x]", "[x]", false)]));
    }

    #[test]
    fn years_are_a_range_or_nothing() {
        assert_eq!(years(&params("Years=2010-2030")).as_deref(), Some("2010-2030"));
        assert_eq!(years(&params("Years=soon")).as_deref(), Some(""));
        assert_eq!(years(&params("")), None);
        assert_eq!(default_value(&params("DefaultValue=a&FieldDefaultValue=b")).as_deref(), Some("b"));
        assert_eq!(default_value(&params("DefaultValue=a")).as_deref(), Some("a"));
    }
}
