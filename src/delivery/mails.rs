//! Single mails (opt-in requests, passwords, notices, sendings) as a queue of the worker. They have places of their own, so that no campaign holds them up.

use std::time::Duration;

use super::attempt::History;
use super::worker::Source;
use crate::domain::attempts::Ending;
use crate::domain::cx::Ctx;
use crate::domain::letters::{self, Letter};
use crate::domain::mail_queue::{self, Mail};
use crate::domain::workload::WorkError;
use crate::model::ids::{MailId, NodeId};
use crate::model::states::SuppressionReason;

/// A claimed mail with its letter.
#[derive(Debug, Clone)]
pub(super) struct Row {
    mail: Mail,
    letter: Letter,
    /// Why it must not leave any more.
    bar: Option<SuppressionReason>,
}

/// The queue of single mails.
pub(super) struct Mails {
    pub node: NodeId,
}

impl Source for Mails {
    const NAME: &'static str = "mails";
    type Row = Row;

    fn is_due(&self, cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
        mail_queue::is_due(cx)
    }

    fn claim(&self, cx: &mut Ctx<'_>, n: i64, lease: Duration, held: &[i64]) -> Result<Vec<Row>, WorkError> {
        let held: Vec<MailId> = held.iter().copied().map(MailId).collect();
        let mails = mail_queue::claim(cx, self.node, n, lease, &held)?;
        let letters = letters::of_mails(cx, &mails)?;
        let together = mails.into_iter().zip(letters);
        together.map(|(mail, letter)| Ok(Row { bar: mail_queue::find_bar(cx, &mail)?, mail, letter })).collect()
    }

    fn number(row: &Row) -> i64 {
        row.mail.id.0
    }

    fn letter(&self, row: &Row) -> Result<Letter, Ending> {
        match row.bar {
            None => Ok(row.letter.clone()),
            Some(reason) => Err(Ending::Skipped { reason: format!("the address is suppressed: {}", word(reason)) }),
        }
    }

    fn history(&self, row: &Row) -> History {
        History { kind: row.letter.kind, n_tries: row.mail.n_tries, queued_at: row.mail.created_at }
    }

    fn record(&self, cx: &mut Ctx<'_>, ended: &[(Row, Ending)]) -> Result<(), WorkError> {
        mail_queue::record(cx, ended.iter().map(|(row, ending)| (&row.mail, ending)))
    }

    fn release(&self, cx: &mut Ctx<'_>, rows: &[Row]) -> Result<(), WorkError> {
        mail_queue::release(cx, rows.iter().map(|row| &row.mail))
    }
}

