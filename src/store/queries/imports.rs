//! Imports: the row, its pieces, its progress. What adds whole pieces to a list stands in each backend's `bulk.rs`.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ImportId, ListId, SubscriberNumber};
use crate::model::states::ImportState;
use crate::model::time::UtcTime;
use crate::store::rows::imports::{ImportRow, ImportRules, NewImportRow, Tally};
use crate::store::schema::{accounts, import_chunks, imports, list_totals, lists, operators, user_groups};

/// Makes an import.
pub fn insert_import(conn: &mut Conn, row: &NewImportRow) -> QueryResult<ImportId> {
    diesel::insert_into(imports::table).values(row).returning(imports::id).get_result(conn)
}

/// The import with this id, if it belongs to the account.
pub fn find_import(conn: &mut Conn, account: AccountId, id: ImportId) -> QueryResult<Option<ImportRow>> {
    imports::table
        .filter(imports::id.eq(id))
        .filter(imports::account_id.eq(account))
        .select(ImportRow::as_select())
        .get_result(conn)
        .optional()
}

/// Keeps one piece of the text handed over.
pub fn insert_import_chunk(conn: &mut Conn, id: ImportId, seq: i64, data: &str) -> QueryResult<()> {
    diesel::insert_into(import_chunks::table)
        .values((import_chunks::import_id.eq(id), import_chunks::seq.eq(seq), import_chunks::data.eq(data)))
        .execute(conn)
        .map(drop)
}

/// Ends the first step: the import has this many columns and waits for its mapping.
pub fn close_import_receiving(conn: &mut Conn, id: ImportId, n_columns: i64) -> QueryResult<()> {
    diesel::update(imports::table.filter(imports::id.eq(id)))
        .set((imports::state.eq(ImportState::WaitingForMapping), imports::n_columns.eq(n_columns)))
        .execute(conn)
        .map(drop)
}

/// Takes the import for one run, if nobody holds it and it is not done. Answers the number of the run.
pub fn lease_import(conn: &mut Conn, id: ImportId, now: UtcTime, until: UtcTime) -> QueryResult<Option<i64>> {
    let is_free = imports::state
        .eq_any([ImportState::WaitingForMapping, ImportState::Failed])
        .or(imports::state.eq(ImportState::Running).and(imports::leased_until.assume_not_null().le(now)));
    diesel::update(imports::table.filter(imports::id.eq(id)).filter(is_free))
        .set((
            imports::state.eq(ImportState::Running),
            imports::n_runs.eq(imports::n_runs + 1),
            imports::leased_until.eq(until),
        ))
        .returning(imports::n_runs)
        .get_result(conn)
        .optional()
}

/// Renews the lease of a run; false when it has lost the import to another run.
pub fn renew_import(conn: &mut Conn, id: ImportId, run: i64, until: UtcTime) -> QueryResult<bool> {
    diesel::update(imports::table.filter(imports::id.eq(id)).filter(imports::n_runs.eq(run)))
        .filter(imports::state.eq(ImportState::Running))
        .set(imports::leased_until.eq(until))
        .execute(conn)
        .map(|n| n == 1)
}

