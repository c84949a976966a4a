//! Contents of `queries/sendings.rs`, `queries/message_versions.rs` and `queries/operational_links.rs`.

use crate::model::ids::{AccountId, ListId, MessageId, OperationalLinkId, SendingId, SubscriberNumber, VersionId};
use crate::model::states::SendingState;
use crate::model::time::UtcTime;
use crate::store::rows::messages::{MessageRow, NewMessageRow};
use crate::store::rows::sendings::{
    BodyRow, NewOperationalLinkRow, NewSendingRow, NewVersionRow, OperationalLinkRow, SendingRow, VersionRow,
};

queries! { sendings {
    /// Makes a sending.
    fn insert_sending(row: &NewSendingRow) -> SendingId;
    /// The sending with this id, if it belongs to the account.
    fn find_sending(account: AccountId, id: SendingId) -> Option<SendingRow>;
    /// The first `n` sendings of a list with ids of this range, both ends included, by id.
    fn list_sendings(list: ListId, from: SendingId, to: SendingId, n: i64) -> Vec<SendingRow>;
    /// Takes a sending to work on until the transaction ends; `None` when it does not run any more.
    fn take_sending(id: SendingId) -> Option<SendingRow>;
    /// Notes how far a sending came.
    fn advance_sending(id: SendingId, after: SubscriberNumber, n_selected: i64, n_queued: i64, n_passed: i64) -> ();
    /// Ends a sending.
    fn end_sending(id: SendingId, state: SendingState, at: UtcTime, error: &str) -> ();
    /// Lets a sending that waits for approval go; false when it does not wait.
    fn approve_sending(id: SendingId) -> bool;
    /// A sending of an account that is not over and sends a message.
    fn find_open_sending_of(account: AccountId, message: MessageId) -> Option<SendingId>;
} }

queries! { message_versions {
    /// The versions of a message, in their order.
    fn list_versions(message: MessageId) -> Vec<VersionRow>;
    /// The bodies of versions, in their order.
    fn list_bodies(versions: &[VersionId]) -> Vec<BodyRow>;
    /// Adds a version.
    fn insert_version(row: &NewVersionRow) -> VersionId;
    /// Replaces a version's columns.
    fn update_version(id: VersionId, row: &NewVersionRow) -> ();
    /// Adds a body.
    fn insert_body(row: &BodyRow) -> ();
    /// Removes the bodies of versions.
    fn delete_bodies(versions: &[VersionId]) -> ();
    /// Removes versions with their bodies.
    fn delete_versions(versions: &[VersionId]) -> ();
    /// Replaces a message's columns but its owner and when it was made.
    fn update_message(id: MessageId, row: &NewMessageRow) -> ();
    /// Up to `n` messages of an account after this one, by id, those that a list may use.
    fn list_messages(account: AccountId, list: ListId, after: MessageId, n: i64) -> Vec<MessageRow>;
    /// Removes a message with its versions and bodies.
    fn delete_message(id: MessageId) -> ();
} }

queries! { operational_links {
    /// The operational link with this id, whosever it is.
    fn find_operational_link(id: OperationalLinkId) -> Option<OperationalLinkRow>;
    /// The operational links of a list, by id.
    fn list_operational_links(list: ListId) -> Vec<OperationalLinkRow>;
    /// What a link changes, as (column, value), in its order.
    fn list_link_changes(id: OperationalLinkId) -> Vec<(String, String)>;
    /// Makes a link that changes these columns.
    fn insert_operational_link(row: &NewOperationalLinkRow, changes: &[(String, String)]) -> OperationalLinkId;
    /// Replaces what a link leads to, sends and changes.
    fn update_operational_link(id: OperationalLinkId, row: &NewOperationalLinkRow, changes: &[(String, String)]) -> ();
    /// Removes a link with what it changes.
    fn delete_operational_link(id: OperationalLinkId) -> ();
    /// A link of an account that sends a message.
    fn find_link_sending(account: AccountId, message: MessageId) -> Option<OperationalLinkId>;
    /// Notes that a contact followed a link; false when it did so before.
    fn note_link_visit(list: ListId, number: SubscriberNumber, id: OperationalLinkId, at: UtcTime) -> bool;
} }
