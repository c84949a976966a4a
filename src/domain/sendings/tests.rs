//! What sendings reach, against a database.
