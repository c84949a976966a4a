//! The envelope, its versions, its answers and its faults (SO-1.2 to SO-1.4, SO-2.6, SO-2.7, SO-3).

use super::{ENV11, ENV12, NS, TestEcho, envelope, envelope_12, fault};

#[test]
fn answers_are_exact_and_in_the_version_asked() {
    let echo = TestEcho::start();
    for content_type in ["text/xml", "application/soap+xml", "application/xml", ""] {
        let answer = echo.post(content_type, &[], envelope("<t:nothing/>").as_bytes());
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/xml; charset=utf-8"));
        assert_eq!(
            answer.text(),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{ENV11}\" xmlns:ns1=\"{NS}\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><SOAP-ENV:Body><ns1:nothingResponse><return><Fine>true</Fine>\
                 <Colour>dark-green</Colour></return></ns1:nothingResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
            )
        );
        let answer = echo.post(content_type, &[], envelope_12("<t:nothing/>").as_bytes());
        assert_eq!(answer.header("content-type"), Some("application/soap+xml; charset=utf-8"));
        assert!(answer.text().contains(&format!("<env:Envelope xmlns:env=\"{ENV12}\"")), "{}", answer.text());
    }
}

#[test]
fn every_member_declared_is_answered_and_nil_when_there_is_none() {
    let echo = TestEcho::start();
    let text = echo.send(&envelope("<t:echo.everything/>")).text();
    assert_eq!(text.matches(" xsi:nil=\"true\"/>").count(), 14, "{text}");
    assert!(text.contains("<return><vText xsi:nil=\"true\"/><vBoolean"), "{text}");
}

#[test]
fn encoded_requests_get_types() {
    let echo = TestEcho::start();
    let style = "e:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"";
    let inside = "<vInt>1</vInt><vText>a</vText><Inner><Name>n</Name></Inner>";
    for message in [
        envelope(&format!("<t:echo.everything {style}>{inside}</t:echo.everything>")),
        envelope(&format!("<t:echo.everything>{inside}</t:echo.everything>"))
            .replace("<e:Body>", &format!("<e:Body {style}>")),
    ] {
        let text = echo.send(&message).text();
        for piece in [
            "<vInt xsi:type=\"xsd:int\">1<",
            "<vText xsi:type=\"xsd:string\">a<",
            "<Inner xsi:type=\"ns1:Inner\"><Name xsi:type=",
        ] {
            assert!(text.contains(piece), "{piece}: {text}");
        }
    }
    let style = "e:encodingStyle=\"http://www.w3.org/2003/05/soap-encoding\"";
    let text = echo.send(&envelope_12(&format!("<t:echo.everything {style}>{inside}</t:echo.everything>"))).text();
    assert!(text.contains("<env:Body><ns1:echo.everythingResponse env:encodingStyle="), "{text}");
    let seen = fault("unknown style", &echo.send(&envelope("<t:nothing e:encodingStyle=\"urn:mine\"/>")));
    assert_eq!(seen.code, "SOAP-ENV:Client");
    let answer = echo.send(&envelope_12("<t:nothing e:encodingStyle=\"urn:mine\"/>"));
    assert_eq!((answer.status, fault("1.2", &answer).code.as_str()), (500, "env:DataEncodingUnknown"));
}

#[test]
fn envelopes_of_another_shape_are_refused() {
    let echo = TestEcho::start();
    let wrong_version = envelope("<t:nothing/>").replace(ENV11, "urn:soap");
    let seen = fault("version", &echo.send(&wrong_version));
    assert_eq!((seen.code.as_str(), seen.detail), ("SOAP-ENV:VersionMismatch", None));
    let cases = [
        ("<a/>".to_owned(), "Envelope"),
        (format!("<Envelope xmlns=\"{ENV11}\"/>"), "Body"),
        (format!("<e:Envelope xmlns:e=\"{ENV11}\"><Body/></e:Envelope>"), "Body"),
        (envelope(""), "empty Body"),
        (envelope("<t:nothing/><t:nothing/>"), "more than one"),
        (envelope("<t:nothing/>").replace("</e:Envelope>", "<e:Header/></e:Envelope>"), "after the Body"),
    ];
    for (message, words) in cases {
        for (message, code, status) in
            [(message.clone(), "SOAP-ENV:Client", 500), (message.replace(ENV11, ENV12), "env:Sender", 400)]
        {
            let content_type = if code.starts_with("env") { "application/soap+xml" } else { "text/xml" };
            let answer = echo.post(content_type, &[], message.as_bytes());
            let seen = fault(&message, &answer);
            assert_eq!((seen.code.as_str(), answer.status), (code, status), "{message}");
            assert!(seen.message.contains(words), "{message}: {seen:?}");
        }
    }
    for (from, to) in [
        ("<e:Body>", "<e:Body e:encodingStyle=\"http://www.w3.org/2003/05/soap-encoding\">"),
        ("<e:Body>", "<e:Body x=\"1\">"),
    ] {
        assert_eq!(echo.send(&envelope("<t:nothing/>").replace(from, to)).status, 200, "1.1 is not strict");
        fault(to, &echo.send(&envelope_12("<t:nothing/>").replace(from, to)));
    }
}

