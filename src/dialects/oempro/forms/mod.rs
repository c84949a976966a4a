//! The public pages beside `api.php`: `subscribe.php`, `unsubscribe.php`, and the confirm, reject and unsubscribe links of mails.
