//! User groups as this wire shows them (OE-11).
