//! The `[returns]` section: where bounces and complaints come back to, and what follows from them. Every field's comment is its manual.

use serde::{Deserialize, Serialize};

/// Where bounces and complaints come back to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnsSettings {
    /// Domain of the envelope senders (`b+TOKEN@domain`) that bounces are returned to. Its mail has to reach this server, see the manual.
    /// Empty: the sender's own address is the envelope sender, and its mailbox gets the bounces.
    pub domain: String,
    /// Whether bounces and complaints count by the address alone when no signed token came back with them. Anybody can write such mails, so
    /// this lets strangers stop mail to anybody.
    pub accept_unsigned: bool,
    /// What keeps back mail that one person caused, such as single sendings: `any` suppression, or `bounces`: only hard bounces, complaints and erasure.
    pub transactional: String,
    /// Soft bounces in a row, with no delivery between, after which an address is not mailed any more.
    pub soft_limit: u32,
    /// Over so many days they must have come.
    pub soft_days: u32,
    /// After so many days without a further soft bounce they are forgotten.
    pub soft_memory_days: u32,
    /// Returned mails that nobody could read are kept for review for so many days.
    pub keep_days: u32,
    /// So many of them at most.
    pub keep_mails: i64,
    /// Loopback address and port to take returned mail at, by LMTP or SMTP, from the mail server of this machine. Empty: none.
    pub listen: String,
    /// A larger mail is refused there, in bytes. Of smaller ones the first half MiB is read.
    pub max_message_bytes: usize,
    /// A mailbox that returned mail is fetched from and deleted in: `imaps://user:password@host/INBOX`, or `imap://` for this machine.
    /// Empty: none.
    pub mailbox_url: String,
    /// Between two looks into that mailbox, in seconds.
    pub mailbox_seconds: u64,
    /// The last part of the addresses that providers call, `/hooks/PROVIDER/SECRET`; 16 characters or more. Empty: nobody can call them.
    pub hook_secret: String,
    /// The topics of Amazon SNS (`arn:aws:sns:…`) that `/hooks/ses/` takes calls of.
    pub ses_topics: Vec<String>,
    /// The verification key of SendGrid's signed event webhook, as its pages show it, for `/hooks/sendgrid/`.
    pub sendgrid_verification_key: String,
    /// Mailgun's HTTP webhook signing key, for `/hooks/mailgun/`.
    pub mailgun_signing_secret: String,
    /// User name and password that Postmark is set to call `/hooks/postmark/` with, as `user:password`.
    pub postmark_password: String,
}

impl Default for ReturnsSettings {
    fn default() -> Self {
        Self {
            domain: String::new(),
            accept_unsigned: false,
            transactional: "any".to_owned(),
            soft_limit: 4,
            soft_days: 7,
            soft_memory_days: 45,
            keep_days: 30,
            keep_mails: 1_000,
            listen: String::new(),
            max_message_bytes: 32 * 1024 * 1024,
            mailbox_url: String::new(),
            mailbox_seconds: 60,
            hook_secret: String::new(),
            ses_topics: Vec::new(),
            sendgrid_verification_key: String::new(),
            mailgun_signing_secret: String::new(),
            postmark_password: String::new(),
        }
    }
}

