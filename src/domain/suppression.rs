//! Addresses not to mail: on a list, an account or the whole server.
//!
//! Each subscriber row carries whether it is suppressed, so that nobody has to look it up while sending or counting; every change here updates the
//! rows of the address in the same transaction.

use crate::domain::consent::{self, About};
use crate::domain::cx::Ctx;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, ListId};
use crate::model::states::{ConsentEvent, MailPurpose, SuppressionReason};
use crate::store::StoreError;
use crate::store::rows::suppressions::SuppressionRow;

/// A suppression, as the layers above see it.
pub type Suppression = SuppressionRow;

/// Which lists a suppression covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One list of an account.
    List(AccountId, ListId),
    /// Every list of an account.
    Account(AccountId),
}

impl Scope {
    const fn ids(self) -> (AccountId, ListId) {
        match self {
            Self::List(account, list) => (account, list),
            Self::Account(account) => (account, ListId::NONE),
        }
    }
}

/// Suppresses an address; quiet when it is suppressed there already. A reason that the person cannot lift takes the place of its own opt-out.
///
/// # Errors
/// [`StoreError`] only.
pub fn suppress(
    cx: &mut Ctx<'_>,
    scope: Scope,
    email: &EmailAddress,
    reason: SuppressionReason,
) -> Result<(), StoreError> {
    let (account, list) = scope.ids();
    let row = SuppressionRow {
        account_id: account,
        list_id: list,
        email: email.entered().to_owned(),
        email_key: email.key().to_owned(),
        reason,
        created_at: cx.now,
    };
    if cx.tx.insert_suppression(&row)? {
        return refresh(cx, account, email.key(), ConsentEvent::Suppress);
    }
    stay_for(cx, scope, &[email.key()], reason)
}

/// Gives suppressions that addresses have in this scope by their own opt-out another reason, so that joining again does not lift them.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn stay_for(
    cx: &mut Ctx<'_>,
    scope: Scope,
    keys: &[&str],
    reason: SuppressionReason,
) -> Result<(), StoreError> {
    let (account, list) = scope.ids();
    if reason == SuppressionReason::Unsubscribed || keys.is_empty() {
        return Ok(());
    }
    cx.tx.replace_own_opt_outs(account, list, keys, reason)
}

/// Lifts what somebody's own unsubscription suppressed, for a person that joins again. Other reasons stay: they are not the person's to lift.
///
/// # Errors
/// [`StoreError`] only.
pub fn lift_own_opt_out(cx: &mut Ctx<'_>, account: AccountId, list: ListId, key: &str) -> Result<(), StoreError> {
    if cx.tx.delete_suppressions(account, list, key, SuppressionReason::Unsubscribed)? > 0 {
        refresh(cx, account, key, ConsentEvent::Unsuppress)?;
    }
    Ok(())
}

/// Lifts the suppression of an address in exactly this scope; false when there is none.
///
/// # Errors
/// [`StoreError`] only.
pub fn lift(cx: &mut Ctx<'_>, scope: Scope, key: &str) -> Result<bool, StoreError> {
    let (account, list) = scope.ids();
    let was_there = cx.tx.delete_suppression(account, list, key)?;
    if was_there {
        refresh(cx, account, key, ConsentEvent::Unsuppress)?;
    }
    Ok(was_there)
}

/// Every reason for which an address is suppressed for a list; empty when it is not.
///
/// # Errors
/// [`StoreError`] only.
pub fn reasons(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
    key: &str,
) -> Result<Vec<SuppressionReason>, StoreError> {
    let rows = cx.tx.list_suppressions_of(account, key)?;
    Ok(rows.iter().filter(|row| covers(row, account, list)).map(|row| row.reason).collect())
}

/// Whether anything but the person's own unsubscription suppresses an address for a list.
///
/// # Errors
/// [`StoreError`] only.
pub fn is_barred(cx: &mut Ctx<'_>, account: AccountId, list: ListId, key: &str) -> Result<bool, StoreError> {
    Ok(reasons(cx, account, list, key)?.iter().any(|reason| *reason != SuppressionReason::Unsubscribed))
}

