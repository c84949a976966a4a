//! Rows of `queries/vital_signs.rs`.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable};

use crate::model::time::UtcTime;

/// Rows of a queue, counted up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct SomeRows {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// When the first of them is due.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub first_due_at: Option<UtcTime>,
}
