//! What follows when the machine's clock was set back: whatever was due by the old time would wait for hours (ML-4.15).

use crate::domain::cx::Ctx;
use crate::domain::workload::WorkError;
use crate::model::ids::{JobId, MailId, RecipientId};

/// Numbers of rows that one call walks over.
const PIECE: i64 = 5_000;

/// What was there when the clock was set back, as far as it is not looked through yet: numbers from the first to the last of each queue. What comes later is
/// due by the right time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    recipients: (i64, i64),
    mails: (i64, i64),
    jobs: (i64, i64),
}

/// Notes what is there.
///
/// # Errors
/// [`WorkError`].
pub fn survey(cx: &mut Ctx<'_>) -> Result<Behind, WorkError> {
    cx.administrator()?;
    // From 1 to 0 there is nothing.
    Ok(Behind {
        recipients: cx.tx.find_recipient_span()?.map_or((1, 0), |(first, last)| (first.0, last.0)),
        mails: cx.tx.find_mail_span()?.map_or((1, 0), |(first, last)| (first.0, last.0)),
        jobs: cx.tx.find_job_span()?.map_or((1, 0), |(first, last)| (first.0, last.0)),
    })
}

/// Makes some of what waits for a later moment due now: mails, jobs, recipients of campaigns, each once. Who was put off is tried earlier than meant, which
/// does no harm. Leases stay as they are. Answers what is left.
///
/// # Errors
/// [`WorkError`].
pub fn hasten(cx: &mut Ctx<'_>, mut behind: Behind) -> Result<Option<Behind>, WorkError> {
    cx.administrator()?;
    let now = cx.now;
    if let Some((first, last)) = piece(&mut behind.mails) {
        cx.tx.hasten_mails(MailId(first), MailId(last), now)?;
    }
    if let Some((first, last)) = piece(&mut behind.jobs) {
        cx.tx.hasten_jobs(JobId(first), JobId(last), now)?;
    }
    if let Some((first, last)) = piece(&mut behind.recipients) {
        cx.tx.hasten_recipients(RecipientId(first), RecipientId(last), now)?;
    }
    let is_left = [behind.recipients, behind.mails, behind.jobs].iter().any(|(first, last)| first <= last);
    Ok(is_left.then_some(behind))
}

/// Takes the first numbers off.
fn piece(span: &mut (i64, i64)) -> Option<(i64, i64)> {
    let (first, last) = *span;
    let end = last.min(first.saturating_add(PIECE - 1));
    span.0 = end.saturating_add(1);
    (first <= last).then_some((first, end))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::attempts::Ending;
    use crate::domain::campaigns::plan;
    use crate::domain::campaigns::recipients::{self, Turns};
    use crate::domain::mail_queue;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::model::ids::NodeId;
    use crate::model::states::JobKind;

    fn hasten_all(cx: &mut Ctx<'_>) -> Result<(), WorkError> {
        let mut left = Some(survey(cx)?);
        while let Some(behind) = left {
            left = hasten(cx, behind)?;
        }
        Ok(())
    }

    #[test]
    fn pieces_cover_every_number_once() {
        let (mut span, mut seen) = ((3, 3 + 2 * PIECE), Vec::new());
        while let Some(numbers) = piece(&mut span) {
            seen.push(numbers);
        }
        assert_eq!(seen, [(3, PIECE + 2), (PIECE + 3, 2 * PIECE + 2), (2 * PIECE + 3, 2 * PIECE + 3)]);
        assert_eq!(piece(&mut (1, 0)), None);
    }

    const LEASE: Duration = Duration::from_secs(60);
    const HOURS: Duration = Duration::from_secs(3 * 3600);

    #[tokio::test]
    async fn what_was_due_by_a_clock_that_was_hours_ahead_is_due_at_once() {
        let sample = Sample::open().await;
        sample.subscribe(sample.list, 2, &Default::default()).await;
        let id = sample.start_campaign(&[sample.list]).await;
        // Planned and queued while the clock was ahead; then it was set right.
        sample
            .write(move |cx| {
                let right = cx.now;
                cx.now = right.plus(HOURS);
                while plan::step(cx, id)? {}
                outbox::queue_mail(cx, sample::mail("a@example.com"))?;
                outbox::queue_job(cx, crate::model::ids::AccountId(1), JobKind::ListHook, "99 1 1".to_owned())?;
                cx.now = right;
                assert!(!recipients::is_due(cx)? && !mail_queue::is_due(cx)?, "nothing is due for hours");
                hasten_all(cx)?;
                assert!(cx.tx.is_job_due(JobKind::ListHook, right)?);
                assert_eq!(mail_queue::claim(cx, sample::NODE, 10, LEASE, &[])?.len(), 1);
                let claimed = recipients::claim(cx, NodeId(7), 10, LEASE, &[], &mut Turns::default())?;
                assert_eq!(claimed.len(), 2);
                let later = Ending::Later {
                    due_at: right.plus(HOURS),
                    reply: "451 later".to_owned(),
                    is_try: true,
                    is_uncertain: false,
                };
                recipients::finish(cx, NodeId(7), &[(claimed[0].id, &later)])?;
                hasten_all(cx)?;
                let again = recipients::claim(cx, NodeId(7), 10, LEASE, &[], &mut Turns::default())?;
                assert_eq!(again.iter().map(|one| one.id).collect::<Vec<_>>(), [claimed[0].id], "who was put off");
                Ok(())
            })
            .await
            .expect("hastened");
    }
}
