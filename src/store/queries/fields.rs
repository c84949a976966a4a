//! Custom fields: what a list, or every list of an account, knows of its subscribers.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, FieldId, ListId};
use crate::store::rows::fields::{FieldRow, NewFieldRow};
use crate::store::schema::fields;

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
