//! What leaves the server after the commit: mails into the outbox, calls to list hooks, and the clearing up behind deletions.

pub mod list_sync;