/// Adds what one piece came to, and deletes the piece; false when it was read before.
pub fn count_import_chunk(conn: &mut Conn, id: ImportId, seq: i64, tally: Tally) -> QueryResult<bool> {
    let of_piece = import_chunks::table.filter(import_chunks::import_id.eq(id)).filter(import_chunks::seq.eq(seq));
    if diesel::delete(of_piece).execute(conn)? == 0 {
        return Ok(false);
    }
    diesel::update(imports::table.filter(imports::id.eq(id)))
        .set((
            imports::n_rows.eq(imports::n_rows + tally.n_rows),
            imports::n_imported.eq(imports::n_imported + tally.n_imported),
            imports::n_duplicates.eq(imports::n_duplicates + tally.n_duplicates),
            imports::n_failed.eq(imports::n_failed + tally.n_failed),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// The first piece after `seq` that is still there.
pub fn next_import_chunk(conn: &mut Conn, id: ImportId, seq: i64) -> QueryResult<Option<(i64, String)>> {
    import_chunks::table
        .filter(import_chunks::import_id.eq(id))
        .filter(import_chunks::seq.gt(seq))
        .order(import_chunks::seq)
        .limit(1)
        .select((import_chunks::seq, import_chunks::data))
        .get_result(conn)
        .optional()
}

/// Ends a run with `state`; false when the run had lost the import.
pub fn end_import(conn: &mut Conn, id: ImportId, run: i64, state: ImportState, at: UtcTime) -> QueryResult<bool> {
    diesel::update(imports::table.filter(imports::id.eq(id)).filter(imports::n_runs.eq(run)))
        .filter(imports::state.eq(ImportState::Running))
        .set((imports::state.eq(state), imports::leased_until.eq(None::<UtcTime>), imports::finished_at.eq(at)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Imports handed over before `before` and never begun or never completed, at most `n`.
pub fn list_stale_imports(conn: &mut Conn, before: UtcTime, n: i64) -> QueryResult<Vec<ImportId>> {
    imports::table
        .filter(imports::state.eq_any([ImportState::WaitingForMapping, ImportState::Receiving]))
        .filter(imports::created_at.lt(before))
        .order(imports::created_at)
        .limit(n)
        .select(imports::id)
        .load(conn)
}

/// Deletes up to `n` pieces of an import; answers how many.
pub fn delete_import_chunks(conn: &mut Conn, id: ImportId, n: i64) -> QueryResult<usize> {
    let seqs: Vec<i64> = import_chunks::table
        .filter(import_chunks::import_id.eq(id))
        .order(import_chunks::seq)
        .limit(n)
        .select(import_chunks::seq)
        .load(conn)?;
    let of_import = import_chunks::table.filter(import_chunks::import_id.eq(id));
    diesel::delete(of_import.filter(import_chunks::seq.eq_any(seqs))).execute(conn)
}

/// Marks an import as given up: nothing of it is left.
pub fn drop_import(conn: &mut Conn, id: ImportId, at: UtcTime) -> QueryResult<()> {
    diesel::update(imports::table.filter(imports::id.eq(id)))
        .set((imports::state.eq(ImportState::Done), imports::finished_at.eq(at)))
        .execute(conn)
        .map(drop)
}

/// Takes `n_active + n_suppressed` numbers of a list at once and counts their holders; answers the last one.
pub fn take_numbers(
    conn: &mut Conn,
    list: ListId,
    n_active: i64,
    n_suppressed: i64,
    at: UtcTime,
) -> QueryResult<SubscriberNumber> {
    diesel::update(list_totals::table.filter(list_totals::list_id.eq(list)))
        .set((
            list_totals::last_number.eq(list_totals::last_number + n_active + n_suppressed),
            list_totals::n_active.eq(list_totals::n_active + n_active),
            list_totals::n_suppressed.eq(list_totals::n_suppressed + n_suppressed),
            list_totals::last_activity_at.eq(at),
        ))
        .returning(list_totals::last_number)
        .get_result(conn)
        .map(SubscriberNumber)
}

/// Holds a list's totals until the end of the transaction, so that no other import or subscription of the list comes between looking and
/// adding; false when the list is gone.
pub fn hold_list(conn: &mut Conn, account: AccountId, list: ListId) -> QueryResult<bool> {
    let held = diesel::update(list_totals::table.filter(list_totals::list_id.eq(list)))
        .set(list_totals::last_number.eq(list_totals::last_number))
        .execute(conn)?;
    let there: Option<ListId> = lists::table
        .filter(lists::id.eq(list))
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .select(lists::id)
        .get_result(conn)
        .optional()?;
    Ok(held == 1 && there.is_some())
}

/// What the account's user group says of imports.
pub fn find_import_rules(conn: &mut Conn, account: AccountId) -> QueryResult<Option<ImportRules>> {
    accounts::table
        .inner_join(user_groups::table.on(user_groups::id.eq(accounts::user_group_id)))
        .filter(accounts::id.eq(account))
        .select((accounts::username, accounts::email, user_groups::limit_subscribers, user_groups::threshold_import))
        .get_result(conn)
        .optional()
}

/// The addresses of enabled operators, oldest first, at most `n`.
pub fn list_operator_addresses(conn: &mut Conn, n: i64) -> QueryResult<Vec<String>> {
    operators::table
        .filter(operators::is_enabled.eq(true))
        .filter(operators::email.ne(""))
        .order(operators::id)
        .limit(n)
        .select(operators::email)
        .load(conn)
}
