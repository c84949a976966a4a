//! The form a value must have, and the one form it is kept in. Pure: nothing here touches the store.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use chrono::NaiveDate;
use regex::{Regex, RegexBuilder};

use super::typed;
use crate::model::email_address::EmailAddress;
use crate::model::states::{FieldKind, Validation};
use crate::store::rows::fields::{FieldRow, options_from_text};

/// Between the choices of a check-box field, as it is kept and shown (OE-9).
pub const CHOICE_SEPARATOR: &str = "||||";

/// A longer value is refused, in bytes: what the old platform's column held.
pub const MAX_VALUE_BYTES: usize = 65_535;

/// A value as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One text.
    One(String),
    /// Several: check boxes, or the parts of a date (day, month, year) or time (hour, minute).
    Many(Vec<String>),
}

/// Why a value does not fit its field. The text is for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say what they are")]
pub enum Invalid {
    #[error("value must be a number")]
    Numbers,
    #[error("value may hold letters only")]
    Letters,
    #[error("value may hold letters and digits only")]
    NumbersAndLetters,
    #[error("value must be an e-mail address")]
    EmailAddress,
    #[error("value must be a web address")]
    Url,
    #[error("value must be a date")]
    Date,
    #[error("value must be a time")]
    Time,
    #[error("value does not have the expected form")]
    Custom,
    #[error("value is not one of the choices")]
    Options,
    #[error("value is too long")]
    TooLong,
    #[error("value must be a whole number")]
    Integer,
    #[error("value must be true or false")]
    Boolean,
    #[error("value must be a date and time")]
    DateTime,
}

/// The form in which a sent value is kept. Empty stays empty and is never invalid.
///
/// # Errors
/// [`Invalid`].
pub fn normal_form(field: &FieldRow, given: &Given) -> Result<String, Invalid> {
    let text: Cow<'_, str> = match (given, field.kind) {
        (Given::One(text), _) => Cow::Borrowed(text),
        (Given::Many(parts), FieldKind::Date) => Cow::Owned(date_of_parts(parts)?),
        (Given::Many(parts), FieldKind::Time) => Cow::Owned(time_of_parts(parts)?),
        (Given::Many(parts), _) => {
            let chosen: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
            Cow::Owned(chosen.join(CHOICE_SEPARATOR))
        }
    };
    check(field, &text)
}

/// Checks one text and answers the form in which it is kept.
///
/// # Errors
/// [`Invalid`].
pub fn check(field: &FieldRow, text: &str) -> Result<String, Invalid> {
    if text.len() > MAX_VALUE_BYTES {
        return Err(Invalid::TooLong);
    }
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(String::new());
    }
    if let Some(kept) = typed::check(field, trimmed) {
        return kept;
    }
    match field.kind {
        FieldKind::Date => return normal_date(trimmed).ok_or(Invalid::Date),
        FieldKind::Time => return normal_time(trimmed).ok_or(Invalid::Time),
        _ => {}
    }
    let each_fits = |fits: &dyn Fn(&str) -> bool| trimmed.split(CHOICE_SEPARATOR).all(|choice| fits(choice.trim()));
    let verdict = match field.validation {
        Validation::Disabled => None,
        Validation::Numbers => (!each_fits(&is_number)).then_some(Invalid::Numbers),
        Validation::Letters => (!each_fits(&|text| holds_only(text, char::is_alphabetic))).then_some(Invalid::Letters),
        Validation::NumbersAndLetters => {
            (!each_fits(&|text| holds_only(text, char::is_alphanumeric))).then_some(Invalid::NumbersAndLetters)
        }
        Validation::EmailAddress => EmailAddress::parse(trimmed).is_none().then_some(Invalid::EmailAddress),
        Validation::Url => (!is_web_address(trimmed)).then_some(Invalid::Url),
        Validation::Date => normal_date(trimmed).is_none().then_some(Invalid::Date),
        Validation::Time => normal_time(trimmed).is_none().then_some(Invalid::Time),
        Validation::Custom => (!matches_rule(&field.rule, trimmed)).then_some(Invalid::Custom),
        Validation::Options => (!each_fits(&|text| is_option(field, text))).then_some(Invalid::Options),
    };
    // Paragraphs keep their blanks; what was typed in one line does not.
    let kept = if field.kind == FieldKind::Paragraph { text } else { trimmed };
    verdict.map_or_else(|| Ok(kept.to_owned()), Err)
}

