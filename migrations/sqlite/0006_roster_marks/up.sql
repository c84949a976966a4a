-- Pages of "active" subscribers run over two rosters (1 and 2, with soft bounces): shelf puts them together, so that a page is one range of an index that
-- holds all it takes to walk it. shelf: as roster, 1 standing for 1 and 2.
DROP INDEX subscribers_by_roster_email;
DROP INDEX subscribers_by_roster_date;
ALTER TABLE subscribers ADD COLUMN shelf SMALLINT GENERATED ALWAYS AS (CASE roster WHEN 2 THEN 1 ELSE roster END) VIRTUAL;
CREATE INDEX subscribers_by_shelf_email ON subscribers (list_id, shelf, email_key);
CREATE INDEX subscribers_by_shelf_date ON subscribers (list_id, shelf, subscribed_at, number);
CREATE INDEX subscribers_soft_by_email ON subscribers (list_id, email_key) WHERE roster = 2;

-- One row: a mark in a sorted shelf of a large list: n subscribers stand from this key up to the next mark's. A page far in is found by adding up marks
-- instead of walking over everything before it. sort: 1 address, 2 date. shelf: a roster, 1 standing for 1 and 2.
-- Made by the first far page of a list, kept in step by every change of a subscriber, dropped by imports (the next far page makes them anew) and with the list.
CREATE TABLE roster_marks (
    list_id BIGINT NOT NULL,
    shelf SMALLINT NOT NULL,
    sort SMALLINT NOT NULL,
    from_key TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (list_id, shelf, sort, from_key)
) WITHOUT ROWID;
