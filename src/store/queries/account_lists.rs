//! Accounts by the page: filtered, searched, sorted by any of their columns.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::{Backend, Conn};
use crate::store::rows::accounts::{AccountColumn, AccountFilter, AccountProfile, AccountRow};
use crate::store::schema::{account_profiles, accounts};

diesel::define_sql_function! {
    /// Lower case as the database knows it.
    fn lower(text: Text) -> Text;
}

/// Narrows a boxed query of both tables to what the filter lets through. A macro, because the type of such a query is too long to be written.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let (filter, mut query) = ($filter, $query);
        let (columns, wanted) = &filter.search;
        let pattern = format!("%{}%", escaped(&wanted.to_lowercase()));
        let number: i64 = wanted.trim().parse().unwrap_or(-1);
        // The search comes first: `or_filter` joins with everything before it.
        for column in columns {
            query = match column {
                AccountColumn::Id => query.or_filter(accounts::id.eq(number)),
                AccountColumn::UserGroupId => query.or_filter(accounts::user_group_id.eq(number)),
                AccountColumn::Email => query.or_filter(accounts::email_key.like(pattern.clone()).escape('\\')),
                AccountColumn::Username => query.or_filter(accounts::username_key.like(pattern.clone()).escape('\\')),
                AccountColumn::FirstName => query.or_filter(lower(accounts::first_name).like(pattern.clone()).escape('\\')),
                AccountColumn::LastName => query.or_filter(lower(accounts::last_name).like(pattern.clone()).escape('\\')),
                AccountColumn::Company => query.or_filter(lower(accounts::company).like(pattern.clone()).escape('\\')),
                AccountColumn::TimeZone => query.or_filter(lower(accounts::time_zone).like(pattern.clone()).escape('\\')),
                AccountColumn::Language => query.or_filter(lower(accounts::language).like(pattern.clone()).escape('\\')),
                AccountColumn::SignUpIp => query.or_filter(lower(accounts::sign_up_ip).like(pattern.clone()).escape('\\')),
                AccountColumn::Website => query.or_filter(lower(account_profiles::website).like(pattern.clone()).escape('\\')),
                AccountColumn::City => query.or_filter(lower(account_profiles::city).like(pattern.clone()).escape('\\')),
                AccountColumn::State => query.or_filter(lower(account_profiles::state).like(pattern.clone()).escape('\\')),
                AccountColumn::Zip => query.or_filter(lower(account_profiles::zip).like(pattern.clone()).escape('\\')),
                AccountColumn::Country => query.or_filter(lower(account_profiles::country).like(pattern.clone()).escape('\\')),
                AccountColumn::Phone => query.or_filter(lower(account_profiles::phone).like(pattern.clone()).escape('\\')),
                AccountColumn::Reputation
                | AccountColumn::CreatedAt
                | AccountColumn::IsEnabled
                | AccountColumn::Credits
                | AccountColumn::LastActivityAt => query.or_filter(sql::<Bool>("1 = 0")),
            };
        }
        query = query.filter(accounts::deleted_at.is_null());
        if !filter.groups.is_empty() {
            query = query.filter(accounts::user_group_id.eq_any(&filter.groups));
        }
        if let Some(is_enabled) = filter.is_enabled {
            query = query.filter(accounts::is_enabled.eq(is_enabled));
        }
        if let Some(reputation) = filter.reputation {
            query = query.filter(accounts::reputation.eq(reputation));
        }
        if let Some(since) = filter.active_since {
            query = query.filter(accounts::last_activity_at.ge(since));
        }
        query
    }};
}

/// Sorts a boxed query by one more column.
macro_rules! sorted {
    ($query:ident, $column:expr, $descending:expr) => {
        if $descending { $query.then_order_by($column.desc()) } else { $query.then_order_by($column.asc()) }
    };
}

/// One page of the accounts that the filter lets through, with their profiles. The bool of an order is true for descending; the id decides at
/// last. `limit` `None` for all.
pub fn list_accounts(
    conn: &mut Conn,
    filter: &AccountFilter,
    order: &[(AccountColumn, bool)],
    offset: i64,
    limit: Option<i64>,
) -> QueryResult<Vec<(AccountRow, AccountProfile)>> {
    let joined = accounts::table.inner_join(account_profiles::table.on(account_profiles::account_id.eq(accounts::id)));
    let boxed = joined.select((AccountRow::as_select(), AccountProfile::as_select())).into_boxed::<Backend>();
    let mut query = narrowed!(boxed, filter);
    for (column, descending) in order.iter().copied() {
        query = match column {
            AccountColumn::Id => sorted!(query, accounts::id, descending),
            AccountColumn::UserGroupId => sorted!(query, accounts::user_group_id, descending),
            AccountColumn::Email => sorted!(query, accounts::email_key, descending),
            AccountColumn::Username => sorted!(query, accounts::username_key, descending),
            AccountColumn::Reputation => sorted!(query, accounts::reputation, descending),
            AccountColumn::CreatedAt => sorted!(query, accounts::created_at, descending),
            AccountColumn::FirstName => sorted!(query, accounts::first_name, descending),
            AccountColumn::LastName => sorted!(query, accounts::last_name, descending),
            AccountColumn::Company => sorted!(query, accounts::company, descending),
            AccountColumn::TimeZone => sorted!(query, accounts::time_zone, descending),
            AccountColumn::Language => sorted!(query, accounts::language, descending),
            AccountColumn::SignUpIp => sorted!(query, accounts::sign_up_ip, descending),
            AccountColumn::IsEnabled => sorted!(query, accounts::is_enabled, descending),
            AccountColumn::Credits => sorted!(query, accounts::credits, descending),
            // NULL sorts first in one database and last in the other.
            AccountColumn::LastActivityAt => {
                sorted!(query, sql::<diesel::sql_types::BigInt>("COALESCE(accounts.last_activity_at, 0)"), descending)
            }
            AccountColumn::Website => sorted!(query, account_profiles::website, descending),
            AccountColumn::City => sorted!(query, account_profiles::city, descending),
            AccountColumn::State => sorted!(query, account_profiles::state, descending),
            AccountColumn::Zip => sorted!(query, account_profiles::zip, descending),
            AccountColumn::Country => sorted!(query, account_profiles::country, descending),
            AccountColumn::Phone => sorted!(query, account_profiles::phone, descending),
        };
    }
    query.then_order_by(accounts::id.asc()).limit(limit.unwrap_or(i64::MAX)).offset(offset).load(conn)
}

/// How many accounts the filter lets through.
pub fn count_accounts_in(conn: &mut Conn, filter: &AccountFilter) -> QueryResult<i64> {
    let joined = accounts::table.inner_join(account_profiles::table.on(account_profiles::account_id.eq(accounts::id)));
    narrowed!(joined.count().into_boxed::<Backend>(), filter).get_result(conn)
}

/// Text that a pattern takes literally.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
