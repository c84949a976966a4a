//! Whether work gets done: what waits past its time, what may go out twice, campaigns that paused by themselves.

use super::{Finding, look, span};
use crate::domain::campaigns::Campaign;
use crate::domain::campaigns::course::BY_HAND;
use crate::domain::core::Core;
use crate::domain::returns;
use crate::domain::vital_signs::{self, Depth, MOST};
use crate::model::time::UtcTime;

/// Work that waits longer past its time, in microseconds, shows that nobody does it.
const LATE: i64 = 15 * 60 * 1_000_000;
/// Paused campaigns that are told one by one.
const MAX_PAUSED: usize = 5;

const CHECK: &str = "queues";

pub(super) async fn examine(core: Option<&Core>) -> Vec<Finding> {
    let Some(core) = core else { return Vec::new() };
    let looked = look(core, |cx| {
        let signs = Signs {
            depths: vital_signs::depths(cx)?,
            n_uncertain: vital_signs::n_uncertain(cx)?,
            paused: vital_signs::paused_campaigns(cx)?,
            n_unread: returns::list_kept(cx)?.len(),
        };
        Ok((signs, cx.now))
    });
    match looked.await {
        Ok((signs, now)) => of_signs(&signs, now),
        Err(reason) => vec![Finding::problem(CHECK, reason, "see the finding about the database")],
    }
}

/// What the database tells of work.
struct Signs {
    depths: Vec<Depth>,
    n_uncertain: i64,
    paused: Vec<Campaign>,
    /// Returned mails that are kept for review.
    n_unread: usize,
}

fn of_signs(signs: &Signs, now: UtcTime) -> Vec<Finding> {
    let mut findings: Vec<Finding> = signs.depths.iter().filter_map(|depth| late(depth, now)).collect();
    if findings.is_empty() {
        let waiting = signs.depths.iter().filter(|depth| depth.n_pending > 0);
        let waiting: Vec<String> = waiting.map(|depth| format!("{} {}", shown(depth.n_pending), depth.queue)).collect();
        let waiting =
            if waiting.is_empty() { "nothing waits".to_owned() } else { format!("waiting: {}", waiting.join(", ")) };
        findings.push(Finding::ok(CHECK, format!("{waiting}; nothing is late")));
    }
    if signs.n_uncertain > 0 {
        let says = format!("{} waiting mails may be out already and go out again", shown(signs.n_uncertain));
        let advice = "a server was killed or a connection broke; who is concerned: understudy log --subscriber ADDRESS";
        findings.push(Finding::warning(CHECK, says, advice));
    }
    let by_itself: Vec<&Campaign> = signs.paused.iter().filter(|campaign| campaign.reason != BY_HAND).collect();
    findings.extend(by_itself.iter().take(MAX_PAUSED).map(|campaign| paused(campaign)));
    if by_itself.len() > MAX_PAUSED {
        let says = format!("{} more campaigns are paused", by_itself.len() - MAX_PAUSED);
        findings.push(Finding::warning("campaigns", says, "understudy campaign list"));
    }
    if signs.n_unread > 0 {
        let says = format!("{} returned mails that nobody could read wait for review", signs.n_unread);
        findings.push(Finding::warning("returns", says, "understudy returns list, understudy returns show ID"));
    }
    findings
}

fn late(depth: &Depth, now: UtcTime) -> Option<Finding> {
    let late = now.0 - depth.first_due_at?.0;
    (late > LATE).then(|| {
        let says = format!("{}: {} wait, the first for {}", depth.queue, shown(depth.n_pending), span(late));
        let advice = "does the server run, and is it fast enough? understudy queue; its log; the findings about relays";
        Finding::warning(CHECK, says, advice)
    })
}

fn paused(campaign: &Campaign) -> Finding {
    let id = campaign.id;
    let says = format!("campaign {id} ({}) is paused: {}", campaign.name, campaign.reason);
    Finding::warning(
        "campaigns",
        says,
        format!("understudy campaign status {id}; then understudy campaign resume {id}"),
    )
}

fn shown(n: i64) -> String {
    if n >= MOST { format!("{MOST} or more") } else { n.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn work_that_nobody_does_is_told() {
        let now = UtcTime(1_000_000_000_000);
        let depth = |queue, first_due_at| Depth { queue, n_pending: MOST, n_leased: 0, n_failed: None, first_due_at };
        let signs = |first_due_at| Signs {
            depths: vec![depth("mails", first_due_at), depth("campaigns", None)],
            n_uncertain: 0,
            paused: Vec::new(),
            n_unread: 0,
        };
        let fine = of_signs(&signs(Some(UtcTime(now.0 - LATE))), now);
        assert_eq!((fine.len(), fine[0].grade), (1, Grade::Ok), "{fine:?}");
        let bad = of_signs(&signs(Some(UtcTime(now.0 - 2 * LATE))), now);
        assert_eq!((bad.len(), bad[0].grade), (1, Grade::Warning));
        assert_eq!(bad[0].says, "mails: 10000 or more wait, the first for 30 minutes");
        let more = Signs { n_uncertain: 2, n_unread: 1, ..signs(None) };
        assert_eq!(of_signs(&more, now).len(), 3);
    }
}
