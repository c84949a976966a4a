//! The choices where real installations differed: one set for the server, changed by an account's own (OE-12).

use std::collections::BTreeMap;

use crate::dialects::kit::legacy_time::{self, Zone};
use crate::dialects::kit::value::Value;
use crate::dialects::oempro::envelope::XmlFalse;
use crate::model::time::UtcTime;

/// Whether a command's codes are one number or an array of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes {
    /// `"ErrorCode":9`
    Scalar,
    /// `"ErrorCode":[1,2]`
    Array,
    /// As the account's `subscribe_error_codes` says; scalar by default.
    OfSubscribe,
    /// As the account's `login_error_codes` says; an array by default.
    OfLogin,
}

/// What a wire choice is called, and the words it takes; the first is the default.
pub const CHOICES: &[(&str, &[&str])] = &[
    ("subscribe_error_codes", &["scalar", "array"]),
    ("login_error_codes", &["array", "scalar"]),
    ("xml_false", &["empty", "cdata", "word"]),
    ("row_ids", &["strings", "numbers"]),
    ("no_rows", &["array", "false"]),
    ("http_errors", &["v5", "v4"]),
    ("lists_order", &["asc", "desc"]),
    ("unsubscribe_needs_ip", &["no", "yes"]),
    ("pending_word", &["opt_in_pending", "confirmation_pending"]),
    ("subscriber_dates", &["date_time", "date"]),
    ("unknown_campaign", &["accept", "refuse"]),
    ("user_password_remind", &["v4", "v5"]),
    ("unique_list_names", &["no", "yes"]),
];

/// The choices in force for one answer.
#[derive(Debug, Clone)]
pub struct Wire {
    chosen: BTreeMap<String, String>,
    zone: Zone,
}

impl Wire {
    /// The server's choices. `zone` is the zone of the dates on this wire.
    #[must_use]
    pub fn of_server(choices: &BTreeMap<String, String>, zone: &str) -> Self {
        Self { chosen: choices.clone(), zone: Zone::find(zone).unwrap_or(Zone::UTC) }
    }

    /// These choices changed by an account's `name=value` lines.
    #[must_use]
    pub fn with(&self, lines: &str) -> Self {
        let mut wire = self.clone();
        for line in lines.lines() {
            if let Some((name, value)) = line.split_once('=') {
                wire.chosen.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        wire
    }

    /// Whether the choice `name` is `word`.
    #[must_use]
    pub fn is(&self, name: &str, word: &str) -> bool {
        let default = CHOICES.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words[0]);
        self.chosen.get(name).map_or(default, String::as_str) == word
    }

    /// Whether codes of this shape are an array.
    #[must_use]
    pub fn codes_are_array(&self, codes: Codes) -> bool {
        match codes {
            Codes::Scalar => false,
            Codes::Array => true,
            Codes::OfSubscribe => self.is("subscribe_error_codes", "array"),
            Codes::OfLogin => self.is("login_error_codes", "array"),
        }
    }

    /// How `false` looks in XML.
    #[must_use]
    pub fn xml_false(&self) -> XmlFalse {
        if self.is("xml_false", "cdata") {
            XmlFalse::Cdata
        } else if self.is("xml_false", "word") {
            XmlFalse::Word
        } else {
            XmlFalse::Empty
        }
    }

    /// An id or count inside a row: text as MySQL gave it, or a number.
    #[must_use]
    pub fn id(&self, id: i64) -> Value {
        if self.is("row_ids", "numbers") { Value::Int(id) } else { Value::Text(id.to_string()) }
    }

    /// A moment as `YYYY-MM-DD HH:MM:SS` in the wire's zone; none is the zero date.
    #[must_use]
    pub fn moment(&self, at: Option<UtcTime>) -> String {
        legacy_time::format_date_time(at.map(|at| at.0), self.zone)
    }

    /// A moment as its day.
    #[must_use]
    pub fn day(&self, at: Option<UtcTime>) -> String {
        legacy_time::format_date(at.map(|at| at.0), self.zone)
    }

    /// A date of a subscriber: with its time, as version 5 has it, or the day alone, as version 4 had it.
    #[must_use]
    pub fn subscriber_date(&self, at: Option<UtcTime>) -> String {
        if self.is("subscriber_dates", "date") { self.day(at) } else { self.moment(at) }
    }

    /// What a list without rows looks like: an empty array, or `false` as older versions had it.
    #[must_use]
    pub fn no_rows(&self) -> Value {
        if self.is("no_rows", "false") { Value::Bool(false) } else { Value::List(Vec::new()) }
    }

    /// The span of time whose written form begins with `prefix` (`2026`, `2026-01`, `2026-01-31`, … to the second), end exclusive. `None` for other texts.
    #[must_use]
    pub fn span_of_prefix(&self, prefix: &str) -> Option<(UtcTime, UtcTime)> {
        legacy_time::span_of_prefix(prefix, self.zone).map(|(from, to)| (UtcTime(from), UtcTime(to)))
    }

    /// The zone of the dates on this wire.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }
}

/// Whether a choice exists and takes this word; for the command line, which must not store nonsense.
#[must_use]
pub fn is_choice(name: &str, word: &str) -> bool {
    CHOICES.iter().any(|(known, words)| *known == name && words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_changes_what_the_server_chose() {
        let server = BTreeMap::from([("row_ids".to_owned(), "numbers".to_owned())]);
        let wire = Wire::of_server(&server, "Europe/Paris");
        assert_eq!(wire.id(5), Value::Int(5));
        assert_eq!(wire.with("row_ids = strings\n").id(5), Value::Text("5".to_owned()));
        assert!(!wire.codes_are_array(Codes::OfSubscribe));
        assert!(wire.with("subscribe_error_codes=array").codes_are_array(Codes::OfSubscribe));
        assert!(wire.codes_are_array(Codes::OfLogin));
        assert_eq!(wire.moment(Some(UtcTime(0))), "1970-01-01 01:00:00");
        assert_eq!(wire.moment(None), "0000-00-00 00:00:00");
        assert!(is_choice("row_ids", "numbers") && !is_choice("row_ids", "both") && !is_choice("x", "y"));
    }
}
