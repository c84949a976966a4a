//! Rules on migrations: a pair with one name, the same tables, each with a comment.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::{Finding, Page};

/// The two folders that must agree.
const FOLDERS: [&str; 2] = ["migrations/sqlite", "migrations/postgres"];

/// Checks one migration: a comment stands before every table.
pub fn check(page: &mut Page<'_>) {
    let mut before = "";
    for (i, line) in page.text.lines().enumerate() {
        if line.trim_start().to_ascii_uppercase().starts_with("CREATE TABLE") && !before.trim_start().starts_with("--")
        {
            page.find(i + 1, "table comment", "say above what a row means, who writes it, who deletes it");
        }
        if !line.trim().is_empty() {
            before = line;
        }
    }
}

/// Checks that both folders hold the same names, and no number twice.
///
/// # Errors
/// When a folder cannot be read.
pub fn check_folders(root: &Path, findings: &mut Vec<Finding>) -> anyhow::Result<()> {
    let mut names = Vec::new();
    for folder in FOLDERS {
        let path = root.join(folder);
        let read = std::fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut found = BTreeSet::new();
        for entry in read {
            found.insert(entry?.file_name().to_string_lossy().into_owned());
        }
        names.push(found);
    }
    compare(&names[0], &names[1], findings);
    Ok(())
}

fn compare(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>, findings: &mut Vec<Finding>) {
    let mut find = |folder: &str, name: &str, text: String| {
        findings.push(Finding { path: format!("{folder}/{name}"), line: 1, rule: "migration pair", text });
    };
    for (folder, own, other) in [(FOLDERS[0], sqlite, postgres), (FOLDERS[1], postgres, sqlite)] {
        for name in own.difference(other) {
            find(folder, name, "has no twin of the same name in the other folder".to_owned());
        }
        let mut numbers = BTreeSet::new();
        for name in own {
            let number = name.split('_').next().unwrap_or_default();
            if !numbers.insert(number) {
                find(folder, name, format!("number {number} is taken by another migration"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::findings;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_table_without_comment_is_found() {
        let text = "-- One row: a list.\nCREATE TABLE lists (\n    id INTEGER\n);\n\nCREATE TABLE x (id INTEGER);\n";
        assert_eq!(findings("migrations/sqlite/0001_a/up.sql", text), ["6: table comment"]);
    }

    #[test]
    fn folders_that_differ_and_numbers_used_twice_are_found() {
        let mut found = Vec::new();
        compare(&names(&["0001_a", "0002_b"]), &names(&["0001_a"]), &mut found);
        assert_eq!(found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["migrations/sqlite/0002_b"]);
        found.clear();
        compare(&names(&["0001_a", "0001_b"]), &names(&["0001_a", "0001_b"]), &mut found);
        assert_eq!(found.len(), 2);
    }
}
