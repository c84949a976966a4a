//! Files that travel with messages: attached ones, and pictures that the HTML shows by `cid:` addresses.

use std::sync::Arc;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::domain::letters::Enclosure;
use crate::model::ids::{EnclosureId, MessageId};
use crate::store::StoreError;
use crate::store::rows::tracking::{EnclosureRow, NewEnclosureRow};

/// Files of one message at most.
const MAX_FILES: usize = 20;
/// All files of one message together, in bytes. Base64 makes a third more of it, and few mailboxes take more than 25 MB.
pub const MAX_BYTES: usize = 15 * 1024 * 1024;
/// Longest name, in characters.
const MAX_NAME: usize = 120;

/// A file of a message, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: EnclosureId,
    /// Its name.
    pub name: String,
    /// Its type.
    pub mime_type: String,
    /// What the HTML calls it; empty for an attached file.
    pub content_id: String,
    /// How large it is.
    pub n_bytes: usize,
}

/// A file to be added to a message.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its name.
    pub name: String,
    /// Its type, such as `application/pdf`.
    pub mime_type: String,
    /// What the HTML calls a picture (`<img src="cid:logo">` calls it `logo`); empty for an attached file.
    pub content_id: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Why a file was not added, listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum EnclosureError {
    /// The account has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// The message has no such file.
    #[error("message {0} has no file {1}")]
    NoFile(MessageId, EnclosureId),
    /// The name is empty, too long, or of several lines.
    #[error("the file's name is empty, longer than 120 characters or of several lines")]
    BadName,
    /// The type is none.
    #[error("{0:?} is no type such as application/pdf")]
    BadType(String),
    /// The name of a picture holds what no address holds.
    #[error("{0:?} cannot name a picture: letters, digits and .-_@ only")]
    BadContentId(String),
    /// Another file of the message has this name of a picture.
    #[error("the message has a picture {0:?} already")]
    TakenContentId(String),
    /// There would be more than 20 files, or more bytes than [`MAX_BYTES`].
    #[error("a message has at most 20 files of 15 MB together")]
    TooMuch,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a file to a message of the acting account, behind those it has.
///
/// # Errors
/// [`EnclosureError`].
pub fn attach(cx: &mut Ctx<'_>, message: MessageId, file: NewFile) -> Result<EnclosureId, EnclosureError> {
    require(cx, Permission::EmailUpdate, message)?;
    check(&file)?;
    let known = cx.tx.list_enclosures(message)?;
    let n_bytes: usize = known.iter().map(|row| row.content.len()).sum();
    if known.len() >= MAX_FILES || n_bytes + file.content.len() > MAX_BYTES {
        return Err(EnclosureError::TooMuch);
    }
    if !file.content_id.is_empty() && known.iter().any(|row| row.content_id == file.content_id) {
        return Err(EnclosureError::TakenContentId(file.content_id));
    }
    let row = NewEnclosureRow {
        message_id: message,
        position: i64::try_from(known.len()).unwrap_or(i64::MAX),
        name: file.name,
        mime_type: file.mime_type,
        content_id: file.content_id,
        content: file.content,
        created_at: cx.now,
    };
    Ok(cx.tx.insert_enclosure(&row)?)
}

/// The files of a message of the acting account, in their order.
///
/// # Errors
/// [`EnclosureError`].
pub fn list(cx: &mut Ctx<'_>, message: MessageId) -> Result<Vec<Listed>, EnclosureError> {
    require(cx, Permission::EmailGet, message)?;
    let listed = |row: EnclosureRow| Listed {
        id: row.id,
        name: row.name,
        mime_type: row.mime_type,
        content_id: row.content_id,
        n_bytes: row.content.len(),
    };
    Ok(cx.tx.list_enclosures(message)?.into_iter().map(listed).collect())
}

/// Removes a file of a message of the acting account.
///
/// # Errors
/// [`EnclosureError`].
pub fn detach(cx: &mut Ctx<'_>, message: MessageId, id: EnclosureId) -> Result<(), EnclosureError> {
    require(cx, Permission::EmailUpdate, message)?;
    if cx.tx.delete_enclosure(message, id)? { Ok(()) } else { Err(EnclosureError::NoFile(message, id)) }
}

/// The files of a message, ready to travel. For internal use: no permission is asked.
pub(in crate::domain) fn of_message(cx: &mut Ctx<'_>, message: MessageId) -> Result<Arc<[Enclosure]>, StoreError> {
    let ready = |row: EnclosureRow| Enclosure {
        name: row.name,
        mime_type: row.mime_type,
        content_id: row.content_id,
        content: Arc::from(row.content),
    };
    Ok(cx.tx.list_enclosures(message)?.into_iter().map(ready).collect())
}

fn require(cx: &mut Ctx<'_>, permission: Permission, message: MessageId) -> Result<(), EnclosureError> {
    let account = cx.account(permission)?;
    cx.tx.find_message(account, message)?.map(drop).ok_or(EnclosureError::NoMessage(message))
}

fn check(file: &NewFile) -> Result<(), EnclosureError> {
    let NewFile { name, mime_type, content_id, .. } = file;
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(EnclosureError::BadName);
    }
    let is_token = |text: &str| {
        !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+_".contains(&b))
    };
    let is_type = mime_type.split_once('/').is_some_and(|(kind, sort)| {
        is_token(kind) && is_token(sort) && !["multipart", "message"].iter().any(|bad| kind.eq_ignore_ascii_case(bad))
    });
    if !is_type {
        return Err(EnclosureError::BadType(mime_type.clone()));
    }
    let is_id =
        content_id.len() <= 100 && content_id.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_@".contains(&b));
    if !is_id {
        return Err(EnclosureError::BadContentId(content_id.clone()));
    }
    Ok(())
}
