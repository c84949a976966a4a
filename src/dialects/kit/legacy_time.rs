//! Dates and times as PHP and MySQL wrote them: `YYYY-MM-DD HH:MM:SS` in some zone, with zeros for "never".

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone,
};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::zone_labels;

/// How MySQL writes "no date".
pub const ZERO_DATE: &str = "0000-00-00";

/// How MySQL writes "no time".
pub const ZERO_DATE_TIME: &str = "0000-00-00 00:00:00";

/// The zone in which a wall clock is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// A zone of the IANA database with its summer time.
    Named(Tz),
    /// A fixed distance from UTC.
    Fixed(FixedOffset),
}

/// A text that is not a date or time of this format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegacyTimeError {
    /// Not `YYYY-MM-DD HH:MM:SS`, or no such moment in the calendar.
    #[error("not a date and time: {0:?}")]
    NotADateTime(String),
    /// Not `YYYY-MM-DD`, or no such day in the calendar.
    #[error("not a date: {0:?}")]
    NotADate(String),
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Zone = Zone::Named(Tz::UTC);

    /// Finds a zone by what an account or campaign carries: an IANA name in any case (`America/Sao_Paulo`), or a label of the old platform
    /// (`(GMT-03:00) Brasilia`, OE-7). A label whose city is unknown gives the fixed offset written in it. `None` when nothing fits.
    pub fn find(label: &str) -> Option<Zone> {
        let label = label.trim();
        named(label).or_else(|| zone_labels::find(label)).map(Zone::Named).or_else(|| fixed(label))
    }

    /// Unix microseconds to wall-clock time, cut to the second. `None` outside the years 1 to 9999.
    fn wall_clock(self, unix_micros: i64) -> Option<NaiveDateTime> {
        let utc = DateTime::from_timestamp_micros(unix_micros)?.naive_utc();
        let offset = match self {
            Zone::Named(zone) => zone.offset_from_utc_datetime(&utc).fix(),
            Zone::Fixed(offset) => offset,
        };
        let local = utc.checked_add_offset(offset)?;
        let first = NaiveDate::from_ymd_opt(1, 1, 1)?;
        let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
        (first..=last).contains(&local.date()).then_some(local)
    }

    /// Wall-clock time to unix microseconds. A time that summer time skipped counts on from before the gap, as PHP does. One that comes twice is
    /// the first of the two; PHP 8.2 takes the first west of Greenwich and the second east of it.
    fn unix_micros(self, local: NaiveDateTime) -> i64 {
        let offset = match self {
            Zone::Fixed(offset) => offset,
            Zone::Named(zone) => match zone.offset_from_local_datetime(&local) {
                MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset.fix(),
                MappedLocalTime::None => zone.offset_from_utc_datetime(&(local - TimeDelta::days(1))).fix(),
            },
        };
        local.and_utc().timestamp_micros() - i64::from(offset.local_minus_utc()) * 1_000_000
    }
}

