//! What came back about mail that was sent. What a row means stands in `migrations/`.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

diesel::table! {
    return_events (id) {
        id -> BigInt,
        kind -> SmallInt,
        posted_kind -> SmallInt,
        posted_id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        number -> BigInt,
        email_key -> Text,
        code -> Text,
        diagnostic -> Text,
        source -> Text,
        event_key -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    soft_bounces (list_id, number) {
        list_id -> BigInt,
        number -> BigInt,
        n_failures -> BigInt,
        first_at -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    kept_returns (id) {
        id -> BigInt,
        source -> Text,
        sender -> Text,
        recipient -> Text,
        reason -> Text,
        n_bytes -> BigInt,
        message -> Text,
        at -> BigInt,
    }
}
