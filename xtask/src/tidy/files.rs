//! Rules on every Rust file: it says what it is for, it is short, it holds nothing unfinished.

use std::sync::LazyLock;

use regex::Regex;

use super::Page;

/// A longer file has more than one subject.
const MAX_LINES: usize = 600;

static UNFINISHED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(todo|unimplemented|dbg)!|#\[(ignore|should_panic)\b").expect("the pattern is constant")
});
static REMINDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(TO[D]O|FIX[M]E)\b").expect("the pattern is constant"));

/// Checks one file; `code` is its text without comments and strings.
pub fn check(page: &mut Page<'_>, code: &str) {
    // A file for `include!` cannot open with `//!`: the compiler takes it for a comment on the including module.
    let first = page.text.lines().next().unwrap_or_default();
    let is_included = first.starts_with("// ") && first.contains("included by");
    if !first.starts_with("//! ") && !is_included {
        page.find(1, "first line", "a file opens with `//!` and says what it is for");
    }
    let n_lines = page.text.lines().count();
    if n_lines > MAX_LINES {
        page.find(MAX_LINES + 1, "file length", format!("{n_lines} lines; at most {MAX_LINES}, split by subject"));
    }
    for found in UNFINISHED.find_iter(code) {
        page.find_at(found.start(), "unfinished", format!("`{}` does not belong in what is handed in", found.as_str()));
    }
    for (i, line) in page.text.lines().enumerate() {
        if let Some(found) = REMINDER.find(line)
            && !line[found.end()..].contains('#')
        {
            page.find(i + 1, "unfinished", format!("`{}` without an issue number", found.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    #[test]
    fn a_file_must_say_what_it_is_for() {
        assert_eq!(findings("crates/x/src/a.rs", "use std::fmt;\n"), ["1: first line"]);
        assert_eq!(findings("tests/it/a.rs", "\n//! Late.\n"), ["1: first line"]);
    }

    #[test]
    fn a_file_over_600_lines_is_found() {
        let at_most = format!("//! Long.\n{}", "\n".repeat(599));
        assert!(findings("xtask/src/a.rs", &at_most).is_empty());
        assert_eq!(findings("xtask/src/a.rs", &format!("{at_most}\n")), ["601: file length"]);
    }

    #[test]
    fn unfinished_code_is_found_outside_of_strings() {
        let unfinished = format!("//! A.\nfn a() {{\n    {}!();\n    \"{}!\";\n}}\n", "todo", "todo");
        assert_eq!(findings("xtask/src/a.rs", &unfinished), ["3: unfinished"]);
        assert_eq!(findings("xtask/src/a.rs", &format!("//! A.\n#[{}]\nfn a() {{}}\n", "ignore")), ["2: unfinished"]);
        let reminder = ["TO", "DO"].concat();
        assert_eq!(findings("xtask/src/a.rs", &format!("//! A.\n// {reminder}: later\n")), ["2: unfinished"]);
        assert!(findings("xtask/src/a.rs", &format!("//! A.\n// {reminder} #12: later\n")).is_empty());
    }
}
