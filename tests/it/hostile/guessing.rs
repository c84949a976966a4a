//! Guessing passwords is slowed, for the account and for the address, and the answer does not tell which names exist.

use crate::support::TestApp;

#[test]
fn after_many_wrong_passwords_the_right_one_must_wait() {
    let app = TestApp::start();
    let account = app.account("");
    let login = |password: &str| {
        app.json(&format!("Command=User.Login&Username={}&Password={password}&DisableCaptcha=true", account.username))
    };
    for n in 0..12 {
        let answer = login(&format!("wrong{n}"));
        assert_eq!((&answer["Success"], &answer["ErrorCode"]), (&false.into(), &serde_json::json!([3])), "try {n}");
    }
    assert_eq!(login(&account.username)["Success"], false, "the wait after failures is not over");
    let other = app.account("");
    assert!(!other.session.is_empty(), "another account of the same address still logs in");
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::start();
    let account = app.account("");
    let answers = [account.username.as_str(), "nobody-of-this-name"]
        .map(|name| app.post(&format!("Command=User.Login&Username={name}&Password=wrong&DisableCaptcha=true")).text());
    assert_eq!(answers[0], answers[1]);
}
