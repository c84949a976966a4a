//! Values of XML Schema that Rust has no type for, and how all of them are read (SO-2.11, SO-3.8).

use std::fmt;

use chrono::{DateTime as Zoned, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::dialects::kit::value::Value;

/// `xsd:anyType`: whatever the caller put there, in order.
pub type Any = Value;

/// `xsd:dateTime`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateTime {
    /// A moment.
    Utc(Zoned<Utc>),
    /// Without a zone: the dialect knows in which one.
    Local(NaiveDateTime),
}

impl Default for DateTime {
    /// The beginning of 1970.
    fn default() -> Self {
        DateTime::Utc(Zoned::UNIX_EPOCH)
    }
}

impl DateTime {
    /// Reads `2026-01-31T10:00:00`, with or without a fraction, with or without `Z` or `+01:00`. Fractions are cut to microseconds.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // Only what is written by XML Schema: chrono would take more.
        if !text.is_ascii() || text.len() < 19 || text.as_bytes().get(10) != Some(&b'T') {
            return None;
        }
        let (date, rest) = (text.get(..10)?, text.get(11..)?);
        let split = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
        let (time, zone) = rest.split_at(split);
        let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
        if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
        let micros: u32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
        let is_midnight_after = whole == "24:00:00" && micros == 0;
        let whole = if is_midnight_after { "00:00:00" } else { whole };
        let time = NaiveTime::parse_from_str(whole, "%H:%M:%S").ok().filter(|_| whole.len() == 8)?;
        let mut local = date.and_time(time).checked_add_signed(chrono::Duration::microseconds(micros.into()))?;
        if is_midnight_after {
            local = local.checked_add_signed(chrono::Duration::days(1))?;
        }
        if zone.is_empty() {
            return Some(DateTime::Local(local));
        }
        let offset = chrono::Duration::minutes(offset_minutes(zone)?);
        Some(DateTime::Utc(local.checked_sub_signed(offset)?.and_utc()))
    }
}

/// `Z`, `+01:00`, `-14:00`
fn offset_minutes(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() == 2);
    let total = number(hours)? * 60 + number(minutes).filter(|minutes| *minutes < 60)?;
    let signed = if zone.starts_with('-') { -total } else { total };
    (total <= 14 * 60).then_some(signed)
}

impl fmt::Display for DateTime {
    /// A moment as `YYYY-MM-DDThh:mm:ssZ`, a time without a zone without the `Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DateTime::Utc(moment) => write!(f, "{}", moment.format("%Y-%m-%dT%H:%M:%SZ")),
            DateTime::Local(local) => write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S")),
        }
    }
}

/// `xsd:decimal`: digits as they were written, because money is no binary fraction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(String);

impl Default for Decimal {
    fn default() -> Self {
        Decimal("0".to_owned())
    }
}

impl Decimal {
    /// Reads a sign, digits and a point; no exponent.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_one = are_digits(whole) && are_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        is_one.then(|| Decimal(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `xsd:base64Binary`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binary(pub Vec<u8>);

/// A boolean in any case; also a number's.
pub fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A floating-point number, with XML Schema's words for infinity and no number.
pub fn float(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" | "+INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        text => {
            let looks_right =
                text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
            text.parse().ok().filter(|_| looks_right)
        }
    }
}

/// A whole number with or without a sign.
pub fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

/// As XML Schema writes it.
pub fn float_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "INF" } else { "-INF" }.to_owned()
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let cases = [
            ("2026-01-31T10:00:00Z", Some("2026-01-31T10:00:00Z")),
            (" 2026-01-31T10:00:00+01:00 ", Some("2026-01-31T09:00:00Z")),
            ("2026-01-31T23:00:00.5-02:30", Some("2026-02-01T01:30:00Z")),
            ("2026-01-31T10:00:00", Some("2026-01-31T10:00:00")),
            ("2026-01-31T10:00:00.123456789", Some("2026-01-31T10:00:00")),
            ("2026-01-31T24:00:00Z", Some("2026-02-01T00:00:00Z")),
            ("2026-01-31 10:00:00", None),
            ("2026-02-30T10:00:00", None),
            ("2026-01-31T10:00", None),
            ("2026-01-31T10:00:00.", None),
            ("2026-01-31T10:00:00+0100", None),
            ("2026-01-31T10:00:00+15:00", None),
            ("é026-01-31T10:00:00", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(DateTime::parse(text).map(|time| time.to_string()).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_or_refused() {
        assert_eq!((whole::<i32>(" +7 "), whole::<i32>("-7"), whole::<i32>("2147483648")), (Some(7), Some(-7), None));
        assert_eq!((whole::<i64>(""), whole::<i64>("1.0"), whole::<i64>("0x1")), (None, None, None));
        assert_eq!(
            (float("1.0E+25"), float("INF"), float(" -INF ")),
            (Some(1e25), Some(f64::INFINITY), Some(f64::NEG_INFINITY))
        );
        assert!(float("NaN").is_some_and(f64::is_nan));
        assert_eq!((float("inf"), float("nan"), float("")), (None, None, None));
        for (text, is_one) in [("-1.50", true), (".5", true), ("5.", true), (".", false), ("1e5", false), ("", false)] {
            assert_eq!(Decimal::parse(text).is_some(), is_one, "{text}");
        }
    }

    #[test]
    fn booleans_are_read_in_any_case() {
        for (text, want) in [
            ("TRUE", Some(true)),
            (" 1 ", Some(true)),
            ("False", Some(false)),
            ("0", Some(false)),
            ("yes", None),
            ("", None),
        ] {
            assert_eq!(boolean(text), want, "{text}");
        }
    }
}
