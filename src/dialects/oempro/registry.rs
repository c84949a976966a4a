//! Every command this dialect answers. A command is one row: what it is called, who may call it, how its codes look, what it does.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::commands;
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::wire::Codes;

/// Whose credential a command asks for (OE-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Nobody's. A good credential is recognised all the same, a stale one does not matter.
    None,
    /// An account's.
    User,
    /// An operator's.
    Admin,
    /// Either's.
    UserOrAdmin,
    /// A subscriber's.
    Subscriber,
    /// An account's or a subscriber's.
    UserOrSubscriber,
}

impl Auth {
    /// The word of the command list.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::User => "user",
            Self::Admin => "admin",
            Self::UserOrAdmin => "user|admin",
            Self::Subscriber => "subscriber",
            Self::UserOrSubscriber => "user|subscriber",
        }
    }
}

/// A boxed answer in the making.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send + 'a>>;

/// How a command runs.
#[derive(Clone, Copy)]
pub enum Run {
    /// On a connection that only reads.
    Read(fn(&mut Call<'_, '_>) -> Result<Reply, Fault>),
    /// In one transaction; a fault undoes it.
    Write(fn(&mut Call<'_, '_>) -> Result<Reply, Fault>),
    /// In stages, because something slow (a password hash, the network) stands between reading and writing.
    Staged(for<'a> fn(&'a Stage) -> Answer<'a>),
}

/// A command.
pub struct Command {
    /// As documented; matched without case.
    pub name: &'static str,
    /// Whose credential it asks for.
    pub auth: Auth,
    /// One number or an array of them.
    pub codes: Codes,
    /// What each of its codes means, in the platform's manner.
    pub texts: &'static [(i64, &'static str)],
    /// What it does.
    pub run: Run,
}

/// Every command, in the order of the groups.
pub fn all() -> impl Iterator<Item = &'static Command> {
    commands::GROUPS.iter().flat_map(|group| group.iter().copied())
}

/// The command of this name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Command> {
    static BY_NAME: OnceLock<HashMap<String, &'static Command>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| all().map(|command| (command.name.to_ascii_lowercase(), command)).collect());
    by_name.get(&name.trim().to_ascii_lowercase()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_in_any_case() {
        let names: Vec<String> = all().map(|command| command.name.to_ascii_lowercase()).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(names.len(), unique.len());
        assert!(find("LISTS.get").is_some() && find("Lists").is_none());
    }

    #[test]
    fn no_code_is_explained_twice() {
        for command in all() {
            let mut codes: Vec<i64> = command.texts.iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), command.texts.len(), "{}", command.name);
        }
    }
}
