-- Processes that share a database know of each other, so that a dead one is missed within a minute and not when its leases end.

-- One row: a process that works queues off. beat: counted up every few seconds while it lives; who sees it stand still for queue.node_seconds takes the row
-- away, and what the node had leased comes back. seen_at: when it last counted, by its own clock, for people to read.
-- Written by the process itself (`domain::nodes`); deleted by another one, on SQLite by the next one that starts.
CREATE TABLE nodes (
    id BIGINT PRIMARY KEY NOT NULL,
    beat BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

-- leased_by: the node that leased the mail last (nodes.id); 0 for none.
ALTER TABLE mails ADD COLUMN leased_by BIGINT NOT NULL DEFAULT 0;
