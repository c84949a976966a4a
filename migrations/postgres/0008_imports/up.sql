-- How an import that runs is held by one runner at a time. n_runs: how often its second step was begun, so that a runner that lost its
-- lease notices; leased_until: until when the runner holds it, renewed with every piece. A crash leaves state 2; once the lease has run out
-- the second step may be begun again and goes on with the pieces that are left, since every piece is deleted by the transaction that read it.
-- imports.state 5: the first step is still handing over data; a row that stays so was given up and is cleared by the sync worker.
ALTER TABLE imports ADD COLUMN n_runs BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN leased_until BIGINT;
CREATE INDEX imports_by_state ON imports (state, created_at);

-- The same for lists filled on a schedule, with what the last run came to, in one line; written by the sync worker.
ALTER TABLE list_syncs ADD COLUMN leased_until BIGINT;
ALTER TABLE list_syncs ADD COLUMN last_result TEXT NOT NULL DEFAULT '';
