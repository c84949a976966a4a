//! Custom field values among the parameters: `CustomField5`, `Fields[CustomField5]`, `Fields[5]`, and arrays for several choices (OE-2, OE-8).

use crate::dialects::kit::form::{Array, Node};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::domain::field_values::{Change, FieldProblem, Given};
use crate::model::ids::FieldId;

/// Values sent flat, then those sent inside `Fields`; of one field the last counts.
#[must_use]
pub fn all(params: &Params) -> Vec<Change> {
    let mut changes = named(params.iter());
    changes.extend(inside_fields(params));
    changes
}

/// Values sent inside `Fields`, by `CustomFieldN` or the bare number.
#[must_use]
pub fn inside_fields(params: &Params) -> Vec<Change> {
    params.array("Fields").map(of_array).unwrap_or_default()
}

/// The values in an array of fields, by `CustomFieldN` or the bare number; keys are in lower case.
#[must_use]
pub fn of_array(fields: &Array) -> Vec<Change> {
    let by_number = fields.iter().filter_map(|(key, node)| Some((FieldId(key.parse().ok()?), given(node))));
    named(fields.iter()).into_iter().chain(by_number).collect()
}

/// A field named by `CustomFieldN` or its bare number.
#[must_use]
pub fn field_of_name(name: &str) -> Option<FieldId> {
    let name = name.trim();
    let digits = match name.get(..11) {
        Some(prefix) if prefix.eq_ignore_ascii_case("customfield") => &name[11..],
        _ => name,
    };
    digits.parse().ok().filter(|id| *id > 0).map(FieldId)
}

fn named<'a>(pairs: impl Iterator<Item = (&'a str, &'a Node)>) -> Vec<Change> {
    pairs
        .filter_map(|(key, node)| Some((FieldId(key.strip_prefix("customfield")?.parse().ok()?), given(node))))
        .collect()
}

fn given(node: &Node) -> Given {
    match node {
        Node::Text(text) => Given::One(text.clone()),
        Node::Array(parts) => {
            Given::Many(parts.iter().filter_map(|(_, part)| part.as_text()).map(str::to_owned).collect())
        }
    }
}

/// The fault for a refused value: its code and which field it was, in the singular keys, and for changes beside them in the plural ones that one
/// client reads (OE-4).
#[must_use]
pub fn fault(code: i64, problem: &FieldProblem, is_change: bool) -> Fault {
    let description = problem.reason.to_string();
    let mut fault = Fault::code(code)
        .with("ErrorCustomFieldID", problem.field.0)
        .with("ErrorCustomFieldTitle", &problem.title)
        .with("ErrorCustomFieldDescription", &description);
    if is_change {
        fault = fault
            .with("ErrorCustomFieldIDs", problem.field.0)
            .with("ErrorCustomFieldTitles", &problem.title)
            .with("ErrorCustomFieldDescriptions", &description);
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};

    #[test]
    fn values_are_found_in_every_spelling() {
        let query = b"CustomField5=a&customfield6[]=x&customfield6[]=y&Fields[CustomField7]=b&Fields[8]=c&CustomFieldX=d&Fields%5BCustomField9%5D=e";
        let params = Params::new(read_query(query, &Limits::default()).expect("good query"));
        let mut found = all(&params);
        found.sort_by_key(|(id, _)| *id);
        let one = |id, text: &str| (FieldId(id), Given::One(text.to_owned()));
        let ids: Vec<i64> = found.iter().map(|(id, _)| id.0).collect();
        assert_eq!(ids, [5, 6, 7, 8, 9]);
        assert!(found.contains(&one(5, "a")) && found.contains(&one(8, "c")) && found.contains(&one(9, "e")));
        assert_eq!(field_of_name("CustomField12"), Some(FieldId(12)));
        assert_eq!(field_of_name(" 12 "), Some(FieldId(12)));
        assert_eq!(field_of_name("EmailAddress"), None);
        assert_eq!(field_of_name("CustomField0"), None);
    }
}
