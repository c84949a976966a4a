//! Tables of counted links, events and enclosures as Diesel sees them.

diesel::table! {
    link_targets (id) {
        id -> BigInt,
        account_id -> BigInt,
        message_id -> BigInt,
        url -> Text,
        url_hash -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    tracking_events (id) {
        id -> BigInt,
        account_id -> BigInt,
        campaign_id -> BigInt,
        message_id -> BigInt,
        list_id -> BigInt,
        number -> BigInt,
        kind -> SmallInt,
        link_id -> BigInt,
        at -> BigInt,
        ip -> Text,
        user_agent -> Text,
    }
}

diesel::table! {
    enclosures (id) {
        id -> BigInt,
        message_id -> BigInt,
        position -> BigInt,
        name -> Text,
        mime_type -> Text,
        content_id -> Text,
        content -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    mail_messages (mail_id) {
        mail_id -> BigInt,
        message_id -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(link_targets, tracking_events);
