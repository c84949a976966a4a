//! What an account's user group allows: campaigns a month, mails a month and a day. Months and days are those of UTC; a mail counts for when its campaign
//! was started.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::domain::cx::Ctx;
use crate::model::ids::AccountId;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::user_groups::UserGroupRow;

/// A limit of the account's user group that would be passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// Campaigns started this month.
    #[error("the account may start {0} campaigns a month")]
    CampaignsPerMonth(i64),
    /// Mails of the campaigns started this month.
    #[error("the account may send {0} mails a month")]
    EmailsPerMonth(i64),
    /// Mails of the campaigns started today.
    #[error("the account may send {0} mails a day")]
    EmailsPerDay(i64),
}

/// The limit that one more campaign of so many mails would pass.
pub(super) fn passed_by(cx: &mut Ctx<'_>, account: AccountId, n_mails: i64) -> Result<Option<Limit>, StoreError> {
    let Some(group) = group(cx, account)? else { return Ok(None) };
    let (month, day) = starts(cx.now);
    let limit = group.limit_campaigns_per_month;
    if limit > 0 && started(cx, account, month)?.0 >= limit {
        return Ok(Some(Limit::CampaignsPerMonth(limit)));
    }
    mails_passed(cx, account, &group, (month, day), n_mails)
}

/// The limit on mails that the account has passed with what is planned by now.
pub(super) fn passed(cx: &mut Ctx<'_>, account: AccountId) -> Result<Option<Limit>, StoreError> {
    let Some(group) = group(cx, account)? else { return Ok(None) };
    let starts = starts(cx.now);
    mails_passed(cx, account, &group, starts, 0)
}

fn group(cx: &mut Ctx<'_>, account: AccountId) -> Result<Option<UserGroupRow>, StoreError> {
    match cx.tx.find_account(account)? {
        Some(account) => cx.tx.find_user_group(account.user_group_id),
        None => Ok(None),
    }
}

fn mails_passed(
    cx: &mut Ctx<'_>,
    account: AccountId,
    group: &UserGroupRow,
    (month, day): (UtcTime, UtcTime),
    n_more: i64,
) -> Result<Option<Limit>, StoreError> {
    let (a_month, a_day) = (group.limit_emails_per_month, group.limit_emails_per_day);
    if a_month > 0 && started(cx, account, month)?.1.saturating_add(n_more) > a_month {
        return Ok(Some(Limit::EmailsPerMonth(a_month)));
    }
    if a_day > 0 && started(cx, account, day)?.1.saturating_add(n_more) > a_day {
        return Ok(Some(Limit::EmailsPerDay(a_day)));
    }
    Ok(None)
}

/// How many campaigns the account started since then, and how many recipients they have.
fn started(cx: &mut Ctx<'_>, account: AccountId, since: UtcTime) -> Result<(i64, i64), StoreError> {
    let counts = cx.tx.list_recipient_counts_since(account, since)?;
    Ok((i64::try_from(counts.len()).unwrap_or(i64::MAX), counts.iter().sum()))
}

/// When this month and this day began.
fn starts(now: UtcTime) -> (UtcTime, UtcTime) {
    let today = DateTime::from_timestamp_micros(now.0).unwrap_or_default().date_naive();
    let midnight = |date: NaiveDate| UtcTime(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros());
    (midnight(today.with_day(1).unwrap_or(today)), midnight(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_days_begin_at_midnight() {
        // 2026-11-28 08:04:13 UTC
        let (month, day) = starts(UtcTime(1_795_853_053_000_000));
        assert_eq!(month, UtcTime(1_793_491_200_000_000));
        assert_eq!(day, UtcTime(1_795_824_000_000_000));
    }
}
