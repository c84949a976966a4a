-- Counted links, what happened to messages, and files that travel with them.

-- One row: where a counted link of a message leads. url: with its tags, as the message has it; url_hash: the first 32 hex digits of its SHA-256.
-- Written when a message is made ready for sending; kept when the message goes, because mails that are out lead here. Deleted with the account.
CREATE TABLE link_targets (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    url TEXT NOT NULL,
    url_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX link_targets_by_url ON link_targets (message_id, url_hash);
CREATE INDEX link_targets_by_account ON link_targets (account_id);

-- One row: something a person did with a message; append-only. kind: 1 opened, 2 clicked, 3 forwarded, 4 seen in the browser, 5 asked for the links, 6 unsubscribed by its link.
-- campaign_id 0: a message that went to one person; link_id 0: no click. Counters are derived from these rows.
-- Written by the pages behind links in mails; ip and user_agent are emptied when the subscriber is deleted; deleted with the list.
CREATE TABLE tracking_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    link_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX tracking_events_by_campaign ON tracking_events (campaign_id, kind, list_id, number);
CREATE INDEX tracking_events_by_person ON tracking_events (list_id, number, kind, at);

-- One row: a file that travels with a message. content_id: what the HTML calls a picture (cid:...); empty: an attached file. position: their order.
-- Written and deleted by the message's owner; deleted with the message.
CREATE TABLE enclosures (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    message_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    content_id TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX enclosures_by_message ON enclosures (message_id, position, id);

-- One row beside a queued mail whose message has enclosures. Written with the mail; deleted with it.
CREATE TABLE mail_messages (
    mail_id BIGINT PRIMARY KEY NOT NULL,
    message_id BIGINT NOT NULL
);
