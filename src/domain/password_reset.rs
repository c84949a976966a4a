//! Forgotten passwords: a link is mailed, and whoever holds its token gets a new password.
//!
//! Version 4 took the MD5 of the id instead of a token, which anybody can work out. It is taken only while a mailed link is open, never shows or
//! chooses a password, and uses the link up: the worst it does is to mail the owner a new password that the owner had just asked for.

use std::time::Duration;

use crate::domain::cx::{Actor, Ctx};
use crate::domain::guessing::{self, Target};
use crate::domain::outbox::{self, NewMail};
use crate::domain::secrets::{digest, md5_hex, new_session_token};
use crate::domain::{accounts, operators};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, ListId, OperatorId, SubscriberNumber};
use crate::model::states::MailPurpose;
use crate::store::StoreError;
use crate::store::rows::accounts::PasswordRequestRow;

/// How long a mailed link is good.
const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Within this time of a link no second one is mailed, so that nobody floods another's mailbox. Operators may.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// Longest subject and text that an operator may give, in characters.
const LONGEST_CONTENT: usize = 64 * 1024;

/// Whose password it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// An account's.
    Account(AccountId),
    /// An operator's.
    Operator(OperatorId),
}

/// Which kind of owner a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Accounts.
    Account,
    /// Operators.
    Operator,
}

/// How the mail is to look.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Where the link leads, with `%s` for the token; `None`, or no `http` address with `%s`, for the server's own.
    pub link: Option<String>,
    /// The subject; only from an operator.
    pub subject: Option<String>,
    /// The text, with `%s` for the link; only from an operator.
    pub content: Option<String>,
}

/// Why no link was mailed.
#[derive(Debug, thiserror::Error)]
pub enum RemindError {
    /// No address that can be mailed.
    #[error("{0:?} is no e-mail address")]
    BadEmail(String),
    /// Nobody has this address.
    #[error("nobody has this address")]
    Unknown,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The token is none, is over, or does not let its holder do this.
    #[error("no open request fits")]
    Unknown,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An open request that a token or an MD5 names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Whose password it is about.
    pub owner: Owner,
    /// Whether its holder may choose and see the new password. Otherwise a random one is mailed.
    pub may_choose: bool,
}

/// Mails a link to the account with this address. Quiet when one was mailed a moment ago.
///
/// # Errors
/// [`RemindError`].
pub fn remind_account(cx: &mut Ctx<'_>, email: &str, wishes: &Wishes) -> Result<(), RemindError> {
    let key = key_of(email)?;
    let account = cx.tx.find_account_by_email(&key)?.ok_or(RemindError::Unknown)?;
    remind(cx, Owner::Account(account.id), account.email, wishes)
}

/// Mails a link to the operator with this address. Quiet when one was mailed a moment ago.
///
/// # Errors
/// [`RemindError`].
pub fn remind_operator(cx: &mut Ctx<'_>, email: &str, wishes: &Wishes) -> Result<(), RemindError> {
    let key = key_of(email)?;
    let operator = cx.tx.find_operator_by_email(&key)?.ok_or(RemindError::Unknown)?;
    remind(cx, Owner::Operator(operator.id), operator.email, wishes)
}

/// Finds the open request that a mailed token, or the MD5 of an id, names.
///
/// # Errors
/// [`ResetError`].
pub fn find(cx: &mut Ctx<'_>, kind: Kind, reference: &str) -> Result<Request, ResetError> {
    let reference = reference.trim();
    if let Some(row) = cx.tx.find_password_request(&digest(reference), cx.now)?
        && let Some(owner) = owner_of(kind, &row)
    {
        return Ok(Request { owner, may_choose: row.may_choose });
    }
    let rows = cx.tx.list_password_requests_by_md5(&reference.to_ascii_lowercase(), cx.now)?;
    let owner = rows.iter().find_map(|row| owner_of(kind, row)).ok_or(ResetError::Unknown)?;
    Ok(Request { owner, may_choose: false })
}

/// Sets the new password, uses the request up and ends every login of its owner. `to_mail` is the password to mail to the owner; `None` mails
/// nothing, which only a request that may choose allows.
///
/// # Errors
/// [`ResetError`].
pub fn finish(
    cx: &mut Ctx<'_>,
    kind: Kind,
    reference: &str,
    password_hash: &str,
    to_mail: Option<&str>,
) -> Result<(), ResetError> {
    let request = find(cx, kind, reference)?;
    if to_mail.is_none() && !request.may_choose {
        return Err(ResetError::Unknown);
    }
    let email = match request.owner {
        Owner::Account(id) => {
            let account = cx.tx.find_account(id)?.ok_or(ResetError::Unknown)?;
            cx.tx.set_account_password(id, password_hash)?;
            accounts::end_logins(cx, id)?;
            account.email
        }
        Owner::Operator(id) => {
            let operator = cx.tx.find_operator(id)?.ok_or(ResetError::Unknown)?;
            cx.tx.set_operator_password(id, password_hash)?;
            operators::end_logins(cx, id)?;
            operator.email
        }
    };
    let target = target(cx, request.owner);
    guessing::forgive(cx, &target)?;
    if let Some(password) = to_mail {
        let text = format!(
            "Hello,\n\nyour password was reset. The new one is\n\n    {password}\n\nPlease log in and change it. Everybody who was logged \
             in with the old one has been logged out.\n"
        );
        mail(cx, request.owner, email, "Your new password".to_owned(), text)?;
    }
    Ok(())
}

