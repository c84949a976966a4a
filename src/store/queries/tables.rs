//! Relational tables: their definitions and rows.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId, SubscriberNumber, TableId};
use crate::model::time::UtcTime;
use crate::store::rows::tables::{DataRow, NewTableRow, TableFieldRow, TableRow};
use crate::store::schema::tables::{data_rows, data_table_fields, data_tables};

/// Makes a table.
pub fn insert_table(conn: &mut Conn, table: &NewTableRow) -> QueryResult<TableId> {
    diesel::insert_into(data_tables::table).values(table).returning(data_tables::id).get_result(conn)
}

/// Adds a column to a table.
pub fn insert_table_field(conn: &mut Conn, field: &TableFieldRow) -> QueryResult<()> {
    diesel::insert_into(data_table_fields::table).values(field).execute(conn).map(drop)
}

/// A table, whoever owns it.
pub fn find_table(conn: &mut Conn, id: TableId) -> QueryResult<Option<TableRow>> {
    data_tables::table.filter(data_tables::id.eq(id)).select(TableRow::as_select()).get_result(conn).optional()
}

/// A table of a list by its code in lower case.
pub fn find_table_by_code(conn: &mut Conn, list: ListId, code_key: &str) -> QueryResult<Option<TableRow>> {
    data_tables::table
        .filter(data_tables::list_id.eq(list))
        .filter(data_tables::code_key.eq(code_key))
        .select(TableRow::as_select())
        .get_result(conn)
        .optional()
}

/// The tables of an account, oldest first.
pub fn list_tables(conn: &mut Conn, account: AccountId) -> QueryResult<Vec<TableRow>> {
    data_tables::table
        .filter(data_tables::account_id.eq(account))
        .order(data_tables::id)
        .select(TableRow::as_select())
        .load(conn)
}

/// The columns of a table in order.
pub fn list_table_fields(conn: &mut Conn, table: TableId) -> QueryResult<Vec<TableFieldRow>> {
    data_table_fields::table
        .filter(data_table_fields::table_id.eq(table))
        .order(data_table_fields::position)
        .select(TableFieldRow::as_select())
        .load(conn)
}

/// Takes the next row number of a table. Whoever changes its rows asks first, so that they change it one after the other.
pub fn take_row_number(conn: &mut Conn, table: TableId, n: i64) -> QueryResult<Option<i64>> {
    diesel::update(data_tables::table.filter(data_tables::id.eq(table)))
        .set(data_tables::last_number.eq(data_tables::last_number + n))
        .returning(data_tables::last_number)
        .get_result(conn)
        .optional()
}

/// A row by its number.
pub fn find_data_row(conn: &mut Conn, table: TableId, number: i64) -> QueryResult<Option<DataRow>> {
    data_rows::table
        .filter(data_rows::table_id.eq(table))
        .filter(data_rows::number.eq(number))
        .select(DataRow::as_select())
        .get_result(conn)
        .optional()
}

/// A row by its key.
pub fn find_data_row_by_key(conn: &mut Conn, table: TableId, key_text: &str) -> QueryResult<Option<DataRow>> {
    data_rows::table
        .filter(data_rows::table_id.eq(table))
        .filter(data_rows::key_text.eq(key_text))
        .select(DataRow::as_select())
        .get_result(conn)
        .optional()
}

/// Up to `n` rows of a table after this number.
pub fn list_data_rows(conn: &mut Conn, table: TableId, after: i64, n: i64) -> QueryResult<Vec<DataRow>> {
    data_rows::table
        .filter(data_rows::table_id.eq(table))
        .filter(data_rows::number.gt(after))
        .order(data_rows::number)
        .select(DataRow::as_select())
        .limit(n)
        .load(conn)
}

/// Up to `n` rows of a table after this number that belong to one of these subscribers.
pub fn list_data_rows_of(
    conn: &mut Conn,
    list: ListId,
    table: TableId,
    contacts: &[SubscriberNumber],
    after: i64,
    n: i64,
) -> QueryResult<Vec<DataRow>> {
    data_rows::table
        .filter(data_rows::list_id.eq(list))
        .filter(data_rows::contact_number.eq_any(contacts))
        .filter(data_rows::table_id.eq(table))
        .filter(data_rows::number.gt(after))
        .order(data_rows::number)
        .select(DataRow::as_select())
        .limit(n)
        .load(conn)
}

/// Makes a row.
pub fn insert_data_row(conn: &mut Conn, row: &DataRow) -> QueryResult<()> {
    diesel::insert_into(data_rows::table).values(row).execute(conn).map(drop)
}

/// Stores a changed row.
pub fn update_data_row(conn: &mut Conn, row: &DataRow, at: UtcTime) -> QueryResult<()> {
    diesel::update(data_rows::table.filter(data_rows::table_id.eq(row.table_id)).filter(data_rows::number.eq(row.number)))
        .set((
            data_rows::contact_number.eq(row.contact_number),
            data_rows::key_text.eq(&row.key_text),
            data_rows::content.eq(&row.content),
            data_rows::changed_at.eq(at),
        ))
        .execute(conn)
        .map(drop)
}

/// Removes rows by number; answers how many went.
pub fn delete_data_rows(conn: &mut Conn, table: TableId, numbers: &[i64]) -> QueryResult<usize> {
    diesel::delete(data_rows::table.filter(data_rows::table_id.eq(table)).filter(data_rows::number.eq_any(numbers)))
        .execute(conn)
}

/// Removes every row of these subscribers, in all tables of the list.
pub fn delete_data_rows_of(conn: &mut Conn, list: ListId, contacts: &[SubscriberNumber]) -> QueryResult<()> {
    let of_contacts =
        data_rows::table.filter(data_rows::list_id.eq(list)).filter(data_rows::contact_number.eq_any(contacts));
    diesel::delete(of_contacts).execute(conn).map(drop)
}

/// Removes up to `n` rows of a list's tables; answers how many went.
pub fn purge_data_rows(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    let some: Vec<(TableId, i64)> = data_rows::table
        .filter(data_rows::list_id.eq(list))
        .order((data_rows::contact_number, data_rows::table_id, data_rows::number))
        .select((data_rows::table_id, data_rows::number))
        .limit(n)
        .load(conn)?;
    let mut n_gone = 0;
    for group in some.chunk_by(|a, b| a.0 == b.0) {
        let numbers: Vec<i64> = group.iter().map(|(_, number)| *number).collect();
        n_gone += delete_data_rows(conn, group[0].0, &numbers)?;
    }
    Ok(n_gone)
}

/// Removes the definitions of a list's tables. Call it when they hold no rows any more.
pub fn purge_tables(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    let its: Vec<TableId> =
        data_tables::table.filter(data_tables::list_id.eq(list)).select(data_tables::id).load(conn)?;
    diesel::delete(data_table_fields::table.filter(data_table_fields::table_id.eq_any(&its))).execute(conn)?;
    diesel::delete(data_tables::table.filter(data_tables::id.eq_any(&its))).execute(conn).map(drop)
}
