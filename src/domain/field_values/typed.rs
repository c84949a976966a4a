//! Values of fields that say what their values are (see `fields.data_type`). Pure: nothing here touches the store.

use chrono::NaiveDateTime;

use super::check::{Invalid, normal_date};
use crate::model::states::{DataType, FieldKind};
use crate::store::rows::fields::FieldRow;

/// A text that is not said to be long holds so many characters.
pub const SHORT_TEXT_CHARS: usize = 100;

/// Checks a text that is not empty; `None` when the field's kind and validation decide.
pub(super) fn check(field: &FieldRow, text: &str) -> Option<Result<String, Invalid>> {
    Some(match field.data_type {
        // Choices are checked by the validation that comes with them.
        DataType::ByKind | DataType::Choice | DataType::MultiChoice => return None,
        DataType::Text => {
            if field.kind == FieldKind::Paragraph || text.chars().count() <= SHORT_TEXT_CHARS {
                return None;
            }
            Err(Invalid::TooLong)
        }
        DataType::Integer => integer(text).ok_or(Invalid::Integer),
        DataType::Decimal => decimal(text).ok_or(Invalid::Numbers),
        DataType::Boolean => boolean(text).ok_or(Invalid::Boolean),
        DataType::Date => normal_date(&text.replace('.', "-")).ok_or(Invalid::Date),
        DataType::DateTime => date_time(text).ok_or(Invalid::DateTime),
    })
}

/// A whole number without leading zeros or a plus sign. `7.0` is one too: programs write so.
fn integer(text: &str) -> Option<String> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse::<i64>().ok().map(|number| number.to_string())
}

/// A decimal number in its shortest form, `-1.5`; a decimal comma is read too. `None` for anything else, and for more than 30 digits.
#[must_use]
pub fn decimal(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || digits.ends_with(['.', ',']) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.len() + fraction.len() > 30 {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(match fraction {
        "" if whole == "0" => "0".to_owned(),
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

/// Kept as `1` and `0`.
fn boolean(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some("1".to_owned()),
        "0" | "false" | "no" => Some("0".to_owned()),
        _ => None,
    }
}

/// Kept as `YYYY-MM-DD HH:MM:SS`, the wall clock of the project's zone.
fn date_time(text: &str) -> Option<String> {
    let text = text.replacen('.', "-", 2).replacen('T', " ", 1);
    let form = if text.matches(':').count() == 1 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    let read = NaiveDateTime::parse_from_str(&text, form).ok();
    let read = read.or_else(|| NaiveDateTime::parse_from_str(&format!("{text} 00:00:00"), "%Y-%m-%d %H:%M:%S").ok());
    read.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_to_one_form_by_type() {
        for (text, kept) in [("007", Some("7")), ("-3", Some("-3")), ("7.0", Some("7")), ("1.5", None), ("x", None)] {
            assert_eq!(integer(text).as_deref(), kept, "{text}");
        }
        assert_eq!(integer("9223372036854775808"), None);
        for (text, kept) in [
            ("1,50", Some("1.5")),
            ("+00.10", Some("0.1")),
            ("-0", Some("0")),
            ("-0.0", Some("0")),
            ("12.", None),
            (".5", None),
            ("1e3", None),
            ("1.2.3", None),
            ("", None),
        ] {
            assert_eq!(decimal(text).as_deref(), kept, "{text}");
        }
        for (text, kept) in [("True", Some("1")), ("0", Some("0")), ("on", None)] {
            assert_eq!(boolean(text).as_deref(), kept, "{text}");
        }
        for (text, kept) in [
            ("2026.11.25 13:05:09", Some("2026-11-25 13:05:09")),
            ("2026-11-25T13:05", Some("2026-11-25 13:05:00")),
            ("2026-11-25", Some("2026-11-25 00:00:00")),
            ("25.11.2026", None),
        ] {
            assert_eq!(date_time(text).as_deref(), kept, "{text}");
        }
    }
}
