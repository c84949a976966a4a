//! Subscribers as this wire shows them (OE-8).
