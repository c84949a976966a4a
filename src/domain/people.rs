//! A person's own data: everything that is kept about an address, and its erasure, after which only the address itself stays, so that nobody mails
//! it again (ML-10.12).

use std::collections::BTreeSet;

use crate::domain::access::Denied;
use crate::domain::consent::{self, About};
use crate::domain::cx::Ctx;
use crate::domain::subscribers::delete;
use crate::domain::suppression::{self, Scope};
use crate::model::email_address::EmailAddress;
use crate::model::ids::AccountId;
use crate::model::states::{ConsentEvent, SuppressionReason};
use crate::store::StoreError;
use crate::store::rows::people::{OF_ADDRESS, OF_SUBSCRIBER};

/// Why a person was not found or erased.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// This is no address.
    #[error("{0:?} is no e-mail address")]
    BadAddress(String),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A row about a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The table.
    pub table: &'static str,
    /// The row as the text of an object, column by column.
    pub text: String,
}

/// What an erasure removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Subscriptions.
    pub n_subscriptions: usize,
    /// Accounts that keep the address now, only to leave it alone.
    pub n_accounts: usize,
}

/// Every row about an address, in one account or in all.
///
/// # Errors
/// [`PersonError`].
pub fn export(cx: &mut Ctx<'_>, account: Option<AccountId>, address: &str) -> Result<Vec<Row>, PersonError> {
    cx.administrator()?;
    let address = parse(address)?;
    let mut rows = BTreeSet::new();
    for owner in accounts_of(cx, account, &address)? {
        for one in cx.tx.list_subscribers_of_address(owner, address.key())? {
            for of in OF_SUBSCRIBER {
                let found = cx.tx.rows_of_subscriber(of, one.list_id, one.number)?;
                rows.extend(found.into_iter().map(|text| Row { table: of.table, text }));
            }
        }
    }
    for of in OF_ADDRESS {
        let found = cx.tx.rows_of_address(of, account.unwrap_or(AccountId::NONE), address.key())?;
        rows.extend(found.into_iter().map(|text| Row { table: of.table, text }));
    }
    Ok(rows.into_iter().collect())
}

/// Removes everything about an address in one account or in all, and keeps the address with the reason "erased" and the date where it was known.
///
/// # Errors
/// [`PersonError`].
pub fn erase(cx: &mut Ctx<'_>, account: Option<AccountId>, address: &str) -> Result<Erased, PersonError> {
    cx.administrator()?;
    let address = parse(address)?;
    let key = address.key();
    let accounts = accounts_of(cx, account, &address)?;
    let mut n_subscriptions = 0;
    for owner in &accounts {
        let subscriptions = cx.tx.list_subscribers_of_address(*owner, key)?;
        for one in &subscriptions {
            n_subscriptions += delete::remove(cx, *owner, one.list_id, &[one.number])?.unwrap_or_default();
            cx.tx.erase_subscriber(one.list_id, one.number)?;
        }
        cx.tx.erase_address(*owner, key)?;
        for one in &subscriptions {
            let about = About { account: *owner, list: one.list_id, number: one.number, email_key: "" };
            consent::note(cx, about, ConsentEvent::Erase, "", "")?;
        }
        // The normal form alone: how the person wrote it is not needed for leaving it alone.
        if let Some(kept) = EmailAddress::parse(key) {
            suppression::suppress(cx, Scope::Account(*owner), &kept, SuppressionReason::Erased)?;
        }
    }
    Ok(Erased { n_subscriptions, n_accounts: accounts.len() })
}

fn parse(text: &str) -> Result<EmailAddress, PersonError> {
    EmailAddress::parse(text).ok_or_else(|| PersonError::BadAddress(text.to_owned()))
}

/// The accounts that know an address.
fn accounts_of(
    cx: &mut Ctx<'_>,
    only: Option<AccountId>,
    address: &EmailAddress,
) -> Result<Vec<AccountId>, StoreError> {
    let mut found: BTreeSet<AccountId> = cx.tx.list_accounts_of_address(address.key())?.into_iter().collect();
    found.extend(cx.tx.list_accounts_naming(address.key())?);
    found.remove(&AccountId::NONE);
    Ok(found.into_iter().filter(|account| only.is_none_or(|only| only == *account)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox::{self, NewMail};
    use crate::domain::sample::{self, Sample};
    use crate::domain::workload::WorkError;
    use crate::model::ids::SubscriberNumber;

    fn of_person(error: PersonError) -> WorkError {
        match error {
            PersonError::BadAddress(text) => panic!("{text} is an address"),
            PersonError::Denied(error) => error.into(),
            PersonError::Store(error) => error.into(),
        }
    }

    async fn tables(sample: &Sample, address: &'static str) -> Vec<&'static str> {
        let rows = sample.write(move |cx| export(cx, None, address).map_err(of_person)).await.expect("export");
        assert!(rows.iter().all(|row| row.text.starts_with('{') && row.text.ends_with('}')), "{rows:?}");
        rows.iter().map(|row| row.table).collect()
    }

    #[tokio::test]
    async fn an_export_holds_everything_and_an_erasure_leaves_the_address_alone() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        sample.subscribe(list, 2, &Default::default()).await;
        sample
            .write(move |cx| {
                for number in [1, 2] {
                    let row = cx.tx.find_subscriber(list, SubscriberNumber(number))?.expect("subscriber");
                    let about = About { account, list, number: row.number, email_key: &row.email_key };
                    consent::note(cx, about, ConsentEvent::Subscribe, "192.0.2.7", "")?;
                    let to = format!("{number}@EXAMPLE.com");
                    outbox::queue_mail(cx, NewMail { account, list, number: row.number, ..sample::mail(&to) })?;
                }
                let address = EmailAddress::parse("1@example.com").expect("address");
                Ok(suppression::suppress(cx, Scope::List(account, list), &address, SuppressionReason::User)?)
            })
            .await
            .expect("made");
        assert_eq!(
            tables(&sample, "1@Example.com").await,
            ["consent_log", "consent_log", "mails", "subscribers", "suppressions"]
        );
        let erased = sample.write(move |cx| erase(cx, None, "1@example.com").map_err(of_person)).await.expect("erase");
        assert_eq!(erased, Erased { n_subscriptions: 1, n_accounts: 1 });
        assert_eq!(tables(&sample, "1@example.com").await, ["suppressions"]);
        let left =
            sample.write(move |cx| Ok(cx.tx.list_suppressions_of(account, "1@example.com")?)).await.expect("look");
        assert_eq!((left[0].reason, left[0].email.as_str()), (SuppressionReason::Erased, "1@example.com"));
        assert_eq!(tables(&sample, "2@example.com").await, ["consent_log", "mails", "subscribers"]);
        let totals = sample.write(move |cx| Ok(cx.tx.find_list_totals(list)?)).await.expect("look").expect("totals");
        assert_eq!(totals.n_all(), 1);
    }

    #[tokio::test]
    async fn another_account_keeps_what_it_knows() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        sample.subscribe(list, 1, &Default::default()).await;
        let other = AccountId(account.0 + 1);
        let erased = sample.write(move |cx| erase(cx, Some(other), "1@example.com").map_err(of_person)).await;
        assert_eq!(erased.expect("erase"), Erased { n_subscriptions: 0, n_accounts: 0 });
        assert_eq!(tables(&sample, "1@example.com").await, ["subscribers"]);
    }
}
