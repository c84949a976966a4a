//! All goldens: finds them, checks that each stands where it should and cites a fact, runs them, tells which are broken.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};

use super::catalog;
use super::facts::Facts;
use super::golden::{Golden, Step};
use super::runner;
use super::steps::Stage;

/// Goldens run at the same time. Those of administrators change the one operator and run alone, at the end.
const N_THREADS: usize = 4;

/// Every golden that was read, and every file that could not be.
#[derive(Debug, Default)]
pub struct Suite {
    /// What can run.
    pub goldens: Vec<Golden>,
    /// What is wrong with the others: file and reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Report {
    /// Goldens that agreed.
    pub n_passed: usize,
    /// Goldens that did not, with the reason.
    pub failed: Vec<(PathBuf, String)>,
    /// Goldens that need captured mails, or the server's inside, neither of which can be reached from here.
    pub not_run: Vec<PathBuf>,
}

impl Suite {
    /// Reads the goldens of the project at `root` whose path contains `filter`.
    ///
    /// # Errors
    /// When facts, command lists or folders cannot be read.
    pub fn read(root: &Path, filter: &str) -> anyhow::Result<Self> {
        let facts = Facts::read(root)?;
        let mut suite = Self::default();
        for dialect in folders(&root.join("tests/golden"))? {
            let listed = catalog::read(root, &name(&dialect))?;
            let known: BTreeSet<String> = listed.iter().map(|row| row.command.to_ascii_lowercase()).collect();
            for command in folders(&dialect)? {
                for path in files(&command)? {
                    let shown = path.strip_prefix(root).unwrap_or(&path).to_owned();
                    if !shown.to_string_lossy().contains(filter) {
                        continue;
                    }
                    match read_one(&path, &shown, &known, &facts) {
                        Ok(golden) => suite.goldens.push(golden),
                        Err(error) => suite.unreadable.push((shown, format!("{error:#}"))),
                    }
                }
            }
        }
        Ok(suite)
    }

    /// Runs everything.
    pub fn run(&self, stage: &Stage) -> Report {
        let mut report = Report { failed: self.unreadable.clone(), ..Report::default() };
        let is_out_of_reach = |step: &Step| match step {
            Step::Mail { .. } => stage.outbox.is_none(),
            Step::Project { .. } => stage.seeder.is_none(),
            _ => false,
        };
        let (unready, ready): (Vec<&Golden>, Vec<&Golden>) =
            self.goldens.iter().partition(|golden| golden.steps.iter().any(is_out_of_reach));
        report.not_run = unready.into_iter().map(|golden| golden.path.clone()).collect();
        let (alone, together): (Vec<&Golden>, Vec<&Golden>) =
            ready.into_iter().partition(|golden| golden.command.starts_with("admin."));
        run_all(stage, &together, N_THREADS, &mut report);
        run_all(stage, &alone, 1, &mut report);
        report.failed.sort();
        report
    }
}

impl Report {
    /// Whether everything that ran agreed.
    pub fn is_good(&self) -> bool {
        self.failed.is_empty()
    }

    /// The report as text: every broken golden with its first difference, then the counts.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (path, why) in &self.failed {
            text.push_str(&format!("golden {}\n    {why}\n", path.display()));
        }
        for path in &self.not_run {
            text.push_str(&format!(
                "not run (needs captured mails, give --outbox, or a project, which only a server of the test's own gets): {}\n",
                path.display()
            ));
        }
        let (n_failed, n_not_run) = (self.failed.len(), self.not_run.len());
        text.push_str(&format!("goldens: {} passed, {n_failed} failed, {n_not_run} not run\n", self.n_passed));
        text
    }
}

fn run_all(stage: &Stage, goldens: &[&Golden], n_threads: usize, report: &mut Report) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..n_threads.min(goldens.len()) {
            scope.spawn(|| {
                while let Some(golden) = goldens.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = runner::run(stage, golden);
                    if let Ok(mut results) = results.lock() {
                        results.push((golden.path.clone(), result));
                    }
                }
            });
        }
    });
    for (path, result) in results.into_inner().unwrap_or_default() {
        match result {
            Ok(()) => report.n_passed += 1,
            Err(error) => report.failed.push((path, format!("{error:#}"))),
        }
    }
}

fn read_one(path: &Path, shown: &Path, known: &BTreeSet<String>, facts: &Facts) -> anyhow::Result<Golden> {
    let text = std::fs::read_to_string(path).context("cannot be read")?;
    let golden = Golden::parse(shown, &text)?;
    check_place(&golden, known, facts)?;
    Ok(golden)
}

fn check_place(golden: &Golden, known: &BTreeSet<String>, facts: &Facts) -> anyhow::Result<()> {
    let command = golden.command.as_str();
    ensure!(
        known.contains(command) || catalog::PAGES.contains(&command),
        "{command:?} is no command of the list (folders are in lower case)"
    );
    let first = golden.comments.first().map(String::as_str).unwrap_or_default();
    let cited: Vec<&str> = facts.cited(first).collect();
    ensure!(!cited.is_empty(), "line 1 cites no fact");
    for number in cited {
        ensure!(facts.contains(number), "line 1 cites {number}, which does not exist");
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let found = entries(folder)?.into_iter();
    Ok(found.filter(|path| path.extension().is_some_and(|extension| extension == "http")).collect())
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = read.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, first_line: &str) -> anyhow::Result<()> {
        let text = format!("{first_line}\n\nGET /api.php HTTP/1.1\n\nHTTP/1.1 200\n");
        let golden = Golden::parse(Path::new(path), &text)?;
        let mut facts = Facts::default();
        facts.add("OE", "## 9. Lists\n")?;
        check_place(&golden, &BTreeSet::from(["list.get".to_owned()]), &facts)
    }

    #[test]
    fn goldens_stand_in_a_known_folder_and_cite_a_fact_that_exists() {
        assert!(check("oempro/list.get/success.http", "# OE-9: a list").is_ok());
        assert!(check("oempro/api.php/xml.http", "# OE-9: a page").is_ok());
        assert!(check("oempro/List.Get/success.http", "# OE-9").is_err());
        assert!(check("oempro/list.fetch/success.http", "# OE-9").is_err());
        assert!(check("oempro/list.get/success.http", "# a list").is_err());
        assert!(check("oempro/list.get/success.http", "# OE-9.77: a list").is_err());
    }
}
