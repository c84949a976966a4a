//! PHP's own SoapClient, the client of most callers, against the test service.

use std::process::Command;

use super::TestEcho;

#[test]
#[ignore = "needs PHP with its module soap; `cargo xtask test` installs it and runs this too"]
fn phps_soap_client_is_served_in_every_mode() {
    let echo = TestEcho::start();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/_soap_echo.php");
    let run = Command::new("php").args([script, &format!("http://{}/soap", echo.server.authority)]).output();
    let run = run.expect("php with the module soap; `cargo xtask test` installs it");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.ends_with(" passed, 0 failed\n"), "{said}");
}
