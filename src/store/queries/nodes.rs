//! Processes that work queues off.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::NodeId;
use crate::model::states::QueueState;
use crate::model::time::UtcTime;
use crate::store::rows::nodes::NodeRow;
use crate::store::schema::{mails, nodes};

/// Enters a node.
pub fn insert_node(conn: &mut Conn, node: &NodeRow) -> QueryResult<()> {
    diesel::insert_into(nodes::table).values(node).execute(conn).map(drop)
}

/// Counts a node's beat up; false when it is not entered any more.
pub fn beat_node(conn: &mut Conn, id: NodeId, now: UtcTime) -> QueryResult<bool> {
    let n = diesel::update(nodes::table.filter(nodes::id.eq(id)))
        .set((nodes::beat.eq(nodes::beat + 1), nodes::seen_at.eq(now)))
        .execute(conn)?;
    Ok(n > 0)
}

/// Every node.
pub fn list_nodes(conn: &mut Conn) -> QueryResult<Vec<NodeRow>> {
    nodes::table.order(nodes::started_at).select(NodeRow::as_select()).load(conn)
}

/// Takes a node away if its beat still stands there; false when it does not.
pub fn delete_node(conn: &mut Conn, id: NodeId, beat: i64) -> QueryResult<bool> {
    let node = nodes::table.filter(nodes::id.eq(id)).filter(nodes::beat.eq(beat));
    Ok(diesel::delete(node).execute(conn)? > 0)
}

/// Takes all nodes away but this one.
pub fn delete_other_nodes(conn: &mut Conn, id: NodeId) -> QueryResult<()> {
    diesel::delete(nodes::table.filter(nodes::id.ne(id))).execute(conn).map(drop)
}

/// Gives mails back whose node is not entered any more.
pub fn return_mails_of_gone(conn: &mut Conn, now: UtcTime) -> QueryResult<usize> {
    let left = mails::table
        .filter(mails::state.eq(QueueState::Leased))
        .filter(mails::leased_by.ne_all(nodes::table.select(nodes::id)));
    diesel::update(left)
        .set((
            mails::state.eq(QueueState::Pending),
            mails::due_at.eq(now),
            mails::leased_until.eq(None::<UtcTime>),
            mails::is_uncertain.eq(true),
        ))
        .execute(conn)
}
