//! Who is next: accounts take turns, and the campaigns of an account within its turn, so that nobody's million holds up another's hundred.

use std::collections::BTreeMap;

use crate::model::ids::{AccountId, CampaignId};

/// Who had the last turn. Kept by a worker from claim to claim.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    account: Option<AccountId>,
    campaigns: BTreeMap<AccountId, CampaignId>,
}

impl Turns {
    /// Shares `n` among campaigns, given with their accounts and sorted by them. `take` leases up to so many of a campaign and answers how many it got;
    /// what one leaves, the others get.
    ///
    /// # Errors
    /// The first error of `take`.
    pub(super) fn share<E>(
        &mut self,
        n: i64,
        campaigns: &[(AccountId, CampaignId)],
        take: &mut dyn FnMut(AccountId, CampaignId, i64) -> Result<i64, E>,
    ) -> Result<(), E> {
        let mut accounts: Vec<(AccountId, Vec<CampaignId>)> = campaigns
            .chunk_by(|a, b| a.0 == b.0)
            .map(|chunk| (chunk[0].0, chunk.iter().map(|(_, campaign)| *campaign).collect()))
            .collect();
        self.campaigns.retain(|account, _| accounts.iter().any(|(known, _)| known == account));
        let next = accounts.iter().position(|(account, _)| Some(*account) > self.account).unwrap_or(0);
        accounts.rotate_left(next);
        let turns = &mut *self;
        go_round(n, accounts, &mut |(account, campaigns), share| {
            let last = turns.campaigns.get(account).copied();
            let next = campaigns.iter().position(|campaign| Some(*campaign) > last).unwrap_or(0);
            let mut order = campaigns.clone();
            order.rotate_left(next);
            let mut served = last;
            let got = go_round(share, order, &mut |campaign, share| {
                let got = take(*account, *campaign, share)?;
                if got > 0 {
                    served = Some(*campaign);
                }
                Ok(got)
            })?;
            if let Some(served) = served {
                turns.campaigns.insert(*account, served);
            }
            if got > 0 {
                turns.account = Some(*account);
            }
            Ok(got)
        })?;
        Ok(())
    }
}

/// Gives each an equal share of `n`, and what is left to those who took all of theirs. Answers how many were taken.
fn go_round<T, E>(n: i64, mut open: Vec<T>, take: &mut dyn FnMut(&T, i64) -> Result<i64, E>) -> Result<i64, E> {
    let mut left = n;
    while left > 0 && !open.is_empty() {
        let share = (left / i64::try_from(open.len()).unwrap_or(i64::MAX)).max(1);
        let mut still_open = Vec::new();
        for one in open {
            let share = share.min(left);
            if share == 0 {
                break;
            }
            let got = take(&one, share)?;
            left -= got;
            if got >= share {
                still_open.push(one);
            }
        }
        open = still_open;
    }
    Ok(n - left)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const A: AccountId = AccountId(1);
    const B: AccountId = AccountId(2);

    /// Shares `n` among queues of these lengths and answers what each gave.
    fn share(turns: &mut Turns, n: i64, queues: &[(AccountId, i64, i64)]) -> Vec<i64> {
        let mut left: BTreeMap<CampaignId, i64> = queues.iter().map(|(_, id, n)| (CampaignId(*id), *n)).collect();
        let campaigns: Vec<_> = queues.iter().map(|(account, id, _)| (*account, CampaignId(*id))).collect();
        let result = turns.share(n, &campaigns, &mut |_, campaign, share| {
            let queue = left.get_mut(&campaign).expect("known");
            let got = share.min(*queue);
            *queue -= got;
            Ok::<_, Infallible>(got)
        });
        result.expect("cannot fail");
        queues.iter().map(|(_, id, n)| n - left[&CampaignId(*id)]).collect()
    }

    #[test]
    fn accounts_get_equal_shares_whatever_they_have_waiting() {
        let mut turns = Turns::default();
        assert_eq!(share(&mut turns, 100, &[(A, 1, 1_000), (A, 2, 1_000), (B, 3, 1_000)]), [25, 25, 50]);
        assert_eq!(share(&mut turns, 100, &[(A, 1, 1_000), (A, 2, 5), (B, 3, 10)]), [85, 5, 10]);
        assert_eq!(share(&mut turns, 100, &[(A, 1, 3), (B, 3, 4)]), [3, 4]);
        assert_eq!(share(&mut turns, 0, &[(A, 1, 3)]), [0]);
        assert_eq!(share(&mut turns, 5, &[]), [0_i64; 0]);
    }

    #[test]
    fn when_there_is_not_enough_for_all_the_next_claim_begins_behind_the_last() {
        let mut turns = Turns::default();
        let queues = [(A, 1, 9), (A, 2, 9), (B, 3, 9)];
        let served: Vec<Vec<i64>> = (0..4).map(|_| share(&mut turns, 1, &queues)).collect();
        assert_eq!(served, [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]);
    }
}
