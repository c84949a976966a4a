//! Lists that are filled from a MySQL query on a schedule: which are due, and what is told of a run.

use std::time::Duration;

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::domain::imports::Totals;
use crate::domain::outbox::{self, NewMail};
use crate::model::ids::SubscriberNumber;
use crate::model::states::{MailPurpose, SyncPeriod};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::imports::SyncSource;

/// A list that is due, with where it is filled from.
pub type Source = SyncSource;

/// A run that has not ended after this long is taken for dead.
const LEASE: Duration = Duration::from_secs(2 * 3600);
/// Syncs of one period looked at in one go.
const AT_ONCE: i64 = 20;

/// Why the schedule was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Only the product itself and operators run syncs.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a run came to.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It ran to its end.
    Done(Totals),
    /// It did not, for this reason, told to the list's owner.
    Failed(String),
}

/// Takes the list that has waited longest beyond its period; nobody else gets it until the run has ended. `None` when none is due.
///
/// # Errors
/// [`SyncError`].
pub fn claim(cx: &mut Ctx<'_>) -> Result<Option<Source>, SyncError> {
    cx.administrator()?;
    for period in SyncPeriod::ALL {
        let before = cx.now.minus(length(*period));
        for source in cx.tx.list_due_syncs(*period, before, cx.now, AT_ONCE)? {
            if cx.tx.lease_sync(source.list_id, cx.now, cx.now.plus(LEASE))? {
                return Ok(Some(source));
            }
        }
    }
    Ok(None)
}

/// Gives a claimed list back without a run: it is due as before.
///
/// # Errors
/// [`SyncError`].
pub fn give_back(cx: &mut Ctx<'_>, source: &Source) -> Result<(), SyncError> {
    cx.administrator()?;
    Ok(cx.tx.give_back_sync(source.list_id)?)
}

/// How long a period is; a month is 30 days.
const fn length(period: SyncPeriod) -> Duration {
    let hours = match period {
        SyncPeriod::Hour => 1,
        SyncPeriod::Day => 24,
        SyncPeriod::Week => 7 * 24,
        SyncPeriod::Month => 30 * 24,
    };
    Duration::from_secs(hours * 3600)
}

/// Records a run that began at `started_at` and mails the report, when the list asks for one. The next run is due one period after the beginning.
///
/// # Errors
/// [`SyncError`].
pub fn record(cx: &mut Ctx<'_>, source: &Source, started_at: UtcTime, outcome: &Outcome) -> Result<(), SyncError> {
    cx.administrator()?;
    let result = line(outcome);
    cx.tx.end_sync(source.list_id, started_at, &result)?;
    if source.send_report && !source.owner_email.is_empty() {
        let name: String = source.list_name.chars().filter(|c| !c.is_control()).collect();
        let mail = NewMail {
            account: source.account_id,
            list: source.list_id,
            number: SubscriberNumber::NONE,
            purpose: MailPurpose::Notice,
            from_name: String::new(),
            from_email: String::new(),
            reply_to: String::new(),
            to: source.owner_email.clone(),
            subject: format!("Synchronization of list {name}"),
            plain: format!("List {} ({name}) was filled from its MySQL query.\n\n{result}\n", source.list_id),
            html: String::new(),
        };
        outbox::queue_mail(cx, mail)?;
    }
    Ok(())
}

fn line(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(totals) => format!(
            "Rows: {}, imported: {}, duplicates: {}, failed: {}",
            totals.n_rows, totals.n_imported, totals.n_duplicates, totals.n_failed
        ),
        Outcome::Failed(reason) => format!("Failed: {reason}"),
    }
}
