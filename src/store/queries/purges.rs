//! Removing what deleted lists, accounts and fields leave behind, and what has expired: always a bounded piece, found by an index.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, FieldId, ImportId, ListId, MessageId, OperationalLinkId, SubscriberNumber, VersionId};
use crate::model::time::UtcTime;
use crate::store::schema::projects::{
    contact_keys, contact_opt_ins, contact_tracking, message_versions, operational_link_changes,
    operational_link_visits, operational_links, opt_ins, projects, sendings,
};
use crate::store::schema::{
    account_profiles, accounts, field_uniques, fields, global_values, import_chunks, imports, list_hooks,
    list_syncs, list_totals, lists, messages, password_requests, sessions, subscribers, suppressions,
};

/// Removes the first `n` subscribers of a list with their unique values; answers how many.
pub fn purge_subscribers(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    let numbers: Vec<SubscriberNumber> = subscribers::table
        .filter(subscribers::list_id.eq(list))
        .order(subscribers::number)
        .select(subscribers::number)
        .limit(n)
        .load(conn)?;
    let Some(last) = numbers.last() else { return Ok(0) };
    diesel::delete(
        field_uniques::table.filter(field_uniques::list_id.eq(list)).filter(field_uniques::number.le(last)),
    )
    .execute(conn)?;
    purge_contact_rows(conn, list, *last)?;
    diesel::delete(subscribers::table.filter(subscribers::list_id.eq(list)).filter(subscribers::number.le(last)))
        .execute(conn)
}

/// Removes what stands beside the subscribers of a list up to this number.
fn purge_contact_rows(conn: &mut Conn, list: ListId, last: SubscriberNumber) -> QueryResult<()> {
    diesel::delete(contact_keys::table.filter(contact_keys::list_id.eq(list)).filter(contact_keys::number.le(last)))
        .execute(conn)?;
    diesel::delete(
        contact_opt_ins::table.filter(contact_opt_ins::list_id.eq(list)).filter(contact_opt_ins::number.le(last)),
    )
    .execute(conn)?;
    diesel::delete(
        contact_tracking::table.filter(contact_tracking::list_id.eq(list)).filter(contact_tracking::number.le(last)),
    )
    .execute(conn)?;
    diesel::delete(
        operational_link_visits::table
            .filter(operational_link_visits::list_id.eq(list))
            .filter(operational_link_visits::number.le(last)),
    )
    .execute(conn)
    .map(drop)
}

