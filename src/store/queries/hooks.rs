//! Web addresses told of subscriptions.
