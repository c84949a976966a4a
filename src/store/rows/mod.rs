//! Rows as the layers above see them: one struct a table, plus the narrower ones that busy queries read.

pub mod accounts;
pub mod campaigns;
pub mod field_values;
pub mod fields;
pub mod imports;
pub mod lists;
pub mod messages;
pub mod mobile;
pub mod nodes;
pub mod people;
pub mod projects;
pub mod queues;
pub mod returns;
pub mod rosters;
pub mod selections;
pub mod sender_domains;
pub mod sendings;
pub mod sessions;
pub mod subscribers;
pub mod suppressions;
pub mod tables;
pub mod tracking;
pub mod user_groups;
pub mod vital_signs;
pub mod webhooks;
