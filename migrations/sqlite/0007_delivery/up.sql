-- Indexes behind the workers: claims by kind, purges of lists, accounts and fields, and the sweeper.
-- `due_at` of a leased row is the end of its lease, so that one range of (state, due_at) finds what is due and what a crash left behind.
DROP INDEX jobs_by_due;
CREATE INDEX jobs_by_kind_due ON jobs (kind, state, due_at);

-- Purging a field walks the addresses that hold a value of it.
CREATE INDEX global_values_by_field ON global_values (field_id, email_key);
-- Purging a list looks for the unread text of its imports.
CREATE INDEX imports_by_purged_list ON imports (list_id);
CREATE INDEX fields_by_account ON fields (account_id);
CREATE INDEX list_hooks_by_account ON list_hooks (account_id);
CREATE INDEX password_requests_by_expiry ON password_requests (expires_at);
