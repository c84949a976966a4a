//! Several people joining in one go: what [`subscribe`](super::subscribe::subscribe) does where nothing special applies, for many at the cost of a few.
//!
//! A site's sign-ups come at the same moments. Each alone costs the database some ten statements; what is the same for all of them is asked once here,
//! and all rows go in together. Whoever something special applies to (double opt-in, values, hooks, webhooks, actions, limits, a known or suppressed address) is
//! left to the full rules.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::domain::consent;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::lists;
use crate::domain::subscribers::subscribe::{NewSubscription, fresh_row};
use crate::domain::subscribers::{Placed, about};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::{ConsentEvent, OptInMode};
use crate::store::StoreError;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::{ConsentEntry, SubscriberRow};

/// Somebody who wants to join, without a login.
#[derive(Debug, Clone)]
pub struct Joiner {
    /// What is asked for.
    pub new: NewSubscription,
    /// From where.
    pub origin: Arc<Origin>,
}

/// Somebody who has joined.
#[derive(Debug, Clone)]
pub struct Joined {
    /// What became of it.
    pub placed: Placed,
    /// The `name=value` lines of the list's owner.
    pub owner_options: String,
}

/// Lets those join whom nothing special applies to. `None` for the others, of whom nothing is done: the full rules decide about them.
///
/// # Errors
/// [`StoreError`] only.
pub fn join_together(cx: &mut Ctx<'_>, joiners: &[Joiner]) -> Result<Vec<Option<Joined>>, StoreError> {
    let mut outcome = vec![None; joiners.len()];
    let mut by_list: BTreeMap<ListId, Vec<usize>> = BTreeMap::new();
    for (place, joiner) in joiners.iter().enumerate() {
        if joiner.new.values.is_empty() && !joiner.new.enforces_required {
            by_list.entry(joiner.new.list).or_default().push(place);
        }
    }
    let lists: Vec<ListId> = by_list.keys().copied().collect();
    if !matches!(cx.actor, Actor::Public) || lists.is_empty() {
        return Ok(outcome);
    }
    if !cx.tx.hold_lists(&lists, "", false)? {
        // One of the lists is gone; whose it is, the full rules find out.
        return Ok(outcome);
    }
    for (list, places) in by_list {
        if let Some(rules) = lists::rules(cx, list)?.filter(is_plain) {
            join_list(cx, &rules, joiners, &places, &mut outcome)?;
        }
    }
    Ok(outcome)
}

/// Whether a list does nothing but take its subscribers.
fn is_plain(rules: &ListRules) -> bool {
    let acts = [rules.opt_in_subscribe_to, rules.opt_in_unsubscribe_from];
    rules.owner_is_enabled
        && rules.opt_in_mode == OptInMode::Single
        && rules.limit_subscribers == 0
        && !rules.has_hooks
        && !rules.has_webhooks
        && !rules.notify_activity
        && acts.iter().all(|list| *list == ListId::NONE)
}

fn join_list(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    joiners: &[Joiner],
    places: &[usize],
    outcome: &mut [Option<Joined>],
) -> Result<(), StoreError> {
    let candidates = new_here(cx, rules, joiners, places)?;
    let Ok(n) = i64::try_from(candidates.len()) else { return Ok(()) };
    if n == 0 {
        return Ok(());
    }
    let last = cx.tx.take_numbers(rules.id, n, 0, cx.now)?;
    let (mut rows, mut entries) = (Vec::with_capacity(candidates.len()), Vec::with_capacity(candidates.len()));
    for ((place, address), number) in candidates.iter().zip(last.0 - n + 1..) {
        let joiner = &joiners[*place];
        let mut row = fresh_row(rules.id, SubscriberNumber(number), address, &joiner.new, joiner.origin.source, cx.now);
        row.opted_in_at = Some(cx.now);
        entries.push(entry(cx, rules, &row, joiner));
        outcome[*place] =
            Some(Joined { placed: Placed::of(rules, &row), owner_options: rules.owner_wire_options.clone() });
        rows.push(row);
    }
    cx.tx.insert_joined(&rows, &entries)
}

/// Those with a good address that neither the list nor any suppression knows; of one address the first.
fn new_here(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    joiners: &[Joiner],
    places: &[usize],
) -> Result<Vec<(usize, EmailAddress)>, StoreError> {
    let mut seen = HashSet::new();
    let mut candidates: Vec<(usize, EmailAddress)> = places
        .iter()
        .filter_map(|place| Some((*place, EmailAddress::parse(&joiners[*place].new.email)?)))
        .filter(|(_, address)| seen.insert(address.key().to_owned()))
        .collect();
    let keys: Vec<&str> = candidates.iter().map(|(_, address)| address.key()).collect();
    let mut known: HashSet<i64> = cx.tx.find_listed(rules.id, &keys)?.into_iter().collect();
    known.extend(cx.tx.find_suppressed(rules.account_id, rules.id, &keys)?);
    let mut place = -1;
    candidates.retain(|_| {
        place += 1;
        !known.contains(&place)
    });
    Ok(candidates)
}

