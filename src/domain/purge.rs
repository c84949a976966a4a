//! Removes what deleted lists, accounts and fields left behind, a bounded piece at a time.
