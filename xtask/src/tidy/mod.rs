//! `cargo xtask tidy`: the house rules that a compiler cannot check. Each finding names file, line and rule.

mod code;
mod files;
mod layers;
mod migrations;
mod texts;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::contract::facts::Facts;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the project, with slashes.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule in one or two words.
    pub rule: &'static str,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.text)
    }
}

/// Collects the findings of one file.
pub struct Page<'a> {
    /// The file, relative to the project, with slashes.
    pub path: &'a str,
    /// All of it.
    pub text: &'a str,
    /// What was found so far.
    pub findings: &'a mut Vec<Finding>,
}

impl Page<'_> {
    /// Notes a finding on the line that holds byte `at`.
    pub fn find_at(&mut self, at: usize, rule: &'static str, text: impl Into<String>) {
        let line = self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        self.find(line, rule, text);
    }

    /// Notes a finding on a line.
    pub fn find(&mut self, line: usize, rule: &'static str, text: impl Into<String>) {
        self.findings.push(Finding { path: self.path.to_owned(), line, rule, text: text.into() });
    }
}

/// Checks the project at `root` and prints what it finds.
///
/// # Errors
/// When files or the fact sheets cannot be read.
pub fn run(root: &Path) -> anyhow::Result<bool> {
    let facts = Facts::read(root)?;
    let mut findings = Vec::new();
    let mut n_files = 0;
    for path in walk(root)? {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        n_files += 1;
        check(&shown, &text, &facts, &mut findings);
    }
    migrations::check_folders(root, &mut findings)?;
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {n_files} files, {} findings", findings.len());
    Ok(findings.is_empty())
}

fn check(path: &str, text: &str, facts: &Facts, findings: &mut Vec<Finding>) {
    let mut page = Page { path, text, findings };
    texts::check(&mut page, facts);
    if path.ends_with(".rs") {
        let code = code::code_only(text);
        files::check(&mut page, &code);
        layers::check(&mut page, &code);
    }
    if path.starts_with("migrations/") {
        migrations::check(&mut page);
    }
}

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[".git", "target", "data", "corpus", "artifacts", "node_modules", "__pycache__"];
/// Kinds of files that are read.
const READ: &[&str] = &["rs", "md", "toml", "sql", "http", "php", "py", "sh", "js", "json", "html", "txt"];

fn walk(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_script = folder.ends_with(".ci");
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if is_script || path.extension().is_some_and(|kind| READ.iter().any(|read| kind == *read)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The findings of a small file, as `line: rule`.
    pub fn findings(path: &str, text: &str) -> Vec<String> {
        let mut facts = Facts::default();
        facts.add("OE", "## 9. Lists\n\n**OE-9.1** A list.\n").unwrap();
        let mut findings = Vec::new();
        check(path, text, &facts, &mut findings);
        findings.iter().map(|finding| format!("{}: {}", finding.line, finding.rule)).collect()
    }

    #[test]
    fn a_good_file_has_no_findings_and_a_finding_names_file_line_and_rule() {
        assert!(findings("src/domain/lists.rs", "//! Lists. Wire: OE-9.1.\n\nuse crate::store::Tx;\n").is_empty());
        let finding = Finding { path: "a.rs".into(), line: 3, rule: "layers", text: "no".into() };
        assert_eq!(finding.to_string(), "a.rs:3: layers: no");
    }
}
