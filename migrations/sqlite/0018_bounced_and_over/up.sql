-- Hard-bounced subscribers are suppressed too, and stand among the hard-bounced from now on (subscribers.roster). The next far page makes its marks anew.
UPDATE list_totals SET n_hard = n_hard + (SELECT COUNT(*) FROM subscribers s WHERE s.list_id = list_totals.list_id AND s.shelf <> 1 AND s.shelf = 4 AND s.bounce = 2);
UPDATE list_totals SET n_suppressed = n_suppressed - (SELECT COUNT(*) FROM subscribers s WHERE s.list_id = list_totals.list_id AND s.shelf <> 1 AND s.shelf = 4 AND s.bounce = 2);
UPDATE subscribers SET roster = 3 WHERE roster = 4 AND bounce = 2;
DELETE FROM roster_marks;
