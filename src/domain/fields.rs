//! Custom fields: what a list, or every list of an account, knows of its subscribers.
