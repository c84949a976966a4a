//! Contents of `queries/projects.rs`, `queries/keys.rs` and `queries/parts.rs`.

use crate::model::ids::{CredentialId, ListId, OptInId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::{CredentialRow, NewCredential};
use crate::store::rows::projects::{ContactOptInRow, KeyTermsRow, NewOptInRow, OptInRow, ProjectRow, TrackingRow};

queries! { projects {
    /// What a list has as a project, if anything was set.
    fn find_project(list: ListId) -> Option<ProjectRow>;
    /// Sets what a list has as a project.
    fn save_project(row: &ProjectRow) -> ();
    /// The opt-ins of a list, by id.
    fn list_opt_ins(list: ListId) -> Vec<OptInRow>;
    /// Adds an opt-in; a conflict when the list has its code in any case.
    fn insert_opt_in(row: &NewOptInRow) -> OptInId;
    /// Removes an opt-in; what contacts said to it is left for `purge_said`.
    fn delete_opt_in(id: OptInId) -> ();
    /// Looks through what up to `n` contacts after this one said and forgets what they said to one opt-in; answers the last of them, `None` at the end.
    fn purge_said(list: ListId, id: OptInId, after: SubscriberNumber, n: i64) -> Option<SubscriberNumber>;
    /// What contacts said to the opt-ins of their list.
    fn list_contact_opt_ins(list: ListId, numbers: &[SubscriberNumber]) -> Vec<ContactOptInRow>;
    /// Sets what a contact says to an opt-in.
    fn set_contact_opt_in(row: &ContactOptInRow) -> ();
    /// Forgets what a contact said to an opt-in.
    fn delete_contact_opt_in(list: ListId, number: SubscriberNumber, id: OptInId) -> ();
    /// What contacts said to being tracked.
    fn list_tracking(list: ListId, numbers: &[SubscriberNumber]) -> Vec<TrackingRow>;
    /// Sets what a contact says to being tracked.
    fn set_tracking(row: &TrackingRow) -> ();
    /// Forgets what a contact said to being tracked.
    fn delete_tracking(list: ListId, number: SubscriberNumber) -> ();
    /// The contact of a list with this key.
    fn find_contact_by_key(list: ListId, key_text: &str) -> Option<SubscriberNumber>;
    /// Gives a contact its key; a conflict when another contact has it.
    fn set_contact_key(list: ListId, number: SubscriberNumber, key_text: &str) -> ();
    /// Frees the key of a contact.
    fn delete_contact_key(list: ListId, number: SubscriberNumber) -> ();
    /// Frees every key of a list.
    fn delete_contact_keys_of_list(list: ListId) -> ();
    /// Notes that something happened on a list.
    fn touch_list(list: ListId, at: UtcTime) -> ();
} }

queries! { keys {
    /// The key for web services with this id, with the SHA-256 of its secret.
    fn find_key(id: CredentialId) -> Option<(CredentialRow, String, KeyTermsRow)>;
    /// Stores a key for web services with its terms, whose id is filled in.
    fn insert_key(credential: &NewCredential, terms: &KeyTermsRow) -> CredentialId;
    /// The terms of a key.
    fn find_key_terms(id: CredentialId) -> Option<KeyTermsRow>;
    /// Counts one more call of a key on a day and answers how many there were, this one included; forgets the days before.
    fn count_key_call(id: CredentialId, day: i64) -> i64;
} }

queries! { parts {
    /// Opens a part of the transaction that can be undone by itself. Parts do not nest.
    fn begin_record() -> ();
    /// Keeps what the part did.
    fn keep_record() -> ();
    /// Undoes what the part did.
    fn undo_record() -> ();
} }
