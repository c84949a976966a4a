//! Dates and moments as callers write them: dotted or hyphened, with or without a time and an offset. Without one they are in the project's zone.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

use crate::model::time::UtcTime;

/// A moment as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The date.
    pub date: NaiveDate,
    /// The time of day, if any.
    pub time: Option<NaiveTime>,
    /// The offset from UTC, if any.
    pub offset: Option<FixedOffset>,
}

/// Reads `2026.11.25`, `2026-11-25`, either with ` 13:05:09`, `T13:05:09` or ` 13:05`, fractions of a second dropped, and `Z`, `+0100`, `+01:00` behind it.
#[must_use]
pub fn read(text: &str) -> Option<Written> {
    let text = text.trim();
    if !text.is_ascii() || text.len() < 10 || text.len() > 40 {
        return None;
    }
    let (date, rest) = text.split_at(10);
    let separator = char::from(date.as_bytes()[4]);
    let format = match separator {
        '.' => "%Y.%m.%d",
        '-' => "%Y-%m-%d",
        '/' => "%Y/%m/%d",
        _ => return None,
    };
    let is_padded = date.bytes().enumerate().all(|(place, byte)| matches!(place, 4 | 7) || byte.is_ascii_digit());
    let date = NaiveDate::parse_from_str(date, format).ok().filter(|_| is_padded)?;
    if rest.is_empty() {
        return Some(Written { date, time: None, offset: None });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
    let (time, offset) = match rest.find(['+', '-', 'Z', 'z', ' ']) {
        Some(place) => (&rest[..place], rest[place..].trim()),
        None => (rest, ""),
    };
    let whole = time.split('.').next()?;
    let is_fraction = time[whole.len()..].bytes().skip(1).all(|byte| byte.is_ascii_digit());
    let time = NaiveTime::parse_from_str(whole, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(whole, "%H:%M"));
    let time = time.ok().filter(|_| is_fraction)?;
    Some(Written { date, time: Some(time), offset: read_offset(offset)? })
}

/// The outer `None`: no offset that can be read; the inner: there is none.
fn read_offset(text: &str) -> Option<Option<FixedOffset>> {
    match text {
        "" => return Some(None),
        "Z" | "z" => return Some(FixedOffset::east_opt(0)),
        _ => {}
    }
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    let seconds = (hours * 60 + minutes) * 60;
    let offset = match text.as_bytes()[0] {
        b'+' => FixedOffset::east_opt(seconds),
        b'-' => FixedOffset::west_opt(seconds),
        _ => None,
    };
    offset.filter(|_| minutes < 60).map(Some)
}

impl Written {
    /// The moment, a date being its midnight. Of an hour that a zone has twice the first counts; one that it does not have is moved behind the gap.
    #[must_use]
    pub fn moment(&self, zone: Tz) -> UtcTime {
        let local = self.date.and_time(self.time.unwrap_or(NaiveTime::MIN));
        let micros = match self.offset {
            Some(offset) => offset.from_local_datetime(&local).earliest().map(|at| at.timestamp_micros()),
            None => in_zone(local, zone),
        };
        UtcTime(micros.unwrap_or_else(|| local.and_utc().timestamp_micros()))
    }

    /// The wall-clock time in the zone.
    #[must_use]
    pub fn local(&self, zone: Tz) -> NaiveDateTime {
        match self.offset {
            None => self.date.and_time(self.time.unwrap_or(NaiveTime::MIN)),
            Some(_) => local(self.moment(zone), zone),
        }
    }
}

fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<i64> {
    let at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest().map(|at| at.timestamp_micros());
    at(local).or_else(|| at(local + chrono::TimeDelta::hours(1)))
}

/// A moment as the wall clock of a zone shows it.
#[must_use]
pub fn local(at: UtcTime, zone: Tz) -> NaiveDateTime {
    let utc = DateTime::from_timestamp_micros(at.0).unwrap_or_default();
    utc.with_timezone(&zone).naive_local()
}

/// A moment in the dotted form, `2026.11.25 13:05:09`, in a zone.
#[must_use]
pub fn dotted(at: UtcTime, zone: Tz) -> String {
    local(at, zone).format("%Y.%m.%d %H:%M:%S").to_string()
}

/// A kept date or date and time (`2026-11-25`, `2026-11-25 13:05:09`) in the dotted form; anything else as it is.
#[must_use]
pub fn dotted_value(kept: &str) -> String {
    match read(kept) {
        Some(Written { date, time: None, .. }) => date.format("%Y.%m.%d").to_string(),
        Some(Written { date, time: Some(time), .. }) => date.and_time(time).format("%Y.%m.%d %H:%M:%S").to_string(),
        None => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_clients_send_is_read() {
        let zone = Tz::America__Toronto;
        for (text, shown) in [
            ("2026.11.25", "2026.11.25 00:00:00"),
            ("2026-11-25", "2026.11.25 00:00:00"),
            ("2026/11/25 7:05:09", "2026.11.25 07:05:09"),
            ("2026.11.25 13:05:09", "2026.11.25 13:05:09"),
            ("2026-11-25 13:05:09 +0000", "2026.11.25 08:05:09"),
            ("2026-11-25T13:05:09Z", "2026.11.25 08:05:09"),
            ("2026-11-25T13:05:09.123+01:00", "2026.11.25 07:05:09"),
            ("2026-11-25T13:05", "2026.11.25 13:05:00"),
            ("2026-03-08 02:30:00", "2026.03.08 03:30:00"),
        ] {
            let written = read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(dotted(written.moment(zone), zone), shown, "{text}");
        }
        for bad in [
            "",
            "2026.13.01",
            "2026-02-30",
            "25.11.2026",
            "2026.11.25 25:00:00",
            "2026-11-25 10:00 +9999",
            "tomorrow",
            "2026.11.25x",
            "2026-1-1 00:00:00",
            "2026-11-25 10:00:00.x",
            "２０２６.11.25",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn kept_values_are_shown_dotted() {
        assert_eq!(dotted_value("2026-11-25"), "2026.11.25");
        assert_eq!(dotted_value("2026-11-25 13:05:09"), "2026.11.25 13:05:09");
        assert_eq!(dotted_value("soon"), "soon");
    }
}
