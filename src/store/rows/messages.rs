//! E-mails that can be sent.
