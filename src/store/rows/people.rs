//! Where something is kept about a person: the tables that an export reads and an erasure empties. A new table with a person in it is added here.

/// A table whose rows belong to a subscriber.
#[derive(Debug, Clone, Copy)]
pub struct OfSubscriber {
    /// The table; it has a column `list_id`.
    pub table: &'static str,
    /// The column with the subscriber's number.
    pub number: &'static str,
}

/// A table whose rows belong to an address.
#[derive(Debug, Clone, Copy)]
pub struct OfAddress {
    /// The table; it has a column `account_id`.
    pub table: &'static str,
    /// What is compared with the address's key.
    pub key: &'static str,
}

/// What belongs to a subscriber of a list.
pub const OF_SUBSCRIBER: [OfSubscriber; 11] = [
    OfSubscriber { table: "subscribers", number: "number" },
    OfSubscriber { table: "contact_keys", number: "number" },
    OfSubscriber { table: "contact_opt_ins", number: "number" },
    OfSubscriber { table: "contact_tracking", number: "number" },
    OfSubscriber { table: "operational_link_visits", number: "number" },
    OfSubscriber { table: "soft_bounces", number: "number" },
    OfSubscriber { table: "data_rows", number: "contact_number" },
    OfSubscriber { table: "mobile_devices", number: "contact_number" },
    OfSubscriber { table: "consent_log", number: "number" },
    OfSubscriber { table: "tracking_events", number: "number" },
    OfSubscriber { table: "recipients", number: "number" },
];

/// What belongs to an address, whatever list it is on.
pub const OF_ADDRESS: [OfAddress; 5] = [
    OfAddress { table: "global_values", key: "email_key" },
    OfAddress { table: "suppressions", key: "email_key" },
    OfAddress { table: "consent_log", key: "email_key" },
    OfAddress { table: "return_events", key: "email_key" },
    OfAddress { table: "mails", key: "lower(to_email)" },
];

/// Rows of one table that an export holds at most.
pub const MAX_ROWS: i64 = 10_000;
