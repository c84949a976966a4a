//! `User.Current`: the account that the credentials belong to. Wire: OE-11.15.
//!
//! Its codes 1 to 5 of the 5.5 and 5.6 pages are 99998, 99999 and 100005 on this wire, as for every other command. Nothing is sent through a gateway,
//! so its totals are 0.

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, AccountError};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.Current",
    auth: Auth::User,
    codes: Codes::Scalar,
    texts: &[(2, "User not found")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let record = accounts::current(call.cx).map_err(code)?;
    let usage = Object::new()
        .put("EmailGateway_TotalSentThisMonth", 0)
        .put("EmailGateway_TotalSentAllTime", 0)
        .put("Limit_Monthly", record.group.limit_emails_per_month)
        .put("Limit_Lifetime", 0);
    let rates =
        Object::new().put("EmailGateway", Value::List(Vec::new())).put("DefaultSenderDomain", Value::List(Vec::new()));
    Ok(Reply::new()
        .put("UserInfo", rows::accounts::current(&record, &call.wire))
        .put("Usage", usage)
        .put("SendRateLimits", rates))
}

fn code(error: AccountError) -> Fault {
    match error {
        AccountError::NoAccount => Fault::code(2),
        AccountError::Denied(denied) => denied.into(),
        AccountError::Store(error) => Fault::internal(&error),
    }
}
