-- messages.pre_header: the line that mail programs show beside the subject; empty for none.
-- messages.mode, beside 1 empty, 2 template and 3 import: 4, 5 and 6 name the editors of the old platform that a message was made with.
ALTER TABLE messages ADD COLUMN pre_header TEXT NOT NULL DEFAULT '';
