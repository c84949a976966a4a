//! Sender domains, relational tables, mobile applications, webhooks, counters. What a row means stands in `migrations/`.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

diesel::table! {
    sender_keys (id) {
        id -> BigInt,
        account_id -> BigInt,
        domain -> Text,
        selector -> Text,
        algorithm -> SmallInt,
        private_key -> Text,
        public_key -> Text,
        state -> SmallInt,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    warm_ups (domain) {
        domain -> Text,
        first_day -> BigInt,
        first_cap -> BigInt,
    }
}

diesel::table! {
    warm_up_counts (domain, destination) {
        domain -> Text,
        destination -> Text,
        day -> BigInt,
        n_taken -> BigInt,
        n_bounced -> BigInt,
        n_complained -> BigInt,
        n_held -> BigInt,
    }
}

diesel::table! {
    number_ranges (name) {
        name -> Text,
        last_number -> BigInt,
    }
}

diesel::table! {
    data_tables (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        code -> Text,
        code_key -> Text,
        name -> Text,
        needs_contact -> Bool,
        last_number -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    data_table_fields (table_id, position) {
        table_id -> BigInt,
        position -> BigInt,
        code -> Text,
        data_type -> SmallInt,
        is_key -> Bool,
        is_required -> Bool,
    }
}

diesel::table! {
    data_rows (table_id, number) {
        table_id -> BigInt,
        number -> BigInt,
        list_id -> BigInt,
        contact_number -> BigInt,
        key_text -> Nullable<Text>,
        content -> Text,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    mobile_apps (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        name -> Text,
        secret_hash -> Text,
        is_enabled -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    mobile_devices (id) {
        id -> BigInt,
        app_id -> BigInt,
        list_id -> BigInt,
        guid -> Text,
        token -> Text,
        token_hash -> Nullable<Text>,
        contact_number -> BigInt,
        platform -> BigInt,
        domain -> Text,
        language -> Text,
        claims -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    mobile_events (id) {
        id -> BigInt,
        app_id -> BigInt,
        device_id -> BigInt,
        kind -> SmallInt,
        push_id -> Text,
        happened_at -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    webhooks (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        url -> Text,
        events -> Text,
        salt -> Text,
        is_enabled -> Bool,
        created_at -> BigInt,
    }
}
