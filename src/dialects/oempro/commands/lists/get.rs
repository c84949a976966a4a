//! `Lists.Get`: the account's lists with their counts. Wire: OE-9, OE-6.

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::domain::lists::{self, Archived, GetListError, ListOrder, ListQuery};

/// The registry row. A wrong credential is 99998 here as everywhere; the 101 of one 5.x page is not followed.
pub const COMMAND: Command =
    Command { name: "Lists.Get", auth: Auth::User, codes: Codes::Array, texts: &[], run: Run::Read(run) };

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let (found, total) = lists::page(call.cx, &query(call.params, &call.wire)).map_err(code)?;
    let secret = &call.cx.settings.security.link_secret;
    let shown: Vec<Value> = found.iter().map(|entry| rows::lists::list(entry, secret, &call.wire).into()).collect();
    Ok(Reply::new().put("TotalListCount", total).put("Lists", shown))
}

/// Everything may be left out or be nonsense; then the defaults count (OE-6).
fn query(params: &Params, wire: &Wire) -> ListQuery {
    let count = |name: &str| params.int(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let direction = params.text_or_empty("OrderType").trim().to_ascii_uppercase();
    ListQuery {
        search: params.text_or_empty("Search").to_owned(),
        archived: match params.text_or_empty("Archived").trim().to_ascii_lowercase().as_str() {
            "all" => Archived::All,
            "true" | "1" | "yes" | "on" | "archived" => Archived::Only,
            _ => Archived::No,
        },
        order: order(params.text_or_empty("OrderField")),
        descending: match direction.as_str() {
            "DESC" => true,
            "ASC" => false,
            _ => wire.is("lists_order", "desc"),
        },
        skip: count("RecordsFrom"),
        take: count("RecordsPerRequest"),
    }
}

/// Column names in any case; an unknown one is the default order. No list has segments yet, so `SegmentCount` orders nothing.
fn order(field: &str) -> ListOrder {
    match field.trim().to_ascii_lowercase().as_str() {
        "name" => ListOrder::Name,
        "createdon" => ListOrder::CreatedAt,
        "archivedat" => ListOrder::ArchivedAt,
        "activesubscribercount" | "subscribercount" => ListOrder::NActive,
        "lastactivityat" => ListOrder::LastActivityAt,
        _ => ListOrder::Id,
    }
}

fn code(error: GetListError) -> Fault {
    match error {
        // A page names no list.
        GetListError::NoList(_) => Fault::internal(&error),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};

    #[test]
    fn nonsense_gives_the_defaults() {
        let wire = Wire::of_server(&BTreeMap::new(), "UTC");
        let read = |text: &str, wire: &Wire| {
            query(&Params::new(read_query(text.as_bytes(), &Limits::default()).expect("good query")), wire)
        };
        let plain = read("OrderField=name&OrderType=x&RecordsFrom=-1&RecordsPerRequest=abc&Archived=", &wire);
        assert_eq!((plain.order, plain.descending), (ListOrder::Name, false));
        assert_eq!((plain.skip, plain.take, plain.archived), (0, 0, Archived::No));
        assert!(read("", &wire.with("lists_order=desc")).descending);
        assert!(!read("OrderType=asc", &wire.with("lists_order=desc")).descending);
        assert_eq!(read("Archived=ALL", &wire).archived, Archived::All);
        assert_eq!(read("Archived=true", &wire).archived, Archived::Only);
    }
}
