//! Addresses not to mail.
