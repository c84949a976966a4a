//! The limits of the settings hold at the endpoint (SO-4.5).

use understudy::config::SoapSettings;

use crate::contract::http::Answer;
use crate::support::TestApp;

/// `n` elements inside of each other, the envelope counted.
fn nested(app: &TestApp, n: usize) -> Answer {
    let (begin, end) = ("<x>".repeat(n - 4), "</x>".repeat(n - 4));
    let message = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:t=\"urn:ofsys:soap\"><e:Body><t:USER.GET><Request>\
         {begin}{end}</Request></t:USER.GET></e:Body></e:Envelope>"
    );
    let fields = [("Content-Type".to_owned(), "text/xml".to_owned())];
    app.server.send("POST", "/webservices/soap", "HTTP/1.1", &fields, message.as_bytes()).unwrap()
}

#[test]
fn limits_can_be_set() {
    for depth in [SoapSettings::default().depth, 16] {
        let app = TestApp::start_with(|settings| settings.soap.depth = depth);
        let answer = nested(&app, depth);
        assert!(answer.status == 200 && answer.text().contains("AuthenticationFailed"), "{}", answer.text());
        let answer = nested(&app, depth + 1);
        assert!(answer.status == 500 && answer.text().contains("LimitExceeded"), "{}", answer.text());
    }
}
