//! The values of relational tables: the one form each data type is kept in, how two are compared, and what they are for whoever shows them.

use std::cmp::Ordering;

use chrono_tz::Tz;

use crate::domain::contacts::{Given, dates};
use crate::domain::field_values::CHOICE_SEPARATOR;
use crate::model::states::DataType;

/// A longer value is refused, in bytes.
pub const MAX_VALUE_BYTES: usize = 65_535;

/// A kept value as what it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// A number with decimals.
    Decimal(f64),
    /// A day or a moment, dotted; or a text; or several choices joined by `|`.
    Text(String),
}

/// The form in which a value is kept; empty for none. `None` when the type cannot have it.
#[must_use]
pub fn normal_form(data_type: DataType, given: &Given, zone: Tz) -> Option<String> {
    if given.is_blank() {
        return Some(String::new());
    }
    let text = given.as_text().trim();
    if text.len() > MAX_VALUE_BYTES {
        return None;
    }
    match data_type {
        DataType::Integer => text.parse::<i64>().ok().map(|number| number.to_string()),
        DataType::Decimal => decimal(text),
        DataType::Boolean => truth(text).map(|yes| if yes { "1" } else { "0" }.to_owned()),
        DataType::Date => Some(dates::read(text)?.local(zone).format("%Y-%m-%d").to_string()),
        DataType::DateTime => Some(dates::read(text)?.local(zone).format("%Y-%m-%d %H:%M:%S").to_string()),
        DataType::MultiChoice => {
            let chosen: Vec<&str> = text.split('|').map(str::trim).filter(|one| !one.is_empty()).collect();
            Some(chosen.join(CHOICE_SEPARATOR))
        }
        DataType::ByKind | DataType::Text | DataType::Choice => Some(given.as_text().to_owned()),
    }
}

/// What a kept value is.
#[must_use]
pub fn typed(data_type: DataType, kept: &str) -> Typed {
    let text = || Typed::Text(kept.to_owned());
    match data_type {
        DataType::Integer => kept.parse().map_or_else(|_| text(), Typed::Whole),
        DataType::Decimal => match (kept.parse::<i64>(), kept.parse::<f64>()) {
            (Ok(whole), _) => Typed::Whole(whole),
            (_, Ok(number)) if number.is_finite() => Typed::Decimal(number),
            _ => text(),
        },
        DataType::Boolean => truth(kept).map_or_else(text, Typed::Truth),
        DataType::Date | DataType::DateTime => Typed::Text(dates::dotted_value(kept)),
        DataType::MultiChoice => Typed::Text(kept.replace(CHOICE_SEPARATOR, "|")),
        DataType::ByKind | DataType::Text | DataType::Choice => text(),
    }
}

/// How two values of a type stand to each other; texts without case. `None` for numbers that are none.
#[must_use]
pub fn compare(data_type: DataType, a: &str, b: &str) -> Option<Ordering> {
    match data_type {
        DataType::Integer | DataType::Decimal => match (a.parse::<i64>(), b.parse::<i64>()) {
            (Ok(a), Ok(b)) => Some(a.cmp(&b)),
            _ => a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?),
        },
        _ => Some(a.to_lowercase().cmp(&b.to_lowercase())),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// A number without needless zeros: `1.50` is kept as `1.5`. Plain digits only, a comma is none.
fn decimal(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || whole.len() + part.len() == 0 || unsigned.len() > 40 {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let part = part.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let number = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
    Some(if text.starts_with('-') && number != "0" { format!("-{number}") } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_one_form() {
        let zone = Tz::America__Montreal;
        let cases = [
            (DataType::Integer, " 7 ", Some("7")),
            (DataType::Integer, "7.5", None),
            (DataType::Decimal, "007.50", Some("7.5")),
            (DataType::Decimal, "-.0", Some("0")),
            (DataType::Decimal, "-.5", Some("-0.5")),
            (DataType::Decimal, "1e5", None),
            (DataType::Decimal, ".", None),
            (DataType::Boolean, "True", Some("1")),
            (DataType::Boolean, "2", None),
            (DataType::Date, "2024.01.31", Some("2024-01-31")),
            (DataType::Date, "2024.02.31", None),
            (DataType::DateTime, "2024-01-31 03:00:00 +0000", Some("2024-01-30 22:00:00")),
            (DataType::MultiChoice, "a| b|", Some("a||||b")),
            (DataType::Text, " kept ", Some(" kept ")),
            (DataType::Integer, "", Some("")),
        ];
        for (data_type, text, want) in cases {
            assert_eq!(normal_form(data_type, &Given::text(text), zone).as_deref(), want, "{data_type:?} {text}");
        }
        assert_eq!(normal_form(DataType::Text, &Given::Bool(true), zone).as_deref(), Some("true"));
        assert_eq!(normal_form(DataType::Boolean, &Given::Bool(false), zone).as_deref(), Some("0"));
    }

    #[test]
    fn kept_values_are_shown_as_what_they_are() {
        assert_eq!(typed(DataType::Integer, "7"), Typed::Whole(7));
        assert_eq!(typed(DataType::Decimal, "7.5"), Typed::Decimal(7.5));
        assert_eq!(typed(DataType::Decimal, "7"), Typed::Whole(7));
        assert_eq!(typed(DataType::Boolean, "1"), Typed::Truth(true));
        assert_eq!(typed(DataType::Date, "2024-01-31"), Typed::Text("2024.01.31".to_owned()));
        assert_eq!(typed(DataType::MultiChoice, "a||||b"), Typed::Text("a|b".to_owned()));
        assert_eq!(typed(DataType::Integer, "old text"), Typed::Text("old text".to_owned()));
    }

    #[test]
    fn numbers_are_compared_by_value_and_texts_without_case() {
        assert_eq!(compare(DataType::Integer, "10", "9"), Some(Ordering::Greater));
        assert_eq!(compare(DataType::Decimal, "9.5", "10"), Some(Ordering::Less));
        assert_eq!(compare(DataType::Text, "É", "é"), Some(Ordering::Equal));
        assert_eq!(compare(DataType::Integer, "x", "1"), None);
    }
}
