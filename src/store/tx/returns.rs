//! Contents of `queries/returns.rs`.

use crate::model::ids::{AccountId, KeptReturnId, ListId, MailId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::returns::{KeptReturnRow, NewKeptReturnRow, PostedTo, ReturnEventRow, SoftBounceRow};

queries! { returns {
    /// Whom a queued mail was for; `None` when its row is gone.
    fn find_posted_mail(id: MailId) -> Option<PostedTo>;
    /// The accounts with a list that an address is on, whatever its state there.
    fn list_accounts_of_address(key: &str) -> Vec<AccountId>;
    /// Notes what came back; false when it was noted before.
    fn insert_return_event(row: &ReturnEventRow) -> bool;
    /// What came back about one subscriber, oldest first.
    fn list_return_events(list: ListId, number: SubscriberNumber) -> Vec<ReturnEventRow>;
    /// The soft bounces in a row of a subscriber.
    fn find_soft_bounces(list: ListId, number: SubscriberNumber) -> Option<SoftBounceRow>;
    /// Replaces the soft bounces in a row of a subscriber.
    fn set_soft_bounces(row: &SoftBounceRow) -> ();
    /// Which of these subscribers of a list have soft bounces in a row.
    fn list_soft_bounced(list: ListId, numbers: &[SubscriberNumber]) -> Vec<SubscriberNumber>;
    /// Forgets the soft bounces in a row of a subscriber; false when there were none.
    fn delete_soft_bounces(list: ListId, number: SubscriberNumber) -> bool;
    /// Up to `n` subscribers whose last soft bounce was before this moment.
    fn list_old_soft_bounces(before: UtcTime, n: i64) -> Vec<SoftBounceRow>;
    /// Removes up to `n` events of a list with everything that is counted of its subscribers; answers how many.
    fn purge_returns(list: ListId, n: i64) -> usize;
    /// Keeps a returned mail for review.
    fn insert_kept_return(row: &NewKeptReturnRow) -> KeptReturnId;
    /// Removes all but the newest `n` kept mails.
    fn trim_kept_returns(n: i64) -> ();
    /// Removes kept mails from before this moment, `n` at most; answers how many.
    fn sweep_kept_returns(before: UtcTime, n: i64) -> usize;
    /// The newest `n` kept mails, newest first.
    fn list_kept_returns(n: i64) -> Vec<KeptReturnRow>;
    /// One kept mail.
    fn find_kept_return(id: KeptReturnId) -> Option<KeptReturnRow>;
} }
