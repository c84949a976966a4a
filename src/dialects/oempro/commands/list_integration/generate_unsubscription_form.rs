//! `ListIntegration.GenerateUnsubscriptionFormHTMLCode`: the HTML of a form that unsubscribes. Wire: OE-9, OE-13.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::commands::list_integration::{form, html_code};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::clip_line;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::access::Permission;
use crate::domain::lists::{self, GetListError};
use crate::model::ids::ListId;

/// The registry row. An unknown list has no code of its own; it is answered like none.
pub const COMMAND: Command = Command {
    name: "ListIntegration.GenerateUnsubscriptionFormHTMLCode",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Subscriber list id is missing or invalid")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let mut need = params.need();
    let list = ListId(need.id("SubscriberListID", 1));
    need.done()?;
    let list = lists::require(call.cx, Permission::ListGet, list).map_err(code)?;
    let label = clip_line(params.text("EmailAddressString").unwrap_or("Email address"), 250);
    let button = clip_line(params.text("UnsubscribeButtonString").unwrap_or("Unsubscribe"), 250);
    let lines = form::unsubscription(&call.cx.settings.public_url(), list.id, &label, &button);
    Ok(Reply::new().put("HTMLCode", html_code::value(params, lines)))
}

fn code(error: GetListError) -> Fault {
    match error {
        GetListError::NoList(_) => Fault::code(1),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}
