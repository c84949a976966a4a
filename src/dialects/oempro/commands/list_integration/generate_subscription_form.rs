//! `ListIntegration.GenerateSubscriptionFormHTMLCode`: the HTML of a form that subscribes. Wire: OE-9, OE-13.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::commands::list_integration::form::{self, Form};
use crate::dialects::oempro::commands::list_integration::html_code;
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::id_list;
use crate::dialects::oempro::params::clip_line;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::fields;
use crate::domain::lists::GetListError;
use crate::model::ids::{FieldId, ListId};

/// The registry row. Fields that are not the list's own, nor global, are left out.
pub const COMMAND: Command = Command {
    name: "ListIntegration.GenerateSubscriptionFormHTMLCode",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber list id is missing"),
        (2, "Subscriber list id must be a positive number"),
        (3, "Invalid subscriber list id"),
    ],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let mut need = params.need();
    let list = need.id("SubscriberListID", 1);
    need.done()?;
    if list <= 0 {
        return Err(Fault::code(2));
    }
    let wanted: Vec<FieldId> = id_list::ids(params, "CustomFields").into_iter().map(FieldId).collect();
    let (list, found) = fields::named(call.cx, ListId(list), &wanted).map_err(code)?;
    let mut with_choices = Vec::with_capacity(found.len());
    for field in found {
        let choices = fields::choices(&field).map_err(|error| Fault::internal(&error))?;
        with_choices.push((field, choices));
    }
    let form = Form {
        base: &call.cx.settings.public_url(),
        list: list.id,
        fields: &with_choices,
        email_label: &clip_line(params.text("EmailAddressString").unwrap_or("Email address"), 250),
        button: &clip_line(params.text("SubscribeButtonString").unwrap_or("Subscribe"), 250),
    };
    Ok(Reply::new().put("HTMLCode", html_code::value(params, form::subscription(&form))))
}

fn code(error: GetListError) -> Fault {
    match error {
        GetListError::NoList(_) => Fault::code(3),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}
