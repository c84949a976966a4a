//! A message as it is sent and shown: the same shape in both directions (OF-9.1, OF-9.2).

use serde_json::{Value, json};

use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::request::Members;
use crate::dialects::ofsys::refusals::{no_message, no_project};
use crate::domain::messages::versions::{
    Body, Draft, DraftVersion, GetMessageError, MAX_BODIES, MAX_VERSIONS, Versioned,
};

/// Puts what was sent into a draft; what is absent stays.
///
/// # Errors
/// `InvalidParameter`.
pub fn read_into(draft: &mut Draft, message: &Members<'_>) -> Result<(), Fault> {
    if let Some(name) = message.text("Name")? {
        draft.name = name;
    }
    if let Some(category) = message.whole("idCategory")? {
        draft.category_id = category;
    }
    if let Some(hosts) = message.flag("isHostingImages")? {
        draft.hosts_images = hosts;
    }
    if let Some(tracks) = message.flag("isTrackingLinks")? {
        draft.tracks_links = tracks;
    }
    if let Some(items) = message.list("MessageVersions", MAX_VERSIONS)? {
        draft.versions = items.iter().map(|item| version(&item.object()?)).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn version(sent: &Members<'_>) -> Result<DraftVersion, Fault> {
    let text = |name: &str| sent.text(name).map(Option::unwrap_or_default);
    let bodies = sent.list("MessageBodies", MAX_BODIES)?.unwrap_or_default();
    let bodies = bodies.iter().map(|item| {
        let body = item.object()?;
        Ok(Body { mime_type: body.need_text("MIMEType")?, content: body.text("Content")?.unwrap_or_default() })
    });
    Ok(DraftVersion {
        name: text("Name")?,
        culture: text("Culture")?,
        sender_name: text("SenderName")?,
        sender_email: text("SenderEMail")?,
        reply_to_email: text("ReplyToEMail")?,
        subject: text("Subject")?,
        subject_tell_a_friend: text("Subject_TellAFriend")?,
        predicate: text("PredicateExpression")?,
        must_match: sent.flag("MustMatchPredicateExpression")?.unwrap_or(false),
        bodies: bodies.collect::<Result<_, Fault>>()?,
    })
}

/// A message as a draft, for changing a part of it.
#[must_use]
pub fn draft_of(message: &Versioned) -> Draft {
    Draft {
        name: message.name.clone(),
        category_id: message.category_id,
        hosts_images: message.hosts_images,
        tracks_links: message.tracks_links,
        versions: message.versions.iter().map(|version| version.text.clone()).collect(),
    }
}

/// A message as it is shown.
#[must_use]
pub fn shown(message: &Versioned) -> Value {
    let versions: Vec<Value> = message
        .versions
        .iter()
        .map(|version| {
            let text = &version.text;
            let bodies: Vec<Value> =
                text.bodies.iter().map(|body| json!({ "MIMEType": body.mime_type, "Content": body.content })).collect();
            json!({
                "idMessageVersion": version.id.0,
                "Name": text.name,
                "Culture": text.culture,
                "SenderName": text.sender_name,
                "SenderEMail": text.sender_email,
                "Subject": text.subject,
                "Subject_TellAFriend": text.subject_tell_a_friend,
                "ReplyToEMail": text.reply_to_email,
                "PredicateExpression": text.predicate,
                "MustMatchPredicateExpression": text.must_match,
                "MessageBodies": bodies,
            })
        })
        .collect();
    json!({
        "idMessage": message.id.0,
        "Name": message.name,
        "isHostingImages": message.hosts_images,
        "isTrackingLinks": message.tracks_links,
        "idCategory": message.category_id,
        "MessageVersions": versions,
        "QuerySources": null,
    })
}

/// What keeps a message from being read.
pub fn of_get(error: GetMessageError) -> Fault {
    match error {
        GetMessageError::NoProject(_) => no_project(),
        GetMessageError::NoMessage(_) => no_message(),
        GetMessageError::Denied(denied) => denied.into(),
        GetMessageError::Store(error) => Fault::internal(&error),
    }
}
