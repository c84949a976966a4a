//! The tables of projects: what lists, messages and keys have beside the older tables. What a row means stands in `migrations/`.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

diesel::table! {
    projects (list_id) {
        list_id -> BigInt,
        languages -> Text,
        time_zone -> Text,
        key_fields -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    contact_keys (list_id, key_text) {
        list_id -> BigInt,
        key_text -> Text,
        number -> BigInt,
    }
}

diesel::table! {
    opt_ins (id) {
        id -> BigInt,
        list_id -> BigInt,
        code -> Text,
        code_key -> Text,
        labels -> Text,
        category_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    contact_opt_ins (list_id, number, opt_in_id) {
        list_id -> BigInt,
        number -> BigInt,
        opt_in_id -> BigInt,
        is_given -> Bool,
        effective_at -> BigInt,
    }
}

diesel::table! {
    contact_tracking (list_id, number) {
        list_id -> BigInt,
        number -> BigInt,
        is_given -> Bool,
        effective_at -> BigInt,
    }
}

diesel::table! {
    key_terms (credential_id) {
        credential_id -> BigInt,
        contact_person -> Text,
        ip_ranges -> Text,
        projects -> Text,
        tables -> Text,
        endpoints -> Text,
        calls_per_day -> BigInt,
    }
}

diesel::table! {
    key_calls (credential_id, day) {
        credential_id -> BigInt,
        day -> BigInt,
        n_calls -> BigInt,
    }
}

diesel::table! {
    message_versions (id) {
        id -> BigInt,
        message_id -> BigInt,
        position -> BigInt,
        name -> Text,
        culture -> Text,
        sender_name -> Text,
        sender_email -> Text,
        reply_to_email -> Text,
        subject -> Text,
        subject_tell_a_friend -> Text,
        predicate -> Text,
        must_match -> Bool,
    }
}

diesel::table! {
    message_bodies (version_id, position) {
        version_id -> BigInt,
        position -> BigInt,
        mime_type -> Text,
        content -> Text,
    }
}

diesel::table! {
    sendings (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        message_id -> BigInt,
        version_id -> BigInt,
        filter -> Text,
        state -> SmallInt,
        launch_at -> BigInt,
        after_number -> BigInt,
        n_selected -> BigInt,
        n_queued -> BigInt,
        n_passed -> BigInt,
        last_error -> Text,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    operational_links (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        name -> Text,
        url -> Text,
        message_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    operational_link_changes (link_id, position) {
        link_id -> BigInt,
        position -> BigInt,
        target -> Text,
        value -> Text,
    }
}

diesel::table! {
    operational_link_visits (list_id, number, link_id) {
        list_id -> BigInt,
        number -> BigInt,
        link_id -> BigInt,
        visited_at -> BigInt,
    }
}
