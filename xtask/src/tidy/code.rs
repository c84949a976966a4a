//! Rust text without comments and without what stands in quotes, every byte else in its place.

/// Blanks out comments and the insides of strings; line ends stay, so that places keep their line.
pub fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let n = comment(rest).or_else(|| raw_string(rest, out.last().copied())).or_else(|| quoted(rest));
        match n {
            Some(n) => {
                out.extend(rest[..n].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
                at += n;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The length of a comment at the beginning.
fn comment(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(b"//") {
        return Some(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with(b"/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    Some(rest.len())
}

/// The length of `r"…"` or `r#"…"#` at the beginning, when `before` does not make the `r` part of a word.
fn raw_string(rest: &[u8], before: Option<u8>) -> Option<usize> {
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() && byte != b'b' || byte == b'_')
        || rest.first() != Some(&b'r')
    {
        return None;
    }
    let n_marks = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + n_marks) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.resize(1 + n_marks, b'#');
    let begins = 2 + n_marks;
    let found = rest[begins..].windows(end.len()).position(|window| window == end);
    Some(found.map_or(rest.len(), |n| begins + n + end.len()))
}

/// The length of a string or character at the beginning; lifetimes are neither.
fn quoted(rest: &[u8]) -> Option<usize> {
    match rest.first() {
        Some(b'"') => {
            let mut at = 1;
            while at < rest.len() {
                match rest[at] {
                    b'\\' => at += 2,
                    b'"' => return Some(at + 1),
                    _ => at += 1,
                }
            }
            Some(rest.len())
        }
        Some(b'\'') if rest.get(1) == Some(&b'\\') => {
            rest[2..].iter().skip(1).position(|byte| *byte == b'\'').map(|n| n + 4)
        }
        Some(b'\'') => {
            // A character of up to four bytes, then the closing quote.
            let end = rest.iter().skip(2).take(4).position(|byte| *byte == b'\'')? + 2;
            let is_one = std::str::from_utf8(&rest[1..end]).is_ok_and(|inside| inside.chars().count() == 1);
            is_one.then_some(end + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_are_blanked_and_code_stays() {
        let text = "a // b\n/* c /* d */ e */ f \"g \\\" h\" i r#\"j \" k\"# l '\\'' m 'n' <'o> 'é' p\n";
        let code = code_only(text);
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words, ["a", "f", "i", "l", "m", "<'o>", "p"]);
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn a_name_that_ends_in_r_does_not_begin_a_raw_string() {
        assert_eq!(code_only("for\"x\" y").split_whitespace().collect::<Vec<_>>(), ["for", "y"]);
    }
}
