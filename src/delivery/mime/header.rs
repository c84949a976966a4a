//! The lines of a message's header: folded at 76 columns, other letters than ASCII as encoded words (RFC 2047), addresses as RFC 5322 3.4 has them.
//!
//! lettre's own writer is passed by because it takes a text that looks like an encoded word for one, and leaves long words in lines of any length (ML-6.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Where a line is folded if it can be.
const MAX_LINE: usize = 76;
/// Begin and end of an encoded word.
const WORD_START: &str = "=?utf-8?b?";
const WORD_END: &str = "?=";
/// Octets in one encoded word at most: with begin and end 72 signs, of 75 that are allowed.
const MAX_WORD_OCTETS: usize = 45;
/// A longer name in quotes is encoded instead.
const MAX_QUOTED: usize = 60;

/// A header under construction.
#[derive(Debug, Default)]
pub(super) struct Header {
    out: String,
    column: usize,
}

impl Header {
    pub fn new() -> Self {
        Self { out: String::with_capacity(1_024), column: 0 }
    }

    pub fn into_text(self) -> String {
        self.out
    }

    /// A header of free text, as `Subject` is. No control characters.
    pub fn text(&mut self, name: &str, value: &str) {
        self.begin(name);
        let value = value.trim();
        if value.is_empty() {
            self.out.push(' ');
            return self.end();
        }
        let words = || value.split(' ');
        let room = self.room();
        let must_be_encoded = |word: &str| must_be_encoded(word, room);
        let Some(first) = words().position(must_be_encoded) else {
            words().for_each(|word| self.plain(word));
            return self.end();
        };
        // Everything between the first and the last word that must be encoded is, so that the blanks between them stay what they are.
        let last = words().count() - 1 - words().rev().position(must_be_encoded).unwrap_or_default();
        words().take(first).for_each(|word| self.plain(word));
        let encoded: Vec<&str> = words().skip(first).take(last - first + 1).collect();
        self.encoded(&encoded.join(" "));
        words().skip(last + 1).for_each(|word| self.plain(word));
        self.end();
    }

    /// A header of ASCII words that are ours and may be divided at blanks only.
    pub fn words(&mut self, name: &str, value: &str) {
        self.begin(name);
        value.split(' ').for_each(|word| self.plain(word));
        self.end();
    }

    /// A header of one address with a name before it; empty for none.
    pub fn mailbox(&mut self, name: &str, display: &str, address: &str) {
        self.begin(name);
        self.phrase(display);
        if display.trim().is_empty() {
            self.plain(address)
        } else {
            self.plain(&format!("<{address}>"))
        }
        self.end();
    }

    /// A header of one identifier in angle brackets with a name before it, as `List-Id` is; empty for none.
    pub fn identifier(&mut self, name: &str, display: &str, identifier: &str) {
        self.begin(name);
        self.phrase(display);
        self.plain(&format!("<{identifier}>"));
        self.end();
    }

    fn begin(&mut self, name: &str) {
        self.out.push_str(name);
        self.out.push(':');
        self.column = name.len() + 1;
    }

    fn end(&mut self) {
        self.out.push_str("\r\n");
        self.column = 0;
    }

    /// The longest word that need not be encoded: it fits the first line, and only encoded words can be divided.
    fn room(&self) -> usize {
        MAX_LINE.saturating_sub(self.column + 1)
    }

    /// One word behind a blank, on a line of its own when it does not fit. The first word stays beside the header's name: a line may not be empty.
    fn plain(&mut self, word: &str) {
        if self.column + 1 + word.len() > MAX_LINE && !self.out.ends_with(':') {
            self.out.push_str("\r\n");
            self.column = 0;
        }
        self.out.push(' ');
        self.out.push_str(word);
        self.column += 1 + word.len();
    }

    /// Text as encoded words, divided between characters. A decoder drops the blanks between them.
    fn encoded(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = MAX_LINE.saturating_sub(self.column + 1 + WORD_START.len() + WORD_END.len()) / 4 * 3;
            let n = prefix(rest, room.min(MAX_WORD_OCTETS));
            if n == 0 && self.column > 0 {
                self.out.push_str("\r\n");
                self.column = 0;
                continue;
            }
            let (piece, tail) = rest.split_at(n);
            let start = self.out.len();
            self.out.push(' ');
            self.out.push_str(WORD_START);
            STANDARD.encode_string(piece, &mut self.out);
            self.out.push_str(WORD_END);
            self.column += self.out.len() - start;
            rest = tail;
        }
    }

    /// A display name: as it is, in quotes, or encoded.
    fn phrase(&mut self, display: &str) {
        let display = display.trim();
        if display.is_empty() {
            return;
        }
        let room = self.room();
        let is_plain = |word: &str| !must_be_encoded(word, room) && word.bytes().all(is_atom);
        let is_ascii = display.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if display.split(' ').all(is_plain) {
            display.split(' ').for_each(|word| self.plain(word));
        } else if is_ascii && !display.contains("=?") && display.len() <= MAX_QUOTED {
            self.plain(&format!("\"{}\"", display.replace('\\', "\\\\").replace('"', "\\\"")));
        } else {
            self.encoded(display);
        }
    }
}

