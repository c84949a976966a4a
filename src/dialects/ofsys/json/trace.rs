//! `Trace`: what happened to a call, step by step, for whoever reads a recorded answer (OF-2.8).

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::model::time::UtcTime;

/// The text as far as the call has come. Every line ends with CRLF.
#[derive(Debug)]
pub struct Trace {
    text: String,
}

impl Trace {
    /// The call begins now.
    #[must_use]
    pub fn begin() -> Self {
        let clock = DateTime::from_timestamp_micros(UtcTime::now().0).map(|now| now.format("%H:%M:%S").to_string());
        let mut trace = Self { text: String::new() };
        trace.line(&format!("Request begins at {}", clock.unwrap_or_default()));
        trace.line("\tCaller is an operator: False");
        trace.line("\tCaller is a person: False");
        trace
    }

    /// The method was found.
    pub fn service(&mut self, name: &str) {
        self.line(&format!("Service: {name}"));
    }

    /// The request was read.
    pub fn read(&mut self, members: &Map<String, Value>) {
        let records = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("Records"));
        match records.and_then(|(_, value)| value.as_array()) {
            Some(records) => self.line(&format!("Request read, {} records", records.len())),
            None => self.line("Request read"),
        }
    }

    /// The text of a call that did its work.
    #[must_use]
    pub fn completed(mut self, note: &str) -> String {
        if note.is_empty() {
            self.line("Method done");
        } else {
            self.line(&format!("Method done: {note}"));
        }
        self.line("Request completed");
        self.text
    }

    /// The text of a call that was refused.
    #[must_use]
    pub fn failed(mut self) -> String {
        self.line("Request refused");
        self.text
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_line() {
        let mut trace = Trace::begin();
        trace.service("Contacts.Merge");
        trace.read(&request(r#"{"records": [1, 2]}"#));
        let text = trace.completed("1 created");
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(
            lines[3..],
            ["Service: Contacts.Merge", "Request read, 2 records", "Method done: 1 created", "Request completed", ""]
        );
        assert!(lines[0].starts_with("Request begins at ") && lines[1].starts_with('\t'));
    }

    fn request(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect("json")
    }
}
