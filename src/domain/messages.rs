//! E-mails that can be sent: opt-in requests now.
