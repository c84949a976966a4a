//! `Content-Disposition` with a file's name in ASCII for old mail programs and, where that is not all of it, whole by RFC 2231.

use lettre::message::header::{Header, HeaderName, HeaderValue};

/// Octets of an encoded name in one line.
const SEGMENT: usize = 60;
/// A longer name is cut, in characters.
const MAX_NAME: usize = 120;

/// How a part is shown, and the name it is saved under.
#[derive(Debug, Clone)]
pub(super) struct Disposition(HeaderValue);

impl Disposition {
    /// A picture inside the HTML.
    pub fn inline(name: &str) -> Self {
        Self::new("inline", name)
    }

    /// A file beside the message.
    pub fn attachment(name: &str) -> Self {
        Self::new("attachment", name)
    }

    fn new(kind: &str, name: &str) -> Self {
        let name: String = name.chars().take(MAX_NAME).map(|c| if c.is_control() { '_' } else { c }).collect();
        let is_plain = |c: char| matches!(c, ' '..='~') && !"\"\\%/".contains(c);
        let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let mut value = kind.to_owned();
        // The whole name first: readers that know both forms and take the first then take the right one.
        if plain != name {
            match segments(&name).as_slice() {
                [only] => value.push_str(&format!(";\r\n filename*=utf-8''{only}")),
                several => {
                    for (place, segment) in several.iter().enumerate() {
                        let start = if place == 0 { "utf-8''" } else { "" };
                        value.push_str(&format!(";\r\n filename*{place}*={start}{segment}"));
                    }
                }
            }
        }
        value.push_str(&format!(";\r\n filename=\"{plain}\""));
        Self(HeaderValue::dangerous_new_pre_encoded(Self::name(), name, value))
    }
}

impl Header for Disposition {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Disposition")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Err("is only written".into())
    }

    fn display(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// A name percent-encoded and divided between encoded octets (RFC 2231 3, 4).
fn segments(name: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    for byte in name.bytes() {
        let piece = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        };
        match segments.last_mut() {
            Some(last) if last.len() + piece.len() <= SEGMENT => last.push_str(&piece),
            _ => segments.push(piece),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str) -> String {
        let mut headers = lettre::message::header::Headers::new();
        headers.set(Disposition::attachment(name));
        headers.to_string()
    }

    #[test]
    fn a_name_is_written_in_ascii_and_whole() {
        assert_eq!(made("a b.txt"), "Content-Disposition: attachment;\r\n filename=\"a b.txt\"\r\n");
        assert_eq!(
            made("\u{dc}ber.pdf"),
            "Content-Disposition: attachment;\r\n filename*=utf-8''%C3%9Cber.pdf;\r\n filename=\"_ber.pdf\"\r\n"
        );
        for name in ["\u{1F600}".repeat(300), "x".repeat(300), "\"\\;\r\n =".repeat(30), String::new()] {
            let made = made(&name);
            assert!(made.is_ascii() && made.split("\r\n").all(|line| line.len() <= 140), "{made}");
            assert!(made.trim_end().split("\r\n").skip(1).all(|line| line.starts_with(" filename")), "{made}");
        }
    }
}
