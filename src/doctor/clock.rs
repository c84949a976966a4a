//! The clock, without asking anybody outside: rows from the future show that it was set back. PostgreSQL's own clock is compared where the database
//! is looked at.

use super::{Finding, look, span};
use crate::config::Settings;
use crate::domain::core::Core;
use crate::domain::vital_signs;
use crate::model::time::UtcTime;

/// Clocks of several nodes may differ by this much, in microseconds.
const TOLERANCE: i64 = 5_000_000;
/// Beyond this, mail is sent at wrong times for long.
const FAR: i64 = 3_600_000_000;

const CHECK: &str = "clock";

pub(super) async fn examine(settings: &Settings, core: Option<&Core>) -> Option<Finding> {
    let core = core?;
    let is_shared = settings.database_url().starts_with("postgres");
    let newest = look(core, |cx| Ok(vital_signs::newest_moment(cx)?)).await;
    Some(match newest {
        Ok(newest) => of_newest(newest, UtcTime::now(), is_shared),
        Err(reason) => Finding::problem(CHECK, reason, "see the finding about the database"),
    })
}

fn of_newest(newest: Option<UtcTime>, now: UtcTime, is_shared: bool) -> Finding {
    let ahead = newest.map_or(0, |newest| newest.0 - now.0);
    if ahead <= TOLERANCE {
        return Finding::ok(CHECK, "nothing in the database is from the future");
    }
    let says = format!("the newest row is from {} ahead: this clock was set back, or another was wrong", span(ahead));
    let advice = if is_shared {
        "set the clocks of all nodes by NTP; what was written ahead of time waits until then"
    } else {
        "set the clock by NTP; what was written ahead of time waits until then"
    };
    if ahead > FAR { Finding::problem(CHECK, says, advice) } else { Finding::warning(CHECK, says, advice) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn rows_from_the_future_show_a_clock_that_was_set_back() {
        let now = UtcTime(1_000_000_000_000);
        let grade = |ahead: i64| of_newest(Some(UtcTime(now.0 + ahead)), now, false).grade;
        assert_eq!(
            [grade(-50), grade(TOLERANCE), grade(60_000_000), grade(FAR + 1)],
            [Grade::Ok, Grade::Ok, Grade::Warning, Grade::Problem]
        );
        assert_eq!(of_newest(None, now, true).grade, Grade::Ok);
    }
}
