-- One row: an audience with its opt-in rules and result pages (Oempro subscriber list, Ofsys project).
-- opt_in_mode: 1 single, 2 double. opt_out_scope: 1 this list, 2 all lists. 0 in a list or message reference means none.
-- Written by List.Create and List.Update; marked by Lists.Delete and removed by the purge job once its subscribers are gone.
CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    opt_in_mode SMALLINT NOT NULL,
    confirmation_message_id BIGINT NOT NULL,
    opt_out_scope SMALLINT NOT NULL,
    opt_out_suppress_list BOOLEAN NOT NULL,
    opt_out_suppress_account BOOLEAN NOT NULL,
    notify_integration_failure BOOLEAN NOT NULL,
    notify_activity BOOLEAN NOT NULL,
    hide_in_subscriber_area BOOLEAN NOT NULL,
    pending_page_url TEXT NOT NULL,
    confirmed_page_url TEXT NOT NULL,
    subscription_error_page_url TEXT NOT NULL,
    unsubscribed_page_url TEXT NOT NULL,
    unsubscription_error_page_url TEXT NOT NULL,
    request_search_to TEXT NOT NULL,
    request_subscribe_word TEXT NOT NULL,
    request_unsubscribe_word TEXT NOT NULL,
    opt_in_subscribe_to BIGINT NOT NULL,
    opt_in_unsubscribe_from BIGINT NOT NULL,
    opt_out_subscribe_to BIGINT NOT NULL,
    opt_out_unsubscribe_from BIGINT NOT NULL,
    sender_name TEXT NOT NULL,
    sender_email TEXT NOT NULL,
    sender_company TEXT NOT NULL,
    sender_address TEXT NOT NULL,
    options TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    deleted_at BIGINT
);
CREATE INDEX lists_by_account ON lists (account_id, id);

-- One row beside each list, changed by every subscription: the last subscriber number given out, how many subscribers stand in
-- each roster (see subscribers.roster), and when the list last moved. Written with the subscriber rows, deleted with the list.
CREATE TABLE list_totals (
    list_id BIGINT PRIMARY KEY,
    last_number BIGINT NOT NULL,
    n_active BIGINT NOT NULL,
    n_soft BIGINT NOT NULL,
    n_hard BIGINT NOT NULL,
    n_suppressed BIGINT NOT NULL,
    n_pending BIGINT NOT NULL,
    n_unsubscribed BIGINT NOT NULL,
    n_leaving BIGINT NOT NULL,
    last_activity_at BIGINT
);

-- One row for each list that is filled from a MySQL table on a schedule. period: 1 hour, 2 day, 3 week, 4 month.
-- Written by List.Update, read by the sync job, deleted with the list.
CREATE TABLE list_syncs (
    list_id BIGINT PRIMARY KEY,
    is_enabled BOOLEAN NOT NULL,
    period SMALLINT NOT NULL,
    mysql_host TEXT NOT NULL,
    mysql_port TEXT NOT NULL,
    mysql_username TEXT NOT NULL,
    mysql_password TEXT NOT NULL,
    mysql_database TEXT NOT NULL,
    mysql_query TEXT NOT NULL,
    field_mapping TEXT NOT NULL,
    send_report BOOLEAN NOT NULL,
    last_run_at BIGINT
);

-- One row: a web address that is told of subscriptions (event 1) or unsubscriptions (event 2) of a list.
-- Written by ListIntegration.AddURL; deleted by ListIntegration.DeleteURLs and with the list.
CREATE TABLE list_hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    event SMALLINT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX list_hooks_by_list ON list_hooks (list_id, event);

-- One row: something typed that a list, or with list_id 0 every list of the account, knows of its subscribers (Oempro custom field).
-- kind: 1 single line, 2 paragraph, 3 multiple choice, 4 drop down, 5 check boxes, 6 hidden, 7 date, 8 time.
-- validation: 0 none, 1 numbers, 2 letters, 3 numbers and letters, 4 e-mail, 5 URL, 6 date, 7 time, 8 custom pattern, 9 one of the options.
-- visibility: 1 public, 2 user only, 3 hidden. options: JSON array of {"label","value","selected"}.
-- Written by CustomField.Create, .Update, CustomFields.Copy; deleted by CustomFields.Delete and with the list.
CREATE TABLE fields (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    default_value TEXT NOT NULL,
    options TEXT NOT NULL,
    validation SMALLINT NOT NULL,
    rule TEXT NOT NULL,
    is_required BOOLEAN NOT NULL,
    is_unique BOOLEAN NOT NULL,
    is_global BOOLEAN NOT NULL,
    visibility SMALLINT NOT NULL,
    alias TEXT NOT NULL,
    years TEXT NOT NULL,
    meta TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX fields_by_list ON fields (list_id, account_id, id);

-- One row: an e-mail that can be sent: opt-in requests now, campaigns and autoresponders later (Oempro e-mail, Ofsys message).
-- content_type: 1 HTML, 2 plain, 3 both. mode: 1 empty, 2 template, 3 import. Written by List.Create with ConfirmationEmail and by the e-mail commands.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_email TEXT NOT NULL,
    reply_to_name TEXT NOT NULL,
    reply_to_email TEXT NOT NULL,
    content_type SMALLINT NOT NULL,
    mode SMALLINT NOT NULL,
    fetch_url TEXT NOT NULL,
    fetch_plain_url TEXT NOT NULL,
    subject TEXT NOT NULL,
    plain_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    embeds_images BOOLEAN NOT NULL,
    template_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX messages_by_account ON messages (account_id, id);