/// Writes `YYYY-MM-DD HH:MM:SS`. `None`, and a moment outside the years 1 to 9999, is [`ZERO_DATE_TIME`].
pub fn format_date_time(unix_micros: Option<i64>, zone: Zone) -> String {
    let local = unix_micros.and_then(|at| zone.wall_clock(at));
    local.map_or_else(|| ZERO_DATE_TIME.to_owned(), |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// Writes `YYYY-MM-DD`, the day of that moment in the zone. `None` is [`ZERO_DATE`].
pub fn format_date(unix_micros: Option<i64>, zone: Zone) -> String {
    let local = unix_micros.and_then(|at| zone.wall_clock(at));
    local.map_or_else(|| ZERO_DATE.to_owned(), |at| at.format("%Y-%m-%d").to_string())
}

/// Reads `YYYY-MM-DD HH:MM:SS` as unix microseconds. A date alone is its midnight; zeros are `None`. Blanks around it do not matter.
///
/// # Errors
/// [`LegacyTimeError::NotADateTime`], also for 31 February and for half-zero dates such as `2024-00-00`.
pub fn parse_date_time(text: &str, zone: Zone) -> Result<Option<i64>, LegacyTimeError> {
    let trimmed = text.trim();
    if trimmed == ZERO_DATE_TIME || trimmed == ZERO_DATE {
        return Ok(None);
    }
    let (date, time) = trimmed.split_once(' ').unwrap_or((trimmed, "00:00:00"));
    match read_date(date).zip(read_time(time)) {
        Some((date, time)) => Ok(Some(zone.unix_micros(date.and_time(time)))),
        None => Err(LegacyTimeError::NotADateTime(text.to_owned())),
    }
}

/// Reads `YYYY-MM-DD`; zeros are `None`. Blanks around it do not matter.
///
/// # Errors
/// [`LegacyTimeError::NotADate`].
pub fn parse_date(text: &str) -> Result<Option<NaiveDate>, LegacyTimeError> {
    match text.trim() {
        ZERO_DATE => Ok(None),
        trimmed => read_date(trimmed).map(Some).ok_or_else(|| LegacyTimeError::NotADate(text.to_owned())),
    }
}

/// The span, in unix microseconds with its end exclusive, of the moments whose written form begins with `prefix`: a year, month, day, hour, minute or second.
pub fn span_of_prefix(prefix: &str, zone: Zone) -> Option<(i64, i64)> {
    let prefix = prefix.trim();
    const WHOLE: &str = "0000-01-01 00:00:00";
    let full = format!("{prefix}{}", WHOLE.get(prefix.len()..)?);
    let from = NaiveDateTime::new(read_date(full.get(..10)?)?, read_time(full.get(11..)?)?);
    let end = match prefix.len() {
        4 => from.checked_add_months(Months::new(12))?,
        7 => from.checked_add_months(Months::new(1))?,
        10 => from + TimeDelta::days(1),
        13 => from + TimeDelta::hours(1),
        16 => from + TimeDelta::minutes(1),
        19 => from + TimeDelta::seconds(1),
        _ => return None,
    };
    Some((zone.unix_micros(from), zone.unix_micros(end)))
}

fn read_date(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    // chrono knows a year 0, the old calendar does not.
    if year == 0 { None } else { NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day) }
}

fn read_time(text: &str) -> Option<NaiveTime> {
    let [hour, minute, second] = numbers(text, ':', [2, 2, 2])?;
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// Three numbers of exactly so many digits.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(separator);
    let mut read = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<u32>().ok()
    };
    let all = [read(digits[0])?, read(digits[1])?, read(digits[2])?];
    parts.next().is_none().then_some(all)
}

/// An IANA name in any case.
fn named(label: &str) -> Option<Tz> {
    TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(label))
}

