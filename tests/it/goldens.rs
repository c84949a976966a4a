//! The golden suite on a server of this process. `cargo xtask contract` runs the same on any other.

use std::path::Path;

use understudy::domain::core::Core;
use understudy::model::ids::AccountId;

use crate::contract::suite::Suite;
use crate::ofsys_json;
use crate::support::{TestApp, write_on};

/// The project that goldens of the Ofsys dialect begin with.
fn seed(core: &Core, account: AccountId) -> Vec<(&'static str, String)> {
    let made = write_on(core, move |cx| ofsys_json::site::make(cx, account));
    vec![
        ("project", made.project.to_string()),
        ("idKey", made.key.0.to_string()),
        ("Key", made.key.1),
        ("table", made.table.to_string()),
        ("application", made.application.1),
    ]
}

#[test]
fn every_golden_agrees() {
    let filter = std::env::var("UNDERSTUDY_GOLDENS").unwrap_or_default();
    let suite = Suite::read(Path::new(env!("CARGO_MANIFEST_DIR")), &filter).unwrap();
    // Goldens with wrong passwords all come from one address.
    let mut app = TestApp::start_with(|settings| settings.security.free_login_failures = 1_000_000);
    let core = app.core.clone();
    app.stage.seeder = Some(Box::new(move |account| Ok(seed(&core, AccountId(account)))));
    let report = suite.run(&app.stage);
    assert!(report.is_good(), "\n{}", report.text());
    // What a golden mailed is its own business.
    app.mails();
}
