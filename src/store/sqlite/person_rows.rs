//! Rows about a person as JSON, whatever columns their tables have.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Conn;
use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::store::rows::people::{MAX_ROWS, OfAddress, OfSubscriber};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// The rows of a table that belong to a subscriber, each as a JSON object. Raw because the columns are not named.
pub fn rows_of_subscriber(
    conn: &mut Conn,
    of: OfSubscriber,
    list: ListId,
    number: SubscriberNumber,
) -> QueryResult<Vec<String>> {
    let OfSubscriber { table, number: column } = of;
    let object = object_of(conn, table)?;
    let query = format!("SELECT {object} AS row FROM {table} WHERE list_id = ?1 AND {column} = ?2 LIMIT {MAX_ROWS}");
    let found: Vec<Row> = diesel::sql_query(query).bind::<BigInt, _>(list).bind::<BigInt, _>(number).load(conn)?;
    Ok(found.into_iter().map(|row| row.row).collect())
}

/// The rows of a table that belong to an address, of one account or, with [`AccountId::NONE`], of all, each as a JSON object.
pub fn rows_of_address(conn: &mut Conn, of: OfAddress, account: AccountId, key: &str) -> QueryResult<Vec<String>> {
    let OfAddress { table, key: compared } = of;
    let object = object_of(conn, table)?;
    let query = format!(
        "SELECT {object} AS row FROM {table} WHERE {compared} = ?1 AND (?2 = 0 OR account_id = ?2) LIMIT {MAX_ROWS}"
    );
    let found: Vec<Row> = diesel::sql_query(query).bind::<Text, _>(key).bind::<BigInt, _>(account).load(conn)?;
    Ok(found.into_iter().map(|row| row.row).collect())
}

/// `json_object('a', "a", 'b', "b")` of every column of a table.
fn object_of(conn: &mut Conn, table: &str) -> QueryResult<String> {
    let query = "SELECT 'json_object(' || group_concat('''' || name || ''', \"' || name || '\"') || ')' AS row FROM pragma_table_info(?1)";
    diesel::sql_query(query).bind::<Text, _>(table).get_result::<Row>(conn).map(|row| row.row)
}