/// How many octets of whole characters fit.
fn prefix(text: &str, room: usize) -> usize {
    if text.len() <= room {
        return text.len();
    }
    (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default()
}

/// A word that cannot stand for itself. An empty one comes from a second blank, which folding would swallow.
fn must_be_encoded(word: &str, room: usize) -> bool {
    word.is_empty() || word.len() > room || word.contains("=?") || !word.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
}

/// What an atom is made of (RFC 5322 3.2.3).
const fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(value: &str) -> String {
        let mut header = Header::new();
        header.text("Subject", value);
        header.into_text()
    }

    /// What a mail program shows: folds undone, encoded words decoded, blanks between them dropped.
    fn shown(header: &str) -> String {
        let unfolded = header.strip_suffix("\r\n").expect("an end").replace("\r\n", "");
        let value = unfolded.split_once(": ").expect("a name").1.to_owned();
        let (mut out, mut was_encoded) = (String::new(), true);
        for word in value.split(' ') {
            let inside = word.strip_prefix(WORD_START).and_then(|rest| rest.strip_suffix(WORD_END));
            let is_joined = was_encoded && inside.is_some();
            if !out.is_empty() && !is_joined {
                out.push(' ');
            }
            was_encoded = inside.is_some();
            match inside {
                Some(text) => {
                    let octets = STANDARD.decode(text).expect("base64");
                    out.push_str(&String::from_utf8(octets).expect("whole characters in each word"));
                }
                None => out.push_str(word),
            }
        }
        out
    }

    #[test]
    fn an_emoji_at_the_edge_of_a_line_stays_whole_and_lines_stay_short() {
        for n in 0..160 {
            for joint in ["", " ", "  "] {
                for tail in ["", " end", "x", &" \u{e9}".repeat(40)] {
                    let value = format!("{}{joint}\u{1F600}\u{1F468}\u{200D}\u{1F469}{tail}", "a".repeat(n));
                    let made = subject(&value);
                    assert_eq!(shown(&made), value.trim(), "{made}");
                    for line in made.split("\r\n") {
                        assert!(line.len() <= MAX_LINE, "{} columns in\n{made}", line.len());
                        assert!(line.split(' ').all(|word| !word.starts_with("=?") || word.len() <= 75), "{made}");
                    }
                }
            }
        }
    }

    #[test]
    fn text_is_folded_at_blanks_and_encoded_only_where_it_must_be() {
        assert_eq!(subject("Hello"), "Subject: Hello\r\n");
        assert_eq!(subject(""), "Subject: \r\n");
        assert_eq!(subject("Bitte best\u{e4}tigen"), "Subject: Bitte =?utf-8?b?YmVzdMOkdGlnZW4=?=\r\n");
        assert_eq!(subject("=?utf-8?b?WA==?= x"), "Subject: =?utf-8?b?PT91dGYtOD9iP1dBPT0/PQ==?= x\r\n");
        let long = subject(&"word ".repeat(40));
        assert!(long.split("\r\n").all(|line| line.len() <= MAX_LINE), "{long}");
        assert_eq!(shown(&long), "word ".repeat(40).trim());
    }

    #[test]
    fn names_are_quoted_or_encoded_where_they_must_be() {
        let from = |display: &str| {
            let mut header = Header::new();
            header.mailbox("From", display, "a@b.example");
            header.into_text()
        };
        assert_eq!(from(""), "From: a@b.example\r\n");
        assert_eq!(from("News Desk"), "From: News Desk <a@b.example>\r\n");
        assert_eq!(from("Doe, J. <x@y>"), "From: \"Doe, J. <x@y>\" <a@b.example>\r\n");
        assert_eq!(from("say \"hi\" \\"), "From: \"say \\\"hi\\\" \\\\\" <a@b.example>\r\n");
        assert_eq!(from("J\u{fc}rgen"), "From: =?utf-8?b?SsO8cmdlbg==?= <a@b.example>\r\n");
        let long = from(&"Very long (name) ".repeat(9));
        assert!(long.split("\r\n").all(|line| line.len() <= MAX_LINE) && !long.contains('('), "{long}");
    }
}
