//! Values of global fields, and the holders of unique values.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Conn;
use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::field_values::Holder;
use crate::store::schema::{field_uniques, fields, global_values, lists, subscribers};

/// Who holds this value of a unique field.
pub fn find_holder(conn: &mut Conn, field: FieldId, value_key: &str) -> QueryResult<Option<Holder>> {
    field_uniques::table
        .filter(field_uniques::field_id.eq(field))
        .filter(field_uniques::value_key.eq(value_key))
        .select(Holder::as_select())
        .get_result(conn)
        .optional()
}

/// Lets a holder hold a value; a unique violation when somebody holds it already.
pub fn insert_holder(conn: &mut Conn, field: FieldId, value_key: &str, holder: &Holder) -> QueryResult<()> {
    diesel::insert_into(field_uniques::table)
        .values((field_uniques::field_id.eq(field), field_uniques::value_key.eq(value_key), holder))
        .execute(conn)
        .map(drop)
}

/// Frees what a holder holds of one field.
pub fn delete_holder(conn: &mut Conn, field: FieldId, holder: &Holder) -> QueryResult<()> {
    diesel::delete(
        field_uniques::table
            .filter(field_uniques::list_id.eq(holder.list_id))
            .filter(field_uniques::number.eq(holder.number))
            .filter(field_uniques::email_key.eq(&holder.email_key))
            .filter(field_uniques::field_id.eq(field)),
    )
    .execute(conn)
    .map(drop)
}

/// Frees everything a subscriber of a list holds.
pub fn delete_holders_of_subscriber(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<()> {
    diesel::delete(
        field_uniques::table.filter(field_uniques::list_id.eq(list)).filter(field_uniques::number.eq(number)),
    )
    .execute(conn)
    .map(drop)
}

/// Moves what an address holds of global fields to its new form.
pub fn rename_holder(conn: &mut Conn, fields: &[FieldId], old_key: &str, new_key: &str) -> QueryResult<()> {
    diesel::update(
        field_uniques::table
            .filter(field_uniques::list_id.eq(ListId::NONE))
            .filter(field_uniques::number.eq(SubscriberNumber::NONE))
            .filter(field_uniques::email_key.eq(old_key))
            .filter(field_uniques::field_id.eq_any(fields)),
    )
    .set(field_uniques::email_key.eq(new_key))
    .execute(conn)
    .map(drop)
}

/// The global values of addresses of an account, as (address key, field, value).
pub fn list_global_values(
    conn: &mut Conn,
    account: AccountId,
    email_keys: &[&str],
) -> QueryResult<Vec<(String, FieldId, String)>> {
    global_values::table
        .filter(global_values::account_id.eq(account))
        .filter(global_values::email_key.eq_any(email_keys))
        .select((global_values::email_key, global_values::field_id, global_values::value))
        .load(conn)
}

/// Which of the addresses any list of the account has.
pub fn find_known_addresses(conn: &mut Conn, account: AccountId, email_keys: &[&str]) -> QueryResult<Vec<String>> {
    // Lists first: the index on subscribers begins with the list.
    let own_lists: Vec<ListId> = lists::table
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .select(lists::id)
        .load(conn)?;
    subscribers::table
        .filter(subscribers::list_id.eq_any(own_lists))
        .filter(subscribers::email_key.eq_any(email_keys))
        .select(subscribers::email_key)
        .distinct()
        .load(conn)
}

/// Removes every global value of addresses of an account, and what they hold of unique ones.
pub fn delete_global_values(conn: &mut Conn, account: AccountId, email_keys: &[&str]) -> QueryResult<()> {
    let global_fields: Vec<FieldId> = fields::table
        .filter(fields::account_id.eq(account))
        .filter(fields::is_global.eq(true))
        .select(fields::id)
        .load(conn)?;
    diesel::delete(
        field_uniques::table
            .filter(field_uniques::list_id.eq(ListId::NONE))
            .filter(field_uniques::number.eq(SubscriberNumber::NONE))
            .filter(field_uniques::email_key.eq_any(email_keys))
            .filter(field_uniques::field_id.eq_any(global_fields)),
    )
    .execute(conn)?;
    diesel::delete(
        global_values::table
            .filter(global_values::account_id.eq(account))
            .filter(global_values::email_key.eq_any(email_keys)),
    )
    .execute(conn)
    .map(drop)
}

/// Sets a global value of an address.
pub fn set_global_value(
    conn: &mut Conn,
    account: AccountId,
    email_key: &str,
    field: FieldId,
    value: &str,
    at: UtcTime,
) -> QueryResult<()> {
    diesel::insert_into(global_values::table)
        .values((
            global_values::account_id.eq(account),
            global_values::email_key.eq(email_key),
            global_values::field_id.eq(field),
            global_values::value.eq(value),
            global_values::updated_at.eq(at),
        ))
        .on_conflict((global_values::account_id, global_values::email_key, global_values::field_id))
        .do_update()
        .set((
            global_values::value.eq(excluded(global_values::value)),
            global_values::updated_at.eq(excluded(global_values::updated_at)),
        ))
        .execute(conn)
        .map(drop)
}
