//! Queued mails leave: claimed under a lease, written durably as `*.eml`, then marked sent in groups.
//!
//! A crash between writing and marking repeats the write to the same file name, so one queued mail stays one file.

use std::time::Duration;

use super::capture;
use super::desk::{Desk, IDLE, Pace, Worker};
use super::mime::{self, Imprint};
use crate::domain::letters::{self, Letter};
use crate::domain::workload::{self, Mail, Setback, WorkError};

/// Mails claimed at once.
const BATCH: i64 = 50;
/// How long a claim holds; writing a batch takes a fraction of it.
const LEASE: Duration = Duration::from_secs(120);
/// Tries before a mail is given up: some 12 hours.
const MAX_TRIES: i64 = 12;

pub(super) struct Mails {
    desk: Desk,
}

impl Mails {
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

impl Worker for Mails {
    const NAME: &'static str = "mails";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        if !self.desk.read(workload::is_mail_due).await? {
            return Ok(Pace::Rest(IDLE));
        }
        let mails = self.desk.write(|cx| workload::claim_mails(cx, BATCH, LEASE)).await?;
        if mails.is_empty() {
            return Ok(Pace::Rest(IDLE));
        }
        let outbox = self.desk.core.settings().outbox();
        let imprint = Imprint::of(self.desk.core.settings());
        let (mails, letters) = self
            .desk
            .read(move |cx| {
                let letters = letters::of_mails(cx, &mails)?;
                Ok::<_, WorkError>((mails, letters))
            })
            .await?;
        let written = tokio::task::spawn_blocking(move || write_batch(&outbox, &imprint, mails, &letters)).await;
        let Ok((sent, unsent)) = written else {
            // A panic while writing: the leases end and the mails come up again, counted as tried.
            tracing::error!("writing mails panicked");
            return Ok(Pace::Rest(IDLE));
        };
        for (mail, setback) in &unsent {
            tracing::warn!(mail.id = %mail.id, "mail {} did not leave: {setback:?}", mail.id);
        }
        let n_sent = sent.len();
        self.desk.write(move |cx| workload::finish_mails(cx, &sent, &unsent)).await?;
        if n_sent > 0 {
            tracing::info!(n_mails = n_sent, "wrote {n_sent} mails to the outbox");
        }
        Ok(Pace::Again)
    }
}

type Written = (Vec<crate::model::ids::MailId>, Vec<(Mail, Setback)>);

/// Writes what can be written; the names are durable before any mail counts as sent.
fn write_batch(outbox: &std::path::Path, imprint: &Imprint, mails: Vec<Mail>, letters: &[Letter]) -> Written {
    let (mut sent, mut unsent) = (Vec::new(), Vec::new());
    for (mail, letter) in mails.into_iter().zip(letters) {
        match deliver(outbox, imprint, &mail, letter) {
            Ok(()) => sent.push(mail),
            Err(setback) => unsent.push((mail, setback)),
        }
    }
    if let Err(error) = capture::sync_folder(outbox)
        && !sent.is_empty()
    {
        let again =
            |mail| (mail, Setback::Again { error: format!("cannot sync the outbox: {error}"), max_tries: MAX_TRIES });
        unsent.extend(sent.drain(..).map(again));
    }
    (sent.into_iter().map(|mail| mail.id).collect(), unsent)
}

fn deliver(outbox: &std::path::Path, imprint: &Imprint, mail: &Mail, letter: &Letter) -> Result<(), Setback> {
    if mail.n_tries > MAX_TRIES {
        return Err(Setback::Final { error: "given up: no try ended".to_owned() });
    }
    let bytes = mime::build(letter, imprint).map_err(|error| Setback::Final { error: error.to_string() })?;
    capture::write(outbox, &capture::name_of(mail), &bytes)
        .map_err(|error| Setback::Again { error: format!("cannot write to the outbox: {error}"), max_tries: MAX_TRIES })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};

    fn files(sample: &Sample) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(sample.core.settings().outbox())
            .map(|entries| {
                entries.map(|entry| entry.expect("entry").file_name().into_string().expect("name")).collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_mail_becomes_one_file() {
        let sample = Sample::open().await;
        let id = sample.write(|cx| Ok(outbox::queue_mail(cx, sample::mail("a@example.com"))?)).await.expect("queue");
        let mut mails = Mails::new(Desk::new(sample.core.clone()));
        assert_eq!(mails.round().await.expect("round"), Pace::Again);
        assert_eq!(mails.round().await.expect("round"), Pace::Rest(IDLE));
        assert_eq!(files(&sample), [format!("{id}-a@example.com.eml")]);
    }

    #[tokio::test]
    async fn a_crash_between_writing_and_marking_leaves_one_file() {
        let sample = Sample::open().await;
        sample.write(|cx| Ok(outbox::queue_mail(cx, sample::mail("a@example.com"))?)).await.expect("queue");
        let claimed = sample.write(|cx| workload::claim_mails(cx, 1, Duration::ZERO)).await.expect("claim");
        let settings = sample.core.settings();
        let letters: Vec<Letter> = claimed.iter().map(|mail| letters::of_mail(settings, mail)).collect();
        let (sent, _) = write_batch(&settings.outbox(), &Imprint::of(settings), claimed, &letters);
        assert_eq!(sent.len(), 1);

        let mut mails = Mails::new(Desk::new(sample.core.clone()));
        assert_eq!(mails.round().await.expect("round"), Pace::Again);
        assert_eq!(mails.round().await.expect("round"), Pace::Rest(IDLE));
        assert_eq!(files(&sample).len(), 1);
    }

    #[tokio::test]
    async fn a_mail_that_cannot_be_built_is_given_up_and_others_leave() {
        let sample = Sample::open().await;
        sample
            .write(|cx| {
                let evil =
                    outbox::NewMail { subject: "x\r\nBcc: v@example.net".to_owned(), ..sample::mail("a@example.com") };
                outbox::queue_mail(cx, evil)?;
                Ok(outbox::queue_mail(cx, sample::mail("b@example.com"))?)
            })
            .await
            .expect("queue");
        let mut mails = Mails::new(Desk::new(sample.core.clone()));
        assert_eq!(mails.round().await.expect("round"), Pace::Again);
        assert_eq!(mails.round().await.expect("round"), Pace::Rest(IDLE));
        assert_eq!(files(&sample).len(), 1);
    }
}
