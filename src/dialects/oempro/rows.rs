//! Rows as this wire shows them: the old tables' column names in their order (OE-9, OE-10).

pub mod accounts;
pub mod fields;
pub mod lists;
pub mod subscribers;
pub mod user_groups;

/// `Yes` or `No`.
#[must_use]
pub fn yes_no(truth: bool) -> &'static str {
    if truth { "Yes" } else { "No" }
}

/// `true` or `false` as a word, in the columns that had it so.
#[must_use]
pub fn true_false(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}
