//! One attempt to bring a letter out, from top to bottom: written, put in its envelope, handed over, and what follows from the answer.

use std::sync::Arc;

use super::mime::{self, Imprint};
use super::post::Post;
use super::retry::{self, Tried};
use super::transport::{Outcome, Parcel};
use crate::config::Settings;
use crate::domain::attempts::{Ending, Fault};
use crate::domain::envelope_senders;
use crate::domain::letters::{Letter, LetterKind};
use crate::model::time::UtcTime;

/// What is known of a mail's earlier tries.
#[derive(Debug, Clone, Copy)]
pub(super) struct History {
    pub kind: LetterKind,
    /// Counts this one.
    pub n_tries: i64,
    pub queued_at: UtcTime,
}

/// What every attempt needs. Cheap to clone.
#[derive(Clone)]
pub(super) struct Means {
    pub post: Post,
    pub settings: Arc<Settings>,
    pub imprint: Arc<Imprint>,
}

impl Means {
    pub fn new(post: Post, settings: &Arc<Settings>) -> Self {
        Self { post, settings: Arc::clone(settings), imprint: Arc::new(Imprint::of(settings)) }
    }
}

/// Tries once. Once the letter is in its envelope its own texts are let go: only the bytes wait for their turn.
pub(super) async fn attempt(means: &Means, letter: Letter, history: &History) -> Ending {
    let parcel = match parcel(means, &letter) {
        Ok(parcel) => parcel,
        Err(error) => return Ending::Failed { reply: error.to_string(), fault: Fault::Ours },
    };
    drop(letter);
    let patience = means.settings.queue.attempt_patience();
    let outcome = tokio::time::timeout(patience, means.post.send(&parcel)).await;
    let outcome = outcome.unwrap_or_else(|_| Outcome::Uncertain("the attempt took too long".to_owned()));
    if let Outcome::Uncertain(why) = &outcome {
        tracing::warn!(posted = ?parcel.posted, "nobody knows whether a mail was taken: {why}; it is tried again with the same id");
    }
    let History { kind, n_tries, queued_at } = *history;
    let untried = means.settings.queue.untried();
    let tried = Tried { n_tries, first_at: queued_at, untried, kind, now: UtcTime::now(), random: rand::random() };
    retry::ending(outcome, &tried)
}

fn parcel(means: &Means, letter: &Letter) -> Result<Parcel, mime::BuildError> {
    let message = mime::build(letter, &means.imprint)?;
    let from = mime::wire_address(&letter.from_email).ok_or(mime::BuildError::Address("sender"))?;
    let recipient = mime::wire_address(&letter.to).ok_or(mime::BuildError::Address("recipient"))?;
    let from_domain = from.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let settings = &means.settings;
    let sender = match settings.returns.domain.as_str() {
        "" => from,
        domain => envelope_senders::address(&settings.security.link_secret, letter.posted, domain),
    };
    Ok(Parcel {
        posted: letter.posted,
        account: letter.account,
        sender,
        recipient,
        from_domain: from_domain.unwrap_or_default(),
        message: message.into(),
    })
}
