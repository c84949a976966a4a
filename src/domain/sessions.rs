//! Logins: opened once, recognised on every call, kept in the database so that any node can serve them.

use std::time::Duration;

use crate::domain::access::Denied;
use crate::domain::cx::{Actor, Ctx};
use crate::domain::secrets::{digest, new_session_token};
use crate::model::ids::{AccountId, ListId, OperatorId, SubscriberNumber};
use crate::model::states::{KeyRealm, SessionKind};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::sessions::{AccountRights, SessionRow};

/// What a client showed to say who it is, in the order it is tried. Empty text is nothing.
#[derive(Debug, Clone, Default)]
pub struct Presented {
    /// Session tokens: the parameter, then the cookie.
    pub session_tokens: Vec<String>,
    /// An account's key.
    pub api_key: String,
    /// An operator's key.
    pub operator_key: String,
    /// For a session that is an operator's and works as an account too: be the operator.
    pub prefers_operator: bool,
}

/// Why an operator does not work as an account.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// No such account.
    #[error("no account {0}")]
    NoAccount(AccountId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Presented {
    /// Whether nothing was shown.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.session_tokens.iter().all(String::is_empty) && self.api_key.is_empty() && self.operator_key.is_empty()
    }
}

/// Whose login to open.
#[derive(Debug, Clone, Copy)]
pub enum Login {
    /// An account, by its own password.
    Account(AccountId),
    /// An operator that works as an account too. `full`: with every permission.
    AccountByOperator {
        /// The operator.
        operator: OperatorId,
        /// The account taken on.
        account: AccountId,
        /// Whether every permission is granted.
        full: bool,
    },
    /// An operator.
    Operator(OperatorId),
    /// A subscriber of a list.
    Subscriber {
        /// The list's owner.
        account: AccountId,
        /// The list.
        list: ListId,
        /// The subscriber.
        number: SubscriberNumber,
    },
}

/// Opens a login and answers its token, which exists nowhere else.
///
/// # Errors
/// [`StoreError`] only.
pub fn open(cx: &mut Ctx<'_>, login: Login) -> Result<String, StoreError> {
    let token = new_session_token();
    let lifetime = Duration::from_secs(cx.settings.security.session_hours.saturating_mul(3600));
    let mut row = SessionRow {
        token_hash: digest(&token),
        kind: SessionKind::Account,
        account_id: None,
        operator_id: None,
        list_id: None,
        subscriber_number: None,
        has_full_privilege: false,
        created_at: cx.now,
        expires_at: cx.now.plus(lifetime),
    };
    match login {
        Login::Account(account) => row.account_id = Some(account),
        Login::AccountByOperator { operator, account, full } => {
            row.kind = SessionKind::Operator;
            row.operator_id = Some(operator);
            row.account_id = Some(account);
            row.has_full_privilege = full;
        }
        Login::Operator(operator) => {
            row.kind = SessionKind::Operator;
            row.operator_id = Some(operator);
        }
        Login::Subscriber { account, list, number } => {
            row.kind = SessionKind::Subscriber;
            row.account_id = Some(account);
            row.list_id = Some(list);
            row.subscriber_number = Some(number);
        }
    }
    cx.tx.insert_session(&row)?;
    Ok(token)
}

/// Lets the acting operator work as an account: the session that was shown becomes one of the account too, an operator without one (with a key) gets
/// a new one. Answers the session's token. What asks for an operator still finds the operator in it (OE-3.17).
///
/// # Errors
/// [`SwitchError`]; a disabled account counts as none.
pub fn switch(cx: &mut Ctx<'_>, presented: &Presented, account: AccountId, full: bool) -> Result<String, SwitchError> {
    let operator = cx.operator()?;
    if !cx.tx.find_account(account)?.is_some_and(|account| account.is_enabled) {
        return Err(SwitchError::NoAccount(account));
    }
    for token in presented.session_tokens.iter().filter(|token| !token.is_empty()) {
        let hash = digest(token);
        if cx.tx.find_session(&hash, cx.now)?.is_some_and(|session| session.operator_id == Some(operator)) {
            cx.tx.set_session_account(&hash, account, full)?;
            return Ok(token.clone());
        }
    }
    Ok(open(cx, Login::AccountByOperator { operator, account, full })?)
}

