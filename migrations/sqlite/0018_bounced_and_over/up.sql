-- Hard-bounced subscribers are suppressed too, and stand among the hard-bounced from now on (subscribers.roster). The next far page makes its marks anew.
UPDATE list_totals SET n_hard = n_hard + (SELECT COUNT(*) FROM subscribers s WHERE s.list_id = list_totals.list_id AND s.shelf <> 1 AND s.shelf = 4 AND s.bounce = 2);
UPDATE list_totals SET n_suppressed = n_suppressed - (SELECT COUNT(*) FROM subscribers s WHERE s.list_id = list_totals.list_id AND s.shelf <> 1 AND s.shelf = 4 AND s.bounce = 2);
UPDATE subscribers SET roster = 3 WHERE roster = 4 AND bounce = 2;
DELETE FROM roster_marks;

-- One row: what one sender domain that starts slowly has sent to one group of destinations (ML-3.6); destination: see the domain's `destinations`, empty for
-- all that are not named. day: the day it was last used on, in days since 1970-01-01 UTC; n_taken: messages handed out for it; n_bounced, n_complained: what
-- came back on it. n_held: days on which too much came back, so that the day after let no more through. Written by the domain's `warm_ups`, deleted with
-- the warm-up.
CREATE TABLE warm_up_counts (
    domain TEXT NOT NULL,
    destination TEXT NOT NULL,
    day BIGINT NOT NULL,
    n_taken BIGINT NOT NULL,
    n_bounced BIGINT NOT NULL,
    n_complained BIGINT NOT NULL,
    n_held BIGINT NOT NULL,
    PRIMARY KEY (domain, destination)
) WITHOUT ROWID;
INSERT INTO warm_up_counts SELECT domain, '', day, n_taken, 0, 0, 0 FROM warm_ups;
ALTER TABLE warm_ups DROP COLUMN day;
ALTER TABLE warm_ups DROP COLUMN n_taken;

-- campaigns.swept_at: when the rows of its recipients were removed, long after its end; its totals stay. The sweeper walks along those that still have them.
ALTER TABLE campaigns ADD COLUMN swept_at BIGINT;
CREATE INDEX campaigns_to_sweep ON campaigns (finished_at, id) WHERE swept_at IS NULL;

-- What was sent to whom is looked up by address.
CREATE INDEX mails_by_address ON mails (account_id, to_email);
