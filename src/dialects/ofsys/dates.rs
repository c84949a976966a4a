//! Dates as this wire writes them: `2026.01.31` and `2026.01.31 23:59:59` in the project's zone (OF-4.1 to OF-4.4).

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone,
};
use chrono_tz::Tz;

use crate::model::time::UtcTime;

/// The first and last year that is read or written.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// A date that was sent: a day, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A day without a time.
    Day(NaiveDate),
    /// A moment on the clock of some zone: the project's unless an offset was sent.
    Moment(NaiveDateTime, Option<FixedOffset>),
}

impl Sent {
    /// The moment it means; a day is its midnight.
    #[must_use]
    pub fn moment(self, zone: Tz) -> UtcTime {
        match self {
            Self::Day(day) => from_clock(day.and_time(NaiveTime::MIN), zone),
            Self::Moment(clock, None) => from_clock(clock, zone),
            Self::Moment(clock, Some(offset)) => {
                let local = i64::from(offset.local_minus_utc()) * 1_000_000;
                UtcTime(clock.and_utc().timestamp_micros().saturating_sub(local))
            }
        }
    }

    /// The day it names, in the project's zone when an offset was sent.
    #[must_use]
    pub fn day(self, zone: Tz) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Moment(clock, None) => clock.date(),
            Self::Moment(_, Some(_)) => to_clock(self.moment(zone), zone).map_or(NaiveDate::MIN, |clock| clock.date()),
        }
    }
}

/// Reads any form that clients send. `None` when it is no date, or no such day or time.
#[must_use]
pub fn read(text: &str) -> Option<Sent> {
    let text = text.trim();
    let day = read_day(text.get(..10)?)?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(Sent::Day(day));
    }
    let rest = rest.strip_prefix([' ', 'T', 't'])?.trim_start();
    let ends = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
    let (time, offset) = rest.split_at(ends);
    let time = read_time(time)?;
    let offset = match offset.trim() {
        "" => None,
        "Z" | "z" => Some(Utc0::fix()),
        other => Some(read_offset(other)?),
    };
    Some(Sent::Moment(day.and_time(time), offset))
}

/// Writes `yyyy.MM.dd HH:mm:ss`; `None` outside the years 1 to 9999.
#[must_use]
pub fn write_moment(at: UtcTime, zone: Tz) -> Option<String> {
    to_clock(at, zone).map(|clock| clock.format("%Y.%m.%d %H:%M:%S").to_string())
}

/// Writes `yyyy.MM.dd`.
#[must_use]
pub fn write_day(day: NaiveDate) -> String {
    day.format("%Y.%m.%d").to_string()
}

/// The zone of this name, else UTC.
#[must_use]
pub fn zone(name: &str) -> Tz {
    name.trim().parse().unwrap_or(Tz::UTC)
}

/// The clock of a zone at a moment, to the second.
fn to_clock(at: UtcTime, zone: Tz) -> Option<NaiveDateTime> {
    let utc = DateTime::from_timestamp_micros(at.0)?.naive_utc();
    let clock = utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix())?;
    YEARS.contains(&chrono::Datelike::year(&clock.date())).then_some(clock)
}

/// A time that summer time skipped counts on from before the gap; of one that comes twice the first is meant.
fn from_clock(clock: NaiveDateTime, zone: Tz) -> UtcTime {
    let offset = match zone.offset_from_local_datetime(&clock) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset.fix(),
        MappedLocalTime::None => zone.offset_from_utc_datetime(&(clock - TimeDelta::days(1))).fix(),
    };
    UtcTime(clock.and_utc().timestamp_micros() - i64::from(offset.local_minus_utc()) * 1_000_000)
}

/// The offset of UTC itself.
struct Utc0;

impl Utc0 {
    fn fix() -> FixedOffset {
        chrono::Utc.fix()
    }
}

fn read_day(text: &str) -> Option<NaiveDate> {
    let separator = text.chars().nth(4).filter(|c| matches!(c, '.' | '-'))?;
    let [year, month, day] = digits(text, separator, [4, 2, 2])?;
    let year = i32::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// `HH:mm`, `HH:mm:ss`, or the latter with a fraction, which is dropped.
fn read_time(text: &str) -> Option<NaiveTime> {
    let (text, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = if text.len() == 5 { format!("{text}:00") } else { text.to_owned() };
    let [hour, minute, second] = digits(&whole, ':', [2, 2, 2])?;
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// `+00:00`, `-0500`.
fn read_offset(text: &str) -> Option<FixedOffset> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let rest = rest.replace(':', "");
    if rest.len() != 4 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (rest.get(..2)?.parse().ok()?, rest.get(2..)?.parse().ok()?);
    if hours > 14 || minutes > 59 { None } else { FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)) }
}

/// Three numbers of exactly so many digits.
fn digits(text: &str, separator: char, widths: [usize; 3]) -> Option<[u32; 3]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let mut numbers = [0; 3];
    for ((part, width), number) in parts.iter().zip(widths).zip(&mut numbers) {
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, zone: Tz) -> Option<String> {
        write_moment(read(text)?.moment(zone), zone)
    }

    #[test]
    fn every_form_that_clients_send_is_read_and_the_dotted_one_written() {
        let cases = [
            ("2014.11.26", "2014.11.26 00:00:00"),
            ("2014.11.26 10:40:47", "2014.11.26 10:40:47"),
            ("2014-11-26", "2014.11.26 00:00:00"),
            (" 2014-11-26 10:40:47 ", "2014.11.26 10:40:47"),
            ("2014-11-26 10:40:47 +0000", "2014.11.26 05:40:47"),
            ("2014-11-26T10:40:47Z", "2014.11.26 05:40:47"),
            ("2014-11-26T10:40:47.123-05:00", "2014.11.26 10:40:47"),
            ("2014-11-26T10:40", "2014.11.26 10:40:00"),
        ];
        for (text, want) in cases {
            assert_eq!(shown(text, Tz::America__Montreal).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2014",
            "26.11.2014",
            "2014.02.30",
            "2014.11-26",
            "2014.11.26 25:00:00",
            "2014.11.26 10:40:47 +9900",
            "0000-00-00",
            "2014-11-26T",
            "2014-11-26 10:40:47.",
            "2014.11.2６",
            "２014.11.26",
            "2014-11-26 10:40:47 X",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn summer_time_skips_and_repeats() {
        let zone = Tz::America__Montreal;
        assert_eq!(shown("2024.03.10 02:30:00", zone).as_deref(), Some("2024.03.10 03:30:00"));
        assert_eq!(shown("2024.11.03 01:30:00", zone).as_deref(), Some("2024.11.03 01:30:00"));
        let day = read("2024-01-01 02:00:00 +0000").map(|sent| write_day(sent.day(zone)));
        assert_eq!(day.as_deref(), Some("2023.12.31"));
    }
}