/// The offset in `(GMT+05:30) …`, `(UTC-3) …`, `(GMT) …` or the same without brackets.
fn fixed(label: &str) -> Option<Zone> {
    let inside = match label.strip_prefix('(') {
        Some(open) => open.split_once(')')?.0,
        None => label,
    };
    let offset = inside.trim().strip_prefix("GMT").or_else(|| inside.trim().strip_prefix("UTC"))?.trim();
    if offset.is_empty() {
        return Some(Zone::UTC);
    }
    let (sign, clock) = match offset.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, offset.strip_prefix('+')?),
    };
    let (hours, minutes) = clock.split_once(':').unwrap_or((clock, "00"));
    let short = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !short(hours) || !short(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)).map(Zone::Fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;
    use proptest::prelude::*;

    #[test]
    fn a_prefix_spans_what_begins_with_it() {
        let span = |prefix| span_of_prefix(prefix, Zone::UTC);
        assert_eq!(span("2024-02"), Some((micros("2024-02-01T00:00:00Z"), micros("2024-03-01T00:00:00Z"))));
        assert_eq!(span("2024"), Some((micros("2024-01-01T00:00:00Z"), micros("2025-01-01T00:00:00Z"))));
        assert_eq!(span("2024-02-29 23:59:59"), Some((micros("2024-02-29T23:59:59Z"), micros("2024-03-01T00:00:00Z"))));
        for bad in
            ["", "20", "2024-", "2024-02-30", "2024-13", "soon", "2024-02-29 24", "é024", "2024-02-29 23:59:59 x"]
        {
            assert_eq!(span(bad), None, "{bad}");
        }
    }

    fn micros(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().unwrap().timestamp_micros()
    }

    fn zone(label: &str) -> Zone {
        Zone::find(label).unwrap()
    }

    #[test]
    fn times_are_read_in_their_zone() {
        let cases = [
            ("2024-02-29 12:34:56", "UTC", "2024-02-29T12:34:56Z"),
            (" 2024-02-29 ", "UTC", "2024-02-29T00:00:00Z"),
            ("2024-01-15 10:00:00", "America/New_York", "2024-01-15T15:00:00Z"),
            ("2024-07-15 10:00:00", "america/new_york", "2024-07-15T14:00:00Z"),
            ("2024-07-15 10:00:00", "(GMT-05:00) Eastern Time (US & Canada)", "2024-07-15T14:00:00Z"),
            ("2024-07-15 10:00:00", "(GMT-03:00) Brasilia", "2024-07-15T13:00:00Z"),
            ("2024-07-15 10:00:00", "(GMT+05:45) Nowhere", "2024-07-15T04:15:00Z"),
            ("2024-03-10 02:30:00", "America/New_York", "2024-03-10T07:30:00Z"),
            ("2024-11-03 01:30:00", "America/New_York", "2024-11-03T05:30:00Z"),
            ("1969-12-31 23:59:59", "UTC", "1969-12-31T23:59:59Z"),
        ];
        for (text, label, want) in cases {
            assert_eq!(parse_date_time(text, zone(label)), Ok(Some(micros(want))), "{text} {label}");
        }
    }

    #[test]
    fn zeros_mean_never() {
        assert_eq!(parse_date_time(ZERO_DATE_TIME, Zone::UTC), Ok(None));
        assert_eq!(parse_date_time(ZERO_DATE, Zone::UTC), Ok(None));
        assert_eq!(parse_date(ZERO_DATE), Ok(None));
        for outside in [None, Some(i64::MAX), Some(i64::MIN), Some(micros("9999-12-31T23:59:59Z") + 1_000_000)] {
            assert_eq!(format_date_time(outside, Zone::UTC), ZERO_DATE_TIME);
            assert_eq!(format_date(outside, Zone::UTC), ZERO_DATE);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let bad = [
            "",
            "x",
            "2024-02-30",
            "2023-02-29 00:00:00",
            "2024-00-00",
            "0000-01-01",
            "2024-1-1",
            "24-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01 24:00:00",
            "2024-01-01 00:60:00",
            "2024-01-01 00:00:61",
            "2024-01-01 00:00",
            "2024-01-01 00:00:00Z",
            "2024-01-01  00:00:00",
            "+024-01-01",
            "2024-01-01-01",
            "２０２４-01-01",
        ];
        for text in bad {
            assert_eq!(parse_date_time(text, Zone::UTC), Err(LegacyTimeError::NotADateTime(text.to_owned())), "{text}");
        }
        assert!(parse_date("2024-01-01 00:00:00").is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        for label in ["UTC", "Europe/Rome", "(GMT+05:30) New Delhi", "(GMT-02:30) Somewhere"] {
            for at in ["0001-01-03T00:00:00Z", "1969-12-31T23:59:59Z", "2024-07-01T00:00:00Z", "9999-12-30T00:00:00Z"] {
                let text = format_date_time(Some(micros(at) + 999_999), zone(label));
                assert_eq!(parse_date_time(&text, zone(label)), Ok(Some(micros(at))), "{text} {label}");
            }
        }
        assert_eq!(format_date(Some(micros("2024-06-30T23:00:00Z")), zone("Europe/Rome")), "2024-07-01");
        assert_eq!(parse_date("2024-07-01"), Ok(NaiveDate::from_ymd_opt(2024, 7, 1)));
    }

    #[test]
    fn labels_fall_back_to_their_offset() {
        let east = |seconds| FixedOffset::east_opt(seconds).map(Zone::Fixed);
        let cases = [
            ("(GMT) Nowhere", Some(Zone::UTC)),
            ("GMT+2", None.or(east(7200))),
            ("(UTC-03:30)", east(-12600)),
            ("( GMT +01:00 ) X", east(3600)),
            ("(GMT+15:00) X", None),
            ("(GMT+01:60) X", None),
            ("(GMT*01:00) X", None),
            ("(GMT+01:00", None),
            ("GMT+", None),
            ("GMTé", None),
            ("GMT+é", None),
            ("GMT+001", None),
            ("", None),
            ("Brasilia", Some(Zone::Named(Tz::America__Sao_Paulo))),
        ];
        for (label, want) in cases {
            assert_eq!(Zone::find(label), want, "{label}");
        }
    }

    proptest! {
        #[test]
        fn any_moment_reads_back(seconds in -62_135_000_000i64..253_402_000_000, at in 0..TZ_VARIANTS.len()) {
            let (zone, moment) = (Zone::Named(TZ_VARIANTS[at]), seconds * 1_000_000);
            let text = format_date_time(Some(moment), zone);
            let read = parse_date_time(&text, zone).unwrap().unwrap();
            // Wall clock times that come twice are read as the first.
            prop_assert!(read == moment || read < moment && format_date_time(Some(read), zone) == text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,12}|[(GMTUC+-]{0,5}[0-9:)\\-é ]{0,20}") {
            let zone = Zone::find(&text).unwrap_or(Zone::UTC);
            if let Ok(Some(at)) = parse_date_time(&text, zone) {
                prop_assert!(text.contains(&format_date(Some(at), zone)));
            }
        }
    }
}
