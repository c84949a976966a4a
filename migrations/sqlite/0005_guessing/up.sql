-- One row: something whose password was guessed wrong lately (a login name from one address, a login name, an address), by the SHA-256 of its text.
-- Written by failed logins; deleted by the good login of the same name and, an hour after the last failure, by the sweep.
CREATE TABLE login_failures (
    key_hash TEXT PRIMARY KEY,
    n_failures BIGINT NOT NULL,
    last_failed_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_failures_by_age ON login_failures (last_failed_at);

-- md5_of_id: the MD5 of the account's or operator's id, which version 4 takes in place of a token (OE-7).
-- may_choose: whether the link's holder may choose the new password; else a random one is mailed to the owner.
ALTER TABLE password_requests ADD COLUMN md5_of_id TEXT NOT NULL DEFAULT '';
ALTER TABLE password_requests ADD COLUMN may_choose BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX password_requests_by_md5 ON password_requests (md5_of_id);

-- Operators' logins end together too.
CREATE INDEX sessions_by_operator ON sessions (operator_id) WHERE operator_id IS NOT NULL;
