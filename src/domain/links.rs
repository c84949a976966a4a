//! Signed links in mails: short, unguessable, good without a login and for ever (RFC 8058 3.1 asks the same of unsubscribe links).

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::secrets::{hex, same};
use crate::model::ids::{ListId, OperationalLinkId, SubscriberNumber};

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

/// The token of a contact's activation link: it makes this contact active and nothing else.
#[must_use]
pub fn activation_token(secret: &str, project: ListId, number: SubscriberNumber) -> String {
    signed(secret, &format!("activate {project} {number}"))
}

/// Whether a token is that of a contact's activation link.
#[must_use]
pub fn is_activation_token(secret: &str, project: ListId, number: SubscriberNumber, token: &str) -> bool {
    same(&token.to_ascii_lowercase(), &activation_token(secret, project, number))
}

/// The activation link's path, `/activate/<project>/<contact>/<token>`, to be put behind the server's public address.
#[must_use]
pub fn activation_path(secret: &str, project: ListId, number: SubscriberNumber) -> String {
    format!("/activate/{project}/{number}/{}", activation_token(secret, project, number))
}

/// The path of an operational link for one contact, `/oplink/<link>/<project>/<contact>/<token>`.
#[must_use]
pub fn operational_path(secret: &str, link: OperationalLinkId, project: ListId, number: SubscriberNumber) -> String {
    format!("/oplink/{link}/{project}/{number}/{}", operational_token(secret, link, project, number))
}

/// Whether a token is that of an operational link for this contact.
#[must_use]
pub fn is_operational_token(
    secret: &str,
    link: OperationalLinkId,
    project: ListId,
    number: SubscriberNumber,
    token: &str,
) -> bool {
    same(&token.to_ascii_lowercase(), &operational_token(secret, link, project, number))
}

fn operational_token(secret: &str, link: OperationalLinkId, project: ListId, number: SubscriberNumber) -> String {
    signed(secret, &format!("oplink {link} {project} {number}"))
}

/// 128 bits of HMAC-SHA256, lower-case hex.
fn signature(secret: &str, purpose: Purpose, list: ListId, number: SubscriberNumber) -> String {
    signed(secret, &format!("{} {list} {number}", purpose.word()))
}

fn signed(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
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

    #[test]
    fn links_of_contacts_are_good_for_one_contact_and_one_purpose() {
        let (project, number) = (ListId(3), SubscriberNumber(7));
        let token = activation_token("secret", project, number);
        assert!(activation_path("secret", project, number).ends_with(&format!("/activate/3/7/{token}")));
        assert!(is_activation_token("secret", project, number, &token.to_uppercase()));
        assert!(!is_activation_token("secret", project, SubscriberNumber(8), &token));
        assert!(!is_activation_token("secret", ListId(37), SubscriberNumber(0), &token));
        assert!(
            !is_activation_token("other", project, number, &token)
                && !is_activation_token("secret", project, number, "")
        );
        let path = operational_path("secret", OperationalLinkId(9), project, number);
        let token = path.rsplit('/').next().expect("token");
        assert!(is_operational_token("secret", OperationalLinkId(9), project, number, token));
        assert!(!is_operational_token("secret", OperationalLinkId(8), project, number, token));
        assert!(!is_activation_token("secret", project, number, token));
    }
}
