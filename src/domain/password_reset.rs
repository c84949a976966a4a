//! Forgotten passwords: a mailed link, then a new password.
