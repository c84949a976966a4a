//! Reads `a=1&b[]=2`: query strings and urlencoded bodies, percent-encoded or raw.

use super::FormError;
use super::charset::Charset;
use super::collector::Collector;

/// Splits at `&`, then at the first `=`. A name without `=` is an empty text. Nothing is an error but the number of variables.
pub(super) fn read(input: &[u8], charset: Charset, into: &mut Collector<'_>) -> Result<(), FormError> {
    for pair in input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        into.count()?;
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[..0]),
        };
        let name = charset.decode(&percent_decode(name));
        into.assign(&name, charset.decode(&percent_decode(value)));
    }
    Ok(())
}

/// PHP's `urldecode`: `+` is a blank, `%41` is `A`, and a `%` without two hex digits stays.
fn percent_decode(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, tail @ ..]) => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => {
                    decoded.push(high << 4 | low);
                    rest = tail;
                }
                None => decoded.push(b'%'),
            },
            _ => decoded.push(byte),
        }
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_without_two_digits_stay() {
        let cases: [(&str, &str); 9] = [
            ("a%20b+c", "a b c"),
            ("%zz", "%zz"),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%%41", "%A"),
            ("%2541", "%41"),
            ("%5b%5D", "[]"),
            ("%+1", "% 1"),
            ("", ""),
        ];
        for (encoded, want) in cases {
            assert_eq!(percent_decode(encoded.as_bytes()), want.as_bytes(), "{encoded}");
        }
    }
}
