//! What merging, selecting and deleting contacts does, against a database.