/// What is guessed by whoever tries passwords of this owner.
#[must_use]
pub fn target(cx: &Ctx<'_>, owner: Owner) -> Target {
    match owner {
        Owner::Account(id) => Target::new(cx, "account", &format!("id {id}")),
        Owner::Operator(id) => Target::new(cx, "operator", &format!("id {id}")),
    }
}

fn key_of(email: &str) -> Result<String, RemindError> {
    let address = EmailAddress::parse(email).ok_or_else(|| RemindError::BadEmail(email.to_owned()))?;
    Ok(address.key().to_owned())
}

fn owner_of(kind: Kind, row: &PasswordRequestRow) -> Option<Owner> {
    match kind {
        Kind::Account => row.account_id.map(Owner::Account),
        Kind::Operator => row.operator_id.map(Owner::Operator),
    }
}

fn remind(cx: &mut Ctx<'_>, owner: Owner, email: String, wishes: &Wishes) -> Result<(), RemindError> {
    let by_operator = matches!(cx.actor, Actor::Operator(_) | Actor::System);
    let (id, kind) = match owner {
        Owner::Account(id) => (id.0, Kind::Account),
        Owner::Operator(id) => (id.0, Kind::Operator),
    };
    let md5_of_id = md5_hex(&id.to_string());
    let since = cx.now.minus(PAUSE);
    let open = cx.tx.list_password_requests_by_md5(&md5_of_id, cx.now)?;
    let is_too_soon = open.iter().any(|row| owner_of(kind, row) == Some(owner) && row.created_at > since);
    if is_too_soon && !by_operator {
        return Ok(());
    }
    let token = new_session_token();
    let custom = wishes.link.as_deref().and_then(|template| custom_link(template, &token));
    // A link that a stranger gave leads to the stranger's site, which then holds the token: it must not open the account.
    let may_choose = custom.is_none() || by_operator;
    let link = custom.unwrap_or_else(|| own_link(&cx.settings.public_url(), kind, &token));
    cx.tx.insert_password_request(&PasswordRequestRow {
        token_hash: digest(&token),
        account_id: if let Owner::Account(id) = owner { Some(id) } else { None },
        operator_id: if let Owner::Operator(id) = owner { Some(id) } else { None },
        created_at: cx.now,
        expires_at: cx.now.plus(GOOD_FOR),
        md5_of_id,
        may_choose,
    })?;
    let (subject, text) = wording(wishes, by_operator, &link);
    mail(cx, owner, email, subject, text)?;
    Ok(())
}

/// The mail's subject and text.
fn wording(wishes: &Wishes, by_operator: bool, link: &str) -> (String, String) {
    let wished = |text: &Option<String>| text.clone().filter(|text| by_operator && !text.trim().is_empty());
    let subject =
        wished(&wishes.subject).map_or_else(|| "Reset your password".to_owned(), |text| accounts::one_line(&text));
    let text = match wished(&wishes.content) {
        Some(content) => {
            let content: String = content.chars().take(LONGEST_CONTENT).collect();
            if content.contains("%s") { content.replace("%s", link) } else { format!("{content}\n\n{link}\n") }
        }
        None => format!(
            "Hello,\n\nsomebody, most likely you, asked for a new password. Open this link to get one; it works once, for a \
             day:\n\n{link}\n\nIf it was not you, do nothing: your password stays as it is.\n"
        ),
    };
    (subject, text)
}

fn own_link(public_url: &str, kind: Kind, token: &str) -> String {
    let whose = match kind {
        Kind::Account => "user",
        Kind::Operator => "admin",
    };
    format!("{public_url}/reset-password/{whose}/{token}")
}

/// The link after a client's template; `None` for what is no single `http` address with a place for the token.
fn custom_link(template: &str, token: &str) -> Option<String> {
    let template = template.trim();
    let is_web = template.starts_with("http://") || template.starts_with("https://");
    let is_clean = template.chars().all(|c| !c.is_control() && !c.is_whitespace()) && template.len() <= 2_000;
    let link = template.replace("%s", token);
    (is_web && is_clean && template.contains("%s") && url::Url::parse(&link).is_ok()).then_some(link)
}

fn mail(cx: &mut Ctx<'_>, owner: Owner, to: String, subject: String, plain: String) -> Result<(), StoreError> {
    let account = if let Owner::Account(id) = owner { id } else { AccountId::NONE };
    let mail = NewMail {
        account,
        list: ListId::NONE,
        number: SubscriberNumber::NONE,
        purpose: MailPurpose::Password,
        from_name: String::new(),
        from_email: String::new(),
        reply_to: String::new(),
        to,
        subject,
        plain,
        html: String::new(),
    };
    outbox::queue_mail(cx, mail).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_link_is_a_web_address_with_a_place_for_the_token() {
        let link = |template| custom_link(template, "abc");
        assert_eq!(link("https://example.org/reset?t=%s").as_deref(), Some("https://example.org/reset?t=abc"));
        for bad in [
            "https://example.org/",
            "javascript:%s",
            "https://e.org/%s\r\nBcc: x",
            "http://%s two",
            "",
            "ftp://e.org/%s",
        ] {
            assert_eq!(link(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn only_an_operator_words_the_mail() {
        let wishes = Wishes {
            link: None,
            subject: Some("Buy\r\nBcc: x@example.org".to_owned()),
            content: Some("Go to %s now".to_owned()),
        };
        assert_eq!(wording(&wishes, true, "L"), ("BuyBcc: x@example.org".to_owned(), "Go to L now".to_owned()));
        let (subject, text) = wording(&wishes, false, "L");
        assert!(subject == "Reset your password" && text.contains("\nL\n") && !text.contains("Go to"));
    }
}
