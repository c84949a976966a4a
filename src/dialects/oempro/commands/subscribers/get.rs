//! `Subscribers.Get`: a page of a list's subscribers by status word. Wire: OE-6 (paging, sorting, searching), OE-8.

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::field_params::field_of_name;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows::subscribers as rows;
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::domain::subscribers::browse::{self, BrowseError, Found, Page, PageColumn, Search, Segment, Sort};
use crate::model::ids::ListId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Subscribers.Get",
    auth: Auth::User,
    codes: Codes::Scalar,
    texts: &[
        (1, "Subscriber list ID is missing"),
        (2, "Subscriber segment is missing"),
        (3, "Invalid subscriber list ID"),
        (4, "Invalid search field"),
    ],
    run: Run::Staged(run),
};

/// Version 5's page size when none is given (OE-6).
const DEFAULT_PAGE: i64 = 25;

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(page(stage))
}

async fn page(stage: &Stage) -> Result<Reply, Fault> {
    // The usual page is one read. Only the first page far inside a large list prepares the way for all later ones.
    let first = stage
        .read(|call| {
            let Some(page) = page_of(call)? else { return Ok(Some(nobody(&call.wire))) };
            if browse::wants_preparation(call.cx, &page).map_err(code)? {
                Ok(None)
            } else {
                answer(call, &page).map(Some)
            }
        })
        .await?;
    if let Some(reply) = first {
        return Ok(reply);
    }
    let prepare = |call: &mut Call<'_, '_>| match page_of(call)? {
        Some(page) => browse::prepare_far_pages(call.cx, &page).map_err(code),
        None => Ok(()),
    };
    stage.write(prepare).await?;
    stage
        .read(|call| match page_of(call)? {
            Some(page) => answer(call, &page),
            None => Ok(nobody(&call.wire)),
        })
        .await
}

fn answer(call: &mut Call<'_, '_>, page: &Page) -> Result<Reply, Fault> {
    let found = browse::browse(call.cx, page).map_err(code)?;
    Ok(reply(&found, &call.wire))
}

fn reply(found: &Found, wire: &Wire) -> Reply {
    if found.subscribers.what.is_empty() {
        return Reply::new().put("Subscribers", wire.no_rows()).put("TotalSubscribers", found.n_total);
    }
    let shown: Vec<Value> =
        found.subscribers.what.iter().map(|one| rows::row(one, &found.subscribers.fields, wire).into()).collect();
    Reply::new().put("Subscribers", shown).put("TotalSubscribers", found.n_total)
}

fn nobody(wire: &Wire) -> Reply {
    Reply::new().put("Subscribers", wire.no_rows()).put("TotalSubscribers", 0)
}

/// The page asked for; `None` for a segment that nobody is in because there is none of that name or number.
fn page_of(call: &Call<'_, '_>) -> Result<Option<Page>, Fault> {
    let params = call.params;
    let mut need = params.need();
    let list = ListId(need.id("SubscriberListID", 1));
    let segment = need.text("SubscriberSegment", 2);
    need.done()?;
    let search = search_of(params, &call.wire)?;
    let Some(segment) = segment_of_word(segment) else { return Ok(None) };
    Ok(Some(Page {
        list,
        segment,
        sort: params.text("OrderField").map_or(Sort::Email, sort_of_name),
        is_descending: params.text_or_empty("OrderType").trim().eq_ignore_ascii_case("desc"),
        offset: params.int("RecordsFrom").unwrap_or(0),
        limit: limit_of(params),
        search,
    }))
}

/// Sent empty or `0`: everybody. Not sent at all: version 5's default (OE-6).
fn limit_of(params: &Params) -> Option<i64> {
    match params.int("RecordsPerRequest") {
        Some(n) if n > 0 => Some(n),
        Some(_) => None,
        None if params.has("RecordsPerRequest") => None,
        None => Some(DEFAULT_PAGE),
    }
}

