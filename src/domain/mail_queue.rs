//! The queue of single mails (opt-in requests, passwords, notices, sendings) as the worker sees it: mails under a lease, and how each ended.
//!
//! A lease that ends without a word brings its mail back marked as uncertain: it may be out already.

use std::time::Duration;

use crate::config::Route;
use crate::domain::attempts::Ending;
use crate::domain::bounces;
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::suppression;
use crate::domain::workload::{WorkError, cut};
use crate::model::ids::{MailId, NodeId, SubscriberNumber};
use crate::model::states::{QueueState, SuppressionReason};
use crate::store::StoreError;
use crate::store::rows::queues::{MailDelay, MailRow};

/// A claimed mail. `n_tries` counts this one.
pub type Mail = MailRow;

/// Whether any mail can be claimed. Cheap, and needs no transaction.
///
/// # Errors
/// [`WorkError`].
pub fn is_due(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    cx.administrator()?;
    Ok(cx.tx.is_mail_due(cx.now)?)
}

/// Gives back what nodes had that are gone, marked as perhaps sent.
///
/// # Errors
/// [`WorkError`].
pub fn return_leases_of_gone(cx: &mut Ctx<'_>) -> Result<(), WorkError> {
    cx.administrator()?;
    let n_mails = cx.tx.return_mails_of_gone(cx.now)?;
    if n_mails > 0 {
        tracing::warn!(n_mails, "{n_mails} mails come back from a node that is gone");
    }
    Ok(())
}

/// Claims up to `n` due mails for a node, for the length of the lease, those of ended leases first, but none that is `held` by the caller already: when the clock
/// was set forward meanwhile, the leases of those begin anew. Order is not promised.
///
/// # Errors
/// [`WorkError`].
pub fn claim(cx: &mut Ctx<'_>, node: NodeId, n: i64, lease: Duration, held: &[MailId]) -> Result<Vec<Mail>, WorkError> {
    cx.administrator()?;
    let (now, until) = (cx.now, cx.now.plus(lease));
    if !held.is_empty() {
        cx.tx.renew_mails(held, now, until)?;
    }
    let mut claimed = cx.tx.claim_mails(node, QueueState::Leased, n, now, until)?;
    let rest = n.saturating_sub(i64::try_from(claimed.len()).unwrap_or(n));
    claimed.extend(cx.tx.claim_mails(node, QueueState::Pending, rest, now, until)?);
    Ok(claimed)
}

/// Why a claimed mail must not leave any more: its address was suppressed since it was queued. `None` when it may.
///
/// # Errors
/// [`WorkError`].
pub fn find_bar(cx: &mut Ctx<'_>, mail: &Mail) -> Result<Option<SuppressionReason>, WorkError> {
    cx.administrator()?;
    Ok(suppression::find_bar(cx, mail.account_id, mail.list_id, mail.purpose, &mail.to_email)?)
}

/// Notes how a group of mails ended. One that is out is noted whoever has it now; any other end only while the node that tried still has it, so that a node
/// that was taken for dead puts nothing back that another one sent.
///
/// # Errors
/// [`WorkError`].
pub fn record<'m>(cx: &mut Ctx<'_>, ended: impl IntoIterator<Item = (&'m Mail, &'m Ending)>) -> Result<(), WorkError> {
    cx.administrator()?;
    for (mail, ending) in ended {
        end(cx, mail, ending)?;
    }
    Ok(())
}

fn end(cx: &mut Ctx<'_>, mail: &Mail, ending: &Ending) -> Result<(), WorkError> {
    let is_noted = keep(cx, mail, ending)?;
    match ending {
        _ if mail.number == SubscriberNumber::NONE || !is_noted => {}
        Ending::Failed { reply, fault } => {
            let posted = Posted::Mail(mail.id);
            bounces::note_at_sending(cx, posted, mail.account_id, mail.list_id, mail.number, *fault, reply)?;
        }
        // A relay that took a mail says nothing of the mailbox (ML-8.10).
        Ending::Sent { .. } if cx.settings.mail.route() == Route::Mx => {
            bounces::delivered(cx, mail.list_id, &[mail.number])?;
        }
        Ending::Sent { .. } | Ending::Later { .. } | Ending::Skipped { .. } => {}
    }
    Ok(())
}

