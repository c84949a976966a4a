-- The active shelf, on which nearly everybody stands, is walked by address along subscribers_by_email: an index of its own cost every sign-up one more page
-- at a random place. The other shelves keep theirs.
DROP INDEX subscribers_by_shelf_email;
CREATE INDEX subscribers_by_shelf_email ON subscribers (list_id, shelf, email_key) WHERE shelf <> 1;

-- Marks stand closer from now on; the next far page makes them anew.
DELETE FROM roster_marks;
