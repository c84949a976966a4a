//! Imports and the text handed over for them.
