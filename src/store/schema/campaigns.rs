//! Campaigns and their recipients as Diesel sees them. What a row means stands in `migrations/`.

use super::{accounts, subscribers};

diesel::table! {
    campaigns (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        message_id -> BigInt,
        state -> SmallInt,
        schedule -> SmallInt,
        due_at -> Nullable<BigInt>,
        reason -> Text,
        n_recipients -> BigInt,
        plan_position -> BigInt,
        plan_number -> BigInt,
        planned_at -> Nullable<BigInt>,
        resend -> SmallInt,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        swept_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    campaign_totals (campaign_id) {
        campaign_id -> BigInt,
        n_sent -> BigInt,
        n_failed -> BigInt,
        n_skipped -> BigInt,
        n_uncertain -> BigInt,
        n_hard -> BigInt,
        n_soft -> BigInt,
        n_recent -> BigInt,
        n_recent_errors -> BigInt,
    }
}

diesel::table! {
    campaign_lists (campaign_id, position) {
        campaign_id -> BigInt,
        position -> BigInt,
        list_id -> BigInt,
        segment_id -> BigInt,
        selection -> Text,
        up_to -> BigInt,
    }
}

diesel::table! {
    recipients (id) {
        id -> BigInt,
        campaign_id -> BigInt,
        list_id -> BigInt,
        number -> BigInt,
        state -> SmallInt,
        is_uncertain -> Bool,
        due_at -> BigInt,
        leased_by -> BigInt,
        n_tries -> BigInt,
        first_try_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        last_reply -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(campaigns, campaign_totals, campaign_lists, recipients);
diesel::allow_tables_to_appear_in_same_query!(campaigns, accounts);
diesel::allow_tables_to_appear_in_same_query!(campaign_totals, accounts);
diesel::allow_tables_to_appear_in_same_query!(recipients, subscribers);