/// Finds out who acts and sets it on the context: the first credential that is good wins. Nothing good leaves [`Actor::Public`].
///
/// # Errors
/// [`StoreError`] only; a stale or wrong credential is no error.
pub fn recognise(cx: &mut Ctx<'_>, presented: &Presented) -> Result<(), StoreError> {
    for token in presented.session_tokens.iter().filter(|token| !token.is_empty()) {
        if let Some(session) = cx.tx.find_session(&digest(token), cx.now)?
            && let Some(actor) = actor_of_session(cx, &session, presented.prefers_operator)?
        {
            cx.actor = actor;
            return Ok(());
        }
    }
    for key in [&presented.api_key, &presented.operator_key] {
        if !key.is_empty()
            && let Some(actor) = actor_of_key(cx, key)?
        {
            cx.actor = actor;
            return Ok(());
        }
    }
    Ok(())
}

fn actor_of_session(
    cx: &mut Ctx<'_>,
    session: &SessionRow,
    prefers_operator: bool,
) -> Result<Option<Actor>, StoreError> {
    match (session.kind, session.account_id, session.operator_id, session.list_id, session.subscriber_number) {
        (SessionKind::Account, Some(account), ..) => account_actor(cx, account, session.has_full_privilege),
        (SessionKind::Operator, account, Some(operator), ..) => {
            let itself = operator_actor(cx, operator)?;
            match account {
                // A disabled operator works as nobody; without the account the operator is left.
                Some(account) if itself.is_some() && !prefers_operator => {
                    Ok(account_actor(cx, account, session.has_full_privilege)?.or(itself))
                }
                _ => Ok(itself),
            }
        }
        (SessionKind::Subscriber, Some(account), _, Some(list), Some(number)) => {
            // With its owner the subscriber area closes too.
            Ok(may_work(cx, account)?.then_some(Actor::Subscriber { account, list, number }))
        }
        _ => Err(StoreError::Unreadable("sessions")),
    }
}

fn actor_of_key(cx: &mut Ctx<'_>, key: &str) -> Result<Option<Actor>, StoreError> {
    match owner_of_key(cx, key)? {
        None => Ok(None),
        Some((Some(account), None)) => account_actor(cx, account, false),
        Some((None, Some(operator))) => operator_actor(cx, operator),
        Some(_) => Err(StoreError::Unreadable("credentials")),
    }
}

/// For whom a key stands: one of both.
pub(in crate::domain) type KeyOwner = (Option<AccountId>, Option<OperatorId>);

/// The account or operator that a key stands for, if the key is good here and now.
pub(in crate::domain) fn owner_of_key(cx: &mut Ctx<'_>, key: &str) -> Result<Option<KeyOwner>, StoreError> {
    let Some(credential) = cx.tx.find_credential(&digest(key))? else { return Ok(None) };
    let is_over = credential.disabled_at.is_some() || credential.expires_at.is_some_and(|end| end <= cx.now);
    let is_elsewhere = !credential.ip_limit.is_empty() && credential.ip_limit != cx.origin.ip;
    // A key of web services may do less than its account, so it does not stand for it here.
    let is_here = credential.realm == KeyRealm::Api;
    Ok((is_here && !is_over && !is_elsewhere).then_some((credential.account_id, credential.operator_id)))
}

/// The actor that an account is; `None` when it may not act.
pub(in crate::domain) fn account_actor(
    cx: &mut Ctx<'_>,
    id: AccountId,
    has_full_privilege: bool,
) -> Result<Option<Actor>, StoreError> {
    let rights = cx.tx.find_account_rights(id)?;
    let now = cx.now;
    Ok(rights.filter(|rights| is_usable(rights, now)).map(|rights| Actor::Account { rights, has_full_privilege }))
}

fn operator_actor(cx: &mut Ctx<'_>, id: OperatorId) -> Result<Option<Actor>, StoreError> {
    let operator = cx.tx.find_operator(id)?;
    Ok(operator.filter(|operator| operator.is_enabled).map(|operator| Actor::Operator(operator.id)))
}

/// Whether an account may log in and act: it exists, is enabled, and its trial, if it has one, is not over.
pub(in crate::domain) fn may_work(cx: &mut Ctx<'_>, id: AccountId) -> Result<bool, StoreError> {
    let now = cx.now;
    Ok(cx.tx.find_account_rights(id)?.is_some_and(|rights| is_usable(&rights, now)))
}

fn is_usable(rights: &AccountRights, now: UtcTime) -> bool {
    let trial = Duration::from_secs(u64::try_from(rights.trial_seconds).unwrap_or(0));
    rights.is_enabled && (!rights.is_trial || rights.created_at.plus(trial) > now)
}
