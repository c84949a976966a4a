//! Taking one returned mail in: read off the async threads, acted on in one transaction. Whoever handed it over is told only after the commit.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::mime;
use super::reading::{self, Arrived};
use super::recipient::Keys;
use crate::config::Settings;
use crate::domain::core::Core;
use crate::domain::cx::{Actor, Origin};
use crate::domain::returned::{Returned, Says};
use crate::domain::returns::{self, KEPT_BYTES, Mail, Receipt, ReturnError, Taken, Trust};
use crate::domain::secrets::hex;
use crate::telemetry::metrics;

/// A mail that was handed over.
#[derive(Debug, Clone, Default)]
pub struct HandedOver {
    /// The envelope recipient it is taken in for; empty when that is not known.
    pub recipient: String,
    /// Its envelope sender; `None` when that is not known.
    pub sender: Option<String>,
    /// Its beginning: more than [`mime::MAX_READ_BYTES`] is of no use.
    pub raw: Arc<[u8]>,
    /// Its whole size.
    pub n_bytes: u64,
}

/// What tokens are read with, as the settings say.
#[must_use]
pub fn keys(settings: &Settings) -> Keys<'_> {
    Keys { secret: &settings.security.link_secret, domain: &settings.returns.domain }
}

/// Takes a mail in. `channel` is the way in, for the consent log. When this answers, what follows from the mail is durable.
///
/// # Errors
/// [`ReturnError`]; nothing is stored then, and the mail has to come again.
pub async fn take(core: &Core, mail: HandedOver, channel: &'static str) -> Result<Taken, ReturnError> {
    let settings = Arc::clone(core.settings());
    let reading = tokio::task::spawn_blocking(move || {
        let returned = read(&settings, &mail);
        (returned, receipt(&mail))
    });
    let (returned, receipt) = match reading.await {
        Ok(read) => read,
        Err(error) => {
            // A mail that makes the reader panic would come again and again; it is counted as taken in and shows in the log.
            tracing::error!("reading a returned mail panicked: {error}");
            return Ok(Taken::Nothing("reading it failed"));
        }
    };
    let taken = act(core, returned, receipt, channel).await?;
    tracing::info!(taken = taken.word(), channel, "took a returned mail in: {}", taken.word());
    Ok(taken)
}

/// Acts on what was read, in one transaction.
///
/// # Errors
/// [`ReturnError`].
pub async fn act(
    core: &Core,
    returned: Returned,
    receipt: Receipt,
    channel: &'static str,
) -> Result<Taken, ReturnError> {
    let done = core.write(Arc::new(Origin::of_program(channel)), move |cx| {
        cx.actor = Actor::System;
        returns::take(cx, &returned, &receipt)
    });
    let taken = done.await?;
    count(taken);
    Ok(taken)
}

/// Counts what was taken in. Call it after the commit.
pub(super) fn count(taken: Taken) {
    metrics::returned(match taken {
        Taken::HardBounce => "hard",
        Taken::SoftBounce | Taken::LastSoftBounce => "soft",
        Taken::Refused => "refused",
        Taken::Complaint => "complaint",
        Taken::Unsubscribed => "unsubscribe",
        Taken::Kept(_) => "unread",
        Taken::Delivered | Taken::Repeated | Taken::Nothing(_) => "ignored",
    });
}

fn read(settings: &Settings, mail: &HandedOver) -> Returned {
    let recipients: Vec<String> = Some(mail.recipient.clone()).filter(|known| !known.is_empty()).into_iter().collect();
    let arrived = Arrived { recipients: &recipients, sender: mail.sender.as_deref(), raw: &mail.raw };
    // What panics in a library is one unreadable mail.
    let read = std::panic::AssertUnwindSafe(|| reading::read(keys(settings), arrived));
    std::panic::catch_unwind(read).unwrap_or(Returned { posted: None, says: Says::Unreadable("reading it failed") })
}

fn receipt(mail: &HandedOver) -> Receipt {
    let beginning = &mail.raw[..mail.raw.len().min(KEPT_BYTES)];
    Receipt {
        source: "mail",
        trust: Trust::Token,
        event_id: hex(&Sha256::digest(mime::bounded(&mail.raw))),
        mail: Some(Mail {
            sender: mail.sender.clone().unwrap_or_default(),
            recipient: mail.recipient.clone(),
            n_bytes: mail.n_bytes,
            beginning: String::from_utf8_lossy(beginning).into_owned(),
        }),
    }
}
