//! `Lists.Get`: the account's lists with their counts. Wire: OE-9, OE-6.

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::lists::{self, GetListError};

/// The registry row.
pub const COMMAND: Command =
    Command { name: "Lists.Get", auth: Auth::User, codes: Codes::Array, texts: &[], run: Run::Read(run) };

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let found = lists::list_all(call.cx).map_err(code)?;
    let secret = &call.cx.settings.security.link_secret;
    let shown: Vec<Value> =
        found.iter().map(|(list, totals)| rows::lists::list(list, totals, secret, &call.wire).into()).collect();
    Ok(Reply::new().put("TotalListCount", found.len()).put("Lists", shown))
}

fn code(error: GetListError) -> Fault {
    match error {
        GetListError::NoList(_) => Fault::code(1),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}
