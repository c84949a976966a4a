//! Recipients of returned mail: which queue row an address of ours stands for, however servers on the way rewrote it (ML-8.2, ML-8.3).

use crate::domain::envelope_senders::{Posted, read_token};

/// Addresses longer than a path may be (RFC 5321 4.5.3.1.3), with room for rewriting, are nobody's.
const MAX_ADDRESS_BYTES: usize = 512;
/// Rewritings that may lie over each other.
const MAX_LAYERS: usize = 4;

/// What a mail to an address of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To an envelope sender: a bounce, or whatever else comes to one. `None`: the signature is wrong, so it is about nobody.
    Bounce(Option<Posted>),
    /// To the address of `List-Unsubscribe`. `None` as above.
    Unsubscribe(Option<Posted>),
    /// To the address that complaints go to, with or without a token.
    Complaint(Option<Posted>),
}

impl Way {
    /// The queue row that the address names.
    #[must_use]
    pub const fn posted(self) -> Option<Posted> {
        match self {
            Self::Bounce(posted) | Self::Unsubscribe(posted) | Self::Complaint(posted) => posted,
        }
    }
}

/// Reads a recipient under `domain`; `None` for addresses that are none of ours. Case does not matter, `+` may have become `=` or `-`, and
/// BATV (`prvs=TAG=`) or SRS (`SRS0=HASH=TIME=DOMAIN=LOCAL`, `SRS1=…`) may lie around it.
#[must_use]
pub fn read(secret: &str, address: &str, domain: &str) -> Option<Way> {
    let address = address.trim().trim_start_matches('<').trim_end_matches('>');
    if address.len() > MAX_ADDRESS_BYTES || domain.is_empty() {
        return None;
    }
    let (local, host) = address.rsplit_once('@')?;
    // A forwarder's own domain stands behind what SRS wrote, ours inside.
    let is_ours = host.trim_end_matches('.').eq_ignore_ascii_case(domain);
    let (local, was_srs) = unwrap(local, domain)?;
    if !is_ours && !was_srs {
        return None;
    }
    way(secret, local)
}

fn way(secret: &str, local: &str) -> Option<Way> {
    let (word, token) = match local.find(['+', '=', '-']) {
        Some(at) => (&local[..at], local[at + 1..].trim_matches(['+', '=', '-'])),
        None => (local, ""),
    };
    let posted = read_token(secret, token);
    match word.to_ascii_lowercase().as_str() {
        "b" => Some(Way::Bounce(posted)),
        "unsubscribe" => Some(Way::Unsubscribe(posted)),
        "fbl" => Some(Way::Complaint(posted)),
        _ => None,
    }
}

/// The local part without what was wrapped around it, and whether SRS was. `None` when SRS wraps an address of another domain.
fn unwrap<'a>(local: &'a str, domain: &str) -> Option<(&'a str, bool)> {
    let (mut local, mut was_srs) = (local, false);
    for _ in 0..MAX_LAYERS {
        let Some((head, rest)) = local.split_at_checked(5) else { break };
        let head = head.to_ascii_lowercase();
        let srs = head.strip_suffix(['=', '+', '-']).filter(|word| matches!(*word, "srs0" | "srs1"));
        if let Some(word) = srs {
            local = inside_srs(rest, word == "srs1", domain)?;
            was_srs = true;
        } else if head == "prvs=" {
            local = rest.split_once('=')?.1;
        } else if head == "btv1=" {
            // `btv1==TAG==local` as one appliance writes it.
            local = local.rsplit_once("==")?.1;
        } else {
            break;
        }
    }
    Some((local, was_srs))
}

/// `HASH=TIME=DOMAIN=LOCAL`, in SRS1 behind `HASH=FORWARDER==`; its local part if the domain is ours.
fn inside_srs<'a>(rest: &'a str, is_second: bool, domain: &str) -> Option<&'a str> {
    let inner = if is_second {
        let at = ["==", "=+", "=-"].iter().filter_map(|mark| rest.find(mark)).min()?;
        &rest[at + 2..]
    } else {
        rest
    };
    let mut parts = inner.splitn(4, '=');
    let (_hash, _time, host, local) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    host.eq_ignore_ascii_case(domain).then_some(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::envelope_senders::{address, token};
    use crate::model::ids::{MailId, RecipientId};

    const DOMAIN: &str = "bounces.example.org";

    fn read_here(address: &str) -> Option<Way> {
        read("secret", address, DOMAIN)
    }

    #[test]
    fn an_address_is_known_however_it_was_rewritten() {
        let posted = Posted::Recipient(RecipientId(300_000));
        let token = token("secret", posted);
        let plain = address("secret", posted, DOMAIN);
        for written in [
            plain.clone(),
            plain.to_uppercase(),
            format!(" <{plain}> "),
            format!("{plain}."),
            format!("b={token}@{DOMAIN}"),
            format!("B-{}@{DOMAIN}", token.to_uppercase()),
            format!("prvs=4123abcdef=b+{token}@{DOMAIN}"),
            format!("PRVS=4123abcdef=b={token}@{DOMAIN}"),
            format!("btv1==123abc==b+{token}@{DOMAIN}"),
            format!("SRS0=HHH=TT={DOMAIN}=b+{token}@forwarder.example"),
            format!("srs0+HHH=TT={}=b+{token}@forwarder.example", DOMAIN.to_uppercase()),
            format!("SRS1=HHH=first.example==HHH=TT={DOMAIN}=b+{token}@second.example"),
            format!("SRS0=HHH=TT={DOMAIN}=prvs=4123abcdef=b+{token}@forwarder.example"),
        ] {
            assert_eq!(read_here(&written), Some(Way::Bounce(Some(posted))), "{written}");
        }
    }

    #[test]
    fn unsubscribing_and_complaining_have_addresses_of_their_own() {
        let posted = Posted::Mail(MailId(7));
        let token = token("secret", posted);
        assert_eq!(read_here(&format!("unsubscribe+{token}@{DOMAIN}")), Some(Way::Unsubscribe(Some(posted))));
        assert_eq!(read_here(&format!("Unsubscribe={token}@{DOMAIN}")), Some(Way::Unsubscribe(Some(posted))));
        assert_eq!(read_here(&format!("fbl@{DOMAIN}")), Some(Way::Complaint(None)));
        assert_eq!(read_here(&format!("fbl+{token}@{DOMAIN}")), Some(Way::Complaint(Some(posted))));
    }

    #[test]
    fn a_wrong_signature_is_about_nobody() {
        let token = token("other secret", Posted::Mail(MailId(7)));
        assert_eq!(read_here(&format!("b+{token}@{DOMAIN}")), Some(Way::Bounce(None)));
        assert_eq!(read_here(&format!("b+@{DOMAIN}")), Some(Way::Bounce(None)));
    }

    #[test]
    fn other_addresses_are_not_ours() {
        let token = token("secret", Posted::Mail(MailId(7)));
        for other in [
            format!("b+{token}@elsewhere.example"),
            format!("SRS0=HHH=TT=elsewhere.example=b+{token}@{DOMAIN}"),
            format!("SRS0=HHH@{DOMAIN}"),
            format!("bounce+{token}@{DOMAIN}"),
            format!("postmaster@{DOMAIN}"),
            token.clone(),
            String::new(),
            "@".to_owned(),
            format!("b+{}@{DOMAIN}", "a".repeat(10_000)),
            format!("é=é=é=é@{DOMAIN}"),
            format!("aaaé=@{DOMAIN}"),
        ] {
            assert_eq!(read_here(&other), None, "{other}");
        }
        assert_eq!(read("secret", &format!("b+{token}@"), ""), None);
    }
}
