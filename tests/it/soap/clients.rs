//! PHP's own SoapClient, the client of most callers, against the test service.

use std::process::Command;

use super::TestEcho;

#[test]
fn phps_soap_client_is_served_in_every_mode() {
    // `cargo xtask test` installs PHP and sets this; plain `cargo test` needs nothing but Rust.
    if std::env::var_os("UNDERSTUDY_TEST_CLIENTS").is_none() {
        eprintln!("not run: PHP's SoapClient against the test service; `cargo xtask test` runs it");
        return;
    }
    let echo = TestEcho::start();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/_soap_echo.php");
    let run = Command::new("php").args([script, &format!("http://{}/soap", echo.server.authority)]).output();
    let run = run.expect("php with the module soap; `cargo xtask test` installs it");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.ends_with(" passed, 0 failed\n"), "{said}");
}
