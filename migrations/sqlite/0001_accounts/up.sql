-- One row: a person or system that administers all accounts (Oempro administrator).
-- Written by the first start, the `operator` subcommand and Admin.Update; deleted by nobody.
CREATE TABLE operators (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- One row: a set of permissions and limits that accounts share (Oempro user group).
-- Written by the first start and UserGroup.Create, .Update, .Duplicate; deleted by UserGroup.Delete. 0 in a limit means no limit.
CREATE TABLE user_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    theme_id BIGINT NOT NULL,
    logout_url TEXT NOT NULL,
    force_unsubscribe_link BOOLEAN NOT NULL,
    force_reject_link BOOLEAN NOT NULL,
    force_opt_in_list BOOLEAN NOT NULL,
    permissions TEXT NOT NULL,
    limit_subscribers BIGINT NOT NULL,
    limit_lists BIGINT NOT NULL,
    limit_campaigns_per_month BIGINT NOT NULL,
    limit_emails_per_month BIGINT NOT NULL,
    limit_emails_per_day BIGINT NOT NULL,
    threshold_import BIGINT NOT NULL,
    threshold_send BIGINT NOT NULL,
    plain_header TEXT NOT NULL,
    plain_footer TEXT NOT NULL,
    html_header TEXT NOT NULL,
    html_footer TEXT NOT NULL,
    is_trial BOOLEAN NOT NULL,
    trial_seconds BIGINT NOT NULL,
    options TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- One row beside each user group: what its accounts pay. Amounts are decimal text as the client sent it.
-- Written and deleted together with the group.
CREATE TABLE user_group_billing (
    user_group_id BIGINT PRIMARY KEY REFERENCES user_groups (id) ON DELETE CASCADE,
    is_enabled BOOLEAN NOT NULL,
    pricing_range TEXT NOT NULL,
    campaigns_per_recipient BOOLEAN NOT NULL,
    campaigns_per_campaign_cost TEXT NOT NULL,
    autoresponders_charge TEXT NOT NULL,
    autoresponders_per_recipient BOOLEAN NOT NULL,
    preview_charge TEXT NOT NULL,
    preview_charge_per_request TEXT NOT NULL,
    system_charge TEXT NOT NULL,
    credits_enabled BOOLEAN NOT NULL
);

-- One row beside each user group: how mail of its accounts leaves. method: 0 system, 1 smtp, 2 local mta, 3 php mail, 4 powermta, 5 save to disk.
-- Written and deleted together with the group.
CREATE TABLE user_group_delivery (
    user_group_id BIGINT PRIMARY KEY REFERENCES user_groups (id) ON DELETE CASCADE,
    method SMALLINT NOT NULL,
    save_to_disk_dir TEXT NOT NULL,
    powermta_vmta TEXT NOT NULL,
    powermta_dir TEXT NOT NULL,
    local_mta_path TEXT NOT NULL,
    smtp_host TEXT NOT NULL,
    smtp_port BIGINT NOT NULL,
    smtp_security TEXT NOT NULL,
    smtp_timeout_seconds BIGINT NOT NULL,
    smtp_auth BOOLEAN NOT NULL,
    smtp_username TEXT NOT NULL,
    smtp_password TEXT NOT NULL
);

-- One row: a tenant that owns lists, messages and credentials (Oempro user). reputation: 1 trusted, 2 untrusted.
-- wire_options: `name=value` lines, the wire choices that differ from the server's (docs/dialects/oempro.md section 12).
-- Written by the `account` subcommand, User.Create and User.Update; deleted by Users.Delete.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_group_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    reputation SMALLINT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    credits BIGINT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    company TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    sign_up_ip TEXT NOT NULL,
    wire_options TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_activity_at BIGINT,
    deleted_at BIGINT
);
CREATE INDEX accounts_by_group ON accounts (user_group_id);

-- One row beside each account: what is only shown, never ruled by. Written and deleted together with the account.
CREATE TABLE account_profiles (
    account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    website TEXT NOT NULL,
    street TEXT NOT NULL,
    street2 TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    zip TEXT NOT NULL,
    country TEXT NOT NULL,
    vat TEXT NOT NULL,
    phone TEXT NOT NULL,
    phone_verified BOOLEAN NOT NULL,
    fax TEXT NOT NULL,
    other_emails TEXT NOT NULL,
    preview_account TEXT NOT NULL,
    preview_api_key TEXT NOT NULL,
    forward_header TEXT NOT NULL,
    forward_footer TEXT NOT NULL,
    sso_id TEXT NOT NULL
);

-- One row: a key that stands for an account or an operator without a login; only its SHA-256 is kept, with the last characters as a hint.
-- Exactly one of account_id, operator_id is set. Written by the `credential` subcommand and User.Update; deleted with its owner.
CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT,
    operator_id BIGINT,
    note TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    key_hint TEXT NOT NULL,
    ip_limit TEXT NOT NULL,
    expires_at BIGINT,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX credentials_by_account ON credentials (account_id);

-- One row: a login that is still good. The token itself is never stored, only its SHA-256.
-- kind: 1 account, 2 operator, 3 subscriber. Written by logins; deleted by expiry, by password changes and with its owner.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    kind SMALLINT NOT NULL,
    account_id BIGINT,
    operator_id BIGINT,
    list_id BIGINT,
    subscriber_number BIGINT,
    has_full_privilege BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- One row: a mailed password-reset link that was not used yet; only the SHA-256 of its token is kept.
-- Written by *.PasswordRemind; deleted by *.PasswordReset and by expiry.
CREATE TABLE password_requests (
    token_hash TEXT PRIMARY KEY,
    account_id BIGINT,
    operator_id BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- One row: a secret the server made for itself at its first start, such as the key behind signed links. Deleted by nobody.
CREATE TABLE server_secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
