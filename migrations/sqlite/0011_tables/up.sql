-- Relational tables beside contacts, mobile applications with their devices, webhooks, and counters that never go back (Ofsys).

-- One row: a counter that hands out numbers in ranges, so that none comes twice. Written by whoever takes a range, never deleted.
CREATE TABLE number_ranges (
    name TEXT PRIMARY KEY NOT NULL,
    last_number BIGINT NOT NULL
);

-- One row: an extra table of a list, its rows linked to subscribers (Ofsys relational table). code_key: the code in lower case.
-- needs_contact: each row must name a subscriber. last_number: the last row number given out.
-- Written by the domain's `tables`; deleted with the list.
CREATE TABLE data_tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    name TEXT NOT NULL,
    needs_contact BOOLEAN NOT NULL,
    last_number BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX data_tables_by_code ON data_tables (list_id, code_key);
CREATE INDEX data_tables_by_account ON data_tables (account_id, id);

-- One row: a column of such a table, named by its code; position 0 is the link to the subscriber, which only the key may use.
-- data_type as in fields. is_key: part of what tells rows apart. Written and deleted with the table.
CREATE TABLE data_table_fields (
    table_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    code TEXT NOT NULL,
    data_type SMALLINT NOT NULL,
    is_key BOOLEAN NOT NULL,
    is_required BOOLEAN NOT NULL,
    PRIMARY KEY (table_id, position)
) WITHOUT ROWID;

-- One row: a row of such a table. contact_number: the subscriber; 0 for none. key_text: the key's values in lower case, joined by line breaks; NULL where
-- the table has no key. content: JSON object of column position to text. list_id stands here too, so that rows go with their subscriber.
-- Written by the domain's `tables`; deleted there, with the subscriber, and with the list.
CREATE TABLE data_rows (
    table_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    contact_number BIGINT NOT NULL,
    key_text TEXT,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (table_id, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX data_rows_by_key ON data_rows (table_id, key_text);
CREATE INDEX data_rows_by_contact ON data_rows (list_id, contact_number, table_id);

-- One row: a mobile or web application whose devices a list knows. secret_hash: SHA-256 of the 32 characters behind the number in its ApplicationId.
-- Written by the domain's `mobile`; deleted with the list.
CREATE TABLE mobile_apps (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX mobile_apps_by_list ON mobile_apps (list_id, id);

-- One row: an installation of an application. guid: what it calls itself. token: the address that messages are pushed to, '' for none; token_hash its SHA-256,
-- NULL for none. contact_number: the subscriber it is tied to; 0 for none. claims: JSON object of what it says about its holder, never taken into the subscriber.
-- Written by the domain's `mobile`; deleted with the application; its tie goes with the subscriber.
CREATE TABLE mobile_devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    app_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    guid TEXT NOT NULL,
    token TEXT NOT NULL,
    token_hash TEXT,
    contact_number BIGINT NOT NULL,
    platform BIGINT NOT NULL,
    domain TEXT NOT NULL,
    language TEXT NOT NULL,
    claims TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mobile_devices_by_guid ON mobile_devices (app_id, guid);
CREATE UNIQUE INDEX mobile_devices_by_token ON mobile_devices (app_id, token_hash);
CREATE INDEX mobile_devices_by_contact ON mobile_devices (list_id, contact_number);

-- One row: what an installation reported. kind: 1 a push arrived, 2 the application was started. device_id 0: an unknown installation. push_id '' for none.
-- Written by the domain's `mobile`, once for the same report; swept after the keeping time, deleted with the application.
CREATE TABLE mobile_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    app_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    push_id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mobile_events_once ON mobile_events (app_id, device_id, kind, push_id, happened_at);
CREATE INDEX mobile_events_by_time ON mobile_events (created_at);

-- One row: a web address that is told of changes of subscribers. list_id 0: of every list of the account. events: comma list of the events' words; '' for all.
-- salt: makes the webhook's secret, which is derived from the server's and stored nowhere.
-- Written by the domain's `webhooks`; deleted with the list and the account. What is to be told are rows of jobs (kind 6).
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    salt TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_account ON webhooks (account_id, list_id);
