//! Erasing a person: what is kept under the address itself. What belongs to subscriptions goes with them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Conn;
use crate::model::ids::{AccountId, CampaignId, ListId, SubscriberNumber};
use crate::store::schema::campaigns::{campaign_lists, recipients};
use crate::store::schema::returns::return_events;
use crate::store::schema::tracking::tracking_events;
use crate::store::schema::{consent_log, global_values, mails, suppressions};

/// The accounts that keep something under an address, its subscriptions aside.
pub fn list_accounts_naming(conn: &mut Conn, key: &str) -> QueryResult<Vec<AccountId>> {
    let mut found: Vec<AccountId> =
        suppressions::table.filter(suppressions::email_key.eq(key)).select(suppressions::account_id).load(conn)?;
    let log = consent_log::table.filter(consent_log::email_key.eq(key)).select(consent_log::account_id).distinct();
    found.extend(log.load::<AccountId>(conn)?);
    let events = return_events::table.filter(return_events::email_key.eq(key));
    found.extend(events.select(return_events::account_id).distinct().load::<AccountId>(conn)?);
    found.extend(
        mails::table
            .filter(sql::<Text>("lower(to_email)").eq(key))
            .select(mails::account_id)
            .distinct()
            .load::<AccountId>(conn)?,
    );
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Removes what an account keeps under an address: suppressions, global values, consent, what came back, mails.
pub fn erase_address(conn: &mut Conn, account: AccountId, key: &str) -> QueryResult<()> {
    diesel::delete(
        suppressions::table.filter(suppressions::email_key.eq(key)).filter(suppressions::account_id.eq(account)),
    )
    .execute(conn)?;
    diesel::delete(
        global_values::table.filter(global_values::account_id.eq(account)).filter(global_values::email_key.eq(key)),
    )
    .execute(conn)?;
    diesel::delete(
        consent_log::table.filter(consent_log::email_key.eq(key)).filter(consent_log::account_id.eq(account)),
    )
    .execute(conn)?;
    diesel::delete(
        return_events::table.filter(return_events::email_key.eq(key)).filter(return_events::account_id.eq(account)),
    )
    .execute(conn)?;
    diesel::delete(
        mails::table.filter(sql::<Text>("lower(to_email)").eq(key)).filter(mails::account_id.eq(account)),
    )
    .execute(conn)
    .map(drop)
}

/// Removes what is known of one subscriber under whatever address: consent, what came back, opens and clicks, replies, mails.
pub fn erase_subscriber(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<()> {
    diesel::delete(
        consent_log::table.filter(consent_log::list_id.eq(list)).filter(consent_log::number.eq(number)),
    )
    .execute(conn)?;
    diesel::delete(
        return_events::table.filter(return_events::list_id.eq(list)).filter(return_events::number.eq(number)),
    )
    .execute(conn)?;
    diesel::delete(
        tracking_events::table.filter(tracking_events::list_id.eq(list)).filter(tracking_events::number.eq(number)),
    )
    .execute(conn)?;
    // The row stays, a number that leads to nobody any more: campaigns count it. What a server replied may quote the address.
    let campaigns: Vec<CampaignId> = campaign_lists::table
        .filter(campaign_lists::list_id.eq(list))
        .select(campaign_lists::campaign_id)
        .load(conn)?;
    let of_subscriber = recipients::list_id.eq(list).and(recipients::number.eq(number));
    diesel::update(recipients::table.filter(recipients::campaign_id.eq_any(campaigns)).filter(of_subscriber))
        .set(recipients::last_reply.eq(""))
        .execute(conn)?;
    diesel::delete(mails::table.filter(mails::list_id.eq(list)).filter(mails::number.eq(number)))
        .execute(conn)
        .map(drop)
}
