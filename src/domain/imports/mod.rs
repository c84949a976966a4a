//! Imports in two steps: a text is handed over and kept in pieces, then its columns are mapped and every row joins a list or a suppression.
//!
//! A piece is at most [`PIECE_ROWS`] rows, so that one transaction adds one piece and others come between. It is deleted by the transaction that
//! added it: after a crash the second step goes on where it stopped, and no row is added or counted twice. A run holds its import under a lease,
//! so two never run at once.
//!
//! Choices the sources leave open:
//! - an address that is on the list already, whatever its status, is only counted as a duplicate and keeps its values;
//! - the first row is data like every other, a header merely fails as an address;
//! - a required field fails a row only when its column is mapped, as in subscribing (OE-8);
//! - numbers are given in the order of the pieces, which long texts do not keep (see `importing::text`); there the earlier address, not the
//!   earlier row, gets a unique value that two rows want.

mod mapping;
mod people;
mod piece;
mod receive;
mod run;

pub use mapping::{Column, MapTo, Mapping, MappingError, column_of};
pub use piece::{Piece, PieceBuilder};
pub use receive::{NewImport, OpenError, Receiving, abandon, check, clear_stale, close, open, receive};
pub use run::{AddError, LEASE, Run, StartError, Totals, add_piece, finish, give_up, next_piece, start};

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::{Actor, Ctx};
use crate::model::ids::{AccountId, ListId};
use crate::store::StoreError;

/// Rows in a piece at most.
pub const PIECE_ROWS: usize = 1_000;

/// Bytes after which a piece is full, whatever its rows.
pub const PIECE_BYTES: usize = 256 * 1024;

/// The account that may import into a list: the acting one if it owns the list, or for the product itself the list's owner.
/// `None` when there is no such list.
fn owner(cx: &mut Ctx<'_>, list: ListId) -> Result<Option<AccountId>, OwnerError> {
    let account = match cx.actor {
        Actor::System => match cx.tx.find_list_rules(list)? {
            Some(rules) => rules.account_id,
            None => return Ok(None),
        },
        _ => cx.account(Permission::SubscribersImport)?,
    };
    Ok(cx.tx.find_list(account, list)?.map(|_| account))
}

/// Why [`owner`] has no answer.
enum OwnerError {
    Denied(Denied),
    Store(StoreError),
}

impl From<Denied> for OwnerError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<StoreError> for OwnerError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
