//! `MESSAGE.CREATE`: a message of a project with its versions (OF-9.1, OF-18.11).

use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::{
    MessageBody, MessageCreateResult, MessageDefinition, MessageVersion, MessageVersions,
};
use crate::dialects::ofsys::soap::front::need;
use crate::domain::cx::Ctx;
use crate::domain::messages::versions::{Body, Draft, DraftVersion, create};
use crate::model::ids::ListId;

/// Does it.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`, `ProjectNotFound`.
pub fn run(
    cx: &mut Ctx<'_>,
    project: ListId,
    message: Option<MessageDefinition>,
) -> Result<MessageCreateResult, Refusal> {
    let draft = draft(need(message, "Message")?)?;
    let id = create(cx, project, &draft)?;
    Ok(MessageCreateResult { success: true, id_message: Some(id.0), ..MessageCreateResult::default() })
}

fn draft(message: MessageDefinition) -> Result<Draft, Refusal> {
    let MessageVersions { item } = message.message_versions.unwrap_or_default();
    Ok(Draft {
        name: message.name.unwrap_or_default(),
        category_id: message.id_category.unwrap_or_default(),
        hosts_images: message.is_hosting_images.unwrap_or_default(),
        tracks_links: message.is_tracking_links.unwrap_or_default(),
        versions: item.into_iter().map(version).collect::<Result<_, _>>()?,
    })
}

fn version(version: MessageVersion) -> Result<DraftVersion, Refusal> {
    let bodies = version.message_bodies.map(|bodies| bodies.item).unwrap_or_default();
    Ok(DraftVersion {
        name: version.name.unwrap_or_default(),
        culture: version.culture.unwrap_or_default(),
        sender_name: version.sender_name.unwrap_or_default(),
        sender_email: version.sender_e_mail.unwrap_or_default(),
        reply_to_email: version.reply_to_e_mail.unwrap_or_default(),
        subject: version.subject.unwrap_or_default(),
        subject_tell_a_friend: String::new(),
        predicate: version.predicate_expression.unwrap_or_default(),
        must_match: version.must_match_predicate_expression.unwrap_or_default(),
        bodies: bodies.into_iter().map(body).collect::<Result<_, _>>()?,
    })
}

fn body(body: MessageBody) -> Result<Body, Refusal> {
    let mime_type = need(body.mime_type, "MessageBodies: MIMEType")?;
    Ok(Body { mime_type, content: body.content.unwrap_or_default() })
}
