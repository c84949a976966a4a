//! Phrases of mail servers, as data: what they say of an address where no code does (ML-8.9).

use std::sync::LazyLock;

use crate::domain::attempts::Fault;

/// Texts are searched as far as this, in bytes.
const MAX_TEXT_BYTES: usize = 8 * 1024;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    delay: Vec<String>,
    copy: Vec<String>,
    phrase: Vec<Row>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    fault: Word,
    any: Vec<String>,
}

#[derive(Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Address,
    Mailbox,
    Ours,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("phrases.toml")).expect("the table is part of the program and tested")
});

/// What a text says of the address; `None` when it holds no known phrase.
#[must_use]
pub fn find(text: &str) -> Option<Fault> {
    let text = plain(text);
    let row = TABLE.phrase.iter().find(|row| row.any.iter().any(|phrase| text.contains(phrase.as_str())))?;
    Some(match row.fault {
        Word::Address => Fault::Address,
        Word::Mailbox => Fault::Mailbox,
        Word::Ours => Fault::Ours,
    })
}

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
    fn the_first_row_that_fits_decides() {
        for (text, fault) in [
            ("Sorry, no mailbox here by that name. (#5.1.1)", Some(Fault::Address)),
            ("The recipient\u{2019}s mailbox  is\r\n full and can't accept messages now", Some(Fault::Mailbox)),
            ("User unknown; blocked using an DNSBL", Some(Fault::Ours)),
            ("bon voyage", None),
            ("", None),
        ] {
            assert_eq!(find(text), fault, "{text}");
        }
        assert_eq!(find(&format!("{}é user unknown", "x".repeat(MAX_TEXT_BYTES - 1))), None);
    }

    #[test]
    fn every_phrase_can_be_found() {
        for phrase in TABLE.phrase.iter().flat_map(|row| &row.any).chain(&TABLE.delay).chain(&TABLE.copy) {
            assert_eq!(plain(phrase), *phrase, "the table is searched in this form");
        }
    }
}
