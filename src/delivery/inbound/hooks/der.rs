//! As much of DER (X.690) as finds the key inside a public key's own wrapping (RFC 5280 4.1.2.7).

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// The key inside a `SubjectPublicKeyInfo`: for RSA its own structure, for a curve its point.
#[must_use]
pub fn key_of(info: &[u8]) -> Option<&[u8]> {
    let (whole, _) = take(info, SEQUENCE)?;
    let (_algorithm, rest) = take(whole, SEQUENCE)?;
    let (bits, _) = take(rest, BIT_STRING)?;
    // The first byte counts bits that are not used.
    bits.strip_prefix(&[0])
}

/// The content of an element that must have this tag, and what follows it.
fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (n, rest) = match *length {
        short @ 0..=0x7F => (usize::from(short), rest),
        long @ 0x81..=0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7F))?;
            (digits.iter().fold(0, |n, digit| (n << 8) | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(n).filter(|_| *first == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_inside_its_wrapping_or_not_at_all() {
        let info = [0x30, 9, 0x30, 2, 5, 0, 3, 3, 0, 7, 8];
        assert_eq!(key_of(&info), Some([7, 8].as_slice()));
        for end in 0..info.len() {
            assert_eq!(key_of(&info[..end]), None);
        }
        let long = [[0x30, 0x81, 136, 0x30, 0, 3, 0x81, 131, 0].as_slice(), &[1; 130]].concat();
        assert_eq!(key_of(&long).map(<[u8]>::len), Some(130));
        assert_eq!(key_of(&[0x30, 0x84, 255, 255, 255, 255]), None);
    }
}