/// Writes down how a mail ended; false when that is not its node's to say any more.
fn keep(cx: &mut Ctx<'_>, mail: &Mail, ending: &Ending) -> Result<bool, StoreError> {
    let node = mail.leased_by;
    match ending {
        Ending::Sent { reply } => cx.tx.finish_mail(mail.id, cx.now, &cut(reply)).map(|()| true),
        Ending::Later { due_at, reply, is_try, is_uncertain } => {
            let delay = MailDelay {
                due_at: *due_at,
                n_tries: if *is_try { mail.n_tries } else { (mail.n_tries - 1).max(0) },
                is_uncertain: mail.is_uncertain || *is_uncertain,
                error: &cut(reply),
            };
            cx.tx.delay_mail(mail.id, node, &delay).map(|()| true)
        }
        Ending::Failed { reply, .. } => cx.tx.drop_mail(mail.id, node, QueueState::Failed, cx.now, &cut(reply)),
        Ending::Skipped { reason } => cx.tx.drop_mail(mail.id, node, QueueState::Skipped, cx.now, &cut(reason)),
    }
}

/// Puts claimed mails back that nobody began with: at once due again, and as if never claimed.
///
/// # Errors
/// [`WorkError`].
pub fn release<'m>(cx: &mut Ctx<'_>, mails: impl IntoIterator<Item = &'m Mail>) -> Result<(), WorkError> {
    cx.administrator()?;
    for mail in mails {
        let n_tries = (mail.n_tries - 1).max(0);
        let delay = MailDelay { due_at: cx.now, n_tries, is_uncertain: mail.is_uncertain, error: "" };
        cx.tx.delay_mail(mail.id, mail.leased_by, &delay)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attempts::Fault;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::model::states::BounceType;

    const LONG: Duration = Duration::from_secs(60);
    const NODE: NodeId = sample::NODE;

    async fn queue(sample: &Sample, to: &'static str) {
        sample.write(move |cx| Ok(outbox::queue_mail(cx, sample::mail(to))?)).await.expect("queue");
    }

    async fn claim_for(sample: &Sample, lease: Duration) -> Vec<Mail> {
        sample.write(move |cx| claim(cx, NODE, 10, lease, &[])).await.expect("claim")
    }

    async fn record_one(sample: &Sample, mail: &Mail, ending: Ending) {
        let mail = mail.clone();
        sample.write(move |cx| record(cx, [(&mail, &ending)])).await.expect("record");
    }

    #[tokio::test]
    async fn what_is_in_hand_does_not_come_back_however_far_the_clock_goes_forward() {
        let sample = Sample::open().await;
        queue(&sample, "a@example.com").await;
        queue(&sample, "b@example.com").await;
        let first = claim_for(&sample, LONG).await;
        let (held, lost) = (first[0].id, first[1].id);
        let again = sample.write(move |cx| {
            cx.now = cx.now.plus(Duration::from_secs(3 * 3600));
            let once = claim(cx, NODE, 10, LONG, &[held])?;
            Ok([once, claim(cx, NODE, 10, LONG, &[held, lost])?].concat())
        });
        let seen: Vec<_> = again.await.expect("claim").iter().map(|mail| (mail.id, mail.is_uncertain)).collect();
        assert_eq!(seen, [(lost, true)]);
    }

    #[tokio::test]
    async fn a_lease_that_ends_gives_the_mail_back_as_uncertain() {
        let sample = Sample::open().await;
        queue(&sample, "a@example.com").await;
        assert_eq!(claim_for(&sample, LONG).await.len(), 1);
        assert!(claim_for(&sample, LONG).await.is_empty(), "leased mails are nobody else's");

        queue(&sample, "b@example.com").await;
        let first = claim_for(&sample, Duration::ZERO).await;
        assert!(!first[0].is_uncertain, "nobody had it before");
        assert!(sample.write(is_due).await.expect("look"));
        let again = claim_for(&sample, LONG).await;
        let seen: Vec<_> = again.iter().map(|mail| (mail.to_email.as_str(), mail.n_tries, mail.is_uncertain)).collect();
        assert_eq!(seen, [("b@example.com", 2, true)]);
    }

    #[tokio::test]
    async fn what_was_released_is_as_if_never_claimed() {
        let sample = Sample::open().await;
        queue(&sample, "a@example.com").await;
        let claimed = claim_for(&sample, LONG).await;
        sample.write(move |cx| release(cx, &claimed)).await.expect("release");
        let again = claim_for(&sample, LONG).await;
        assert_eq!((again[0].n_tries, again[0].is_uncertain), (1, false));
    }

    #[tokio::test]
    async fn what_the_recipients_own_server_took_ends_the_count_of_failures() {
        for (route, bounce) in [("mx", BounceType::NotBounced), ("relay", BounceType::Soft)] {
            let mut sample = Sample::open().await;
            sample.settings(|settings| settings.mail.route = route.to_owned());
            let (account, list) = (sample.account, sample.list);
            sample.subscribe(list, 1, &Default::default()).await;
            for ending in [
                Ending::Failed { reply: "452 4.2.2 full".to_owned(), fault: Fault::Mailbox },
                Ending::Sent { reply: "250 ok".to_owned() },
            ] {
                let number = SubscriberNumber(1);
                let mail = outbox::NewMail { account, list, number, ..sample::mail("1@example.com") };
                sample.write(move |cx| Ok(outbox::queue_mail(cx, mail)?)).await.expect("queue");
                let mail = claim_for(&sample, LONG).await.remove(0);
                record_one(&sample, &mail, ending).await;
            }
            assert_eq!(sample.subscriber(list, 1).await.bounce, bounce, "{route}");
        }
    }

    #[tokio::test]
    async fn a_node_that_lost_its_lease_puts_nothing_back_that_another_sent() {
        let sample = Sample::open().await;
        queue(&sample, "a@example.com").await;
        let lost = claim_for(&sample, Duration::ZERO).await.remove(0);
        let other = sample.write(|cx| claim(cx, NodeId(8), 10, LONG, &[])).await.expect("claim").remove(0);
        let late = || Ending::Later {
            due_at: lost.created_at,
            reply: "421 busy".to_owned(),
            is_try: true,
            is_uncertain: false,
        };
        record_one(&sample, &lost, late()).await;
        assert!(claim_for(&sample, LONG).await.is_empty(), "it is the other's");
        record_one(&sample, &other, Ending::Sent { reply: "250 ok".to_owned() }).await;
        record_one(&sample, &lost, late()).await;
        record_one(&sample, &lost, Ending::Failed { reply: "550 no".to_owned(), fault: Fault::Ours }).await;
        let released = lost.clone();
        sample.write(move |cx| release(cx, [&released])).await.expect("release");
        assert!(claim_for(&sample, LONG).await.is_empty(), "it is out");
        let n_failed = sample.write(|cx| Ok(cx.tx.count_some_mails(QueueState::Failed, 10)?.n)).await.expect("count");
        assert_eq!(n_failed, 0);
    }

    #[tokio::test]
    async fn each_ending_leaves_the_mail_where_it_belongs() {
        let sample = Sample::open().await;
        queue(&sample, "a@example.com").await;
        let mail = claim_for(&sample, LONG).await.remove(0);
        let later = |is_try, is_uncertain| Ending::Later {
            due_at: mail.created_at,
            reply: "421 busy".to_owned(),
            is_try,
            is_uncertain,
        };
        record_one(&sample, &mail, later(false, false)).await;
        let mail = claim_for(&sample, LONG).await.remove(0);
        assert_eq!((mail.n_tries, mail.is_uncertain), (1, false), "was no try");
        record_one(&sample, &mail, later(true, true)).await;
        let mail = claim_for(&sample, LONG).await.remove(0);
        assert_eq!((mail.n_tries, mail.is_uncertain), (2, true));
        record_one(&sample, &mail, later(true, false)).await;
        let mail = claim_for(&sample, LONG).await.remove(0);
        assert!(mail.is_uncertain, "once uncertain, always");

        for ending in [
            Ending::Sent { reply: "250 ok".to_owned() },
            Ending::Failed { reply: "550 no such user".to_owned(), fault: Fault::Address },
            Ending::Skipped { reason: "unsubscribed".to_owned() },
        ] {
            queue(&sample, "b@example.com").await;
            let mail = claim_for(&sample, LONG).await.remove(0);
            record_one(&sample, &mail, ending).await;
            assert!(claim_for(&sample, Duration::ZERO).await.is_empty(), "it is over");
        }
    }
}
