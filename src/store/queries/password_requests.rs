//! Mailed password-reset links.