/// What two values of a unique field are compared by: without case, blanks around it dropped.
#[must_use]
pub fn unique_key(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Digits with an optional sign and one decimal point or comma.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = digits.splitn(2, ['.', ',']);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_digits) && parts.next().is_none_or(is_digits)
}

/// Letters of any alphabet, and single blanks between words.
fn holds_only(text: &str, fits: fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|c| fits(c) || c == ' ')
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "ftp") && url.host().is_some())
}

fn is_option(field: &FieldRow, text: &str) -> bool {
    // An options column that cannot be read fits nothing, so that it is noticed.
    options_from_text(&field.options)
        .is_ok_and(|options| options.iter().any(|option| option.value == text || option.label == text))
}

/// A rule is a PHP pattern, with delimiters and modifiers (`/^\d{4}$/i`) or without. One that does not compile here (look-around, back
/// references) fits everything: the old site's sign-ups must not stop because of it.
fn matches_rule(rule: &str, text: &str) -> bool {
    static COMPILED: OnceLock<Mutex<HashMap<String, Option<Arc<Regex>>>>> = OnceLock::new();
    const REMEMBERED_AT_MOST: usize = 1_000;
    let cache = COMPILED.get_or_init(Mutex::default);
    let known = cache.lock().ok().and_then(|map| map.get(rule).cloned());
    let compiled = known.unwrap_or_else(|| {
        let compiled = compile_rule(rule).map(Arc::new);
        if let Ok(mut map) = cache.lock() {
            if map.len() >= REMEMBERED_AT_MOST {
                map.clear();
            }
            map.insert(rule.to_owned(), compiled.clone());
        }
        compiled
    });
    compiled.is_none_or(|pattern| pattern.is_match(text))
}

fn compile_rule(rule: &str) -> Option<Regex> {
    let rule = rule.trim();
    let (pattern, modifiers) = undelimited(rule).unwrap_or((rule, ""));
    RegexBuilder::new(pattern)
        .case_insensitive(modifiers.contains('i'))
        .multi_line(modifiers.contains('m'))
        .dot_matches_new_line(modifiers.contains('s'))
        .ignore_whitespace(modifiers.contains('x'))
        .size_limit(1 << 20)
        .build()
        .ok()
}

/// The inside of a delimited PHP pattern and its modifiers.
fn undelimited(rule: &str) -> Option<(&str, &str)> {
    let open = rule.chars().next().filter(|c| "/#~@!%".contains(*c))?;
    let end = rule.rfind(open).filter(|end| *end > 0)?;
    let modifiers = &rule[end + open.len_utf8()..];
    modifiers.chars().all(|c| c.is_ascii_alphabetic()).then_some((&rule[open.len_utf8()..end], modifiers))
}

/// `YYYY-MM-DD`, also with slashes or dots, with a time behind it, or `DD.MM.YYYY` / `DD/MM/YYYY` (day first, as the form's three parts are).
pub(super) fn normal_date(text: &str) -> Option<String> {
    let day = text.split([' ', 'T']).next()?;
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, date) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    let parsed = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, date.parse().ok()?)?;
    (year.len() == 4).then(|| parsed.format("%Y-%m-%d").to_string())
}

/// `HH:MM` or `HH:MM:SS`.
fn normal_time(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').collect();
    let number = |part: Option<&&str>| part.map_or(Some(0_u32), |part| part.trim().parse().ok());
    let (hour, minute, second) = (number(parts.first())?, number(parts.get(1))?, number(parts.get(2))?);
    let is_time = (2..=3).contains(&parts.len()) && hour < 24 && minute < 60 && second < 60;
    is_time.then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}

/// Day, month, year as the platform's forms send them; all empty is no date.
fn date_of_parts(parts: &[String]) -> Result<String, Invalid> {
    match parts {
        _ if parts.iter().all(|part| part.trim().is_empty()) => Ok(String::new()),
        [day, month, year] => Ok(format!("{}-{}-{}", year.trim(), month.trim(), day.trim())),
        [one] => Ok(one.clone()),
        _ => Err(Invalid::Date),
    }
}

