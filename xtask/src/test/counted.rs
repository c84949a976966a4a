//! Runs test programs, shows their output as it comes, and counts what passed and failed.

use std::process::Stdio;
use std::sync::LazyLock;

use anyhow::Context;
use regex::Regex;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// What passed and what failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub n_passed: usize,
    /// Tests that failed.
    pub n_failed: usize,
}

static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:test result: .*?|)([0-9]+) passed[;,] ([0-9]+) failed").expect("the pattern is constant")
});

impl Count {
    /// Adds what a line of output tells: `test result: ok. 3 passed; 0 failed; …` of a test program, or `3 passed, 0 failed`.
    pub fn read(&mut self, line: &str) {
        let Some(found) = RESULT.captures(line.trim()) else { return };
        self.n_passed += found[1].parse::<usize>().unwrap_or(0);
        self.n_failed += found[2].parse::<usize>().unwrap_or(0);
    }
}

/// Runs a program to its end. One that fails without telling of a failed test counts as one failure.
///
/// # Errors
/// When it cannot be started.
pub async fn run_counted(mut command: Command) -> anyhow::Result<Count> {
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().context("cannot start it")?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await? {
            println!("{line}");
            count.read(&line);
        }
    }
    if !child.wait().await?.success() && count.n_failed == 0 {
        count.n_failed = 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_programs_add_up() {
        let mut count = Count::default();
        count.read("test result: ok. 18 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.06s");
        count.read("test result: FAILED. 1 passed; 2 failed; 0 ignored");
        count.read("5 passed, 1 failed");
        count.read("running 18 tests");
        assert_eq!(count, Count { n_passed: 24, n_failed: 3 });
    }
}
