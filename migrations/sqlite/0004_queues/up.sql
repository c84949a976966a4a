-- One row: a mail to one person, written by the transaction that caused it (opt-in requests, password mails, notices).
-- state: 1 pending, 2 leased, 3 sent, 4 failed. purpose: 1 opt-in request, 2 password, 3 notice to the owner.
-- Written by the domain, leased and finished by the delivery worker; sent rows are deleted after the keeping time.
CREATE TABLE mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    purpose SMALLINT NOT NULL,
    from_name TEXT NOT NULL,
    from_email TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    to_email TEXT NOT NULL,
    subject TEXT NOT NULL,
    plain_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    state SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT,
    n_tries BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX mails_by_due ON mails (state, due_at);

-- One row: work to be done after a commit: calling a list hook, purging a deleted list. payload: JSON that only the kind's handler reads.
-- kind: 1 list hook, 2 purge list, 3 purge account, 4 purge field. state as in mails.
-- Written by the domain, leased and finished by the job worker; done rows are deleted after the keeping time.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    payload TEXT NOT NULL,
    state SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT,
    n_tries BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX jobs_by_due ON jobs (state, due_at);
