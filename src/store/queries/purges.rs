//! Removing what a deleted list, account or field left behind, a piece at a time.
