//! Tokens of the links in mails: which message of which campaign went to whom, signed for one purpose. Good without a login and for ever (ML-7.3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::model::ids::{CampaignId, LinkTargetId, ListId, MessageId, SubscriberNumber};

/// Bytes of the HMAC that are kept: 80 bits.
const SIGNATURE_BYTES: usize = 10;
/// Four numbers of at most ten bytes, and the signature, in base64.
const MAX_TOKEN: usize = (4 * 10 + SIGNATURE_BYTES) * 4 / 3 + 4;

/// Which message went to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// The campaign; [`CampaignId::NONE`] for a message that went to one person.
    pub campaign: CampaignId,
    /// The message; [`MessageId::NONE`] where it does not matter.
    pub message: MessageId,
    /// The list.
    pub list: ListId,
    /// The subscriber; [`SubscriberNumber::NONE`] for a reader that nobody knows, such as a friend it was sent on to.
    pub number: SubscriberNumber,
}

/// What a token lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Be counted: the picture that tells of an opening, and the links.
    Track,
    /// See the message in the browser.
    View,
    /// Send the message on.
    Forward,
    /// See and end subscriptions of the account.
    Preferences,
    /// Unsubscribe from the list.
    Unsubscribe,
}

impl Purpose {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Track => b"track",
            Self::View => b"view",
            Self::Forward => b"forward",
            Self::Preferences => b"preferences",
            Self::Unsubscribe => b"leave",
        }
    }

    /// The link's path before the token.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Track => "/t/o/",
            Self::View => "/t/v/",
            Self::Forward => "/t/f/",
            Self::Preferences => "/t/p/",
            Self::Unsubscribe => "/t/u/",
        }
    }
}

/// Makes and reads tokens under one secret.
#[derive(Debug, Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// Under this secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length"))
    }

    /// The token of a trail for one purpose.
    #[must_use]
    pub fn token(&self, purpose: Purpose, trail: &Trail) -> String {
        let mut bytes = Vec::with_capacity(32);
        for number in [trail.campaign.0, trail.message.0, trail.list.0, trail.number.0] {
            push(&mut bytes, number);
        }
        let signature = self.signature(purpose, &bytes);
        bytes.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The trail behind a token, if it was made for this purpose.
    #[must_use]
    pub fn read(&self, purpose: Purpose, token: &str) -> Option<Trail> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (named, signed) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE_BYTES)?)?;
        if !bool::from(signed.ct_eq(&self.signature(purpose, named))) {
            return None;
        }
        let mut rest = named;
        let trail = Trail {
            campaign: CampaignId(take(&mut rest)?),
            message: MessageId(take(&mut rest)?),
            list: ListId(take(&mut rest)?),
            number: SubscriberNumber(take(&mut rest)?),
        };
        rest.is_empty().then_some(trail)
    }

    /// The path of a counted link. One signature serves all links of a letter: which of them is clicked is no secret.
    #[must_use]
    pub fn click_path(token: &str, link: LinkTargetId) -> String {
        format!("/t/c/{token}.{link}")
    }

    /// The trail and link behind the last part of a counted link's path.
    #[must_use]
    pub fn read_click(&self, text: &str) -> Option<(Trail, LinkTargetId)> {
        let (token, link) = text.rsplit_once('.')?;
        Some((self.read(Purpose::Track, token)?, LinkTargetId(link.parse().ok()?)))
    }

    fn signature(&self, purpose: Purpose, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut mac = self.0.clone();
        mac.update(b"letter ");
        mac.update(purpose.word());
        mac.update(b" ");
        mac.update(bytes);
        let digest = mac.finalize().into_bytes();
        std::array::from_fn(|place| digest[place])
    }
}

/// Writes a number in groups of seven bits, the lowest first. Ids are not negative; one that is takes ten bytes.
fn push(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = number.cast_unsigned();
    while rest >= 0x80 {
        bytes.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn take(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F).checked_shl(place * 7)?;
        if byte & 0x80 == 0 {
            return Some(number.cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIL: Trail = Trail {
        campaign: CampaignId(12),
        message: MessageId(34_567),
        list: ListId(3),
        number: SubscriberNumber(1_000_000),
    };
    const PURPOSES: [Purpose; 5] =
        [Purpose::Track, Purpose::View, Purpose::Forward, Purpose::Preferences, Purpose::Unsubscribe];

    #[test]
    fn a_token_is_good_for_its_trail_purpose_and_secret_only() {
        let signer = Signer::new("secret");
        let far = Trail { campaign: CampaignId(i64::MAX), number: SubscriberNumber(i64::MAX), ..TRAIL };
        for trail in [TRAIL, far, Trail { campaign: CampaignId(0), number: SubscriberNumber(0), ..TRAIL }] {
            for purpose in PURPOSES {
                let token = signer.token(purpose, &trail);
                for other in PURPOSES {
                    assert_eq!(signer.read(other, &token), (other == purpose).then_some(trail), "{other:?}");
                }
                assert_eq!(Signer::new("other").read(purpose, &token), None);
            }
        }
        assert!(signer.token(Purpose::Track, &TRAIL).len() <= 32);
    }

    #[test]
    fn a_changed_token_names_nobody() {
        let signer = Signer::new("secret");
        let good = signer.token(Purpose::View, &TRAIL);
        for place in 0..good.len() {
            for letter in "ABCabc019-_".chars() {
                let mut changed: Vec<char> = good.chars().collect();
                if changed[place] != letter {
                    changed[place] = letter;
                    let changed: String = changed.into_iter().collect();
                    assert_eq!(signer.read(Purpose::View, &changed), None, "{changed}");
                }
            }
        }
        for bad in ["", "a", "é", "==", &good[1..], &format!("{good}A"), &"a".repeat(10_000)] {
            assert_eq!(signer.read(Purpose::View, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_click_names_its_link() {
        let signer = Signer::new("secret");
        let path = Signer::click_path(&signer.token(Purpose::Track, &TRAIL), LinkTargetId(7));
        let text = path.strip_prefix("/t/c/").expect("path");
        assert_eq!(signer.read_click(text), Some((TRAIL, LinkTargetId(7))));
        for bad in ["", ".", "7", &format!("{text}x"), &text.replace('.', "")] {
            assert_eq!(signer.read_click(bad), None, "{bad}");
        }
    }
}
