//! Pages of a list's subscribers, by segment word, sorted and searched (OE-6).

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::domain::subscribers::{Shown, WithValues};
use crate::model::ids::{AccountId, FieldId, ListId};
use crate::model::states::Roster;
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::lists::ListTotals;
use crate::store::rows::rosters::{FieldRef, PageQuery, Shelf};
use crate::store::rows::subscribers::SubscriberRow;

pub use crate::store::rows::rosters::{PageColumn, PageSearch as StoredSearch, PageSort as StoredSort};

/// Which subscribers, by the old platform's segment words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say what they are")]
pub enum Segment {
    Active,
    Suppressed,
    Unsubscribed,
    SoftBounced,
    HardBounced,
    OptInPending,
}

/// What a page is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns say what they are")]
pub enum Sort {
    Email,
    SubscribedAt,
    Number,
    Column(PageColumn),
    Field(FieldId),
}

/// What a page is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns say what they are")]
pub enum Search {
    Email(String),
    Ip(String),
    Number(String),
    /// Microseconds, first inclusive, second exclusive.
    SubscribedWithin(i64, i64),
    /// Microseconds, first inclusive, second exclusive.
    OptedInWithin(i64, i64),
    Field(FieldId, String),
    /// Nothing fits.
    Nobody,
}

/// A page asked for.
#[derive(Debug, Clone)]
pub struct Page {
    /// The list.
    pub list: ListId,
    /// Which subscribers.
    pub segment: Segment,
    /// In which order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub is_descending: bool,
    /// Subscribers passed over; negative counts as 0.
    pub offset: i64,
    /// Subscribers at most; `None` for all.
    pub limit: Option<i64>,
    /// What they are narrowed to.
    pub search: Option<Search>,
}

/// A page found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The subscribers with their values.
    pub subscribers: Shown<Vec<WithValues>>,
    /// How many there are without paging.
    pub n_total: i64,
}