fn segment_of_word(word: &str) -> Option<Segment> {
    match word.trim().to_ascii_lowercase().as_str() {
        "active" => Some(Segment::Active),
        "suppressed" => Some(Segment::Suppressed),
        "unsubscribed" => Some(Segment::Unsubscribed),
        "soft bounced" => Some(Segment::SoftBounced),
        "hard bounced" => Some(Segment::HardBounced),
        "opt-in pending" => Some(Segment::OptInPending),
        _ => None,
    }
}

/// Unknown columns sort by address: two clients order everything by `name` (OE-6).
fn sort_of_name(name: &str) -> Sort {
    match name.trim().to_ascii_lowercase().as_str() {
        "subscriberid" => Sort::Number,
        "subscriptiondate" => Sort::SubscribedAt,
        "subscriptionip" => Sort::Column(PageColumn::SubscribedIp),
        "optindate" => Sort::Column(PageColumn::OptedInAt),
        "unsubscriptiondate" => Sort::Column(PageColumn::UnsubscribedAt),
        "unsubscriptionip" => Sort::Column(PageColumn::UnsubscribedIp),
        "bouncetype" => Sort::Column(PageColumn::Bounce),
        "subscriptionstatus" => Sort::Column(PageColumn::Status),
        other => field_of_name(other).map_or(Sort::Email, Sort::Field),
    }
}

/// No field or no keyword is no search (OE-6). A field that cannot be searched is code 4.
fn search_of(params: &Params, wire: &Wire) -> Result<Option<Search>, Fault> {
    let (Some(field), Some(keyword)) = (params.text("SearchField"), params.text("SearchKeyword")) else {
        return Ok(None);
    };
    let keyword = keyword.trim().to_owned();
    let search = match field.trim().to_ascii_lowercase().as_str() {
        "emailaddress" => Search::Email(keyword),
        "subscriberid" => Search::Number(keyword),
        "subscriptionip" => Search::Ip(keyword),
        "subscriptiondate" => span(wire, &keyword, Search::SubscribedWithin),
        "optindate" => span(wire, &keyword, Search::OptedInWithin),
        other => Search::Field(field_of_name(other).ok_or_else(|| Fault::code(4))?, keyword),
    };
    Ok(Some(search))
}

/// The year, month, day, hour or minute that a keyword begins; other texts are in no date.
fn span(wire: &Wire, keyword: &str, search: fn(i64, i64) -> Search) -> Search {
    wire.span_of_prefix(keyword).map_or(Search::Nobody, |(from, to)| search(from.0, to.0))
}

fn code(error: BrowseError) -> Fault {
    match error {
        BrowseError::NoList(_) => Fault::code(3),
        BrowseError::NoField(_) => Fault::code(4),
        BrowseError::Denied(denied) => denied.into(),
        BrowseError::Store(error) => Fault::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};
    use crate::model::ids::FieldId;

    #[test]
    fn page_sizes_are_read_as_the_platform_did() {
        let limit =
            |query: &str| limit_of(&Params::new(read_query(query.as_bytes(), &Limits::default()).expect("good query")));
        assert_eq!(limit("a=1"), Some(25));
        assert_eq!(limit("RecordsPerRequest=7"), Some(7));
        assert_eq!(limit("RecordsPerRequest=0"), None);
        assert_eq!(limit("RecordsPerRequest="), None);
    }

    #[test]
    fn unknown_columns_sort_by_address() {
        assert_eq!(sort_of_name("name"), Sort::Email);
        assert_eq!(sort_of_name("SUBSCRIPTIONDATE"), Sort::SubscribedAt);
        assert_eq!(sort_of_name("CustomField3"), Sort::Field(FieldId(3)));
        assert_eq!(segment_of_word("Opt-In Pending"), Some(Segment::OptInPending));
        assert_eq!(segment_of_word("12"), None);
    }
}
