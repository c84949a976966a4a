//! Custom fields as this wire shows them (OE-9).
