//! The project's own copy of each dialect's command list: names, groups, codes.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// A command of the old platform.
#[derive(Debug, Clone, Deserialize)]
pub struct Listed {
    /// As documented.
    pub command: String,
    /// The group it stands in.
    #[serde(default)]
    pub group: String,
    /// The first version that had it, such as `4.0`.
    pub since: String,
    /// Its own codes.
    #[serde(default)]
    pub errors: Vec<ListedCode>,
}

/// A code of a command.
#[derive(Debug, Clone, Deserialize)]
pub struct ListedCode {
    /// The number or word.
    #[serde(deserialize_with = "code")]
    pub code: String,
    /// What it means.
    #[serde(default)]
    pub meaning: String,
}

/// Reads a code: one platform has numbers, another words.
///
/// # Errors
/// When it is neither.
pub fn code<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Code {
        Number(i64),
        Word(String),
    }
    Ok(match Code::deserialize(deserializer)? {
        Code::Number(number) => number.to_string(),
        Code::Word(word) => word,
    })
}

impl Listed {
    /// Whether 4.x had it: the part that is to be answered in full.
    pub fn is_v4(&self) -> bool {
        self.since.starts_with("4.")
    }
}

/// Pages beside the commands that may have a folder of goldens.
pub const PAGES: &[&str] = &["api.php", "subscribe.php", "unsubscribe.php", "confirm", "reject", "ofc4"];

/// Reads the list of a dialect.
///
/// # Errors
/// A list that is missing or cannot be read.
pub fn read(root: &Path, dialect: &str) -> anyhow::Result<Vec<Listed>> {
    let path = root.join("docs/dialects").join(format!("{dialect}-commands.json"));
    let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_entry_is_read_with_its_codes() {
        let text = r#"{"command":"List.Create","since":"4.0","auth":"user","errors":[{"code":1,"meaning":"no name"}],"request":[]}"#;
        let listed: Listed = serde_json::from_str(text).unwrap();
        assert!(listed.is_v4() && listed.errors[0].code == "1");
        let word: ListedCode = serde_json::from_str(r#"{"code":"TooManyRows"}"#).unwrap();
        assert_eq!(word.code, "TooManyRows");
        assert!(!Listed { since: "5.5".to_owned(), ..listed }.is_v4());
    }
}
