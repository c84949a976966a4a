//! Imports of subscribers in two steps: hand over the data, then map its columns.
