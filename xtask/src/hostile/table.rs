//! The table of what was sent and what came of it.

use std::fmt;
use std::time::Duration;

use super::PATIENCE;
use crate::test::counted::Count;

/// One side of a row: at the limit, or beyond.
#[derive(Debug, Default)]
pub struct Side {
    /// How many requests.
    pub n: usize,
    /// The answers, each once.
    pub answers: Vec<String>,
    /// The slowest.
    pub slowest: Duration,
    /// The most that memory grew by, in KiB.
    pub grown: Option<u64>,
}

/// A row with what is wrong about it.
#[derive(Debug)]
pub struct Line {
    /// What it is about.
    pub name: String,
    /// What is still allowed.
    pub allowed: Side,
    /// What is not.
    pub refused: Side,
    /// Time and memory that a request may take, as shown.
    pub bounds: String,
    /// What was not as it should be.
    pub wrong: Vec<String>,
}

/// All rows.
#[derive(Debug)]
pub struct Table {
    lines: Vec<Line>,
    is_memory_measured: bool,
}

impl Table {
    /// An empty one.
    pub fn new(is_memory_measured: bool) -> Self {
        Self { lines: Vec::new(), is_memory_measured }
    }

    /// Adds a row.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// How many rows are good.
    pub fn count(&self) -> Count {
        let n_failed = self.lines.iter().filter(|line| !line.wrong.is_empty()).count();
        Count { n_passed: self.lines.len() - n_failed, n_failed }
    }
}

impl Side {
    /// Adds a request.
    pub fn add(&mut self, answer: String, took: Duration, grown: Option<u64>) {
        self.n += 1;
        if !self.answers.contains(&answer) {
            self.answers.push(answer);
        }
        self.slowest = self.slowest.max(took);
        self.grown = self.grown.max(grown);
    }

    /// How many, and what was answered.
    fn shown(&self) -> String {
        match self.n {
            0 => "-".to_owned(),
            1 => joined(&self.answers),
            n => format!("{n}x {}", joined(&self.answers)),
        }
    }

    fn figures(&self) -> String {
        if self.n == 0 {
            return String::new();
        }
        let grown = self.grown.map_or_else(|| "-".to_owned(), |kib| kib.to_string());
        format!("{:>8.1} {grown:>6}", self.slowest.as_secs_f64() * 1000.0)
    }
}

/// Answers that differ in their last word alone share what is before it.
fn joined(answers: &[String]) -> String {
    let (mut out, mut shared) = (String::new(), None);
    for answer in answers {
        let (before, last) = answer.rsplit_once(' ').unwrap_or(("", answer));
        out.push_str(if out.is_empty() { "" } else { ", " });
        out.push_str(if shared == Some(before) { last } else { answer });
        shared = Some(before);
    }
    out
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at_limit, beyond) = ("at the limit", "beyond");
        let widest = |of: fn(&Line) -> String, title: &str| {
            self.lines.iter().map(|line| of(line).len()).chain([title.len()]).max().unwrap_or_default()
        };
        let name = widest(|line| line.name.clone(), "");
        let (a, b) = (widest(|line| line.allowed.shown(), at_limit), widest(|line| line.refused.shown(), beyond));
        let figures = format!("{:>8} {:>6}", "ms", "KiB");
        writeln!(out, "{:name$}  {at_limit:a$} {figures}  {beyond:b$} {figures}  bounds", "")?;
        for line in &self.lines {
            let (allowed, refused) = (&line.allowed, &line.refused);
            write!(out, "{:name$}  {:a$} {:>15}", line.name, allowed.shown(), allowed.figures())?;
            writeln!(out, "  {:b$} {:>15}  {}", refused.shown(), refused.figures(), line.bounds)?;
            for wrong in &line.wrong {
                writeln!(out, "  FAILED: {wrong}")?;
            }
        }
        let patience = PATIENCE.as_secs();
        write!(out, "ms: the slowest request of the row, within {patience} s, or its own clock. KiB: ")?;
        match self.is_memory_measured {
            true => writeln!(out, "how far the server's resident memory rose meanwhile."),
            false => writeln!(out, "NOT measured, because only Linux tells it (/proc); times and answers hold."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, wrong: &[&str]) -> Line {
        let mut refused = Side::default();
        refused.add("500 Client LimitExceeded".to_owned(), Duration::from_millis(2), Some(8));
        refused.add("500 Client LimitExceeded".to_owned(), Duration::from_millis(3), Some(4));
        let wrong = wrong.iter().map(|text| (*text).to_owned()).collect();
        Line { name: name.to_owned(), allowed: Side::default(), refused, bounds: "1 s".to_owned(), wrong }
    }

    #[test]
    fn what_answers_share_stands_once() {
        let answers = ["413 Client A", "500 Client A", "500 Client B", "closed"].map(str::to_owned);
        assert_eq!(joined(&answers), "413 Client A, 500 Client A, B, closed");
    }

    #[test]
    fn a_row_that_failed_is_marked_and_counted() {
        let mut table = Table::new(true);
        table.push(line("depth", &[]));
        table.push(line("elements", &["66: not status 500"]));
        assert_eq!(table.count(), Count { n_passed: 1, n_failed: 1 });
        let text = table.to_string();
        assert!(
            text.contains("depth     -                             2x 500 Client LimitExceeded      3.0      8  1 s\n"),
            "{text}"
        );
        assert!(text.contains("\n  FAILED: 66: not status 500\n") && !text.contains("NOT measured"), "{text}");
        assert!(Table::new(false).to_string().contains("NOT measured"));
    }
}