#[test]
fn prefixes_do_not_matter() {
    let echo = TestEcho::start();
    let mixed = format!(
        "<a:Envelope xmlns:a=\"{ENV11}\"><Header xmlns=\"{ENV11}\"/><b:Body xmlns:b=\"{ENV11}\"><nothing xmlns=\"{NS}\"/></b:Body></a:Envelope>"
    );
    assert_eq!(echo.send(&mixed).status, 200);
}

#[test]
fn the_action_helps_and_must_not_contradict() {
    let echo = TestEcho::start();
    let with = |action: &str, body: &str| echo.post("text/xml", &[("SOAPAction", action)], envelope(body).as_bytes());
    for action in
        ["", "\"\"", "urn:understudy:echo#nothing", "\"urn:understudy:echo#nothing\"", "\"urn:what/ever\"", "nothing"]
    {
        assert_eq!(with(action, "<t:nothing/>").status, 200, "{action}");
    }
    assert!(with("\"urn:understudy:echo#nothing\"", "").text().contains("nothingResponse"), "empty Body");
    assert!(with("\"http://x/nothing\"", "<t:whatever/>").text().contains("nothingResponse"), "unknown child");
    let seen = fault("contradicts", &with("\"urn:understudy:echo#behave\"", "<t:nothing/>"));
    assert!(seen.message.contains("another operation"), "{seen:?}");
    let content_type = "application/soap+xml; charset=utf-8; action=\"urn:understudy:echo#nothing\"";
    assert_eq!(echo.post(content_type, &[], envelope_12("").as_bytes()).status, 200);
}

#[test]
fn mandatory_headers_are_understood_or_nothing_is_done() {
    let echo = TestEcho::start();
    let send = |version: &str, block: &str| {
        let header = format!(
            "<e:Header xmlns:h=\"urn:h\" xmlns:a=\"http://www.w3.org/2005/08/addressing\">{block}</e:Header><e:Body>"
        );
        echo.send(&envelope("<t:nothing/>").replace("<e:Body>", &header).replace(ENV11, version))
    };
    for block in [
        "<h:T/>",
        "<h:T e:mustUnderstand=\"0\"/>",
        "<h:T e:mustUnderstand=\"1\" e:actor=\"urn:somebody\" e:role=\"urn:somebody\"/>",
        "<a:Action e:mustUnderstand=\"1\">urn:x</a:Action>",
        "<a:ReplyTo e:mustUnderstand=\"1\"><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>",
        "<a:ReplyTo><a:Address>http://127.0.0.1:1/</a:Address></a:ReplyTo>",
    ] {
        assert_eq!(send(ENV11, block).status, 200, "{block}");
        assert_eq!(send(ENV12, block).status, 200, "{block}");
    }
    for block in [
        "<h:T e:mustUnderstand=\"1\"/>",
        "<h:T e:mustUnderstand=\"true\"/>",
        "<h:T e:mustUnderstand=\"1\" e:actor=\"http://schemas.xmlsoap.org/soap/actor/next\"/>",
        "<h:T e:mustUnderstand=\"1\" e:role=\"http://www.w3.org/2003/05/soap-envelope/role/next\"/>",
        "<a:ReplyTo e:mustUnderstand=\"1\"><a:Address>http://127.0.0.1:1/</a:Address></a:ReplyTo>",
    ] {
        for (version, code) in [(ENV11, "SOAP-ENV:MustUnderstand"), (ENV12, "env:MustUnderstand")] {
            let answer = send(version, block);
            let seen = fault(block, &answer);
            assert_eq!((seen.code.as_str(), answer.status, seen.detail), (code, 500, None), "{block}");
            assert_eq!(answer.text().contains("env:NotUnderstood"), version == ENV12);
        }
    }
    fault("neither", &send(ENV11, "<h:T e:mustUnderstand=\"maybe\"/>"));
    // The header comes before what is wrong with the Body.
    let header = "<e:Header><t:T e:mustUnderstand=\"1\"/></e:Header><e:Body>";
    let seen = fault("order", &echo.send(&envelope("").replace("<e:Body>", header)));
    assert_eq!(seen.code, "SOAP-ENV:MustUnderstand");
}

#[test]
fn what_goes_wrong_inside_is_a_fault_that_tells_nothing() {
    let echo = TestEcho::start_with(|settings| settings.limits.call_time = std::time::Duration::from_millis(300));
    for (how, code_11, code_12, detail) in [
        ("panic", "SOAP-ENV:Server", "env:Receiver", "InternalError"),
        ("break", "SOAP-ENV:Server", "env:Receiver", "InternalError"),
        ("wait", "SOAP-ENV:Server", "env:Receiver", "InternalError"),
        ("busy", "SOAP-ENV:Server", "env:Receiver", "Busy"),
        ("refuse", "SOAP-ENV:Client", "env:Sender", "InvalidParameter"),
    ] {
        let call = format!("<t:behave><Request><How>{how}</How></Request></t:behave>");
        for (message, code) in [(envelope(&call), code_11), (envelope_12(&call), code_12)] {
            let answer = echo.send(&message);
            let seen = fault(how, &answer);
            assert_eq!((seen.code.as_str(), seen.detail.as_deref()), (code, Some(detail)), "{how}");
            assert_eq!(answer.header("retry-after"), (how == "busy").then_some("7"), "{how}");
        }
    }
    assert_eq!(echo.send(&envelope("<t:nothing/>")).status, 200, "still there");
}
