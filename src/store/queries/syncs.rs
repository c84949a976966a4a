//! Lists filled from a MySQL table on a schedule: their settings.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::ListId;
use crate::store::rows::lists::ListSync;
use crate::store::schema::list_syncs;

/// How a list is filled, if it ever was set up.
pub fn find_sync(conn: &mut Conn, list: ListId) -> QueryResult<Option<ListSync>> {
    list_syncs::table
        .filter(list_syncs::list_id.eq(list))
        .select(ListSync::as_select())
        .get_result(conn)
        .optional()
}

/// Stores how a list is filled. Without a `last_run_at` the stored one stays.
pub fn save_sync(conn: &mut Conn, sync: &ListSync) -> QueryResult<()> {
    diesel::insert_into(list_syncs::table)
        .values(sync)
        .on_conflict(list_syncs::list_id)
        .do_update()
        .set(sync)
        .execute(conn)
        .map(drop)
}
