-- Lists as projects (Ofsys): typed fields with codes, consents by kind of communication, keys of other fields than the address, messages in versions,
-- sendings, operational links, and keys for web services.

-- consent_log.event, beside 1 to 11: 12 opt-in given, 13 opt-in declined, 14 opt-in cleared (detail: its code), 15 word on tracking changed.
-- mails.purpose, beside 1 to 3: 4 single sending, 5 batch. jobs.kind, beside 1 to 4: 5 a batch, payload: the sending's id.

-- fields.code: the field's name on wires that name fields by code; empty: its alias, else CustomField<id>.
-- fields.data_type: what a value is: 0 as the kind says, 1 text, 2 integer, 3 decimal, 4 boolean, 5 date, 6 date and time, 7 choice, 8 several choices.
-- fields.labels: JSON object of culture to label, empty for none: the name is then the label.
ALTER TABLE fields ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE fields ADD COLUMN data_type SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE fields ADD COLUMN labels TEXT NOT NULL DEFAULT '';

-- One row beside a list: what only a project has. A list without a row is a project with the defaults.
-- languages: comma list of cultures, the first is the default. time_zone: IANA zone of the wire's dates.
-- key_fields: comma list of the ids of the fields that together tell contacts apart; empty: the address does.
-- Written by the domain's `projects`; deleted with the list.
CREATE TABLE projects (
    list_id BIGINT PRIMARY KEY NOT NULL,
    languages TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    key_fields TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- One row: the key of one subscriber of a list whose projects.key_fields are set, so that the database itself refuses a second holder.
-- key_text: the normal forms of the key's values in lower case, joined by line breaks. Written with the subscriber's values; deleted with the subscriber.
CREATE TABLE contact_keys (
    list_id BIGINT NOT NULL,
    key_text TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (list_id, key_text)
) WITHOUT ROWID;
CREATE UNIQUE INDEX contact_keys_by_number ON contact_keys (list_id, number);

-- One row: a kind of communication that contacts of a list may consent to (Ofsys opt-in field). code_key: the code in lower case.
-- category_id: messages of this category go in batches only to those who consented; 0 for none. labels as in fields.
-- Written by the domain's `projects`; deleted with the list.
CREATE TABLE opt_ins (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    list_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    labels TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX opt_ins_by_code ON opt_ins (list_id, code_key);

-- One row: what a contact said to one kind of communication: is_given true consents, false declines; no row: nothing was said.
-- Written by the domain's `contacts`; deleted with the subscriber.
CREATE TABLE contact_opt_ins (
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    opt_in_id BIGINT NOT NULL,
    is_given BOOLEAN NOT NULL,
    effective_at BIGINT NOT NULL,
    PRIMARY KEY (list_id, number, opt_in_id)
) WITHOUT ROWID;

-- One row: whether a contact lets its behaviour be tracked; no row: nothing was said. Written by the domain's `contacts`; deleted with the subscriber.
CREATE TABLE contact_tracking (
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    is_given BOOLEAN NOT NULL,
    effective_at BIGINT NOT NULL,
    PRIMARY KEY (list_id, number)
) WITHOUT ROWID;

-- credentials.realm: where a key is good: 0 `api.php`, 1 web services (Ofsys AuthKey).
ALTER TABLE credentials ADD COLUMN realm SMALLINT NOT NULL DEFAULT 0;

-- One row beside a credential of realm 1: its terms. ip_ranges: comma list of addresses and networks, empty for any. projects, tables: comma lists of ids,
-- endpoints: comma list of `Service.Method` or `Service.*`; empty for all. calls_per_day: 0 for no limit.
-- Written by the domain's `keys`; deleted with the credential's account.
CREATE TABLE key_terms (
    credential_id BIGINT PRIMARY KEY NOT NULL,
    contact_person TEXT NOT NULL,
    ip_ranges TEXT NOT NULL,
    projects TEXT NOT NULL,
    tables TEXT NOT NULL,
    endpoints TEXT NOT NULL,
    calls_per_day BIGINT NOT NULL
);

-- One row: the calls of one key on one day (days since 1970-01-01 in UTC); only of keys with a limit.
-- Written with each call; rows of past days are deleted by the key's first call of a day.
CREATE TABLE key_calls (
    credential_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    n_calls BIGINT NOT NULL,
    PRIMARY KEY (credential_id, day)
) WITHOUT ROWID;

-- messages.list_id: the project it belongs to; 0: every list of the account. category_id: the kind of communication, as in opt_ins; 0 for none.
-- hosts_images, tracks_links: kept as the client said.
ALTER TABLE messages ADD COLUMN list_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN category_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN hosts_images BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN tracks_links BOOLEAN NOT NULL DEFAULT FALSE;

-- One row: a message in one language or for some contacts. The first one's texts stand in the message's own columns too; a message without rows is
-- one version. predicate: an expression over the contact; must_match: without a match the version is not for the contact.
-- Written and deleted with the message.
CREATE TABLE message_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    message_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    culture TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    sender_email TEXT NOT NULL,
    reply_to_email TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_tell_a_friend TEXT NOT NULL,
    predicate TEXT NOT NULL,
    must_match BOOLEAN NOT NULL
);
CREATE INDEX message_versions_by_message ON message_versions (message_id, position);

-- One row: one body of a version, by MIME type. Written and deleted with the version.
CREATE TABLE message_bodies (
    version_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    mime_type TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (version_id, position)
);

-- One row: one message to many contacts of a list (Ofsys batch). state: 1 waits for approval, 2 scheduled, 3 running, 4 done, 5 failed.
-- filter: JSON of the selection. after_number: the last contact that was looked at, so that each is reached once, whatever stops in between.
-- n_selected: contacts that the filter let through, n_queued: mails made, n_passed: contacts without one (suppressed, nothing to send).
-- Written by the domain's `sendings`; deleted with the list.
CREATE TABLE sendings (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    filter TEXT NOT NULL,
    state SMALLINT NOT NULL,
    launch_at BIGINT NOT NULL,
    after_number BIGINT NOT NULL,
    n_selected BIGINT NOT NULL,
    n_queued BIGINT NOT NULL,
    n_passed BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX sendings_by_list ON sendings (list_id, id);

-- One row: a link in a message that changes the contact who follows it and leads on to a URL. message_id: sent on the first visit; 0 for none.
-- Written by the command line; deleted with the list.
CREATE TABLE operational_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX operational_links_by_list ON operational_links (list_id, id);

-- One row: one thing that an operational link changes. target: the column's name on the wire (`f_City`, `optin_News`, `isActive`). Written and deleted with the link.
CREATE TABLE operational_link_changes (
    link_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    target TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (link_id, position)
);

-- One row: a contact followed an operational link; the row keeps a second visit from sending its message again.
-- Written by the first visit; deleted with the subscriber.
CREATE TABLE operational_link_visits (
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    link_id BIGINT NOT NULL,
    visited_at BIGINT NOT NULL,
    PRIMARY KEY (list_id, number, link_id)
) WITHOUT ROWID;
