//! Ids: one type a table, so that a list's id is never taken for an account's.

use crate::stored_id;

stored_id!(
    /// A tenant (Oempro user).
    AccountId
);
stored_id!(
    /// An administrator of all accounts.
    OperatorId
);
stored_id!(
    /// A set of permissions and limits shared by accounts.
    UserGroupId
);
stored_id!(
    /// A stored key of an account or operator.
    CredentialId
);
stored_id!(
    /// An audience (Oempro subscriber list, Ofsys project).
    ListId
);
stored_id!(
    /// A subscriber's number inside its list: the id that the wire shows. Never unique by itself.
    SubscriberNumber
);
stored_id!(
    /// Extra data that a list knows of its subscribers (Oempro custom field).
    FieldId
);
stored_id!(
    /// An e-mail that can be sent.
    MessageId
);
stored_id!(
    /// A web address told of subscriptions.
    HookId
);
stored_id!(
    /// An import in two steps.
    ImportId
);
stored_id!(
    /// A queued mail to one person.
    MailId
);
stored_id!(
    /// Queued work that is no mail.
    JobId
);
stored_id!(
    /// An extra table of a list (Ofsys relational table).
    TableId
);
stored_id!(
    /// A mobile or web application whose devices a list knows.
    AppId
);
stored_id!(
    /// An installation of such an application.
    DeviceId
);
stored_id!(
    /// A web address told of changes of subscribers.
    WebhookId
);

impl DeviceId {
    /// No installation that is known.
    pub const NONE: Self = Self(0);
}

stored_id!(
    /// A kind of communication that contacts of a list may consent to (Ofsys opt-in field).
    OptInId
);
stored_id!(
    /// A message in one language or for some contacts (Ofsys message version).
    VersionId
);
stored_id!(
    /// One message to many contacts (Ofsys batch).
    SendingId
);
stored_id!(
    /// A link that changes whoever follows it (Ofsys operational link).
    OperationalLinkId
);
stored_id!(
    /// One message to the subscribers of lists, sent by the engine (Oempro campaign).
    CampaignId
);
stored_id!(
    /// One recipient of one campaign: a queue row.
    RecipientId
);

stored_id!(
    /// A running process that works queues off; made up at its start.
    NodeId
);

impl NodeId {
    /// No process.
    pub const NONE: Self = Self(0);
}

impl CampaignId {
    /// No campaign, where a column or a walk may name none.
    pub const NONE: Self = Self(0);
}

impl ListId {
    /// No list, where a column may name none; also "every list" in a suppression's scope.
    pub const NONE: Self = Self(0);
}

impl AccountId {
    /// No account: the whole server, in a suppression's scope.
    pub const NONE: Self = Self(0);
}

impl VersionId {
    /// No version in particular: one is chosen for each contact.
    pub const NONE: Self = Self(0);
}

impl MessageId {
    /// No message, where a column may name none.
    pub const NONE: Self = Self(0);
}

impl ImportId {
    /// Not from an import.
    pub const NONE: Self = Self(0);
}

impl SubscriberNumber {
    /// No subscriber, where a column may name none.
    pub const NONE: Self = Self(0);
}
