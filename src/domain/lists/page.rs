//! A page of an account's lists: searched, ordered and cut here and not in SQL, so that names compare alike on every database.
//! An account has few lists; their counts stand ready, so nothing grows with the subscribers.

use std::cmp::Ordering;

use super::{Entry, GetListError};
use crate::domain::access::Permission;
use crate::domain::cx::Ctx;

/// Which lists are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Archived {
    /// Those in use.
    #[default]
    No,
    /// Those put away.
    Only,
    /// Both.
    All,
}

/// What lists are ordered by; equals stand in the order of their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the values say what they are")]
pub enum ListOrder {
    #[default]
    Id,
    Name,
    CreatedAt,
    ArchivedAt,
    NActive,
    LastActivityAt,
}

/// Which lists, in which order, how many.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only lists with this text in name or description, in any case; empty for no such limit.
    pub search: String,
    /// Only lists in use, or put away.
    pub archived: Archived,
    /// What they are ordered by.
    pub order: ListOrder,
    /// From the last to the first.
    pub descending: bool,
    /// How many are left out at the start.
    pub skip: usize,
    /// How many at most; 0 for all.
    pub take: usize,
}

/// A page of the acting account's lists, and how many there are on all pages.
///
/// # Errors
/// [`GetListError`].
pub fn page(cx: &mut Ctx<'_>, query: &ListQuery) -> Result<(Vec<Entry>, usize), GetListError> {
    let account = cx.account(Permission::ListsGet)?;
    let all = cx.tx.list_lists(account)?;
    let entries = all.into_iter().map(|(list, totals, sync)| Entry { list, totals, sync }).collect();
    Ok(cut(entries, query))
}

fn cut(entries: Vec<Entry>, query: &ListQuery) -> (Vec<Entry>, usize) {
    let wanted = query.search.to_lowercase();
    let mut found: Vec<Entry> = entries.into_iter().filter(|entry| fits(entry, &wanted, query.archived)).collect();
    found.sort_by(|a, b| {
        let order = compare(a, b, query.order).then(a.list.id.cmp(&b.list.id));
        if query.descending { order.reverse() } else { order }
    });
    let total = found.len();
    let take = if query.take == 0 { total } else { query.take };
    (found.into_iter().skip(query.skip).take(take).collect(), total)
}

fn fits(entry: &Entry, wanted: &str, archived: Archived) -> bool {
    let list = &entry.list;
    let is_wanted_state = match archived {
        Archived::No => list.archived_at.is_none(),
        Archived::Only => list.archived_at.is_some(),
        Archived::All => true,
    };
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    is_wanted_state && (wanted.is_empty() || holds(&list.name) || holds(&list.description))
}

fn compare(a: &Entry, b: &Entry, order: ListOrder) -> Ordering {
    let n_active = |entry: &Entry| entry.totals.n_active + entry.totals.n_soft;
    match order {
        ListOrder::Id => Ordering::Equal,
        ListOrder::Name => a.list.name.to_lowercase().cmp(&b.list.name.to_lowercase()),
        ListOrder::CreatedAt => a.list.created_at.cmp(&b.list.created_at),
        ListOrder::ArchivedAt => a.list.archived_at.cmp(&b.list.archived_at),
        ListOrder::NActive => n_active(a).cmp(&n_active(b)),
        ListOrder::LastActivityAt => a.totals.last_activity_at.cmp(&b.totals.last_activity_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lists::Totals;
    use crate::model::ids::{AccountId, ListId, MessageId};
    use crate::model::states::{OptInMode, OptOutScope};
    use crate::model::time::UtcTime;
    use crate::store::rows::lists::ListRow;

    fn entry(id: i64, name: &str, n_active: i64) -> Entry {
        let none = String::new;
        let list = ListRow {
            id: ListId(id),
            account_id: AccountId(1),
            name: name.to_owned(),
            description: none(),
            opt_in_mode: OptInMode::Single,
            confirmation_message_id: MessageId::NONE,
            opt_out_scope: OptOutScope::ThisList,
            opt_out_suppress_list: false,
            opt_out_suppress_account: false,
            notify_integration_failure: false,
            notify_activity: false,
            hide_in_subscriber_area: false,
            pending_page_url: none(),
            confirmed_page_url: none(),
            subscription_error_page_url: none(),
            unsubscribed_page_url: none(),
            unsubscription_error_page_url: none(),
            request_search_to: none(),
            request_subscribe_word: none(),
            request_unsubscribe_word: none(),
            opt_in_subscribe_to: ListId::NONE,
            opt_in_unsubscribe_from: ListId::NONE,
            opt_out_subscribe_to: ListId::NONE,
            opt_out_unsubscribe_from: ListId::NONE,
            sender_name: none(),
            sender_email: none(),
            sender_company: none(),
            sender_address: none(),
            options: none(),
            created_at: UtcTime(id),
            archived_at: None,
        };
        Entry { list, totals: Totals { n_active, ..Totals::default() }, sync: None }
    }

    fn ids(query: &ListQuery) -> (Vec<i64>, usize) {
        let mut archived = entry(4, "archived", 9);
        archived.list.archived_at = Some(UtcTime(7));
        let mut described = entry(5, "Zoo", 2);
        described.list.description = "Étage news".to_owned();
        let all = vec![entry(1, "beta", 2), entry(2, "Alpha", 5), entry(3, "News", 0), archived, described];
        let (found, total) = cut(all, query);
        (found.iter().map(|entry| entry.list.id.0).collect(), total)
    }

    #[test]
    fn lists_are_searched_ordered_and_cut_while_the_total_stays() {
        let query = ListQuery::default();
        assert_eq!(ids(&query), (vec![1, 2, 3, 5], 4));
        assert_eq!(ids(&ListQuery { order: ListOrder::Name, ..query.clone() }), (vec![2, 1, 3, 5], 4));
        let by_size = ListQuery { order: ListOrder::NActive, descending: true, ..query.clone() };
        assert_eq!(ids(&by_size), (vec![2, 5, 1, 3], 4));
        assert_eq!(ids(&ListQuery { skip: 1, take: 2, ..query.clone() }), (vec![2, 3], 4));
        assert_eq!(ids(&ListQuery { skip: 9, ..query.clone() }), (vec![], 4));
        assert_eq!(ids(&ListQuery { search: "NEWS".to_owned(), ..query.clone() }), (vec![3, 5], 2));
        assert_eq!(ids(&ListQuery { search: "étage".to_owned(), ..query.clone() }), (vec![5], 1));
        assert_eq!(ids(&ListQuery { archived: Archived::Only, ..query.clone() }), (vec![4], 1));
        assert_eq!(ids(&ListQuery { archived: Archived::All, ..query }).1, 5);
    }
}