/// Why no page was found.
#[derive(Debug, thiserror::Error)]
pub enum BrowseError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The search names a field that the list does not have.
    #[error("no custom field {0}")]
    NoField(FieldId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether [`browse`] would be quick only after [`prepare_far_pages`].
///
/// # Errors
/// [`BrowseError`].
pub fn wants_preparation(cx: &mut Ctx<'_>, page: &Page) -> Result<bool, BrowseError> {
    let (_, query) = query_of(cx, page)?;
    Ok(cx.tx.wants_marks(&query)?)
}

/// Makes far pages of this order quick from now on. Takes a transaction, so not part of [`browse`].
///
/// # Errors
/// [`BrowseError`].
pub fn prepare_far_pages(cx: &mut Ctx<'_>, page: &Page) -> Result<(), BrowseError> {
    let (_, query) = query_of(cx, page)?;
    Ok(cx.tx.build_marks_for(&query)?)
}

/// A page of subscribers of one of the acting account's lists. A sort by a field that the list does not have is passed over.
///
/// # Errors
/// [`BrowseError`].
pub fn browse(cx: &mut Ctx<'_>, page: &Page) -> Result<Found, BrowseError> {
    let (account, query) = query_of(cx, page)?;
    let n_total = match query.search {
        Some(_) => cx.tx.count_page_subscribers(&query)?,
        None => {
            let totals = cx.tx.find_list_totals(page.list)?.ok_or(BrowseError::NoList(page.list))?;
            n_in_segment(&totals, page.segment)
        }
    };
    let rows = cx.tx.page_subscribers(&query)?;
    let fields = cx.tx.list_fields(account, page.list)?;
    let has_global = fields.iter().any(|field| field.is_global);
    let what = with_values(cx, account, rows, has_global)?;
    let fields = fields.iter().map(|field| field.id).collect();
    Ok(Found { subscribers: Shown { what, fields }, n_total })
}

fn query_of(cx: &mut Ctx<'_>, page: &Page) -> Result<(AccountId, PageQuery), BrowseError> {
    let account = cx.account(Permission::SubscribersGet)?;
    if cx.tx.find_list(account, page.list)?.is_none() {
        return Err(BrowseError::NoList(page.list));
    }
    let sort = match page.sort {
        Sort::Email => StoredSort::Email,
        Sort::SubscribedAt => StoredSort::SubscribedAt,
        Sort::Number => StoredSort::Number,
        Sort::Column(column) => StoredSort::Column(column),
        Sort::Field(id) => field_ref(cx, account, page.list, id)?.map_or(StoredSort::Email, StoredSort::Field),
    };
    let search = match &page.search {
        None => None,
        Some(search) => Some(stored_search(cx, account, page.list, search)?),
    };
    let query = PageQuery {
        list: page.list,
        shelf: shelf_of(page.segment),
        sort,
        is_descending: page.is_descending,
        offset: page.offset.max(0),
        limit: page.limit.unwrap_or(i64::MAX).max(0),
        search,
    };
    Ok((account, query))
}

fn stored_search(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
    search: &Search,
) -> Result<StoredSearch, BrowseError> {
    Ok(match search {
        Search::Email(text) => StoredSearch::EmailHolds(text.to_lowercase()),
        Search::Ip(text) => StoredSearch::IpHolds(text.clone()),
        Search::Number(digits) => StoredSearch::NumberHolds(digits.clone()),
        Search::SubscribedWithin(from, to) => StoredSearch::SubscribedWithin(*from, *to),
        Search::OptedInWithin(from, to) => StoredSearch::OptedInWithin(*from, *to),
        Search::Field(id, text) => {
            let field = field_ref(cx, account, list, *id)?.ok_or(BrowseError::NoField(*id))?;
            StoredSearch::FieldHolds(field, text.to_lowercase())
        }
        Search::Nobody => StoredSearch::Nobody,
    })
}

/// Where the values of a field are, if the list has the field.
fn field_ref(cx: &mut Ctx<'_>, account: AccountId, list: ListId, id: FieldId) -> Result<Option<FieldRef>, StoreError> {
    let field = cx.tx.find_field(account, id)?.filter(|field| field.is_global || field.list_id == list);
    Ok(field.map(|field| FieldRef { id, global_of: field.is_global.then_some(account) }))
}

const fn shelf_of(segment: Segment) -> Shelf {
    match segment {
        Segment::Active => Shelf::Active,
        Segment::SoftBounced => Shelf::SoftBounced,
        Segment::Suppressed => Shelf::Roster(Roster::Suppressed),
        Segment::Unsubscribed => Shelf::Roster(Roster::Unsubscribed),
        Segment::HardBounced => Shelf::Roster(Roster::Hard),
        Segment::OptInPending => Shelf::Roster(Roster::Pending),
    }
}

const fn n_in_segment(totals: &ListTotals, segment: Segment) -> i64 {
    match segment {
        Segment::Active => totals.n_active + totals.n_soft,
        Segment::SoftBounced => totals.n_soft,
        Segment::Suppressed => totals.n_suppressed,
        Segment::Unsubscribed => totals.n_unsubscribed,
        Segment::HardBounced => totals.n_hard,
        Segment::OptInPending => totals.n_pending,
    }
}

/// Adds the values: list-wide ones from the rows, global ones in a few queries for all.
fn with_values(
    cx: &mut Ctx<'_>,
    account: AccountId,
    rows: Vec<SubscriberRow>,
    has_global: bool,
) -> Result<Vec<WithValues>, StoreError> {
    const KEYS_AT_ONCE: usize = 500;
    let mut found = Vec::with_capacity(rows.len());
    for subscriber in rows {
        let values = stored_values::from_text(&subscriber.fields)?;
        found.push(WithValues { subscriber, values });
    }
    if has_global {
        for chunk in found.chunks_mut(KEYS_AT_ONCE) {
            let keys: Vec<&str> = chunk.iter().map(|one| one.subscriber.email_key.as_str()).collect();
            let global = cx.tx.list_global_values(account, &keys)?;
            let mut by_key: std::collections::HashMap<String, Vec<(FieldId, String)>> =
                std::collections::HashMap::new();
            for (key, field, value) in global {
                by_key.entry(key).or_default().push((field, value));
            }
            for one in chunk {
                one.values.extend(by_key.remove(&one.subscriber.email_key).unwrap_or_default());
            }
        }
    }
    Ok(found)
}