/// Removes what one subscriber of a list has beside its row.
pub fn delete_contact_rows(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<()> {
    super::projects::delete_contact_key(conn, list, number)?;
    super::projects::delete_tracking(conn, list, number)?;
    super::returns::delete_soft_bounces(conn, list, number)?;
    diesel::delete(
        contact_opt_ins::table.filter(contact_opt_ins::list_id.eq(list)).filter(contact_opt_ins::number.eq(number)),
    )
    .execute(conn)?;
    diesel::delete(
        operational_link_visits::table
            .filter(operational_link_visits::list_id.eq(list))
            .filter(operational_link_visits::number.eq(number)),
    )
    .execute(conn)
    .map(drop)
}

/// The addresses of the first `n` subscribers of a list.
pub fn list_first_addresses(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<Vec<String>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .order(subscribers::number)
        .select(subscribers::email_key)
        .limit(n)
        .load(conn)
}

/// Removes up to `n` suppressions with exactly this scope; answers how many.
pub fn purge_suppressions(conn: &mut Conn, account: AccountId, list: ListId, n: i64) -> QueryResult<usize> {
    let some: Vec<i64> = suppressions::table
        .filter(suppressions::account_id.eq(account))
        .filter(suppressions::list_id.eq(list))
        .select(suppressions::id)
        .limit(n).load(conn)?;
    diesel::delete(suppressions::table.filter(suppressions::id.eq_any(some))).execute(conn)
}

/// Removes up to `n` suppressions of an account, whatever their list; answers how many.
pub fn purge_account_suppressions(conn: &mut Conn, account: AccountId, n: i64) -> QueryResult<usize> {
    let some: Vec<i64> = suppressions::table.filter(suppressions::account_id.eq(account)).select(suppressions::id).limit(n).load(conn)?;
    diesel::delete(suppressions::table.filter(suppressions::id.eq_any(some))).execute(conn)
}

/// Removes up to `n` pieces of text that imports of a list left; answers how many. The imports stay as proof.
pub fn purge_import_chunks(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    let found: Option<(ImportId, i64)> = import_chunks::table
        .inner_join(imports::table.on(imports::id.eq(import_chunks::import_id)))
        .filter(imports::list_id.eq(list))
        .select((import_chunks::import_id, import_chunks::seq))
        .limit(1)
        .get_result(conn)
        .optional()?;
    let Some((import, seq)) = found else { return Ok(0) };
    diesel::delete(
        import_chunks::table
            .filter(import_chunks::import_id.eq(import))
            .filter(import_chunks::seq.ge(seq))
            .filter(import_chunks::seq.lt(seq.saturating_add(n))),
    )
    .execute(conn)
}

/// Removes the list itself with the few rows beside it. Call it when the large tables hold nothing of it any more.
pub fn purge_list_row(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    diesel::delete(field_uniques::table.filter(field_uniques::list_id.eq(list))).execute(conn)?;
    diesel::delete(list_syncs::table.filter(list_syncs::list_id.eq(list))).execute(conn)?;
    diesel::delete(list_hooks::table.filter(list_hooks::list_id.eq(list))).execute(conn)?;
    diesel::delete(projects::table.filter(projects::list_id.eq(list))).execute(conn)?;
    diesel::delete(opt_ins::table.filter(opt_ins::list_id.eq(list))).execute(conn)?;
    diesel::delete(sendings::table.filter(sendings::list_id.eq(list))).execute(conn)?;
    let links: Vec<OperationalLinkId> = operational_links::table
        .filter(operational_links::list_id.eq(list))
        .select(operational_links::id)
        .load(conn)?;
    diesel::delete(operational_link_changes::table.filter(operational_link_changes::link_id.eq_any(&links)))
        .execute(conn)?;
    diesel::delete(operational_links::table.filter(operational_links::id.eq_any(&links))).execute(conn)?;
    diesel::delete(fields::table.filter(fields::list_id.eq(list))).execute(conn)?;
    diesel::delete(list_totals::table.filter(list_totals::list_id.eq(list))).execute(conn)?;
    diesel::delete(lists::table.filter(lists::id.eq(list))).execute(conn).map(drop)
}

/// The first list of an account after this one, deleted ones included.
pub fn next_list_of_account(conn: &mut Conn, account: AccountId, after: ListId) -> QueryResult<Option<ListId>> {
    lists::table
        .filter(lists::account_id.eq(account))
        .filter(lists::id.gt(after))
        .order(lists::id)
        .select(lists::id)
        .limit(1)
        .get_result(conn)
        .optional()
}

/// The owner of a list, deleted or not.
pub fn find_list_owner(conn: &mut Conn, list: ListId) -> QueryResult<Option<AccountId>> {
    lists::table.filter(lists::id.eq(list)).select(lists::account_id).get_result(conn).optional()
}

/// Removes global values of the first `n` or so rows of an account; answers how many.
pub fn purge_global_values(conn: &mut Conn, account: AccountId, n: i64) -> QueryResult<usize> {
    let keys: Vec<String> = global_values::table
        .filter(global_values::account_id.eq(account))
        .order(global_values::email_key)
        .select(global_values::email_key)
        .limit(n)
        .load(conn)?;
    let Some(last) = keys.last() else { return Ok(0) };
    diesel::delete(
        global_values::table.filter(global_values::account_id.eq(account)).filter(global_values::email_key.le(last)),
    )
    .execute(conn)
}

/// Removes up to `n` messages of an account; answers how many.
pub fn purge_messages(conn: &mut Conn, account: AccountId, n: i64) -> QueryResult<usize> {
    let some = messages::table.filter(messages::account_id.eq(account)).select(messages::id).limit(n).load(conn)?;
    delete_messages(conn, &some)
}

/// Removes up to `n` messages that belong to one list; answers how many.
pub fn purge_messages_of_list(conn: &mut Conn, account: AccountId, list: ListId, n: i64) -> QueryResult<usize> {
    let some = messages::table
        .filter(messages::account_id.eq(account))
        .filter(messages::list_id.eq(list))
        .select(messages::id)
        .limit(n)
        .load(conn)?;
    delete_messages(conn, &some)
}

fn delete_messages(conn: &mut Conn, ids: &[MessageId]) -> QueryResult<usize> {
    let versions: Vec<VersionId> = message_versions::table
        .filter(message_versions::message_id.eq_any(ids))
        .select(message_versions::id)
        .load(conn)?;
    super::message_versions::delete_versions(conn, &versions)?;
    super::enclosures::delete_enclosures_of(conn, ids)?;
    diesel::delete(messages::table.filter(messages::id.eq_any(ids))).execute(conn)
}

/// Removes up to `n` sessions of an account; answers how many.
pub fn purge_sessions(conn: &mut Conn, account: AccountId, n: i64) -> QueryResult<usize> {
    let some: Vec<String> = sessions::table.filter(sessions::account_id.eq(account)).select(sessions::token_hash).limit(n).load(conn)?;
    diesel::delete(sessions::table.filter(sessions::token_hash.eq_any(some))).execute(conn)
}

/// Removes the account itself with the few rows beside it. Call it when the large tables hold nothing of it any more.
pub fn purge_account_row(conn: &mut Conn, account: AccountId) -> QueryResult<()> {
    let its_fields: Vec<FieldId> =
        fields::table.filter(fields::account_id.eq(account)).select(fields::id).load(conn)?;
    diesel::delete(field_uniques::table.filter(field_uniques::field_id.eq_any(its_fields))).execute(conn)?;
    diesel::delete(fields::table.filter(fields::account_id.eq(account))).execute(conn)?;
    diesel::delete(list_hooks::table.filter(list_hooks::account_id.eq(account))).execute(conn)?;
    super::accounts::delete_credentials_of_account(conn, account)?;
    diesel::delete(password_requests::table.filter(password_requests::account_id.eq(account))).execute(conn)?;
    diesel::delete(account_profiles::table.filter(account_profiles::account_id.eq(account))).execute(conn)?;
    diesel::delete(accounts::table.filter(accounts::id.eq(account))).execute(conn).map(drop)
}

/// The `fields` texts of up to `n` subscribers of a list after this number, by number.
pub fn list_field_texts(
    conn: &mut Conn,
    list: ListId,
    after: SubscriberNumber,
    n: i64,
) -> QueryResult<Vec<(SubscriberNumber, String)>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::number.gt(after))
        .order(subscribers::number)
        .select((subscribers::number, subscribers::fields))
        .limit(n)
        .load(conn)
}

