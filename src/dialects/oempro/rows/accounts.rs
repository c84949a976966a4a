//! Accounts and operators as this wire shows them (OE-11).
