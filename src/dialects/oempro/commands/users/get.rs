//! `Users.Get`: accounts with filter, search and paging. Wire: OE-11.5, OE-6.
//!
//! Without `RecordsPerRequest` 25 rows, as 5.x says; 0 for all. `ReturnStats`, `RelUserCategoryID` and `IncludeLimitUtilization` of 5.x have no published
//! answer and are passed over. Code 1 is 100005 on this wire, as for every other command that could not read.

use std::time::Duration;

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, AccountError, Column, Filter};
use crate::model::ids::UserGroupId;
use crate::model::states::Reputation;
use crate::model::time::UtcTime;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Users.Get",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[(1, "User list could not be read")],
    run: Run::Read(run),
};

/// Unproven: who logged in within this time counts as `Online`.
const ONLINE_FOR: Duration = Duration::from_secs(15 * 60);
/// Rows without `RecordsPerRequest`.
const PAGE: i64 = 25;

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let filter = filter(params, call.cx.now);
    let order = order(params.text_or_empty("OrderField"), params.text_or_empty("OrderType"));
    let offset = params.int("RecordsFrom").unwrap_or(0);
    let limit = Some(params.int("RecordsPerRequest").unwrap_or(PAGE)).filter(|n| *n > 0);
    let (page, total) = accounts::list(call.cx, &filter, &order, offset, limit).map_err(code)?;
    let shown: Vec<Value> =
        page.iter().map(|(account, profile)| rows::accounts::account(account, profile, &call.wire).into()).collect();
    Ok(Reply::new().put("Users", shown).put("TotalUsers", total))
}

/// `RelUserGroupID` is a group's id or one of the words; 5.x also an array of them. Ids join by or, words by and; other words let everybody through.
fn filter(params: &Params, now: UtcTime) -> Filter {
    let mut filter = Filter { search: search(params), ..Filter::default() };
    for word in params.texts("RelUserGroupID").into_iter().flat_map(|text| text.split(',')).map(str::trim) {
        match word {
            "Enabled" => filter.is_enabled = Some(true),
            "Disabled" => filter.is_enabled = Some(false),
            "Online" => filter.active_since = Some(now.minus(ONLINE_FOR)),
            "Trusted" => filter.reputation = Some(Reputation::Trusted),
            "Untrusted" => filter.reputation = Some(Reputation::Untrusted),
            id => filter.groups.extend(id.parse().ok().map(UserGroupId)),
        }
    }
    filter
}

/// A keyword without a field is looked for in what names an account; a field that is none finds nobody.
fn search(params: &Params) -> (Vec<Column>, String) {
    let Some(keyword) = params.text("SearchKeyword") else { return (Vec::new(), String::new()) };
    let columns = match params.text("SearchField") {
        None => vec![Column::Username, Column::Email, Column::FirstName, Column::LastName, Column::Company],
        // The moment of the last activity is not searched: it lets nobody through.
        Some(field) => vec![column(field).unwrap_or(Column::LastActivityAt)],
    };
    (columns, keyword.to_owned())
}

/// Columns and directions joined by `|`, one for one (OE-6); a column that is none is left out.
fn order(fields: &str, types: &str) -> Vec<(Column, bool)> {
    let mut types = types.split('|').map(|word| word.trim().eq_ignore_ascii_case("DESC"));
    let pairs = fields.split('|').map(|field| (column(field), types.next().unwrap_or(false)));
    pairs.filter_map(|(column, descending)| Some((column?, descending))).collect()
}

/// Column names have no case (OE-6).
fn column(name: &str) -> Option<Column> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "userid" => Column::Id,
        "relusergroupid" => Column::UserGroupId,
        "emailaddress" => Column::Email,
        "username" => Column::Username,
        "reputationlevel" => Column::Reputation,
        "usersince" => Column::CreatedAt,
        "firstname" => Column::FirstName,
        "lastname" => Column::LastName,
        "companyname" => Column::Company,
        "timezone" => Column::TimeZone,
        "language" => Column::Language,
        "signupipaddress" => Column::SignUpIp,
        "accountstatus" => Column::IsEnabled,
        "availablecredits" => Column::Credits,
        "lastactivitydatetime" => Column::LastActivityAt,
        "website" => Column::Website,
        "city" => Column::City,
        "state" => Column::State,
        "zip" => Column::Zip,
        "country" => Column::Country,
        "phone" => Column::Phone,
        _ => return None,
    })
}

fn code(error: AccountError) -> Fault {
    match error {
        AccountError::NoAccount => Fault::code(1),
        AccountError::Denied(denied) => denied.into(),
        AccountError::Store(error) => Fault::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_pair_columns_with_directions() {
        assert_eq!(order("FirstName|lastname", "DESC|ASC"), [(Column::FirstName, true), (Column::LastName, false)]);
        assert_eq!(order("Nothing|UserID", "ASC|DESC"), [(Column::Id, true)]);
        assert_eq!(order("UserID|Username", "DESC"), [(Column::Id, true), (Column::Username, false)]);
        assert_eq!(order("", ""), []);
    }
}
