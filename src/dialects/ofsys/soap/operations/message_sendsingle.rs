//! `MESSAGE.SENDSINGLE`: one message to one contact, active or not; each call makes one mail (OF-8.4, OF-18.10).

use crate::dialects::kit::soap::fault::Fault;
use crate::dialects::kit::soap::lexical::Any;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::MessageSendResult;
use crate::dialects::ofsys::soap::front::need;
use crate::dialects::ofsys::soap::values::texts;
use crate::domain::cx::Ctx;
use crate::domain::sendings::{Single, To, send_single};
use crate::model::ids::{ListId, MessageId, SubscriberNumber};

/// What is asked.
pub struct Wanted {
    message: Option<i64>,
    contact: Option<i64>,
    parameters: Vec<(String, String)>,
}

impl Wanted {
    /// Reads the request.
    ///
    /// # Errors
    /// A fault when `Parameters` holds no named values.
    pub fn read(message: Option<i64>, contact: Option<i64>, parameters: Option<Any>) -> Result<Self, Fault> {
        Ok(Self { message, contact, parameters: texts(parameters, "Parameters")? })
    }
}

/// Does it.
///
/// # Errors
/// `MissingParameter`, and what the domain refuses.
pub fn run(cx: &mut Ctx<'_>, project: ListId, wanted: Wanted) -> Result<MessageSendResult, Refusal> {
    let message = MessageId(need(wanted.message, "idMessage")?);
    let to = To::Contact(SubscriberNumber(need(wanted.contact, "idContact")?));
    let single = Single { project, message, version: None, to, parameters: wanted.parameters };
    let sent = send_single(cx, &single)?;
    let affected_contacts = i32::try_from(sent.mails.len()).unwrap_or(i32::MAX);
    Ok(MessageSendResult { success: true, affected_contacts, ..MessageSendResult::default() })
}
