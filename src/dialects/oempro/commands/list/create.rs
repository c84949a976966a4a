//! `List.Create`: makes an empty list, and since 5.x the message that asks new subscribers to confirm. Wire: OE-9.

use crate::dialects::kit::form::{Array, Node};
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::{Params, clip_line, clip_text};
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::dialects::oempro::words;
use crate::domain::lists::{self, CreateListError};
use crate::domain::messages::{Draft, DraftError};
use crate::model::states::{ContentType, MessageMode, OptInMode};

/// The registry row. Code 2 is answered under the wire choice `unique_list_names` only (OE-12).
pub const COMMAND: Command = Command {
    name: "List.Create",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber list name is missing"),
        (2, "There is already a subscriber list with this name"),
        (3, "List limit of the user group is reached"),
        (20, "Invalid opt-in mode"),
        (21, "A part of the confirmation email is missing"),
        (22, "Invalid content type of the confirmation email"),
        (23, "HTML content of the confirmation email is missing"),
        (24, "Plain content of the confirmation email is missing"),
        (25, "Invalid mode of the confirmation email"),
        (26, "Template of the confirmation email is missing"),
        (30, "Confirmation email could not be created, the list was not created"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let mut need = params.need();
    let name = clip_line(need.text("SubscriberListName", 1), 250);
    let mode = params.text("OptInMode").map(words::opt_in_mode);
    need.that(mode != Some(None), 20);
    need.done()?;
    let draft = confirmation(params)?;
    if call.wire.is("unique_list_names", "yes") {
        lists::require_free_name(call.cx, &name).map_err(code)?;
    }
    let build = |list: &mut lists::NewList| {
        list.name = name;
        list.description = clip_text(params.text_or_empty("Description"), 10_000);
        list.opt_in_mode = mode.flatten().unwrap_or(OptInMode::Single);
        list.sender_name = clip_line(params.text_or_empty("SenderName"), 250);
        list.sender_email = clip_line(params.text_or_empty("SenderEmailAddress"), 250);
        list.sender_company = clip_line(params.text_or_empty("SenderCompany"), 250);
        list.sender_address = clip_text(params.text_or_empty("SenderAddress"), 2_000);
    };
    match draft {
        None => {
            let list = lists::create(call.cx, build).map_err(code)?;
            Ok(Reply::new().put("ListID", list.0))
        }
        Some(draft) => {
            let (list, message) = lists::create_with_confirmation(call.cx, draft, build).map_err(code)?;
            Ok(Reply::new().put("ListID", list.0).put("ConfirmationEmailID", message.0))
        }
    }
}

/// The confirmation e-mail, when one was sent; an empty array is one with everything missing.
fn confirmation(params: &Params) -> Result<Option<Draft>, Fault> {
    match params.node("ConfirmationEmail") {
        None => Ok(None),
        Some(Node::Text(text)) if text.is_empty() => Ok(None),
        Some(Node::Text(_)) => Err(Fault::code(21)),
        Some(Node::Array(parts)) => draft(parts).map(Some),
    }
}

fn draft(parts: &Array) -> Result<Draft, Fault> {
    let part = |key: &str| parts.text(key).unwrap_or_default().to_owned();
    let given = |key: &str| parts.text(key).filter(|text| !text.is_empty());
    let content_type = match given("contenttype") {
        None => return Err(Fault::code(21)),
        Some("HTML") => ContentType::Html,
        Some("Plain") => ContentType::Plain,
        Some("Both") => ContentType::Both,
        Some(_) => return Err(Fault::code(22)),
    };
    let mode = match given("mode") {
        None | Some("Empty") => MessageMode::Empty,
        Some("Template") => MessageMode::Template,
        Some("Import") => MessageMode::Import,
        Some("Editor") => MessageMode::Editor,
        Some("Stripo") => MessageMode::Stripo,
        Some("Unlayer") => MessageMode::Unlayer,
        Some(_) => return Err(Fault::code(25)),
    };
    Ok(Draft {
        name: part("emailname"),
        from_name: part("fromname"),
        from_email: part("fromemail"),
        reply_to_name: part("replytoname"),
        reply_to_email: part("replytoemail"),
        subject: part("subject"),
        pre_header: part("preheadertext"),
        content_type,
        mode,
        template_id: given("reltemplateid").and_then(|id| id.trim().parse().ok()).unwrap_or(0),
        plain: part("plaincontent"),
        html: part("htmlcontent"),
    })
}

fn code(error: CreateListError) -> Fault {
    match error {
        CreateListError::NameTaken(_) => Fault::code(2),
        CreateListError::LimitReached(_) => Fault::code(3),
        CreateListError::Message(DraftError::Incomplete) => Fault::code(21),
        CreateListError::Message(DraftError::NoHtml) => Fault::code(23),
        CreateListError::Message(DraftError::NoPlain) => Fault::code(24),
        CreateListError::Message(DraftError::NoTemplate) => Fault::code(26),
        CreateListError::Message(DraftError::BadHeader(_)) => Fault::code(30),
        CreateListError::Denied(denied) => denied.into(),
        CreateListError::Store(error) => Fault::internal(&error),
    }
}
