//! Phrases around a failure in plain texts of mail servers, as data: warnings of a delay, and where the copy of the mail begins (ML-8.9). What the failure
//! says of the address is looked up in [`crate::delivery::classify`].

use std::sync::LazyLock;

/// Texts are searched as far as this, in bytes.
const MAX_TEXT_BYTES: usize = 8 * 1024;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    delay: Vec<String>,
    copy: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("phrases.toml")).expect("the table is part of the program and tested")
});

/// Whether a text warns that a mail is late.
#[must_use]
pub fn is_delay(text: &str) -> bool {
    let text = plain(text);
    TABLE.delay.iter().any(|phrase| text.contains(phrase.as_str()))
}

/// The lines of a text before the copy of the mail that came back.
#[must_use]
pub fn before_copy(text: &str) -> &str {
    let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let words = plain(line);
        if TABLE.copy.iter().any(|phrase| words.contains(phrase.as_str())) {
            break;
        }
        end += line.len();
    }
    &text[..end]
}

/// In lower case, with one blank between words and straight apostrophes.
fn plain(text: &str) -> String {
    let text = text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_lowercase().replace('\u{2019}', "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_can_be_found() {
        for phrase in TABLE.delay.iter().chain(&TABLE.copy) {
            assert_eq!(plain(phrase), *phrase, "the table is searched in this form");
        }
    }
}
