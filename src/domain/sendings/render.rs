//! A message made ready for the contacts of one project, its mails queued one after the other.

use crate::domain::contacts::Contact;
use crate::domain::cx::Ctx;
use crate::domain::letters::LetterKind;
use crate::domain::letters::prepare::{self, Reading, Wanted};
use crate::domain::messages::versions::Versioned;
use crate::domain::outbox::{self, NewMail};
use crate::domain::projects::Project;
use crate::domain::sendings::Unreachable;
use crate::model::ids::{MailId, VersionId};
use crate::model::states::MailPurpose;
use crate::store::StoreError;

/// A message with its parameters, for any number of contacts of one project.
pub(super) struct Prepared {
    ready: prepare::Prepared,
    purpose: MailPurpose,
}

impl Prepared {
    /// `named`: the one version to be sent; `None`: the one that fits each contact.
    pub fn new(
        cx: &mut Ctx<'_>,
        project: &Project,
        message: Versioned,
        named: Option<VersionId>,
        parameters: &[(String, String)],
        purpose: MailPurpose,
    ) -> Result<Self, StoreError> {
        let is_for_many = purpose == MailPurpose::BatchSending;
        let wanted = Wanted {
            account: project.account(),
            list: project.id(),
            message: message.id,
            kind: if is_for_many { LetterKind::Campaign } else { LetterKind::Transactional },
            campaign: None,
            is_tracked: None,
            version: named.unwrap_or(VersionId::NONE),
            parameters,
            reading: Reading::Mail,
        };
        Ok(Self { ready: prepare::of_message(cx, &wanted, project.clone(), message)?, purpose })
    }

    /// Queues the mail to a contact. The inner error: it gets none.
    ///
    /// # Errors
    /// [`StoreError`] only.
    pub fn queue(&self, cx: &mut Ctx<'_>, contact: &Contact) -> Result<Result<MailId, Unreachable>, StoreError> {
        let Some(filled) = self.ready.fill(contact) else {
            return Ok(Err(Unreachable::NoVersion(contact.number())));
        };
        let project = self.ready.project();
        let mail = NewMail {
            account: project.account(),
            list: project.id(),
            number: contact.number(),
            purpose: self.purpose,
            from_name: filled.from_name,
            from_email: filled.from_email,
            reply_to: filled.reply_to,
            to: contact.subscriber.email.clone(),
            subject: filled.subject,
            plain: filled.plain,
            html: filled.html,
        };
        let id = outbox::queue_mail(cx, mail)?;
        if !self.ready.enclosures().is_empty() {
            cx.tx.insert_mail_message(id, self.ready.message().id)?;
        }
        Ok(Ok(id))
    }
}
