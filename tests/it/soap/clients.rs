//! PHP against the test service: its own SoapClient, the client of most callers, and its schema processor.

use std::process::Command;
use std::time::Duration;

use super::TestEcho;

#[test]
fn phps_soap_client_is_served_in_every_mode() {
    run("_soap_echo.php", TestEcho::start);
}

#[test]
fn every_type_and_every_fault_of_the_server_is_what_the_schemas_say() {
    run("_soap_echo_schemas.php", || {
        TestEcho::start_with(|settings| settings.limits.call_time = Duration::from_secs(1))
    });
}

/// Runs a script of `tests/clients` against a service of its own.
fn run(script: &str, start: impl FnOnce() -> TestEcho) {
    // `cargo xtask test` installs PHP and sets this; plain `cargo test` needs nothing but Rust.
    if std::env::var_os("UNDERSTUDY_TEST_CLIENTS").is_none() {
        eprintln!("not run: {script} against the test service; `cargo xtask test` runs it");
        return;
    }
    let echo = start();
    let path = format!("{}/tests/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    let run = Command::new("php").args([path, format!("http://{}/soap", echo.server.authority)]).output();
    let run = run.expect("php with the modules curl, dom and soap; `cargo xtask test` installs them");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.ends_with(" passed, 0 failed\n"), "{said}");
}
