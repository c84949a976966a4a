//! Web services that a list calls on subscription and unsubscription.