const fn word(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::Administrator => "by an administrator",
        SuppressionReason::User => "by the account",
        SuppressionReason::Complaint => "complaint",
        SuppressionReason::HardBounce => "hard bounce",
        SuppressionReason::Unsubscribed => "unsubscribed",
        SuppressionReason::Imported => "imported",
        SuppressionReason::Erased => "erased",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::desk::{Desk, IDLE, Pace, Worker};
    use crate::delivery::nodes::Pulse;
    use crate::delivery::post::Post;
    use crate::delivery::transport::memory::Memory;
    use crate::delivery::worker::Line;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::domain::suppression::{self, Scope};
    use crate::model::email_address::EmailAddress;
    use crate::model::states::MailPurpose;

    const NODE: NodeId = sample::NODE;
    const MAILS: Mails = Mails { node: NODE };

    fn line(sample: &Sample, post: Post) -> Line<Mails> {
        Line::new(Desk::new(sample.core.clone()), post, MAILS, Pulse::steady())
    }

    fn files(sample: &Sample) -> Vec<String> {
        let entries = std::fs::read_dir(sample.core.settings().outbox()).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("entry").file_name().into_string().expect("name")).collect();
        names.sort();
        names
    }

    async fn queue(sample: &Sample, to: &'static str) -> i64 {
        sample.write(move |cx| Ok(outbox::queue_mail(cx, sample::mail(to))?)).await.expect("queue").0
    }

    async fn work_off(line: &mut Line<Mails>) {
        while line.round().await.expect("round") != Pace::Rest(IDLE) {}
    }

    #[tokio::test]
    async fn a_mail_becomes_one_file() {
        let sample = Sample::open().await;
        let id = queue(&sample, "a@example.com").await;
        let mut line = line(&sample, Post::new(&sample.core).expect("post"));
        work_off(&mut line).await;
        assert_eq!(files(&sample), [format!("{id}-a@example.com.eml")]);
    }

    #[tokio::test]
    async fn a_crash_between_writing_and_recording_leaves_one_file() {
        let sample = Sample::open().await;
        queue(&sample, "a@example.com").await;
        let rows = sample.write(|cx| MAILS.claim(cx, 1, Duration::ZERO, &[])).await.expect("claim");
        let post = Post::new(&sample.core).expect("post");
        let means = crate::delivery::attempt::Means::new(post.clone(), sample.core.settings());
        let history = MAILS.history(&rows[0]);
        let ending = crate::delivery::attempt::attempt(&means, rows[0].letter.clone(), &history).await;
        assert!(matches!(ending, Ending::Sent { .. }), "{ending:?}");
        work_off(&mut line(&sample, post)).await;
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
        work_off(&mut line(&sample, Post::new(&sample.core).expect("post"))).await;
        assert_eq!(files(&sample).len(), 1);
    }

    #[tokio::test]
    async fn who_was_suppressed_since_gets_nothing_any_more() {
        let sample = Sample::open().await;
        let account = sample.account;
        sample
            .write(move |cx| {
                let request =
                    outbox::NewMail { account, purpose: MailPurpose::OptInRequest, ..sample::mail("a@example.com") };
                outbox::queue_mail(cx, request)?;
                let address = EmailAddress::parse("A@example.com").expect("address");
                Ok(suppression::suppress(cx, Scope::Account(account), &address, SuppressionReason::Complaint)?)
            })
            .await
            .expect("suppress");
        work_off(&mut line(&sample, Post::new(&sample.core).expect("post"))).await;
        assert!(files(&sample).is_empty());
        assert!(!sample.write(mail_queue::is_due).await.expect("look"), "it is over");
    }

    #[tokio::test]
    async fn what_was_not_begun_is_let_go_once_others_took_this_node_for_dead() {
        let sample = Sample::open().await;
        for to in ["a@example.com", "b@example.com"] {
            queue(&sample, to).await;
        }
        let (memory, pulse) = (Memory::default(), Pulse::steady());
        let desk = Desk::new(sample.core.clone());
        let mut line = Line::new(desk, Post::of_memory(memory.clone()), MAILS, pulse.clone());
        line.close_every_place();
        line.round().await.expect("round");
        assert_eq!(line.n_held(), 2, "claimed");
        pulse.die();
        line.round().await.expect("round");
        assert_eq!((line.n_held(), memory.taken().len()), (0, 0));
    }

    #[tokio::test]
    async fn what_nobody_began_with_is_put_back_at_the_end() {
        let sample = Sample::open().await;
        for to in ["a@example.com", "b@example.com", "c@example.com"] {
            queue(&sample, to).await;
        }
        let mut line = line(&sample, Post::of_memory(Memory::default()));
        line.close_every_place();
        let round = tokio::time::timeout(Duration::from_secs(5), line.round()).await.expect("a round ends");
        round.expect("round");
        assert_eq!(line.n_held(), 3, "claimed");
        line.close().await;
        let again = sample.write(|cx| mail_queue::claim(cx, NODE, 10, Duration::ZERO, &[])).await.expect("claim");
        let untouched: Vec<_> = again.iter().map(|mail| (mail.n_tries, mail.is_uncertain)).collect();
        assert_eq!(untouched, [(1, false); 3]);
    }
}
