// The query files, included by each backend module so that they are compiled once per backend.
#[path = "../queries/accounts.rs"]
pub mod accounts;
#[path = "../queries/lists.rs"]
pub mod lists;
#[path = "../queries/queues.rs"]
pub mod queues;
#[path = "../queries/sessions.rs"]
pub mod sessions;
#[path = "../queries/subscribers.rs"]
pub mod subscribers;
#[path = "../queries/user_groups.rs"]
pub mod user_groups;
