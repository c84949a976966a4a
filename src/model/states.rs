//! States kept in columns. The numbers are explained by the table comments in `migrations/`.

use crate::stored_enum;

stored_enum!(
    /// How far an account is trusted: campaigns of untrusted ones wait for approval.
    Reputation { Trusted = 1, Untrusted = 2 }
);
stored_enum!(
    /// Whose login a session is.
    SessionKind { Account = 1, Operator = 2, Subscriber = 3 }
);
stored_enum!(
    /// Whether an address joins at once or after confirming by mail.
    OptInMode { Single = 1, Double = 2 }
);
stored_enum!(
    /// What an unsubscription leaves: the list it names, or every list of the account.
    OptOutScope { ThisList = 1, AllLists = 2 }
);
stored_enum!(
    /// Where a subscription stands.
    SubscriptionStatus { OptInPending = 1, Subscribed = 2, OptOutPending = 3, Unsubscribed = 4 }
);
stored_enum!(
    /// How the mail of a sender domain is signed (RFC 6376, 8463).
    SigningAlgorithm { RsaSha256 = 1, Ed25519 = 2 }
);
stored_enum!(
    /// Where a signing key stands: waits for its DNS record, signs, has signed, switched off.
    SenderKeyState { Waiting = 1, Signing = 2, Retired = 3, Disabled = 4 }
);
stored_enum!(
    /// What bounces an address has given.
    BounceType { NotBounced = 0, Soft = 1, Hard = 2 }
);
stored_enum!(
    /// The one group of a list that a subscriber stands in; derived, see [`Roster::of`].
    Roster { Active = 1, ActiveSoft = 2, Hard = 3, Suppressed = 4, Pending = 5, Unsubscribed = 6, Leaving = 7 }
);
stored_enum!(
    /// Where a subscriber came from.
    Source { Unknown = 0, Api = 1, Form = 2, Import = 3, Manual = 4, ListAction = 5, OtherDialect = 6 }
);
stored_enum!(
    /// What an entry of the consent log records.
    ConsentEvent {
        Subscribe = 1, RequestQueued = 2, Confirm = 3, Reject = 4, Unsubscribe = 5, Import = 6,
        Update = 7, Suppress = 8, Unsuppress = 9, Delete = 10, ConfirmPageSeen = 11, OptInGiven = 12, OptInDeclined = 13,
        OptInCleared = 14, TrackingChanged = 15, HardBounce = 20, Complaint = 21, Erase = 22,
    }
);
stored_enum!(
    /// Why an address is not mailed.
    SuppressionReason {
        Administrator = 1, User = 2, Complaint = 3, HardBounce = 4, Unsubscribed = 5, Imported = 6, Erased = 7,
    }
);
stored_enum!(
    /// What came back about mail that was sent.
    ReturnKind { HardBounce = 1, SoftBounce = 2, Complaint = 3, Unsubscribed = 4, Refused = 5 }
);
stored_enum!(
    /// How a field is shown and filled.
    FieldKind {
        SingleLine = 1, Paragraph = 2, MultipleChoice = 3, DropDown = 4, Checkboxes = 5, Hidden = 6, Date = 7, Time = 8,
    }
);
stored_enum!(
    /// What a field's value must look like.
    Validation {
        Disabled = 0, Numbers = 1, Letters = 2, NumbersAndLetters = 3, EmailAddress = 4, Url = 5, Date = 6, Time = 7,
        Custom = 8, Options = 9,
    }
);
stored_enum!(
    /// What a field's value is; [`DataType::ByKind`] for fields that were made without saying so.
    DataType {
        ByKind = 0, Text = 1, Integer = 2, Decimal = 3, Boolean = 4, Date = 5, DateTime = 6, Choice = 7, MultiChoice = 8,
    }
);
stored_enum!(
    /// Where a key is good.
    KeyRealm { Api = 0, WebServices = 1 }
);
stored_enum!(
    /// How far a sending to many contacts is.
    SendingState { WaitingForApproval = 1, Scheduled = 2, Running = 3, Done = 4, Failed = 5 }
);
stored_enum!(
    /// How far a campaign is.
    CampaignState {
        Draft = 1, WaitingForApproval = 2, Scheduled = 3, Sending = 4, Paused = 5, Sent = 6, Failed = 7, Cancelled = 8,
    }
);
stored_enum!(
    /// When a campaign is to start.
    CampaignSchedule { Unscheduled = 0, AtOnce = 1, At = 2 }
);
stored_enum!(
    /// Which recipients of a campaign are put back to be sent once more.
    Resend { Nothing = 0, Failed = 1, FailedAndUncertain = 2 }
);
stored_enum!(
    /// How far a recipient of a campaign is.
    RecipientState { Pending = 1, Leased = 2, Sent = 3, Failed = 4, Skipped = 5 }
);
stored_enum!(
    /// Who sees a field.
    Visibility { Public = 1, UserOnly = 2, Hidden = 3 }
);
stored_enum!(
    /// Which change of a list calls a hook.
    HookEvent { Subscription = 1, Unsubscription = 2 }
);
stored_enum!(
    /// Which bodies a message has.
    ContentType { Html = 1, Plain = 2, Both = 3 }
);
stored_enum!(
    /// How a message was made.
    MessageMode { Empty = 1, Template = 2, Import = 3, Editor = 4, Stripo = 5, Unlayer = 6 }
);
stored_enum!(
    /// Where an import's data comes from.
    ImportKind { Copy = 1, File = 2, MySql = 3 }
);
stored_enum!(
    /// What an import fills.
    ImportTarget { List = 1, ListSuppression = 2, AccountSuppression = 3 }
);
stored_enum!(
    /// How far an import is.
    ImportState { WaitingForMapping = 1, Running = 2, Done = 3, Failed = 4, Receiving = 5 }
);
stored_enum!(
    /// How far a queue row is.
    QueueState { Pending = 1, Leased = 2, Done = 3, Failed = 4, Skipped = 5 }
);
stored_enum!(
    /// Why a mail was queued.
    MailPurpose { OptInRequest = 1, Password = 2, Notice = 3, SingleSending = 4, BatchSending = 5 }
);
stored_enum!(
    /// What a job does.
    JobKind { ListHook = 1, PurgeList = 2, PurgeAccount = 3, PurgeField = 4, Sending = 5, Webhook = 6, PurgeOptIn = 7 }
);
stored_enum!(
    /// What a person did with a message.
    TrackingEvent { Opened = 1, Clicked = 2, Forwarded = 3, Viewed = 4, LinksRequested = 5, Unsubscribed = 6 }
);
stored_enum!(
    /// What an installation of an application reports.
    MobileEvent { PushReceived = 1, Launched = 2 }
);
stored_enum!(
    /// How often a list is filled from its MySQL table.
    SyncPeriod { Hour = 1, Day = 2, Week = 3, Month = 4 }
);
stored_enum!(
    /// How mail of a user group leaves.
    SendMethod { System = 0, Smtp = 1, LocalMta = 2, PhpMail = 3, PowerMta = 4, SaveToDisk = 5 }
);

impl Roster {
    /// Where a subscriber stands: status first, then hard bounces, then suppression, then soft bounces, so that the rosters never overlap. A hard
    /// bounce suppresses as well, and who bounced is looked for among the bounced (OE-6.12); neither roster is ever mailed.
    #[must_use]
    pub fn of(status: SubscriptionStatus, bounce: BounceType, is_suppressed: bool) -> Self {
        match (status, bounce, is_suppressed) {
            (SubscriptionStatus::OptInPending, _, _) => Self::Pending,
            (SubscriptionStatus::OptOutPending, _, _) => Self::Leaving,
            (SubscriptionStatus::Unsubscribed, _, _) => Self::Unsubscribed,
            (SubscriptionStatus::Subscribed, BounceType::Hard, _) => Self::Hard,
            (SubscriptionStatus::Subscribed, _, true) => Self::Suppressed,
            (SubscriptionStatus::Subscribed, BounceType::Soft, false) => Self::ActiveSoft,
            (SubscriptionStatus::Subscribed, BounceType::NotBounced, false) => Self::Active,
        }
    }
}
