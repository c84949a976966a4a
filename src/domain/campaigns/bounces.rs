//! What a failed delivery says about the recipient's address, noted where mailing looks.

use crate::domain::attempts::Fault;
use crate::domain::cx::Ctx;
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::{BounceType, Roster};
use crate::store::StoreError;

/// Notes bounces that the next hop answered while sending. A hard bounce is never made softer.
pub(super) fn note_at_sending(
    cx: &mut Ctx<'_>,
    bounced: &[(ListId, SubscriberNumber, Fault)],
) -> Result<(), StoreError> {
    let mut lists: Vec<ListId> = bounced.iter().map(|(list, ..)| *list).collect();
    lists.sort_unstable();
    lists.dedup();
    if lists.is_empty() {
        return Ok(());
    }
    // False when one of them is gone; the others are held all the same.
    cx.tx.hold_lists(&lists, "", false)?;
    for (list, number, fault) in bounced {
        let bounce = match fault {
            Fault::Address => BounceType::Hard,
            Fault::Mailbox => BounceType::Soft,
            Fault::Ours => continue,
        };
        let Some(mut row) = cx.tx.find_subscriber(*list, *number)? else { continue };
        if row.bounce >= bounce {
            continue;
        }
        let was = row.roster;
        row.bounce = bounce;
        row.roster = Roster::of(row.status, bounce, row.is_suppressed);
        cx.tx.update_subscriber(&row, was, cx.now)?;
    }
    Ok(())
}