/// Replaces the `fields` text of one subscriber.
pub fn set_field_text(conn: &mut Conn, list: ListId, number: SubscriberNumber, text: &str) -> QueryResult<()> {
    diesel::update(subscribers::table.filter(subscribers::list_id.eq(list)).filter(subscribers::number.eq(number)))
        .set(subscribers::fields.eq(text))
        .execute(conn)
        .map(drop)
}

/// Removes up to `n` global values of a field; answers how many.
pub fn purge_values_of_field(conn: &mut Conn, field: FieldId, n: i64) -> QueryResult<usize> {
    let keys: Vec<String> = global_values::table
        .filter(global_values::field_id.eq(field))
        .order(global_values::email_key)
        .select(global_values::email_key)
        .limit(n)
        .load(conn)?;
    let Some(last) = keys.last() else { return Ok(0) };
    diesel::delete(
        global_values::table.filter(global_values::field_id.eq(field)).filter(global_values::email_key.le(last)),
    )
    .execute(conn)
}

/// Removes the field itself.
pub fn purge_field_row(conn: &mut Conn, field: FieldId) -> QueryResult<()> {
    diesel::delete(fields::table.filter(fields::id.eq(field))).execute(conn).map(drop)
}

/// Removes up to `n` sessions that expired before `now`; answers how many.
pub fn sweep_sessions(conn: &mut Conn, now: UtcTime, n: i64) -> QueryResult<usize> {
    let old: Vec<String> = sessions::table
        .filter(sessions::expires_at.le(now))
        .order(sessions::expires_at)
        .select(sessions::token_hash)
        .limit(n).load(conn)?;
    diesel::delete(sessions::table.filter(sessions::token_hash.eq_any(old))).execute(conn)
}

/// Removes up to `n` password requests that expired before `now`; answers how many.
pub fn sweep_password_requests(conn: &mut Conn, now: UtcTime, n: i64) -> QueryResult<usize> {
    let old: Vec<String> = password_requests::table
        .filter(password_requests::expires_at.le(now))
        .order(password_requests::expires_at)
        .select(password_requests::token_hash)
        .limit(n).load(conn)?;
    diesel::delete(password_requests::table.filter(password_requests::token_hash.eq_any(old))).execute(conn)
}
