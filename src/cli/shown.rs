//! What a subcommand shows: the same facts once as text, once as JSON.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use serde_json::Value;

use crate::model::time::UtcTime;

/// Something to show.
#[derive(Debug)]
pub struct Shown {
    json: Value,
    text: String,
    is_failure: bool,
}

impl Shown {
    /// With both forms; the text without its last line end.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), is_failure: false }
    }

    /// The same, with an exit code that tells scripts of something wrong.
    pub fn with_failure(self) -> Self {
        Self { is_failure: true, ..self }
    }

    /// Whether the exit code is to tell of something wrong.
    pub fn is_failure(&self) -> bool {
        self.is_failure
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self::new(Value::Null, "")
    }

    /// Rows of text under their headings, and the same as JSON.
    pub fn table(json: Value, headings: &[&str], rows: &[Vec<String>]) -> Self {
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([headings[column].chars().count()]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..headings.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (cell, width) in cells.zip(&widths) {
                // Writing to a String cannot fail.
                let _ = write!(line, "{cell:<width$}  ");
            }
            line.trim_end().to_owned()
        };
        let mut lines = vec![line(&mut headings.iter().copied())];
        lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
        Self::new(json, lines.join("\n"))
    }

    /// Writes it to standard output. A reader that went away (`| head`) is no error.
    ///
    /// # Errors
    /// When standard output cannot be written for another reason.
    pub fn print(&self, as_json: bool) -> std::io::Result<()> {
        let text = if as_json { self.json.to_string() } else { self.text.clone() };
        if text.is_empty() || (as_json && self.json.is_null()) {
            return Ok(());
        }
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

/// A moment as RFC 3339 in UTC, to the second.
pub fn moment(at: UtcTime) -> String {
    let moment = chrono::DateTime::from_timestamp_micros(at.0).unwrap_or_default();
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A moment that may be absent, as [`moment`] or an empty text.
pub fn moment_or_empty(at: Option<UtcTime>) -> String {
    at.map(moment).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = vec![vec!["1".to_owned(), "ann".to_owned()], vec!["20".to_owned(), String::new()]];
        let shown = Shown::table(Value::Null, &["ID", "NAME"], &rows);
        assert_eq!(shown.text, "ID  NAME\n1   ann\n20");
        assert_eq!(moment(UtcTime(1_000_000)), "1970-01-01T00:00:01Z");
    }
}
