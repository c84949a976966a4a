-- One row: something that came back about mail that was sent: a bounce, a complaint, an unsubscription by mail; append-only.
-- kind: 1 hard bounce, 2 soft bounce, 3 complaint, 4 unsubscribed by mail, 5 refused for reasons that are not the address's.
-- posted_kind with posted_id: the queue row it is about: 0 none is known, 1 a mail, 2 a recipient of a campaign. list_id and number 0: no subscriber.
-- source: how it came, such as mail, sending, ses. event_key: the same for every report of the same thing, so that it is counted once.
-- Written by taking in returned mail, by providers' calls and by sending; deleted with the list and by erasure.
CREATE TABLE return_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind SMALLINT NOT NULL,
    posted_kind SMALLINT NOT NULL,
    posted_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    code TEXT NOT NULL,
    diagnostic TEXT NOT NULL,
    source TEXT NOT NULL,
    event_key TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE UNIQUE INDEX return_events_by_key ON return_events (event_key);
CREATE INDEX return_events_by_subscriber ON return_events (list_id, number, id);
CREATE INDEX return_events_by_email ON return_events (email_key, id);

-- One row: a subscriber whose mailbox did not take mail lately, with the failures since it last did.
-- Written by soft bounces; deleted by a delivery, by a hard bounce, with the subscriber, and when the last failure is long ago.
CREATE TABLE soft_bounces (
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    n_failures BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (list_id, number)
) WITHOUT ROWID;
CREATE INDEX soft_bounces_by_age ON soft_bounces (last_at);

-- One row: a returned mail that nobody could read, kept for review. message is its beginning as text, n_bytes its whole size.
-- Written by taking in returned mail; the oldest are deleted when there are too many or they are too old.
CREATE TABLE kept_returns (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    source TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    reason TEXT NOT NULL,
    n_bytes BIGINT NOT NULL,
    message TEXT NOT NULL,
    at BIGINT NOT NULL
);
