-- mails.state, beside 1 pending, 2 leased, 3 sent, 4 failed: 5 skipped (not wanted any more).
-- mails.is_uncertain: an attempt handed the whole mail over and got no answer, or a lease ended without a word, so that the mail may be out already.
-- Stays set once it is, so that possible repeats can be counted.
-- mails.reply: what the next hop said when it took the mail.
ALTER TABLE mails ADD COLUMN is_uncertain BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE mails ADD COLUMN reply TEXT NOT NULL DEFAULT '';
