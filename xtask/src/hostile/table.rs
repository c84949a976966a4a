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
}

impl fmt::Display for Side {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.n == 0 {
            return write!(out, "{:<37} {:>8} {:>6}", "-", "", "");
        }
        let answers = self.answers.join(", ");
        let times = if self.n > 1 { format!("{}x ", self.n) } else { String::new() };
        let grown = self.grown.map_or_else(|| "-".to_owned(), |kib| kib.to_string());
        let ms = self.slowest.as_secs_f64() * 1000.0;
        write!(out, "{:<37} {ms:>8.1} {grown:>6}", format!("{times}{answers}"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |name: &str| format!("{name:<37} {:>8} {:>6}", "ms", "KiB");
        writeln!(out, "{:<38} {}  {}  bounds", "", side("at the limit"), side("beyond"))?;
        for line in &self.lines {
            writeln!(out, "{:<38} {}  {}  {}", line.name, line.allowed, line.refused, line.bounds)?;
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
