//! Rules on every text: cited facts exist, no path of somebody's machine.

use std::sync::LazyLock;

use regex::Regex;

use super::Page;
use crate::contract::facts::Facts;

/// Folders that exist on one machine only. Written in pieces, so that this file does not find itself.
static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    let folders =
        [r"/wor", r"k/|/hom", r"e/[a-z][a-z0-9_-]*/|/roo", r"t/|/User", r"s/[A-Za-z]+/|C:\\User", r"s\\"].concat();
    Regex::new(&format!(r#"(?:^|[\s"'`(=:])({folders})"#)).expect("the pattern stands above and is tested")
});

/// Checks one file.
pub fn check(page: &mut Page<'_>, facts: &Facts) {
    for (i, line) in page.text.lines().enumerate() {
        for number in facts.cited(line) {
            if !facts.contains(number) && !is_example(page.path) {
                page.find(i + 1, "facts", format!("{number} does not exist in docs/dialects"));
            }
        }
        if let Some(found) = MACHINE.captures(line).and_then(|found| found.get(1)) {
            page.find(i + 1, "machine path", format!("`{}` exists on one machine only", found.as_str()));
        }
    }
}

/// The checks' own tests cite facts that must not exist.
fn is_example(path: &str) -> bool {
    path.starts_with("xtask/src/")
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    #[test]
    fn a_cited_fact_must_exist() {
        assert!(findings("docs/a.md", "See OE-9 and OE-9.1.\n").is_empty());
        assert_eq!(findings("docs/a.md", "Fine.\nSee OE-9.77.\n"), ["2: facts"]);
        assert_eq!(findings("src/dialects/a.rs", "//! A. Wire: OE-44.\n"), ["1: facts"]);
        assert_eq!(findings("tests/golden/oempro/list.get/success.http", "# OE-9.2: x\n"), ["1: facts"]);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in [["/wo", "rk/wt/x"], ["/ro", "ot/.cache"], ["/ho", "me/ann/x"]] {
            assert_eq!(findings("README.md", &format!("cd {}\n", folder.concat())), ["1: machine path"]);
        }
        let elsewhere = ["src/wo", "rk/x and https://example.com/ho", "me/x and /ro", "ot\n"].concat();
        assert!(findings("README.md", &elsewhere).is_empty());
    }
}
