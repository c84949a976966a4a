//! `understudy doctor`: one line for each check of settings, database, disk, clock, relays, DNS and queues, with what to do. Exit code 1 when
//! something is wrong.

use anyhow::Context;
use serde_json::{Value, json};

use super::Common;
use super::shown::Shown;
use crate::app;
use crate::config::{LogSettings, Settings};
use crate::doctor::{self, Finding, Grade};
use crate::telemetry;

/// Flags of `doctor`: none of its own.
#[derive(Debug, clap::Args)]
pub struct Doctor {}

impl Doctor {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        // What a check meets stands in its finding.
        telemetry::logging::start(&LogSettings { filter: "off".to_owned(), ..LogSettings::default() });
        let findings = match settings(common) {
            Err(error) => {
                vec![Finding::problem("settings", format!("{error:#}"), "correct it; nothing else was looked at")]
            }
            Ok(settings) => {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
                let file = common.config.clone();
                let source =
                    file.as_ref().map_or_else(|| "no file, defaults".to_owned(), |file| file.display().to_string());
                let mut findings = vec![Finding::ok("settings", format!("{source}: every value is good"))];
                findings.extend(runtime.block_on(doctor::examine(settings, file)));
                // A check that hangs in the system is left behind.
                runtime.shutdown_background();
                findings
            }
        };
        Ok(show(&findings))
    }
}

fn settings(common: &Common) -> anyhow::Result<Settings> {
    let settings = common.settings(&[])?;
    app::check(&settings)?;
    Ok(settings)
}

fn show(findings: &[Finding]) -> Shown {
    let n_of = |grade: Grade| findings.iter().filter(|finding| finding.grade == grade).count();
    let (n_warnings, n_problems) = (n_of(Grade::Warning), n_of(Grade::Problem));
    let json = json!({
        "is_well": n_problems == 0,
        "n_warnings": n_warnings,
        "n_problems": n_problems,
        "checks": findings.iter().map(row).collect::<Vec<Value>>(),
    });
    let width = findings.iter().map(|finding| finding.check.chars().count()).max().unwrap_or_default();
    let mut lines: Vec<String> = findings.iter().map(|finding| line(finding, width)).collect();
    let n = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    lines.push(format!("{}: {}, {}", n(findings.len(), "check"), n(n_problems, "problem"), n(n_warnings, "warning")));
    let shown = Shown::new(json, lines.join("\n"));
    if n_problems == 0 { shown } else { shown.with_failure() }
}

fn line(finding: &Finding, width: usize) -> String {
    let Finding { check, grade, says, advice } = finding;
    let line = format!("{:<7}  {check:<width$}  {says}", grade.word());
    let line = if advice.is_empty() { line } else { format!("{line} -> {advice}") };
    // Servers' replies are shown: nothing of them may move the cursor.
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn row(finding: &Finding) -> Value {
    let Finding { check, grade, says, advice } = finding;
    json!({ "check": check, "grade": grade.word(), "says": says, "advice": advice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_problem_makes_it_fail() {
        let (fine, look) = (Finding::ok("disk", "room"), Finding::warning("relay main", "slow\x1b[2J", "look"));
        let shown = show(&[fine.clone(), look.clone()]);
        assert!(!shown.is_failure());
        let text = format!("{shown:?}");
        assert!(
            text.contains("ok       disk        room") && text.contains("warning  relay main  slow [2J -> look"),
            "{text}"
        );
        assert!(show(&[fine, look, Finding::problem("clock", "wrong", "set it")]).is_failure());
    }
}
