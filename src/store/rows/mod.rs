//! Rows as the layers above see them: one struct a table, plus the narrower ones that busy queries read.

pub mod accounts;
pub mod lists;
pub mod queues;
pub mod sessions;
pub mod subscribers;
pub mod user_groups;
