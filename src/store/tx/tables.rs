//! Contents of `queries/tables.rs`.

use crate::model::ids::{AccountId, ListId, SubscriberNumber, TableId};
use crate::model::time::UtcTime;
use crate::store::rows::tables::{DataRow, NewTableRow, TableFieldRow, TableRow};

queries! { tables {
    /// Makes a table.
    fn insert_table(table: &NewTableRow) -> TableId;
    /// Adds a column to a table.
    fn insert_table_field(field: &TableFieldRow) -> ();
    /// A table, whoever owns it.
    fn find_table(id: TableId) -> Option<TableRow>;
    /// A table of a list by its code in lower case.
    fn find_table_by_code(list: ListId, code_key: &str) -> Option<TableRow>;
    /// The tables of an account, oldest first.
    fn list_tables(account: AccountId) -> Vec<TableRow>;
    /// The columns of a table in order.
    fn list_table_fields(table: TableId) -> Vec<TableFieldRow>;
    /// Takes the next row number of a table. Whoever changes its rows asks first, so that they change it one after the other.
    fn take_row_number(table: TableId, n: i64) -> Option<i64>;
    /// A row by its number.
    fn find_data_row(table: TableId, number: i64) -> Option<DataRow>;
    /// A row by its key.
    fn find_data_row_by_key(table: TableId, key_text: &str) -> Option<DataRow>;
    /// Up to `n` rows of a table after this number.
    fn list_data_rows(table: TableId, after: i64, n: i64) -> Vec<DataRow>;
    /// Up to `n` rows of a table after this number that belong to one of these subscribers.
    fn list_data_rows_of(list: ListId, table: TableId, contacts: &[SubscriberNumber], after: i64, n: i64) -> Vec<DataRow>;
    /// Makes a row.
    fn insert_data_row(row: &DataRow) -> ();
    /// Stores a changed row.
    fn update_data_row(row: &DataRow, at: UtcTime) -> ();
    /// Removes rows by number; answers how many went.
    fn delete_data_rows(table: TableId, numbers: &[i64]) -> usize;
    /// Removes every row of these subscribers, in all tables of the list.
    fn delete_data_rows_of(list: ListId, contacts: &[SubscriberNumber]) -> ();
    /// Removes up to `n` rows of a list's tables; answers how many went.
    fn purge_data_rows(list: ListId, n: i64) -> usize;
    /// Removes the definitions of a list's tables. Call it when they hold no rows any more.
    fn purge_tables(list: ListId) -> ();
} }
