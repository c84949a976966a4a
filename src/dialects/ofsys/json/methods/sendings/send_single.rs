//! `Sendings.SendSingle` and `.SendSingle2`: a message to one contact, active or not. Wire: OF-8.1 to OF-8.7.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::filter::{self, ContactFilter};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::request::{Members, text_of};
use crate::domain::contacts::clause::Clause;
use crate::domain::sendings::{Single, To, send_single};
use crate::model::ids::{MessageId, VersionId};

/// The older form.
pub const METHOD: Method = method("SendSingle", run);
/// The form with parameters.
pub const METHOD_2: Method = method("SendSingle2", run_2);

const fn method(name: &'static str, run: fn(&mut Call<'_, '_>) -> Result<Reply, Fault>) -> Method {
    Method {
        service: "Sendings",
        name,
        auth: Auth::Key,
        codes: &[
            Code::MissingParameter,
            Code::InvalidParameter,
            Code::ProjectNotFound,
            Code::MessageNotFound,
            Code::ContactNotFound,
            Code::UnknownField,
            Code::TooManyRows,
            Code::SendFailed,
        ],
        run: Run::Write(run),
    }
}

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let single = read(call)?;
    send(call, &single)
}

fn run_2(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut single = read(call)?;
    let attachments = call.request.list("Attachments", usize::MAX)?;
    if attachments.is_some_and(|list| !list.is_empty()) {
        return Err(Fault::invalid("Attachments", "are not carried"));
    }
    if let Some(options) = call.request.object("SendSingleOptions")? {
        single.version = options.whole("idMessageVersion")?.filter(|id| *id != 0).map(VersionId);
        if let Some(values) = options.object("MessageParameterValues")? {
            single.parameters = parameters(&values)?;
        }
    }
    send(call, &single)
}

fn read(call: &Call<'_, '_>) -> Result<Single, Fault> {
    let project = call.project()?;
    let message = MessageId(call.request.need_whole("idMessage")?);
    let to = match filter::contacts(&call.request)? {
        ContactFilter::Contact(number) => To::Contact(number),
        ContactFilter::Clause(clause) => To::Clause(clause),
        ContactFilter::All => To::Clause(Clause::All),
    };
    Ok(Single { project, message, version: None, to, parameters: Vec::new() })
}

/// Name and text of each; null is an empty text.
fn parameters(values: &Members<'_>) -> Result<Vec<(String, String)>, Fault> {
    let read = values.map().iter().map(|(name, value)| match value {
        serde_json::Value::Null => Ok((name.clone(), String::new())),
        value => match text_of(value) {
            Some(text) => Ok((name.clone(), text)),
            None => Err(Fault::invalid(&values.path_of(name), "must be a text")),
        },
    });
    read.collect()
}

fn send(call: &mut Call<'_, '_>, single: &Single) -> Result<Reply, Fault> {
    let sent = send_single(call.cx, single)?;
    let n_sent = sent.mails.len();
    Ok(Reply::new().put("AffectedContacts", n_sent).note(format!("{n_sent} messages queued")))
}
