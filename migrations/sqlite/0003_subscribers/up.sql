-- One row: one address in one list. (list_id, number) is the id that the wire shows.
-- status: 1 opt-in pending, 2 subscribed, 3 opt-out pending, 4 unsubscribed. bounce: 0 none, 1 soft, 2 hard.
-- roster, derived from status, bounce and suppression and kept in step by the store, so that every segment of the old platform is one index range:
-- 1 active, 2 active with soft bounces, 3 hard-bounced, 4 suppressed, 5 pending, 6 unsubscribed, 7 leaving (opt-out pending).
-- email is as entered, email_key its normal form for comparing. fields: JSON object of field id to value, list-wide fields only.
-- source: 0 unknown, 1 API, 2 form, 3 import, 4 manual, 5 list action, 6 other dialect.
-- Written by subscribing, importing and updating; deleted by Subscribers.Delete and with the list.
CREATE TABLE subscribers (
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    status SMALLINT NOT NULL,
    bounce SMALLINT NOT NULL,
    is_suppressed BOOLEAN NOT NULL,
    roster SMALLINT NOT NULL,
    fields TEXT NOT NULL,
    subscribed_at BIGINT NOT NULL,
    subscribed_ip TEXT NOT NULL,
    opted_in_at BIGINT,
    unsubscribed_at BIGINT,
    unsubscribed_ip TEXT NOT NULL,
    request_sent_at BIGINT,
    source SMALLINT NOT NULL,
    source_ref TEXT NOT NULL,
    import_id BIGINT NOT NULL,
    PRIMARY KEY (list_id, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX subscribers_by_email ON subscribers (list_id, email_key);
CREATE INDEX subscribers_by_roster_email ON subscribers (list_id, roster, email_key);
CREATE INDEX subscribers_by_roster_date ON subscribers (list_id, roster, subscribed_at, number);

-- One row: the value of a field marked unique, held by one subscriber, so that the database itself refuses a second holder.
-- Written and deleted with the subscriber's field values; list_id 0 with number 0 and email_key set for global fields.
CREATE TABLE field_uniques (
    field_id BIGINT NOT NULL,
    value_key TEXT NOT NULL,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    PRIMARY KEY (field_id, value_key)
) WITHOUT ROWID;
CREATE INDEX field_uniques_by_holder ON field_uniques (list_id, number, email_key);

-- One row: the value of a global field; it belongs to the address, across all lists of the account.
-- Written by subscribing, importing and updating; deleted with the field or the account.
CREATE TABLE global_values (
    account_id BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    field_id BIGINT NOT NULL,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, email_key, field_id)
) WITHOUT ROWID;

-- One row: something that happened to a person's consent; append-only, the proof behind subscribers.status.
-- event: 1 subscribe, 2 request mail queued, 3 confirm, 4 reject, 5 unsubscribe, 6 import, 7 update by the owner, 8 suppress, 9 unsuppress, 10 delete, 11 confirm page seen.
-- number 0 with import_id set stands for every subscriber that came with that import. Written by the domain, deleted by nobody but erasure.
CREATE TABLE consent_log (
    id INTEGER PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    event SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    channel TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    import_id BIGINT NOT NULL
);
CREATE INDEX consent_log_by_subscriber ON consent_log (list_id, number, id);

-- One row: an address not to mail. account_id 0: whole server; list_id 0: every list of the account.
-- reason: 1 administrator, 2 user, 3 complaint, 4 hard bounce, 5 unsubscribed, 6 imported, 7 erased.
-- Written by opting out, importing, bounces and complaints; deleted by Subscribers.Delete with Suppressed.
CREATE TABLE suppressions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    reason SMALLINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX suppressions_by_email ON suppressions (email_key, account_id, list_id);
CREATE INDEX suppressions_by_scope ON suppressions (account_id, list_id, email_key);

-- One row: an import in two steps, from handing over the data to its totals. kind: 1 copy, 2 file, 3 MySQL.
-- target: 1 list, 2 suppression of the list, 3 suppression of the account. state: 1 waiting for its mapping, 2 running, 3 done, 4 failed.
-- Written by Subscribers.Import; kept as the proof behind imported subscribers.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    target SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    file_name TEXT NOT NULL,
    field_terminator TEXT NOT NULL,
    field_encloser TEXT NOT NULL,
    n_columns BIGINT NOT NULL,
    n_rows BIGINT NOT NULL,
    n_imported BIGINT NOT NULL,
    n_duplicates BIGINT NOT NULL,
    n_failed BIGINT NOT NULL,
    actor TEXT NOT NULL,
    ip TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);

-- One row: a piece of the text handed over by step 1 of an import, in order. Written by step 1, deleted when step 2 has read it.
CREATE TABLE import_chunks (
    import_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (import_id, seq)
) WITHOUT ROWID;
