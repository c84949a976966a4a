//! The tables as Diesel sees them; spelled alike in both databases. What a row means stands in `migrations/`.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

pub mod campaigns;
pub mod projects;
pub mod returns;
pub mod tables;
pub mod tracking;

diesel::table! {
    operators (id) {
        id -> BigInt,
        name -> Text,
        email -> Text,
        email_key -> Text,
        username -> Text,
        username_key -> Text,
        password_hash -> Text,
        is_enabled -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    user_groups (id) {
        id -> BigInt,
        name -> Text,
        theme_id -> BigInt,
        logout_url -> Text,
        force_unsubscribe_link -> Bool,
        force_reject_link -> Bool,
        force_opt_in_list -> Bool,
        permissions -> Text,
        limit_subscribers -> BigInt,
        limit_lists -> BigInt,
        limit_campaigns_per_month -> BigInt,
        limit_emails_per_month -> BigInt,
        limit_emails_per_day -> BigInt,
        threshold_import -> BigInt,
        threshold_send -> BigInt,
        plain_header -> Text,
        plain_footer -> Text,
        html_header -> Text,
        html_footer -> Text,
        is_trial -> Bool,
        trial_seconds -> BigInt,
        options -> Text,
        is_default -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    user_group_billing (user_group_id) {
        user_group_id -> BigInt,
        is_enabled -> Bool,
        pricing_range -> Text,
        campaigns_per_recipient -> Bool,
        campaigns_per_campaign_cost -> Text,
        autoresponders_charge -> Text,
        autoresponders_per_recipient -> Bool,
        preview_charge -> Text,
        preview_charge_per_request -> Text,
        system_charge -> Text,
        credits_enabled -> Bool,
    }
}

diesel::table! {
    user_group_delivery (user_group_id) {
        user_group_id -> BigInt,
        method -> SmallInt,
        save_to_disk_dir -> Text,
        powermta_vmta -> Text,
        powermta_dir -> Text,
        local_mta_path -> Text,
        smtp_host -> Text,
        smtp_port -> BigInt,
        smtp_security -> Text,
        smtp_timeout_seconds -> BigInt,
        smtp_auth -> Bool,
        smtp_username -> Text,
        smtp_password -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        user_group_id -> BigInt,
        email -> Text,
        email_key -> Text,
        username -> Text,
        username_key -> Text,
        password_hash -> Text,
        reputation -> SmallInt,
        is_enabled -> Bool,
        credits -> BigInt,
        first_name -> Text,
        last_name -> Text,
        company -> Text,
        time_zone -> Text,
        language -> Text,
        sign_up_ip -> Text,
        wire_options -> Text,
        created_at -> BigInt,
        last_activity_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    account_profiles (account_id) {
        account_id -> BigInt,
        website -> Text,
        street -> Text,
        street2 -> Text,
        city -> Text,
        state -> Text,
        zip -> Text,
        country -> Text,
        vat -> Text,
        phone -> Text,
        phone_verified -> Bool,
        fax -> Text,
        other_emails -> Text,
        preview_account -> Text,
        preview_api_key -> Text,
        forward_header -> Text,
        forward_footer -> Text,
        sso_id -> Text,
    }
}

diesel::table! {
    credentials (id) {
        id -> BigInt,
        account_id -> Nullable<BigInt>,
        operator_id -> Nullable<BigInt>,
        note -> Text,
        key_hash -> Text,
        key_hint -> Text,
        ip_limit -> Text,
        expires_at -> Nullable<BigInt>,
        disabled_at -> Nullable<BigInt>,
        created_at -> BigInt,
        realm -> SmallInt,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        kind -> SmallInt,
        account_id -> Nullable<BigInt>,
        operator_id -> Nullable<BigInt>,
        list_id -> Nullable<BigInt>,
        subscriber_number -> Nullable<BigInt>,
        has_full_privilege -> Bool,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    password_requests (token_hash) {
        token_hash -> Text,
        account_id -> Nullable<BigInt>,
        operator_id -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        md5_of_id -> Text,
        may_choose -> Bool,
    }
}

diesel::table! {
    login_failures (key_hash) {
        key_hash -> Text,
        n_failures -> BigInt,
        last_failed_at -> BigInt,
    }
}

diesel::table! {
    lists (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        description -> Text,
        opt_in_mode -> SmallInt,
        confirmation_message_id -> BigInt,
        opt_out_scope -> SmallInt,
        opt_out_suppress_list -> Bool,
        opt_out_suppress_account -> Bool,
        notify_integration_failure -> Bool,
        notify_activity -> Bool,
        hide_in_subscriber_area -> Bool,
        pending_page_url -> Text,
        confirmed_page_url -> Text,
        subscription_error_page_url -> Text,
        unsubscribed_page_url -> Text,
        unsubscription_error_page_url -> Text,
        request_search_to -> Text,
        request_subscribe_word -> Text,
        request_unsubscribe_word -> Text,
        opt_in_subscribe_to -> BigInt,
        opt_in_unsubscribe_from -> BigInt,
        opt_out_subscribe_to -> BigInt,
        opt_out_unsubscribe_from -> BigInt,
        sender_name -> Text,
        sender_email -> Text,
        sender_company -> Text,
        sender_address -> Text,
        options -> Text,
        created_at -> BigInt,
        archived_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    list_totals (list_id) {
        list_id -> BigInt,
        last_number -> BigInt,
        n_active -> BigInt,
        n_soft -> BigInt,
        n_hard -> BigInt,
        n_suppressed -> BigInt,
        n_pending -> BigInt,
        n_unsubscribed -> BigInt,
        n_leaving -> BigInt,
        last_activity_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    list_syncs (list_id) {
        list_id -> BigInt,
        is_enabled -> Bool,
        period -> SmallInt,
        mysql_host -> Text,
        mysql_port -> Text,
        mysql_username -> Text,
        mysql_password -> Text,
        mysql_database -> Text,
        mysql_query -> Text,
        field_mapping -> Text,
        send_report -> Bool,
        last_run_at -> Nullable<BigInt>,
        leased_until -> Nullable<BigInt>,
        last_result -> Text,
    }
}

diesel::table! {
    list_hooks (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        event -> SmallInt,
        url -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    fields (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        name -> Text,
        kind -> SmallInt,
        default_value -> Text,
        options -> Text,
        validation -> SmallInt,
        rule -> Text,
        is_required -> Bool,
        is_unique -> Bool,
        is_global -> Bool,
        visibility -> SmallInt,
        alias -> Text,
        years -> Text,
        meta -> Text,
        created_at -> BigInt,
        code -> Text,
        data_type -> SmallInt,
        labels -> Text,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        from_name -> Text,
        from_email -> Text,
        reply_to_name -> Text,
        reply_to_email -> Text,
        content_type -> SmallInt,
        mode -> SmallInt,
        fetch_url -> Text,
        fetch_plain_url -> Text,
        subject -> Text,
        plain_body -> Text,
        html_body -> Text,
        embeds_images -> Bool,
        template_id -> BigInt,
        created_at -> BigInt,
        pre_header -> Text,
        list_id -> BigInt,
        category_id -> BigInt,
        hosts_images -> Bool,
        tracks_links -> Bool,
    }
}

diesel::table! {
    subscribers (list_id, number) {
        list_id -> BigInt,
        number -> BigInt,
        email -> Text,
        email_key -> Text,
        status -> SmallInt,
        bounce -> SmallInt,
        is_suppressed -> Bool,
        roster -> SmallInt,
        shelf -> SmallInt,
        fields -> Text,
        subscribed_at -> BigInt,
        subscribed_ip -> Text,
        opted_in_at -> Nullable<BigInt>,
        unsubscribed_at -> Nullable<BigInt>,
        unsubscribed_ip -> Text,
        request_sent_at -> Nullable<BigInt>,
        source -> SmallInt,
        source_ref -> Text,
        import_id -> BigInt,
    }
}

diesel::table! {
    roster_marks (list_id, shelf, sort, from_key) {
        list_id -> BigInt,
        shelf -> SmallInt,
        sort -> SmallInt,
        from_key -> Text,
        n -> BigInt,
    }
}

diesel::table! {
    field_uniques (field_id, value_key) {
        field_id -> BigInt,
        value_key -> Text,
        list_id -> BigInt,
        number -> BigInt,
        email_key -> Text,
    }
}

diesel::table! {
    global_values (account_id, email_key, field_id) {
        account_id -> BigInt,
        email_key -> Text,
        field_id -> BigInt,
        value -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    consent_log (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        number -> BigInt,
        email_key -> Text,
        event -> SmallInt,
        at -> BigInt,
        ip -> Text,
        user_agent -> Text,
        channel -> Text,
        actor -> Text,
        detail -> Text,
        import_id -> BigInt,
    }
}

diesel::table! {
    suppressions (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        email -> Text,
        email_key -> Text,
        reason -> SmallInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    imports (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        kind -> SmallInt,
        target -> SmallInt,
        state -> SmallInt,
        file_name -> Text,
        field_terminator -> Text,
        field_encloser -> Text,
        n_columns -> BigInt,
        n_rows -> BigInt,
        n_imported -> BigInt,
        n_duplicates -> BigInt,
        n_failed -> BigInt,
        actor -> Text,
        ip -> Text,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        n_runs -> BigInt,
        leased_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    import_chunks (import_id, seq) {
        import_id -> BigInt,
        seq -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    mails (id) {
        id -> BigInt,
        account_id -> BigInt,
        list_id -> BigInt,
        number -> BigInt,
        purpose -> SmallInt,
        from_name -> Text,
        from_email -> Text,
        reply_to -> Text,
        to_email -> Text,
        subject -> Text,
        plain_body -> Text,
        html_body -> Text,
        state -> SmallInt,
        due_at -> BigInt,
        leased_until -> Nullable<BigInt>,
        n_tries -> BigInt,
        last_error -> Text,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        is_uncertain -> Bool,
        reply -> Text,
        leased_by -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(mails, nodes);

diesel::table! {
    nodes (id) {
        id -> BigInt,
        beat -> BigInt,
        started_at -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> SmallInt,
        payload -> Text,
        state -> SmallInt,
        due_at -> BigInt,
        leased_until -> Nullable<BigInt>,
        n_tries -> BigInt,
        last_error -> Text,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    server_secrets (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    operators,
    user_groups,
    user_group_billing,
    user_group_delivery,
    accounts,
    account_profiles,
    credentials,
    sessions,
    password_requests,
    server_secrets,
    lists,
    list_totals,
    list_syncs,
    list_hooks,
    fields,
    messages,
    subscribers,
    roster_marks,
    field_uniques,
    global_values,
    consent_log,
    suppressions,
    imports,
    import_chunks,
    mails,
    jobs,
);
