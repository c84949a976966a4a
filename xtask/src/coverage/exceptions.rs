//! `tests/golden/exceptions.toml`: what cannot be covered, each with its reason.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Deserialize;

/// The exceptions of one dialect.
#[derive(Debug, Default)]
pub struct Exceptions {
    /// In the file's order.
    pub list: Vec<Exception>,
}

/// One exception: a golden that cannot be, or a code that is never answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The command.
    pub command: String,
    /// `success`, `code_<n>` or `no_credential`: there is no such golden.
    #[serde(default)]
    pub golden: Option<String>,
    /// A code of the list that the command never answers.
    #[serde(default, deserialize_with = "some_code")]
    pub code: Option<String>,
    /// Why.
    pub reason: String,
}

fn some_code<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    crate::contract::catalog::code(deserializer).map(Some)
}

impl Exceptions {
    /// Reads the dialect's part; a missing file holds none.
    ///
    /// # Errors
    /// A file that cannot be read, or an exception without a reason.
    pub fn read(root: &Path, dialect: &str) -> anyhow::Result<Self> {
        let path = root.join("tests/golden/exceptions.toml");
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, dialect).with_context(|| path.display().to_string())
    }

    /// Reads the dialect's part of a text: `[[oempro]]` tables.
    ///
    /// # Errors
    /// Broken TOML, or an exception that is not of one kind or has no reason.
    pub fn parse(text: &str, dialect: &str) -> anyhow::Result<Self> {
        let mut all: BTreeMap<String, Vec<Exception>> = toml::from_str(text)?;
        let list = all.remove(dialect).unwrap_or_default();
        for exception in &list {
            let name = &exception.command;
            ensure!(!exception.reason.trim().is_empty(), "{name}: an exception needs a reason");
            ensure!(exception.golden.is_some() != exception.code.is_some(), "{name}: either `golden` or `code`");
        }
        Ok(Self { list })
    }

    /// Whether this golden need not be.
    pub fn excuses_golden(&self, command: &str, golden: &str) -> bool {
        self.of(command).any(|exception| exception.golden.as_deref() == Some(golden))
    }

    /// Whether this code is never answered.
    pub fn excuses_code(&self, command: &str, code: &str) -> bool {
        self.of(command).any(|exception| exception.code.as_deref() == Some(code))
    }

    fn of(&self, command: &str) -> impl Iterator<Item = &Exception> {
        self.list.iter().filter(move |exception| exception.command.eq_ignore_ascii_case(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_of_one_kind_and_has_a_reason() {
        let parse = |text: &str| Exceptions::parse(text, "oempro");
        assert!(
            parse("[[oempro]]\ncommand = \"A.B\"\ncode = 3\nreason = \"no captcha\"\n")
                .unwrap()
                .excuses_code("a.b", "3")
        );
        assert!(parse("[[oempro]]\ncommand = \"A.B\"\ncode = 3\nreason = \"\"\n").is_err());
        assert!(parse("[[oempro]]\ncommand = \"A.B\"\nreason = \"x\"\n").is_err());
        assert!(parse("[[other]]\ncommand = \"A.B\"\ncode = 3\nreason = \"x\"\n").unwrap().list.is_empty());
    }
}
