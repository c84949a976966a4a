//! What projects are made of, against a database.