/// Hour and minute as the platform's forms send them; all empty is no time.
fn time_of_parts(parts: &[String]) -> Result<String, Invalid> {
    match parts {
        _ if parts.iter().all(|part| part.trim().is_empty()) => Ok(String::new()),
        [one] => Ok(one.clone()),
        [_, _] | [_, _, _] => Ok(parts.iter().map(|part| part.trim()).collect::<Vec<_>>().join(":")),
        _ => Err(Invalid::Time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{AccountId, FieldId, ListId};
    use crate::model::states::{DataType, Visibility};
    use crate::model::time::UtcTime;
    use crate::store::rows::fields::{FieldOption, options_to_text};

    fn field(kind: FieldKind, validation: Validation, rule: &str) -> FieldRow {
        let option =
            |value: &str| FieldOption { label: value.to_uppercase(), value: value.to_owned(), is_selected: false };
        FieldRow {
            id: FieldId(1),
            account_id: AccountId(1),
            list_id: ListId(1),
            name: "F".to_owned(),
            kind,
            default_value: String::new(),
            options: options_to_text(&[option("a"), option("b")]),
            validation,
            rule: rule.to_owned(),
            is_required: false,
            is_unique: false,
            is_global: false,
            visibility: Visibility::Public,
            alias: String::new(),
            years: String::new(),
            meta: String::new(),
            created_at: UtcTime(0),
            code: String::new(),
            data_type: DataType::ByKind,
            labels: String::new(),
        }
    }

    #[test]
    fn each_validation_takes_its_values_and_refuses_others() {
        let cases: &[(Validation, &str, &[&str], &[&str])] = &[
            (Validation::Disabled, "", &["x", "1 <b>"], &[]),
            (Validation::Numbers, "", &["0", "-12", "3.5", "3,5", "007"], &["", "1a", ".", "1.2.3", "--1", "٣"]),
            (Validation::Letters, "", &["abc", "Ünï", "Mary Ann"], &["a1", "a-b"]),
            (Validation::NumbersAndLetters, "", &["abc1", "A 1"], &["a_b", "a@b"]),
            (Validation::EmailAddress, "", &["a@b.co"], &["a@b", "x"]),
            (
                Validation::Url,
                "",
                &["http://x.example/", "https://x.example?a=1"],
                &["x.example", "javascript:alert(1)", "http://"],
            ),
            (Validation::Date, "", &["2024-02-29", "31/12/2024", "1.2.2024"], &["2023-02-29", "2024-13-01", "soon"]),
            (Validation::Time, "", &["23:59", "1:02:03"], &["24:00", "1", "a:b"]),
            (Validation::Custom, "/^x[0-9]+$/i", &["x1", "X22"], &["y1", "x"]),
            (Validation::Custom, "^[0-9]{4}$", &["1234"], &["123"]),
            (Validation::Custom, "(?=x)y", &["anything"], &[]),
            (Validation::Options, "", &["a", "B", "a||||b"], &["c", "a||||c"]),
        ];
        for (validation, rule, good, bad) in cases {
            let field = field(FieldKind::SingleLine, *validation, rule);
            for text in *good {
                assert!(check(&field, text).is_ok(), "{validation:?} {text:?}");
            }
            for text in bad.iter().filter(|text| !text.is_empty()) {
                assert!(check(&field, text).is_err(), "{validation:?} {text:?}");
            }
            assert_eq!(check(&field, "  "), Ok(String::new()));
        }
    }

    #[test]
    fn parts_and_choices_have_one_form() {
        let many = |parts: &[&str]| Given::Many(parts.iter().map(|part| (*part).to_owned()).collect());
        let date = field(FieldKind::Date, Validation::Disabled, "");
        assert_eq!(normal_form(&date, &many(&["5", "1", "2024"])), Ok("2024-01-05".to_owned()));
        assert_eq!(normal_form(&date, &many(&["", "", ""])), Ok(String::new()));
        assert_eq!(normal_form(&date, &many(&["5", "1"])), Err(Invalid::Date));
        assert_eq!(normal_form(&date, &Given::One("2024-1-5".to_owned())), Ok("2024-01-05".to_owned()));
        let time = field(FieldKind::Time, Validation::Disabled, "");
        assert_eq!(normal_form(&time, &many(&["7", "5"])), Ok("07:05:00".to_owned()));
        let boxes = field(FieldKind::Checkboxes, Validation::Disabled, "");
        assert_eq!(normal_form(&boxes, &many(&["a", "", " b "])), Ok("a||||b".to_owned()));
        let text = field(FieldKind::SingleLine, Validation::Disabled, "");
        assert_eq!(check(&text, " x "), Ok("x".to_owned()));
        assert_eq!(check(&text, &"x".repeat(MAX_VALUE_BYTES + 1)), Err(Invalid::TooLong));
        assert_eq!(check(&field(FieldKind::Paragraph, Validation::Disabled, ""), " x\n"), Ok(" x\n".to_owned()));
    }
}
