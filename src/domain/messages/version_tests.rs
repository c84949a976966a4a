//! What messages in versions are, against a database.