impl ReturnsSettings {
    /// The first value that cannot be used, by its key, and why.
    #[must_use]
    pub fn first_bad(&self) -> Option<(&'static str, String)> {
        let is_loopback = |text: &str| text.parse::<std::net::SocketAddr>().is_ok_and(|at| at.ip().is_loopback());
        let checks = [
            ("domain", is_domain(&self.domain), format!("{:?} is no domain in lower case", self.domain)),
            (
                "listen",
                self.listen.is_empty() || is_loopback(&self.listen),
                format!("{:?} is no ADDRESS:PORT of this machine alone, such as 127.0.0.1:8025", self.listen),
            ),
            (
                "listen",
                self.listen.is_empty() || !self.domain.is_empty(),
                "needs returns.domain, the domain that mail is taken for".to_owned(),
            ),
            (
                "transactional",
                matches!(self.transactional.as_str(), "any" | "bounces"),
                format!("{:?} is neither any nor bounces", self.transactional),
            ),
            ("soft_limit", (1..=100).contains(&self.soft_limit), "must be 1 to 100".to_owned()),
            ("soft_days", self.soft_days <= 365, "must be 0 to 365".to_owned()),
            (
                "soft_memory_days",
                (1..=365).contains(&self.soft_memory_days) && self.soft_memory_days > self.soft_days,
                "must be 1 to 365 and more than soft_days".to_owned(),
            ),
            ("keep_days", (1..=3_650).contains(&self.keep_days), "must be 1 to 3650".to_owned()),
            ("keep_mails", (0..=100_000).contains(&self.keep_mails), "must be 0 to 100000".to_owned()),
            (
                "max_message_bytes",
                (64 * 1024..=256 * 1024 * 1024).contains(&self.max_message_bytes),
                "must be 65536 to 268435456".to_owned(),
            ),
            ("mailbox_url", is_mailbox(&self.mailbox_url), "is no imaps://user:password@host/MAILBOX".to_owned()),
            ("mailbox_seconds", (5..=86_400).contains(&self.mailbox_seconds), "must be 5 to 86400".to_owned()),
            (
                "hook_secret",
                self.hook_secret.is_empty() || is_path_secret(&self.hook_secret),
                "must be empty or have 16 characters or more, letters, digits, - and _ only".to_owned(),
            ),
            (
                "postmark_password",
                self.postmark_password.is_empty() || self.postmark_password.contains(':'),
                "must be user:password".to_owned(),
            ),
        ];
        checks.into_iter().find(|(_, is_good, _)| !is_good).map(|(key, _, reason)| (key, reason))
    }
}

fn is_domain(text: &str) -> bool {
    text.is_empty()
        || (text.contains('.')
            && text.len() <= 200
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)))
}

fn is_path_secret(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Without TLS a password goes to this machine only.
fn is_mailbox(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let Ok(url) = url::Url::parse(text) else { return false };
    let is_near = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_scheme = url.scheme() == "imaps" || (url.scheme() == "imap" && is_near);
    is_scheme && !url.username().is_empty() && url.password().is_some() && url.has_host()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_cannot_work_are_named() {
        assert_eq!(ReturnsSettings::default().first_bad(), None);
        let good = ReturnsSettings {
            domain: "bounces.example.org".to_owned(),
            listen: "127.0.0.1:8025".to_owned(),
            mailbox_url: "imaps://me:secret@mail.example.org/INBOX".to_owned(),
            hook_secret: "0123456789abcdef".to_owned(),
            ..ReturnsSettings::default()
        };
        assert_eq!(good.first_bad(), None);
        let bad = |change: fn(&mut ReturnsSettings)| {
            let mut settings = good.clone();
            change(&mut settings);
            settings.first_bad().map(|(key, _)| key)
        };
        assert_eq!(bad(|s| s.domain = "Bounces example".to_owned()), Some("domain"));
        assert_eq!(bad(|s| s.listen = "0.0.0.0:25".to_owned()), Some("listen"));
        assert_eq!(bad(|s| s.domain = String::new()), Some("listen"));
        assert_eq!(bad(|s| s.soft_memory_days = 7), Some("soft_memory_days"));
        assert_eq!(bad(|s| s.mailbox_url = "imap://me:secret@mail.example.org/".to_owned()), Some("mailbox_url"));
        assert_eq!(bad(|s| s.mailbox_url = "pop3://me:secret@mail.example.org/".to_owned()), Some("mailbox_url"));
        assert_eq!(bad(|s| s.hook_secret = "short".to_owned()), Some("hook_secret"));
        assert_eq!(bad(|s| s.postmark_password = "alone".to_owned()), Some("postmark_password"));
    }
}
