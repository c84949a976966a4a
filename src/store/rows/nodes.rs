//! Processes that work queues off.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::NodeId;
use crate::model::time::UtcTime;
use crate::store::schema::nodes;

/// A node.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = nodes)]
pub struct NodeRow {
    pub id: NodeId,
    pub beat: i64,
    pub started_at: UtcTime,
    pub seen_at: UtcTime,
}
