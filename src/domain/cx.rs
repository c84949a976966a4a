//! The context of one piece of work: an open transaction, who acts, from where, and what time it is.

use crate::config::Settings;
use crate::domain::access::{Denied, Permission, covers};
use crate::model::ids::{AccountId, ListId, OperationalLinkId, OperatorId, SubscriberNumber};
use crate::model::states::Source;
use crate::model::time::UtcTime;
use crate::store::Tx;
use crate::store::rows::lists::ListRules;
use crate::store::rows::sessions::AccountRights;

/// Handed to every domain function.
pub struct Ctx<'a> {
    /// The open transaction; only the domain runs queries on it.
    pub(in crate::domain) tx: Tx<'a>,
    /// The list rules read last, so that one call reads them once.
    pub(in crate::domain) rules: Option<ListRules>,
    /// Who acts.
    pub actor: Actor,
    /// From where.
    pub origin: &'a Origin,
    /// The moment of the call, the same for everything it writes.
    pub now: UtcTime,
    /// The server's settings.
    pub settings: &'a Settings,
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Anybody: a visitor or an unauthenticated call.
    Public,
    /// An account, or an operator working as one.
    Account {
        /// Its permissions and limits.
        rights: AccountRights,
        /// True for an operator that took on the account with full privilege: every permission is granted.
        has_full_privilege: bool,
    },
    /// Whoever follows an operational link: its owner decided beforehand what it does.
    Link {
        /// The account that made it.
        account: AccountId,
        /// The link.
        link: OperationalLinkId,
    },
    /// An administrator of all accounts.
    Operator(OperatorId),
    /// A subscriber in the subscriber area.
    Subscriber {
        /// The account that owns the list.
        account: AccountId,
        /// The list logged in to.
        list: ListId,
        /// The subscriber's number in that list.
        number: SubscriberNumber,
    },
    /// The product itself: workers and the command line.
    System,
}

/// From where a call came, for the consent log.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address, as seen by the listener or its trusted proxy; empty for none.
    pub ip: String,
    /// The client's `User-Agent`, cut to 255 characters.
    pub user_agent: String,
    /// The way in, such as `oempro api`.
    pub channel: &'static str,
    /// What subscribers made this way are marked with.
    pub source: Source,
}

impl Origin {
    /// The product itself, at `channel`: the command line, the start, a worker.
    #[must_use]
    pub fn of_program(channel: &'static str) -> Self {
        Self { ip: String::new(), user_agent: String::new(), channel, source: Source::Manual }
    }
}

impl Ctx<'_> {
    /// The account that acts, if its user group allows `permission`.
    ///
    /// # Errors
    /// [`Denied`] when no account acts or the permission is missing.
    pub fn account(&self, permission: Permission) -> Result<AccountId, Denied> {
        match &self.actor {
            Actor::Account { rights, has_full_privilege } => {
                if *has_full_privilege || covers(&rights.permissions, permission) {
                    Ok(rights.id)
                } else {
                    Err(Denied::NotPermitted(permission))
                }
            }
            Actor::Link { account, .. } => Ok(*account),
            _ => Err(Denied::NotLoggedIn),
        }
    }

    /// The operator that acts.
    ///
    /// # Errors
    /// [`Denied::NotLoggedIn`] when no operator acts.
    pub fn operator(&self) -> Result<OperatorId, Denied> {
        match self.actor {
            Actor::Operator(id) => Ok(id),
            _ => Err(Denied::NotLoggedIn),
        }
    }

    /// Goes on only for who administers all accounts: an operator, or the product itself (command line, workers).
    ///
    /// # Errors
    /// [`Denied::NotLoggedIn`] for everybody else.
    pub fn administrator(&self) -> Result<(), Denied> {
        match self.actor {
            Actor::Operator(_) | Actor::System => Ok(()),
            _ => Err(Denied::NotLoggedIn),
        }
    }

    /// The actor in one phrase, for the consent log.
    #[must_use]
    pub fn actor_name(&self) -> String {
        match &self.actor {
            Actor::Public => "public".to_owned(),
            Actor::Account { rights, has_full_privilege: false } => format!("account {}", rights.id),
            Actor::Account { rights, has_full_privilege: true } => format!("operator as account {}", rights.id),
            Actor::Link { link, .. } => format!("operational link {link}"),
            Actor::Operator(id) => format!("operator {id}"),
            Actor::Subscriber { .. } => "subscriber".to_owned(),
            Actor::System => "system".to_owned(),
        }
    }
}
