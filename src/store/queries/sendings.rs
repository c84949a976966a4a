//! Sendings to many contacts: made, worked off, listed.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId, MessageId, SendingId, SubscriberNumber};
use crate::model::states::SendingState;
use crate::model::time::UtcTime;
use crate::store::rows::sendings::{NewSendingRow, SendingRow};
use crate::store::schema::projects::sendings;

/// Makes a sending.
pub fn insert_sending(conn: &mut Conn, row: &NewSendingRow) -> QueryResult<SendingId> {
    diesel::insert_into(sendings::table).values(row).returning(sendings::id).get_result(conn)
}

/// The sending with this id, if it belongs to the account.
pub fn find_sending(conn: &mut Conn, account: AccountId, id: SendingId) -> QueryResult<Option<SendingRow>> {
    sendings::table
        .filter(sendings::id.eq(id))
        .filter(sendings::account_id.eq(account))
        .select(SendingRow::as_select())
        .get_result(conn)
        .optional()
}

/// The first `n` sendings of a list with ids of this range, both ends included, by id.
pub fn list_sendings(
    conn: &mut Conn,
    list: ListId,
    from: SendingId,
    to: SendingId,
    n: i64,
) -> QueryResult<Vec<SendingRow>> {
    sendings::table
        .filter(sendings::list_id.eq(list))
        .filter(sendings::id.ge(from))
        .filter(sendings::id.le(to))
        .order(sendings::id)
        .limit(n)
        .select(SendingRow::as_select())
        .load(conn)
}

/// Takes a sending to work on until the transaction ends: who asks meanwhile waits, and then sees how far it came. `None` when it does not run any more.
pub fn take_sending(conn: &mut Conn, id: SendingId) -> QueryResult<Option<SendingRow>> {
    diesel::update(
        sendings::table
            .filter(sendings::id.eq(id))
            .filter(sendings::state.eq_any([SendingState::Scheduled, SendingState::Running])),
    )
    .set(sendings::state.eq(SendingState::Running))
    .returning(SendingRow::as_returning())
    .get_result(conn)
    .optional()
}

/// Notes how far a sending came.
pub fn advance_sending(
    conn: &mut Conn,
    id: SendingId,
    after: SubscriberNumber,
    n_selected: i64,
    n_queued: i64,
    n_passed: i64,
) -> QueryResult<()> {
    diesel::update(sendings::table.filter(sendings::id.eq(id)))
        .set((
            sendings::after_number.eq(after),
            sendings::n_selected.eq(sendings::n_selected + n_selected),
            sendings::n_queued.eq(sendings::n_queued + n_queued),
            sendings::n_passed.eq(sendings::n_passed + n_passed),
        ))
        .execute(conn)
        .map(drop)
}

/// Ends a sending.
pub fn end_sending(
    conn: &mut Conn,
    id: SendingId,
    state: SendingState,
    at: UtcTime,
    error: &str,
) -> QueryResult<()> {
    diesel::update(sendings::table.filter(sendings::id.eq(id)))
        .set((sendings::state.eq(state), sendings::finished_at.eq(at), sendings::last_error.eq(error)))
        .execute(conn)
        .map(drop)
}

/// Lets a sending that waits for approval go; false when it does not wait.
pub fn approve_sending(conn: &mut Conn, id: SendingId) -> QueryResult<bool> {
    diesel::update(
        sendings::table
            .filter(sendings::id.eq(id))
            .filter(sendings::state.eq(SendingState::WaitingForApproval)),
    )
    .set(sendings::state.eq(SendingState::Scheduled))
    .execute(conn)
    .map(|n| n == 1)
}

/// A sending of an account that is not over and sends a message.
pub fn find_open_sending_of(conn: &mut Conn, account: AccountId, message: MessageId) -> QueryResult<Option<SendingId>> {
    let open = [SendingState::WaitingForApproval, SendingState::Scheduled, SendingState::Running];
    sendings::table
        .filter(sendings::account_id.eq(account))
        .filter(sendings::message_id.eq(message))
        .filter(sendings::state.eq_any(open))
        .order(sendings::id)
        .select(sendings::id)
        .first(conn)
        .optional()
}
