-- Campaigns: one message to the subscribers of lists. Who gets it is written down first (`recipients`), so that nobody is missed or mailed twice,
-- whatever stops in between.

-- One row: a campaign. state: 1 draft, 2 waits for approval, 3 scheduled for due_at, 4 sending, 5 paused, 6 sent, 7 failed, 8 cancelled.
-- schedule: 0 none, 1 at once, 2 at due_at. reason: why it is paused, failed or waits; empty otherwise.
-- n_recipients: recipient rows made so far. plan_position, plan_number: the list (campaign_lists.position) and the last subscriber of it that the planner
-- has looked at; planned_at: when it was through. resend: what is put back to be sent once more: 0 nothing, 1 failed, 2 failed, those that may have
-- arrived included. While state is 4 the planner moves these in the transaction that writes the recipients.
-- Written by the domain's `campaigns`; drafts are deleted on request, the others with the account.
CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    schedule SMALLINT NOT NULL,
    due_at BIGINT,
    reason TEXT NOT NULL,
    n_recipients BIGINT NOT NULL,
    plan_position BIGINT NOT NULL,
    plan_number BIGINT NOT NULL,
    planned_at BIGINT,
    resend SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX campaigns_by_account ON campaigns (account_id, id);
CREATE INDEX campaigns_by_start ON campaigns (account_id, started_at);
CREATE INDEX campaigns_by_state ON campaigns (state, due_at);
-- Those that ended early and may still have open recipients, which are skipped piece by piece.
CREATE INDEX campaigns_to_clear ON campaigns (finished_at, id) WHERE state IN (7, 8);

-- One row beside a campaign: what became of its recipients, added up with each group of results; apart from the campaign, so that recording does not
-- wait for planning. n_uncertain: recipients that may have got the mail more than once. n_hard, n_soft: bounces, at sending or later.
-- n_recent, n_recent_errors: the last results and those of them that failed by no fault of the address, for pausing on too many.
-- Written with the campaign and by recording; deleted with the campaign.
CREATE TABLE campaign_totals (
    campaign_id BIGINT PRIMARY KEY NOT NULL,
    n_sent BIGINT NOT NULL,
    n_failed BIGINT NOT NULL,
    n_skipped BIGINT NOT NULL,
    n_uncertain BIGINT NOT NULL,
    n_hard BIGINT NOT NULL,
    n_soft BIGINT NOT NULL,
    n_recent BIGINT NOT NULL,
    n_recent_errors BIGINT NOT NULL
);

-- One row: a list, or a part of one, that a campaign goes to, in the campaign's order. selection: JSON of the tree of comparisons, ["all"] for everybody.
-- segment_id: the stored segment that the selection was made from; 0 for none. up_to: the highest subscriber number when the campaign started, so that
-- whoever joins later gets none; 0 before. Written with the campaign and at its start; deleted with the campaign or the list.
CREATE TABLE campaign_lists (
    campaign_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,
    selection TEXT NOT NULL,
    up_to BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, position)
) WITHOUT ROWID;
CREATE INDEX campaign_lists_by_list ON campaign_lists (list_id, campaign_id);

-- One row: one message to one subscriber: the queue. state: 1 pending, 2 leased, 3 sent, 4 failed, 5 skipped.
-- due_at: a pending row's next try, the end of a leased row's lease, the end of the others. leased_by: the process that has it; 0 for none.
-- is_uncertain: it may have been sent more than once: the mail was handed over and no answer came, or its lease ran out.
-- n_tries counts the one that is under way. first_try_at: when the first of them began. last_reply: what the next hop said last, or why it was skipped.
-- Written by the planner, leased and ended by the workers of delivery; deleted with the campaign, the list or the account. Ids are never used again:
-- envelope senders name them.
CREATE TABLE recipients (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    campaign_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    is_uncertain BOOLEAN NOT NULL,
    due_at BIGINT NOT NULL,
    leased_by BIGINT NOT NULL,
    n_tries BIGINT NOT NULL,
    first_try_at BIGINT,
    finished_at BIGINT,
    last_reply TEXT NOT NULL
);
CREATE UNIQUE INDEX recipients_by_subscriber ON recipients (campaign_id, list_id, number);
-- What is over stands in none of these, so claiming takes as long at the end of a campaign as at its start, and each change touches the edge of an index.
CREATE INDEX recipients_pending ON recipients (campaign_id, due_at, id) WHERE state = 1;
CREATE INDEX recipients_leased ON recipients (due_at, campaign_id) WHERE state = 2;
CREATE INDEX recipients_failed ON recipients (campaign_id, id) WHERE state = 4;
