//! The numbered facts of `docs/dialects/*.md`: which exist, and which a text cites.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, ensure};
use regex::Regex;

/// Every fact that may be cited, such as `OE-9` (a section) and `OE-9.3`.
#[derive(Debug, Default)]
pub struct Facts {
    known: BTreeSet<String>,
    prefixes: BTreeSet<String>,
}

/// Dialect pages with the prefix of their facts.
const PAGES: &[(&str, &str)] =
    &[("oempro.md", "OE"), ("ofsys.md", "OF"), ("ofsys-core.md", "OF"), ("soap.md", "SO"), ("mail.md", "ML")];

static CITED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b([A-Z]{2})-([0-9]+(?:\.[0-9]+)*)"));
static SECTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"^## ([0-9]+)\. "));
static DEFINED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:[-|] *)?\*\*([A-Z]{2}-[0-9]+(?:\.[0-9]+)+)\*\*"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern stands above and is tested")
}

impl Facts {
    /// Reads the pages below `root`.
    ///
    /// # Errors
    /// A page that cannot be read, or a number given twice.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut facts = Self::default();
        for (page, prefix) in PAGES {
            let path = root.join("docs/dialects").join(page);
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            facts.add(prefix, &text).with_context(|| path.display().to_string())?;
        }
        Ok(facts)
    }

    /// Adds a page: `## 9. …` defines `OE-9`, a line beginning `**OE-9.3**` defines `OE-9.3`.
    ///
    /// # Errors
    /// A number given twice.
    pub fn add(&mut self, prefix: &str, text: &str) -> anyhow::Result<()> {
        self.prefixes.insert(prefix.to_owned());
        for line in text.lines() {
            let section = SECTION.captures(line).map(|found| format!("{prefix}-{}", &found[1]));
            let fact = DEFINED.captures(line).map(|found| found[1].to_owned());
            if let Some(number) = section.or(fact) {
                ensure!(self.known.insert(number.clone()), "{number} stands twice");
            }
        }
        Ok(())
    }

    /// Whether a fact exists.
    pub fn contains(&self, number: &str) -> bool {
        self.known.contains(number)
    }

    /// The facts a text cites, of the known dialects.
    pub fn cited<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t str> {
        CITED.captures_iter(text).filter_map(|found| {
            let is_ours = self.prefixes.contains(&found[1]);
            is_ours.then(|| found.get(0).map(|whole| whole.as_str())).flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_bold_numbers_define_facts() {
        let mut facts = Facts::default();
        facts.add("OE", "## 9. Lists\n\n**OE-9.1** A list.\n- **OE-9.2** Another.\nsee **OE-9.9**\n").unwrap();
        assert!(facts.contains("OE-9") && facts.contains("OE-9.1") && facts.contains("OE-9.2"));
        assert!(!facts.contains("OE-9.9") && !facts.contains("OE-8"));
        assert!(facts.add("OE", "## 9. Again\n").is_err());
    }

    #[test]
    fn only_numbers_of_known_dialects_are_citations() {
        let mut facts = Facts::default();
        facts.add("OE", "## 1. Transport\n").unwrap();
        let cited: Vec<_> = facts.cited("OE-1, OE-4.12: see ISO-8859-1, UTF-8 and XY-3").collect();
        assert_eq!(cited, ["OE-1", "OE-4.12"]);
    }
}
