//! Queries that must not walk over a whole table, as SQLite would run them.

use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Conn, campaigns, connect, recipient_log};
use crate::model::ids::AccountId;
use crate::model::time::UtcTime;
use crate::store::db::DbAddress;
use crate::store::migrate;

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How the database runs the one query that `run` makes.
fn plan_of<T>(conn: &mut Conn, run: impl FnOnce(&mut Conn) -> QueryResult<T>) -> String {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&seen);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            noted.lock().expect("lock").push(query.to_string());
        }
    });
    run(conn).expect("query");
    conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let text = seen.lock().expect("lock").remove(0);
    let text = text.split(" -- binds").next().expect("query").to_owned();
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(conn).expect("plan");
    steps.into_iter().map(|step| step.detail + "; ").collect()
}

#[test]
fn what_is_looked_up_or_swept_has_its_index() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("plans.sqlite");
    migrate::run(&DbAddress::Sqlite(path.clone())).expect("tables");
    let mut conn = connect(&path).expect("database");
    let by_address = plan_of(&mut conn, |conn| recipient_log::list_mails_to(conn, AccountId(1), "a@example.com", 9));
    let to_sweep = plan_of(&mut conn, |conn| campaigns::find_campaign_to_sweep(conn, UtcTime(0)));
    for (plan, index) in [
        (by_address, "mails_by_address (account_id=? AND to_email=?)"),
        (to_sweep, "campaigns_to_sweep (finished_at<?)"),
    ] {
        assert!(plan.contains(index) && !plan.contains("B-TREE"), "{plan}");
    }
}