fn entry(cx: &Ctx<'_>, rules: &ListRules, row: &SubscriberRow, joiner: &Joiner) -> ConsentEntry {
    let whom = about(rules.account_id, row);
    consent::entry(cx, &joiner.origin, whom, ConsentEvent::Subscribe, &joiner.new.ip, "", cx.actor_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::consent;
    use crate::domain::field_values::Given;
    use crate::domain::sample::Sample;
    use crate::domain::suppression::{self, Scope};
    use crate::domain::workload::WorkError;
    use crate::model::ids::FieldId;
    use crate::model::states::{Source, SuppressionReason};
    use crate::store::rows::rosters::{PageQuery, PageSort, Shelf};

    fn joiner(list: ListId, email: &str) -> Joiner {
        let new = NewSubscription {
            list,
            email: email.to_owned(),
            ip: format!("ip of {email}"),
            values: Vec::new(),
            enforces_required: false,
            source_ref: "here".to_owned(),
            updates_existing: false,
        };
        let origin =
            Origin { ip: "192.0.2.9".to_owned(), user_agent: email.to_owned(), channel: "test", source: Source::Api };
        Joiner { new, origin: Arc::new(origin) }
    }

    async fn join(sample: &Sample, joiners: Vec<Joiner>) -> Vec<Option<i64>> {
        let joined = sample
            .write(move |cx| {
                cx.actor = Actor::Public;
                join_together(cx, &joiners).map_err(WorkError::from)
            })
            .await
            .expect("join");
        joined.into_iter().map(|one| one.map(|joined| joined.placed.number.0)).collect()
    }

    #[tokio::test]
    async fn those_join_to_whom_nothing_special_applies() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        let double = sample.another_list().await;
        sample.change_list(double, |row| row.opt_in_mode = OptInMode::Double).await;
        let barred = EmailAddress::parse("barred@example.com").expect("address");
        let scope = Scope::Account(account);
        sample
            .write(move |cx| Ok(suppression::suppress(cx, scope, &barred, SuppressionReason::User)?))
            .await
            .expect("suppression");
        let mut with_value = joiner(list, "value@example.com");
        with_value.new.values.push((FieldId(1), Given::One("x".to_owned())));
        let joiners = vec![
            joiner(list, "Ann@example.com"),
            joiner(list, "ann@example.com"),
            joiner(list, "no address"),
            joiner(list, "barred@example.com"),
            with_value,
            joiner(double, "ann@example.com"),
            joiner(list, "bob@example.com"),
        ];
        assert_eq!(join(&sample, joiners).await, [Some(1), None, None, None, None, None, Some(2)]);
        assert_eq!(join(&sample, vec![joiner(list, "ANN@example.com")]).await, [None]);
        assert_eq!(join(&sample, vec![joiner(ListId(999), "ann@example.com")]).await, [None]);
        assert_eq!(
            join(&sample, vec![joiner(list, "c@example.com"), joiner(list, "d@example.com")]).await,
            [Some(3), Some(4)]
        );
        let (row, log, n_active) = sample
            .write(move |cx| {
                let row = cx.tx.find_subscriber(list, SubscriberNumber(1))?.expect("row");
                let log = consent::history(cx, list, SubscriberNumber(1)).expect("log");
                Ok((row, log, cx.tx.find_list_totals(list)?.expect("totals").n_active))
            })
            .await
            .expect("read");
        assert_eq!((row.email.as_str(), row.subscribed_ip.as_str()), ("Ann@example.com", "ip of Ann@example.com"));
        assert!(row.opted_in_at == Some(row.subscribed_at) && row.source == Source::Api && row.fields == "{}");
        assert_eq!((row.source_ref.as_str(), n_active), ("here", 4));
        assert_eq!((log.len(), log[0].event, log[0].actor.as_str()), (1, ConsentEvent::Subscribe, "public"));
        assert_eq!((log[0].user_agent.as_str(), log[0].ip.as_str()), ("Ann@example.com", "ip of Ann@example.com"));
    }

    /// Every address of the list by far pages of 1,000, in both orders.
    async fn by_pages(sample: &Sample, list: ListId, sort: PageSort, n: i64) -> Vec<String> {
        sample
            .write(move |cx| {
                let page = |offset, limit| PageQuery {
                    list,
                    shelf: Shelf::Active,
                    sort,
                    is_descending: false,
                    offset,
                    limit,
                    search: None,
                };
                cx.tx.build_marks_for(&page(n - 1, 1))?;
                let mut all = Vec::new();
                for offset in (0..n).step_by(1_000) {
                    all.extend(cx.tx.page_subscribers(&page(offset, 1_000))?.into_iter().map(|row| row.email_key));
                }
                Ok(all)
            })
            .await
            .expect("pages")
    }

    #[tokio::test]
    async fn far_pages_stay_exact_while_many_join_together() {
        let sample = Sample::open().await;
        let list = sample.list;
        sample.subscribe(list, 9_000, &Default::default()).await;
        let mut n = 9_000;
        for sort in [PageSort::Email, PageSort::SubscribedAt] {
            assert_eq!(by_pages(&sample, list, sort, n).await.len(), 9_000);
        }
        // All into the last and into the first mark, so that marks are split in the middle of a batch.
        for round in 0..40_i64 {
            let first = if round % 2 == 0 { "0" } else { "zz" };
            let joiners = (0..251).map(|i| joiner(list, &format!("{first}{round}-{i}@example.com"))).collect();
            assert!(join(&sample, joiners).await.iter().all(Option::is_some));
            n += 251;
        }
        for sort in [PageSort::Email, PageSort::SubscribedAt] {
            let mut all = by_pages(&sample, list, sort, n).await;
            assert_eq!(i64::try_from(all.len()), Ok(n), "{sort:?}");
            all.sort_unstable();
            all.dedup();
            assert_eq!(i64::try_from(all.len()), Ok(n), "{sort:?}: nobody twice, nobody left out");
        }
    }
}
