//! Parcels for tests.

use super::Parcel;
use crate::domain::envelope_senders::Posted;
use crate::model::ids::{AccountId, MailId};

/// A small parcel.
pub fn parcel(id: i64, recipient: &str) -> Parcel {
    let message = format!(
        "From: sender@example.org\r\nTo: {recipient}\r\nSubject: Number {id}\r\nMessage-ID: <{id}@example.org>\r\n\r\nHello\r\n"
    );
    Parcel {
        posted: Posted::Mail(MailId(id)),
        account: AccountId(1),
        sender: format!("b+{id}@bounces.example.org"),
        recipient: recipient.to_owned(),
        from_domain: "example.org".to_owned(),
        message: message.into_bytes().into(),
    }
}
