//! Tokens and keys: made at random, kept as digests, compared in constant time.

use md5::Md5;
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Lower-case hex of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The form in which tokens and keys are stored: SHA-256, lower-case hex. Enough for secrets that are random themselves.
#[must_use]
pub fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// MD5, lower-case hex: only where the old wire asks for it, never as a protection.
#[must_use]
pub fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

/// Whether two secrets are equal, in time that does not depend on where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// A new session token: 32 lower-case hex digits, as PHP's session ids look (OE-3.1).
#[must_use]
pub fn new_session_token() -> String {
    hex(&random::<16>())
}

/// A new API key: eight groups of four hex digits joined by hyphens (OE-3.9).
#[must_use]
pub fn new_api_key() -> String {
    let digits = hex(&random::<16>());
    let groups: Vec<&str> = (0..8).map(|i| &digits[i * 4..i * 4 + 4]).collect();
    groups.join("-")
}

/// A new globally unique id: 32 lower-case hex digits in groups of 8, 4, 4, 4 and 12.
#[must_use]
pub fn new_guid() -> String {
    let digits = hex(&random::<16>());
    let ends = [0, 8, 12, 16, 20, 32];
    let groups: Vec<&str> = ends.windows(2).map(|pair| &digits[pair[0]..pair[1]]).collect();
    groups.join("-")
}

/// A new secret of a key for web services: 32 letters and digits, some 190 bits.
#[must_use]
pub fn new_web_service_key() -> String {
    const SIGNS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut key = String::with_capacity(32);
    while key.len() < 32 {
        // Bytes beyond a multiple of 62 are dropped, so that every sign is as likely as another.
        let signs = random::<32>().into_iter().filter(|byte| *byte < 248).map(|byte| SIGNS[usize::from(byte % 62)]);
        key.extend(signs.map(char::from).take(32 - key.len()));
    }
    key
}

/// A new password that can be read over the telephone: 16 characters without look-alikes, some 92 bits.
#[must_use]
pub fn new_password() -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789_-.+~=@%";
    random::<16>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_shape_of_the_old_platform() {
        let key = new_api_key();
        assert_eq!(key.len(), 39);
        assert!(key.split('-').all(|group| group.len() == 4 && group.chars().all(|c| c.is_ascii_hexdigit())));
        assert_ne!(key, new_api_key());
        assert_eq!(new_session_token().len(), 32);
        assert_eq!(new_guid().split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(new_password().len(), 16);
    }

    #[test]
    fn digests_match_published_values() {
        assert_eq!(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(same("a", "a") && !same("a", "b") && !same("a", "ab"));
    }
}
