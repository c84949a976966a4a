//! Signed links in mails: short, unguessable, good without a login and for ever (RFC 8058 3.1 asks the same of unsubscribe links).

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::secrets::{hex, same};
use crate::model::ids::{ListId, SubscriberNumber};

/// What a link lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Confirm a subscription.
    Confirm,
    /// Reject a subscription that somebody else asked for.
    Reject,
    /// Unsubscribe.
    Unsubscribe,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// The link's path, `/<purpose>/<list>-<number>-<signature>`, to be put behind the server's public address.
#[must_use]
pub fn path(secret: &str, purpose: Purpose, list: ListId, number: SubscriberNumber) -> String {
    format!("/{}/{list}-{number}-{}", purpose.word(), signature(secret, purpose, list, number))
}

/// Whom a token (the link's last part) names, if its signature is right for this purpose.
#[must_use]
pub fn read(secret: &str, purpose: Purpose, token: &str) -> Option<(ListId, SubscriberNumber)> {
    let mut parts = token.splitn(3, '-');
    let list = ListId(parts.next()?.parse().ok()?);
    let number = SubscriberNumber(parts.next()?.parse().ok()?);
    same(parts.next()?, &signature(secret, purpose, list, number)).then_some((list, number))
}

/// 128 bits of HMAC-SHA256, lower-case hex.
fn signature(secret: &str, purpose: Purpose, list: ListId, number: SubscriberNumber) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{} {list} {number}", purpose.word()).as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_what_it_was_signed_for() {
        let link = path("secret", Purpose::Confirm, ListId(3), SubscriberNumber(7));
        let token = link.strip_prefix("/confirm/").expect("path");
        assert_eq!(read("secret", Purpose::Confirm, token), Some((ListId(3), SubscriberNumber(7))));
        assert_eq!(read("secret", Purpose::Reject, token), None);
        assert_eq!(read("other", Purpose::Confirm, token), None);
        assert_eq!(read("secret", Purpose::Confirm, &token.replacen('7', "8", 1)), None);
        assert_eq!(read("secret", Purpose::Confirm, ""), None);
    }
}
