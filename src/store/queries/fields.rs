//! Custom fields: what a list, or every list of an account, knows of its subscribers.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::store::rows::fields::{FieldRow, NewFieldRow};
use crate::store::schema::{field_uniques, fields, global_values, subscribers};

/// The field with this id, if it belongs to the account.
pub fn find_field(conn: &mut Conn, account: AccountId, id: FieldId) -> QueryResult<Option<FieldRow>> {
    fields::table
        .filter(fields::id.eq(id))
        .filter(fields::account_id.eq(account))
        .select(FieldRow::as_select())
        .get_result(conn)
        .optional()
}

/// The fields of a list, then the account's global ones, each by id.
pub fn list_fields(conn: &mut Conn, account: AccountId, list: ListId) -> QueryResult<Vec<FieldRow>> {
    fields::table
        .filter(fields::account_id.eq(account))
        .filter(fields::list_id.eq_any([list, ListId::NONE]))
        .order((fields::is_global, fields::id))
        .select(FieldRow::as_select())
        .load(conn)
}

/// Makes a field.
pub fn insert_field(conn: &mut Conn, field: &NewFieldRow) -> QueryResult<FieldId> {
    diesel::insert_into(fields::table).values(field).returning(fields::id).get_result(conn)
}

/// Every field of the account, of all its lists, by id.
pub fn list_account_fields(conn: &mut Conn, account: AccountId) -> QueryResult<Vec<FieldRow>> {
    fields::table.filter(fields::account_id.eq(account)).order(fields::id).select(FieldRow::as_select()).load(conn)
}

/// Replaces every column of a field but its id.
pub fn update_field(conn: &mut Conn, field: &FieldRow) -> QueryResult<()> {
    diesel::update(fields::table.filter(fields::id.eq(field.id))).set(field).execute(conn).map(drop)
}

/// Removes a field's definition; the purge job removes its values.
pub fn delete_field(conn: &mut Conn, id: FieldId) -> QueryResult<()> {
    diesel::delete(fields::table.filter(fields::id.eq(id))).execute(conn).map(drop)
}

/// The `fields` texts of the first `n` subscribers of a list, by number.
pub fn list_first_values(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<Vec<(SubscriberNumber, String)>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .order(subscribers::number)
        .select((subscribers::number, subscribers::fields))
        .limit(n)
        .load(conn)
}

/// The first `n` values of a global field, by address key.
pub fn list_first_global_values(conn: &mut Conn, field: FieldId, n: i64) -> QueryResult<Vec<(String, String)>> {
    global_values::table
        .filter(global_values::field_id.eq(field))
        .order(global_values::email_key)
        .select((global_values::email_key, global_values::value))
        .limit(n)
        .load(conn)
}

/// Frees up to `n` unique values of a field; answers how many.
pub fn delete_holders_of_field(conn: &mut Conn, field: FieldId, n: i64) -> QueryResult<usize> {
    let keys: Vec<String> = field_uniques::table
        .filter(field_uniques::field_id.eq(field))
        .order(field_uniques::value_key)
        .select(field_uniques::value_key)
        .limit(n)
        .load(conn)?;
    let Some(last) = keys.last() else { return Ok(0) };
    diesel::delete(
        field_uniques::table.filter(field_uniques::field_id.eq(field)).filter(field_uniques::value_key.le(last)),
    )
    .execute(conn)
}
