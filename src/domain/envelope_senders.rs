//! Envelope senders, one for each queue row, so that whatever comes back to one tells which message it is about, and nobody can make one up.
//!
//! `b+TOKEN@domain`; the token is lower-case base32 of the row's kind and id and of 48 bits of HMAC-SHA256. Mail servers on the way may change
//! case and rewrite `+` to `=` or `-`, so reading does not depend on either.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::model::ids::{MailId, RecipientId};

/// A queue row that a mail was sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Posted {
    /// A mail that was queued by itself.
    Mail(MailId),
    /// One recipient of a campaign.
    Recipient(RecipientId),
}

impl Posted {
    const fn parts(self) -> (u8, i64) {
        match self {
            Self::Mail(id) => (1, id.0),
            Self::Recipient(id) => (2, id.0),
        }
    }

    fn of_parts(kind: u8, id: i64) -> Option<Self> {
        match kind {
            1 => Some(Self::Mail(MailId(id))),
            2 => Some(Self::Recipient(RecipientId(id))),
            _ => None,
        }
    }
}

/// Letters and digits of base32 (RFC 4648 6), in lower case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Bytes of the HMAC that are kept.
const SIGNATURE_BYTES: usize = 6;
/// One byte for the kind, one to eight for the id, and the signature.
const MAX_BYTES: usize = 1 + 8 + SIGNATURE_BYTES;

/// The token of a queue row: 13 to 24 letters and digits.
#[must_use]
pub fn token(secret: &str, posted: Posted) -> String {
    let (kind, id) = posted.parts();
    let mut bytes = vec![kind];
    let digits = id.to_be_bytes();
    let start = digits.iter().position(|byte| *byte != 0).unwrap_or(digits.len() - 1);
    bytes.extend_from_slice(&digits[start..]);
    bytes.extend_from_slice(&signature(secret, posted));
    encode(&bytes)
}

/// The queue row behind a token, if its signature is right. Case does not matter.
#[must_use]
pub fn read_token(secret: &str, token: &str) -> Option<Posted> {
    let bytes = decode(token)?;
    if bytes.len() < 2 + SIGNATURE_BYTES || bytes.len() > MAX_BYTES {
        return None;
    }
    let (named, signed) = bytes.split_at(bytes.len() - SIGNATURE_BYTES);
    let (kind, digits) = named.split_first()?;
    let id = digits.iter().fold(0_i64, |id, digit| (id << 8) | i64::from(*digit));
    let posted = Posted::of_parts(*kind, id)?;
    bool::from(signed.ct_eq(&signature(secret, posted))).then_some(posted)
}

/// The envelope sender of a queue row under the domain that bounces come back to.
#[must_use]
pub fn address(secret: &str, posted: Posted, domain: &str) -> String {
    format!("b+{}@{domain}", token(secret, posted))
}

fn signature(secret: &str, posted: Posted) -> [u8; SIGNATURE_BYTES] {
    let (kind, id) = posted.parts();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("envelope {kind} {id}").as_bytes());
    let digest = mac.finalize().into_bytes();
    std::array::from_fn(|place| digest[place])
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut n_bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        n_bits += 8;
        while n_bits >= 5 {
            n_bits -= 5;
            text.push(char::from(ALPHABET[(held >> n_bits) as usize & 31]));
        }
        held &= (1 << n_bits) - 1;
    }
    if n_bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - n_bits)) as usize & 31]));
    }
    text
}

/// `None` for other letters, and where bits that carry nothing are not zero: each row has one token only.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut n_bits) = (0_u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_lowercase())?;
        held = (held << 5) | u32::try_from(value).ok()?;
        n_bits += 5;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(held >> n_bits).ok()?);
            held &= (1 << n_bits) - 1;
        }
    }
    (n_bits < 5 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_row_and_only_with_the_right_secret() {
        for posted in [
            Posted::Mail(MailId(1)),
            Posted::Mail(MailId(0)),
            Posted::Recipient(RecipientId(1)),
            Posted::Recipient(RecipientId(1_000_000)),
            Posted::Recipient(RecipientId(i64::MAX)),
        ] {
            let token = token("secret", posted);
            assert!(token.len() <= 24 && token.bytes().all(|b| ALPHABET.contains(&b)), "{token}");
            assert_eq!(read_token("secret", &token), Some(posted));
            assert_eq!(read_token("secret", &token.to_uppercase()), Some(posted));
            assert_eq!(read_token("other", &token), None);
        }
        assert_ne!(token("s", Posted::Mail(MailId(7))), token("s", Posted::Recipient(RecipientId(7))));
    }

    #[test]
    fn a_changed_token_names_nobody() {
        let good = token("secret", Posted::Recipient(RecipientId(77)));
        for place in 0..good.len() {
            for letter in ALPHABET {
                let mut bytes = good.clone().into_bytes();
                if bytes[place] != *letter {
                    bytes[place] = *letter;
                    let changed = String::from_utf8(bytes).expect("ASCII");
                    assert_eq!(read_token("secret", &changed), None, "{changed}");
                }
            }
        }
        for bad in ["", "a", "+", "é", &good[1..], &format!("{good}a"), &"a".repeat(10_000)] {
            assert_eq!(read_token("secret", bad), None, "{bad}");
        }
    }
}
