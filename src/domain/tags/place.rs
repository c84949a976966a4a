//! Where a tag stands, and what its value must become there so that it cannot break out.

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A plain body.
    Plain,
    /// An HTML body.
    Html,
    /// A header.
    Header,
    /// One whole address, whose host holds no tag.
    Address,
}

/// Where in its text a tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// In plain text: its value is put in as it is.
    Plain,
    /// In HTML, or at the start of an address there: escaped.
    Html,
    /// In a header: control characters become blanks.
    Header,
    /// Inside an address: percent-encoded (RFC 3986 2.1).
    Address,
}

/// Puts a value in.
pub(super) fn put(out: &mut String, value: &str, slot: Slot) {
    match slot {
        Slot::Plain => out.push_str(value),
        Slot::Header => out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c })),
        Slot::Html => escape(out, value),
        Slot::Address => percent_encode(out, value),
    }
}

fn escape(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some(found) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        out.push_str(&rest[..found]);
        out.push_str(match rest.as_bytes()[found] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[found + 1..];
    }
    out.push_str(rest);
}

fn percent_encode(out: &mut String, value: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// Attributes that hold an address.
const ADDRESSES: [&str; 7] = ["href", "src", "action", "background", "poster", "cite", "formaction"];

/// Reads along, to know where the next tag stands.
#[derive(Debug)]
pub(super) struct Scanner {
    place: Place,
    state: State,
    /// The attribute's name, in HTML; the word at hand, in plain text, as far as it matters.
    word: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// Inside a tag; whether a blank ended the name at hand, which `=` may still follow.
    Tag {
        is_ended: bool,
    },
    /// Behind `=`, before the value.
    Equals,
    /// Inside an attribute's value: what ends it (`None`: a blank), and whether anything of it was there.
    Value {
        quote: Option<char>,
        is_begun: bool,
    },
    /// Inside a comment.
    Comment,
}

impl Scanner {
    pub fn new(place: Place) -> Self {
        Self { place, state: State::Text, word: String::new() }
    }

    pub fn slot(&self, place: Place) -> Slot {
        match place {
            Place::Header => Slot::Header,
            Place::Address => Slot::Address,
            Place::Plain => {
                let is_address = self.word.starts_with("http://") || self.word.starts_with("https://");
                if is_address && self.word.contains('?') { Slot::Address } else { Slot::Plain }
            }
            Place::Html => match self.state {
                State::Value { is_begun: true, .. } if self.is_address() => Slot::Address,
                _ => Slot::Html,
            },
        }
    }

    fn is_address(&self) -> bool {
        ADDRESSES.iter().any(|name| self.word.eq_ignore_ascii_case(name))
    }

    /// Goes on behind text.
    pub fn pass(&mut self, text: &str) {
        match self.place {
            Place::Header | Place::Address => {}
            Place::Plain => self.pass_plain(text),
            Place::Html => text.char_indices().for_each(|(at, c)| self.step(c, &text[at..])),
        }
    }

    /// Goes on behind a tag, whose value is not known.
    pub fn pass_tag(&mut self) {
        match self.state {
            State::Value { quote, .. } => self.state = State::Value { quote, is_begun: true },
            State::Equals => self.state = State::Value { quote: None, is_begun: true },
            State::Text | State::Tag { .. } | State::Comment => {}
        }
        if self.place == Place::Plain && self.word.is_empty() {
            // A word that begins with a value is no address that is known as one.
            self.word.push('\u{0}');
        }
    }

    fn pass_plain(&mut self, text: &str) {
        /// Of a longer word the rest does not matter.
        const MAX_WORD: usize = 2_048;
        let is_end = |c: char| c.is_whitespace() || "<>\"()".contains(c);
        let tail = match text.rfind(is_end) {
            Some(end) => {
                self.word.clear();
                text[end..].trim_start_matches(is_end)
            }
            None => text,
        };
        if self.word.len() + tail.len() <= MAX_WORD {
            self.word.push_str(tail);
        }
    }

    fn step(&mut self, c: char, here: &str) {
        self.state = match self.state {
            State::Text if here.starts_with("<!--") => State::Comment,
            State::Text
                if c == '<' && here[1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/') =>
            {
                self.word.clear();
                State::Tag { is_ended: false }
            }
            State::Text => State::Text,
            State::Comment if here.starts_with("-->") => State::Text,
            State::Comment => State::Comment,
            State::Tag { is_ended } => match c {
                '>' => State::Text,
                '=' => State::Equals,
                c if c.is_ascii_whitespace() => State::Tag { is_ended: true },
                c => {
                    if is_ended {
                        self.word.clear();
                    }
                    if self.word.len() < 32 {
                        self.word.push(c);
                    }
                    State::Tag { is_ended: false }
                }
            },
            State::Equals => match c {
                '"' | '\'' => State::Value { quote: Some(c), is_begun: false },
                '>' => State::Text,
                c if c.is_ascii_whitespace() => State::Equals,
                _ => State::Value { quote: None, is_begun: true },
            },
            State::Value { quote: Some(open), .. } if c == open => self.end_value(),
            State::Value { quote: None, .. } if c == '>' => State::Text,
            State::Value { quote: None, .. } if c.is_ascii_whitespace() => self.end_value(),
            State::Value { quote, is_begun } => State::Value { quote, is_begun: is_begun || !c.is_ascii_whitespace() },
        };
    }

    fn end_value(&mut self) -> State {
        self.word.clear();
        State::Tag { is_ended: false }
    }
}