/// The reason for which a mail of this purpose to an address must not leave now; `None` when it may. Asked before each try, because the address may
/// have been suppressed since the mail was queued (ML-10.13).
///
/// # Errors
/// [`StoreError`] only.
pub fn find_bar(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
    purpose: MailPurpose,
    email: &str,
) -> Result<Option<SuppressionReason>, StoreError> {
    if matches!(purpose, MailPurpose::Password | MailPurpose::Notice) {
        return Ok(None);
    }
    let reasons = reasons(cx, account, list, &email.to_lowercase())?;
    Ok(reasons.into_iter().find(|reason| bars(cx, purpose, *reason)))
}

/// Whether a reason keeps mail of a purpose back.
pub(in crate::domain) fn bars(cx: &Ctx<'_>, purpose: MailPurpose, reason: SuppressionReason) -> bool {
    use SuppressionReason::{Complaint, Erased, HardBounce, Unsubscribed};
    match purpose {
        MailPurpose::Password | MailPurpose::Notice => false,
        MailPurpose::OptInRequest => reason != Unsubscribed,
        MailPurpose::SingleSending if cx.settings.returns.transactional == "bounces" => {
            matches!(reason, HardBounce | Complaint | Erased)
        }
        MailPurpose::SingleSending | MailPurpose::BatchSending => true,
    }
}

fn covers(row: &Suppression, account: AccountId, list: ListId) -> bool {
    let (of_account, of_list) = (row.account_id, row.list_id);
    of_account == AccountId::NONE || (of_account == account && (of_list == ListId::NONE || of_list == list))
}

/// Brings the subscriber rows of an address in step with its suppressions.
fn refresh(cx: &mut Ctx<'_>, account: AccountId, key: &str, event: ConsentEvent) -> Result<(), StoreError> {
    let suppressions = cx.tx.list_suppressions_of(account, key)?;
    for row in cx.tx.list_subscribers_of_address(account, key)? {
        let is_suppressed = suppressions.iter().any(|one| covers(one, account, row.list_id));
        if is_suppressed != row.is_suppressed {
            cx.tx.set_suppressed(&row, is_suppressed, cx.now)?;
            let about = About { account, list: row.list_id, number: row.number, email_key: key };
            consent::note(cx, about, event, "", "")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;

    #[tokio::test]
    async fn what_keeps_mail_back_depends_on_its_purpose() {
        use MailPurpose::{BatchSending, Notice, OptInRequest, Password, SingleSending};
        use SuppressionReason::{Complaint, Erased, HardBounce, Unsubscribed, User};
        for (transactional, reason, barred) in [
            ("any", Unsubscribed, vec![SingleSending, BatchSending]),
            ("any", User, vec![OptInRequest, SingleSending, BatchSending]),
            ("bounces", Unsubscribed, vec![BatchSending]),
            ("bounces", User, vec![OptInRequest, BatchSending]),
            ("bounces", HardBounce, vec![OptInRequest, SingleSending, BatchSending]),
            ("bounces", Complaint, vec![OptInRequest, SingleSending, BatchSending]),
            ("bounces", Erased, vec![OptInRequest, SingleSending, BatchSending]),
        ] {
            let mut sample = Sample::open().await;
            sample.settings(|settings| settings.returns.transactional = transactional.to_owned());
            let (account, list) = (sample.account, sample.list);
            let found = sample
                .write(move |cx| {
                    let address = EmailAddress::parse("ann@example.com").expect("address");
                    suppress(cx, Scope::Account(account), &address, reason)?;
                    let mut found = Vec::new();
                    for purpose in [OptInRequest, Password, Notice, SingleSending, BatchSending] {
                        assert_eq!(find_bar(cx, account, list, purpose, "bob@example.com")?, None);
                        if let Some(why) = find_bar(cx, account, list, purpose, "Ann@example.com")? {
                            assert_eq!(why, reason);
                            found.push(purpose);
                        }
                    }
                    Ok(found)
                })
                .await
                .expect("look");
            assert_eq!(found, barred, "{transactional} {reason:?}");
        }
    }
}
