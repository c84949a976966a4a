//! Replies of mail servers, read line by line and within bounds (RFC 5321 4.2, RFC 2034).

use super::Reply;

/// A longer line is no reply, in bytes; RFC 5321 4.5.3.1.5 allows 512.
pub const MAX_LINE_BYTES: usize = 4_096;
/// More lines are no reply.
pub const MAX_LINES: usize = 128;
/// Of a reply's text this much is kept, in characters.
pub const KEPT_TEXT: usize = 500;

/// A reply that is still being read.
#[derive(Debug, Default)]
pub struct Unfinished {
    code: Option<u16>,
    lines: Vec<String>,
}

/// What a line made of a reply.
#[derive(Debug)]
pub enum Step {
    /// More lines follow.
    More,
    /// It is whole: its code, and the text of each line with the enhanced code left in.
    Whole(u16, Vec<String>),
}

/// What came is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server's answer is no SMTP reply")]
pub struct NoReply;

impl Unfinished {
    /// Takes the next line, without its line end. Where lines disagree about the code, the last one counts.
    ///
    /// # Errors
    /// [`NoReply`]; what follows belongs to no reply either.
    pub fn take(&mut self, line: &[u8]) -> Result<Step, NoReply> {
        if line.len() > MAX_LINE_BYTES || self.lines.len() >= MAX_LINES {
            return Err(NoReply);
        }
        let (digits, rest) = line.split_at_checked(3).ok_or(NoReply)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(NoReply);
        }
        let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        if !(200..600).contains(&code) {
            return Err(NoReply);
        }
        self.code = Some(code);
        let (is_last, text) = match rest.split_first() {
            None => (true, rest),
            Some((b' ', text)) => (true, text),
            Some((b'-', text)) => (false, text),
            // Seen in the wild: the text right behind the code.
            Some(_) => (true, rest),
        };
        self.lines.push(readable(text));
        if is_last { Ok(Step::Whole(code, std::mem::take(&mut self.lines))) } else { Ok(Step::More) }
    }
}

/// Text without what could disturb a log or a page.
fn readable(text: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// A reply of its lines: the enhanced code is taken out of each, the lines are joined by blanks.
#[must_use]
pub fn reply(code: u16, lines: &[String]) -> Reply {
    let class = u8::try_from(code / 100).unwrap_or_default();
    let mut enhanced = None;
    let mut text = String::new();
    for line in lines {
        let rest = match enhanced_code(line, class) {
            Some((found, rest)) => {
                enhanced.get_or_insert(found);
                rest
            }
            None => line,
        };
        if !text.is_empty() && !rest.is_empty() {
            text.push(' ');
        }
        text.push_str(rest);
    }
    if let Some((end, _)) = text.char_indices().nth(KEPT_TEXT) {
        text.truncate(end);
    }
    Reply { code, enhanced, text }
}

/// `5.1.1 rest`, if the class is that of the code (RFC 2034 4).
fn enhanced_code(line: &str, class: u8) -> Option<((u8, u16, u16), &str)> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let mut parts = word.split('.');
    let mut next = || parts.next().filter(|part| !part.is_empty() && part.len() <= 3)?.parse::<u16>().ok();
    let (first, subject, detail) = (next()?, next()?, next()?);
    (parts.next().is_none() && first == u16::from(class)).then(|| ((class, subject, detail), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(lines: &[&str]) -> Result<Reply, NoReply> {
        let mut unfinished = Unfinished::default();
        for line in lines {
            if let Step::Whole(code, lines) = unfinished.take(line.as_bytes())? {
                return Ok(reply(code, &lines));
            }
        }
        Err(NoReply)
    }

    #[test]
    fn replies_are_read_with_their_enhanced_codes() {
        for (lines, code, enhanced, text) in [
            (&["250 OK"][..], 250, None, "OK"),
            (&["250"], 250, None, ""),
            (&["550 5.1.1 No such user"], 550, Some((5, 1, 1)), "No such user"),
            (
                &["550-5.7.26 Not authenticated.", "550 5.7.26 See help"],
                550,
                Some((5, 7, 26)),
                "Not authenticated. See help",
            ),
            (&["421-busy", "421 4.3.2 later"], 421, Some((4, 3, 2)), "busy later"),
            (&["550 2.1.1 odd class"], 550, None, "2.1.1 odd class"),
            (&["550 5.1 short"], 550, None, "5.1 short"),
            (&["550\t5.1.1"], 550, Some((5, 1, 1)), ""),
            // Found by fuzzing: what stands in for a control character is a blank too.
            (&["551\u{0}5.7.6 x \u{0}"], 551, Some((5, 7, 6)), "x"),
            (&["451 4.7.1"], 451, Some((4, 7, 1)), ""),
            (&["250 a\u{7}b\u{fe}"], 250, None, "a b\u{fe}"),
        ] {
            assert_eq!(read(lines), Ok(Reply { code, enhanced, text: text.to_owned() }), "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        let endless: Vec<&str> = vec!["250-more"; MAX_LINES + 1];
        let long = format!("250 {}", "x".repeat(MAX_LINE_BYTES));
        for lines in [&["hello"][..], &["25"], &[""], &["150 x"], &["650 x"], &["2 0 x"], &[&long], &endless] {
            assert_eq!(read(lines), Err(NoReply));
        }
        assert_eq!(read(&[&format!("250 {}", "é".repeat(1_000))]).expect("good").text.chars().count(), KEPT_TEXT);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_reply_within_bounds_or_none(text in "([2-5][0-9]{2}[ -]?|[245]\\.[0-9]\\.[0-9]{1,4} ?|\\PC|\\x00|\\n){0,200}") {
            let mut unfinished = Unfinished::default();
            for line in text.as_bytes().split(|byte| *byte == b'\n') {
                match unfinished.take(line) {
                    Ok(Step::More) => {}
                    Ok(Step::Whole(code, lines)) => {
                        let reply = reply(code, &lines);
                        prop_assert!((200..600).contains(&reply.code) && reply.text.chars().count() <= KEPT_TEXT);
                        prop_assert!(!reply.text.chars().any(char::is_control));
                        prop_assert!(reply.enhanced.is_none_or(|(class, ..)| u16::from(class) == code / 100));
                    }
                    Err(NoReply) => break,
                }
            }
        }
    }
}
