//! What a page of subscribers is asked by.

use crate::model::ids::{AccountId, FieldId, ListId};
use crate::model::states::Roster;

/// Which subscribers of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Subscribed, mailed, with or without soft bounces.
    Active,
    /// Those of [`Shelf::Active`] that have soft bounces.
    SoftBounced,
    /// One roster; [`Roster::Active`] and [`Roster::ActiveSoft`] are asked for by the variants above.
    Roster(Roster),
}

impl Shelf {
    /// The number that the indexes and marks sort by. `None` for the part of a shelf that has no number of its own.
    #[must_use]
    pub const fn number(self) -> Option<i16> {
        match self {
            Self::Active => Some(Roster::Active.number()),
            Self::SoftBounced => None,
            Self::Roster(roster) => Some(shelf_of(roster)),
        }
    }
}

/// The shelf that a roster stands on.
#[must_use]
pub const fn shelf_of(roster: Roster) -> i16 {
    match roster {
        Roster::ActiveSoft => Roster::Active.number(),
        other => other.number(),
    }
}

/// What a page is sorted by; equal ones by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSort {
    /// The address's normal form. Served by an index.
    Email,
    /// The moment of subscription. Served by an index.
    SubscribedAt,
    /// The number.
    Number,
    /// Another column.
    Column(PageColumn),
    /// The value of a custom field, as text.
    Field(FieldRef),
}

/// A column that is sorted or searched without an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns are explained in `migrations/`")]
pub enum PageColumn {
    Bounce,
    Status,
    SubscribedIp,
    OptedInAt,
    UnsubscribedAt,
    UnsubscribedIp,
}

/// A custom field and where its values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRef {
    /// The field.
    pub id: FieldId,
    /// For a global field the account whose addresses have the values.
    pub global_of: Option<AccountId>,
}

/// What a page is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageSearch {
    /// The address holds this text, in lower case.
    EmailHolds(String),
    /// The address of the sign-up holds this text.
    IpHolds(String),
    /// The number, written out, holds these digits.
    NumberHolds(String),
    /// Subscribed from the first moment (inclusive) to the second (exclusive), in microseconds.
    SubscribedWithin(i64, i64),
    /// Opted in from the first moment (inclusive) to the second (exclusive), in microseconds.
    OptedInWithin(i64, i64),
    /// The value of a custom field holds this text, in lower case.
    FieldHolds(FieldRef, String),
    /// Nothing fits.
    Nobody,
}

/// A page of a list's subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// The list.
    pub list: ListId,
    /// Which of its subscribers.
    pub shelf: Shelf,
    /// In which order.
    pub sort: PageSort,
    /// Whether the order is turned round.
    pub is_descending: bool,
    /// Subscribers passed over.
    pub offset: i64,
    /// Subscribers at most.
    pub limit: i64,
    /// What they are narrowed to.
    pub search: Option<PageSearch>,
}
