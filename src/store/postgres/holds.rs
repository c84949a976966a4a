//! Taking hold of lists, so that whoever changes subscribers sees them as they are and nobody waits for another in a circle.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};

use super::Conn;
use crate::model::ids::{AccountId, ListId};
use crate::store::cached::cached;
use crate::store::schema::accounts;

/// Raw because the rows to lock are found by a look at several tables, which Diesel cannot say. Locks are taken in the order of the sort.
const HOLD: &str = "WITH asked AS (SELECT * FROM lists WHERE id = ANY($1)), \
    wide AS (SELECT DISTINCT a.account_id FROM asked a WHERE $2 OR EXISTS \
        (SELECT 1 FROM suppressions s WHERE s.email_key = $3 AND s.account_id = a.account_id)), \
    reached AS (SELECT id FROM asked \
        UNION SELECT unnest(ARRAY[opt_in_subscribe_to, opt_in_unsubscribe_from, opt_out_subscribe_to, opt_out_unsubscribe_from]) FROM asked \
        UNION SELECT l.id FROM lists l JOIN wide w ON w.account_id = l.account_id) \
    SELECT t.list_id FROM list_totals t JOIN reached r ON r.id = t.list_id ORDER BY t.list_id FOR UPDATE OF t";

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    list_id: i64,
}

/// Locks these lists and those that their list-to-list actions name, in one order, until the transaction ends; what other transactions did to
/// them is seen from then on. All lists of the account when `is_account_wide`, or when anything suppresses `key` there.
/// False when one of these lists is gone.
pub fn hold_lists(conn: &mut Conn, lists: &[ListId], key: &str, is_account_wide: bool) -> QueryResult<bool> {
    let ids: Vec<i64> = lists.iter().map(|list| list.0).collect();
    let query = diesel::sql_query(HOLD).bind::<Array<BigInt>, _>(&ids).bind::<Bool, _>(is_account_wide);
    let held: Vec<Held> = cached!(query.bind::<Text, _>(key)).load(conn)?;
    Ok(ids.iter().all(|id| held.iter().any(|row| row.list_id == *id)))
}

/// Locks an account until the transaction ends, so that what is counted of it stays so.
pub fn hold_account(conn: &mut Conn, account: AccountId) -> QueryResult<()> {
    let held = accounts::table.filter(accounts::id.eq(account)).select(accounts::id).for_no_key_update();
    held.execute(conn).map(drop)
}
