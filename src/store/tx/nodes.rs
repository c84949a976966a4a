//! Contents of `queries/nodes.rs`.

use crate::model::ids::NodeId;
use crate::model::time::UtcTime;
use crate::store::rows::nodes::NodeRow;

queries! { nodes {
    /// Enters a node.
    fn insert_node(node: &NodeRow) -> ();
    /// Counts a node's beat up; false when it is not entered any more.
    fn beat_node(id: NodeId, now: UtcTime) -> bool;
    /// Every node, the oldest first.
    fn list_nodes() -> Vec<NodeRow>;
    /// Takes a node away if its beat still stands there; false when it does not.
    fn delete_node(id: NodeId, beat: i64) -> bool;
    /// Takes all nodes away but this one.
    fn delete_other_nodes(id: NodeId) -> ();
    /// Gives mails back whose node is not entered any more, marked as perhaps sent; answers how many.
    fn return_mails_of_gone(now: UtcTime) -> usize;
} }
