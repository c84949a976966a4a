//! The golden suite on a server of this process. `cargo xtask contract` runs the same on any other.

use std::path::Path;

use crate::contract::suite::Suite;
use crate::support::TestApp;

#[test]
fn every_golden_agrees() {
    let filter = std::env::var("UNDERSTUDY_GOLDENS").unwrap_or_default();
    let suite = Suite::read(Path::new(env!("CARGO_MANIFEST_DIR")), &filter).unwrap();
    // Goldens with wrong passwords all come from one address.
    let mut app = TestApp::start_with(|settings| settings.security.free_login_failures = 1_000_000);
    let report = suite.run(&app.stage);
    assert!(report.is_good(), "\n{}", report.text());
    // What a golden mailed is its own business.
    app.mails();
}
