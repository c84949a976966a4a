//! HTTP around the envelope: methods, types, encodings, connections, and the WSDL (SO-1, SO-2.1, SO-2.2, SO-5).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{TestEcho, elements, envelope, everything, fault, returned};
use crate::contract::http::Answer;

fn get(echo: &TestEcho, target: &str, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    echo.server.send("GET", target, "HTTP/1.1", &fields, b"").unwrap()
}

#[test]
fn the_wsdl_is_served_in_four_flavours() {
    let echo = TestEcho::start();
    let address = format!("location=\"http://{}/soap\"", echo.server.authority);
    let text = |target: &str| {
        let answer = get(&echo, target, &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/xml; charset=utf-8")), "{target}");
        elements(&answer.text());
        answer.text()
    };
    let main = text("/soap?wsdl");
    assert_eq!(main, text("/soap?WSDL"));
    assert!(
        main.contains("style=\"rpc\"") && main.contains("soapAction=\"urn:understudy:echo#echo.everything\""),
        "{main}"
    );
    assert!(main.contains("<documentation>Gives back what it got.</documentation>"), "{main}");
    assert!(!main.contains("soap12") && main.matches(&address).count() == 1, "{main}");
    let both = text("/soap?wsdl=12");
    assert!(both.contains("soap12:binding") && both.matches(&address).count() == 2, "{both}");
    let document = text("/soap?wsdl=doc");
    assert!(
        document.contains("<xsd:element name=\"echo.everything\" type=\"tns:echo.everything.Call\"/>"),
        "{document}"
    );
    assert!(document.contains("style=\"document\"") && !document.contains("style=\"rpc\""), "{document}");
    let safe = text("/soap?wsdl=safe");
    assert!(safe.contains("<xsd:element name=\"EchoEverything\" type=\"tns:EchoEverythingCall\"/>"), "{safe}");
    assert!(!safe.contains("name=\"echo."), "{safe}");
    assert_eq!(get(&echo, "/soap?wsdl=other", &[]).status, 404);
    let tag = get(&echo, "/soap?wsdl", &[]).header("etag").unwrap().to_owned();
    let again = get(&echo, "/soap?wsdl", &[("If-None-Match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let offered = get(&echo, "/soap?wsdl", &[("Accept-Encoding", "gzip")]);
    assert_eq!(offered.header("content-encoding"), None, "the tag stands for the bytes");
    let head = echo.server.exchange(
        format!("HEAD /soap?wsdl HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", echo.server.authority).as_bytes(),
    );
    assert!(head.is_err() || head.unwrap().body.is_empty(), "HEAD has no body");
}

#[test]
fn the_wsdl_shows_the_configured_address() {
    let echo = TestEcho::start_with(|settings| settings.public_url = "https://mail.example/a&b/".to_owned());
    let text = get(&echo, "/soap?wsdl", &[("X-Forwarded-Host", "evil.example")]).text();
    assert!(text.contains("location=\"https://mail.example/a&amp;b/soap\""), "{text}");
    let trusting = TestEcho::start_with(|settings| settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let fields = [("X-Forwarded-Host", "mail.example"), ("X-Forwarded-Proto", "https")];
    assert!(get(&trusting, "/soap?wsdl", &fields).text().contains("location=\"https://mail.example/soap\""));
}

#[test]
fn only_posts_are_calls() {
    let echo = TestEcho::start();
    let page = get(&echo, "/soap", &[]);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let answer = echo.server.send(method, "/soap", "HTTP/1.1", &[], b"").unwrap();
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, POST")), "{method}");
        fault(method, &answer);
    }
}

#[test]
fn content_types_of_soap_are_taken_and_others_not() {
    let echo = TestEcho::start();
    let message = envelope("<t:nothing/>");
    for content_type in [
        "",
        "text/xml",
        "TEXT/XML; charset=\"UTF-8\"",
        "application/soap+xml; action=\"\"; charset=utf-8",
        "application/xml;charset=utf-8",
    ] {
        assert_eq!(echo.post(content_type, &[], message.as_bytes()).status, 200, "{content_type}");
    }
    for content_type in
        ["text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/related; boundary=x"]
    {
        let answer = echo.post(content_type, &[], message.as_bytes());
        assert_eq!(answer.status, 415, "{content_type}");
        fault(content_type, &answer);
    }
}

#[test]
fn requests_come_in_the_character_sets_of_old_clients() {
    let echo = TestEcho::start();
    let message = everything("<vText>é</vText>");
    let utf16 = |big: bool, mark: &str| -> Vec<u8> {
        let text = format!("{mark}{message}");
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let latin: Vec<u8> = message.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let declared = [b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n".as_slice(), &latin].concat();
    let marked = [b"\xef\xbb\xbf".as_slice(), message.as_bytes()].concat();
    let cases: [(&str, Vec<u8>); 9] = [
        ("text/xml", message.clone().into()),
        ("text/xml; charset=utf-8", marked.clone()),
        ("text/xml; charset=iso-8859-1", marked),
        ("text/xml; charset=ISO-8859-1", latin.clone()),
        ("text/xml", declared),
        ("text/xml; charset=windows-1252", latin),
        ("text/xml; charset=utf-16", utf16(false, "\u{feff}")),
        ("text/xml", utf16(true, "\u{feff}")),
        ("text/xml", utf16(false, "")),
    ];
    for (i, (content_type, body)) in cases.iter().enumerate() {
        let answer = echo.post(content_type, &[], body);
        assert_eq!(answer.status, 200, "{i}: {}", answer.text());
        assert_eq!(returned(&answer), "<vText>é</vText>", "{i}");
    }
    let unknown = echo.post("text/xml; charset=klingon", &[], message.as_bytes());
    assert!(fault("unknown", &unknown).message.contains("klingon"));
}

#[test]
fn requests_and_answers_may_be_compressed() {
    let echo = TestEcho::start();
    let long = "x".repeat(3_000);
    let message = everything(&format!("<vText>{long}</vText>"));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(message.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(message.as_bytes()).unwrap();
    let zlib = zlib.finish().unwrap();
    for (encoding, body) in [("gzip", &gzip), ("deflate", &zlib)] {
        let answer = echo.post("text/xml", &[("Content-Encoding", encoding)], body);
        assert!(answer.text().contains(&long), "{encoding}");
        assert_eq!(answer.header("content-encoding"), None);
    }
    for (offered, is_packed) in
        [("gzip, deflate", true), ("gzip;q=0", false), ("none", false), ("identity", false), ("", false)]
    {
        let answer = echo.post("text/xml", &[("Accept-Encoding", offered)], message.as_bytes());
        assert_eq!(answer.header("content-encoding"), is_packed.then_some("gzip"), "{offered}");
        if is_packed {
            let mut text = String::new();
            GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).unwrap();
            assert!(text.contains(&long));
        }
    }
    let short = echo.post("text/xml", &[("Accept-Encoding", "gzip")], envelope("<t:nothing/>").as_bytes());
    assert_eq!(short.header("content-encoding"), None, "not worth it");
    assert_eq!(echo.post("text/xml", &[("Content-Encoding", "br")], b"x").status, 415);
}

#[test]
fn connections_are_kept_and_closed_as_announced() {
    let echo = TestEcho::start();
    let message = envelope("<t:nothing/>");
    let mut stream = TcpStream::connect(&echo.server.authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let post = |version: &str, fields: &str| {
        format!(
            "POST /soap HTTP/{version}\r\nHost: x\r\nContent-Type: text/xml\r\n{fields}Content-Length: {}\r\n\r\n{message}",
            message.len()
        )
    };
    for _ in 0..2 {
        stream.write_all(post("1.1", "").as_bytes()).unwrap();
        let head = read_until(&mut stream, "</SOAP-ENV:Envelope>\n").to_ascii_lowercase();
        assert!(head.contains("keep-alive: timeout=75") && head.contains("content-length:"), "{head}");
        assert!(!head.contains("transfer-encoding"), "{head}");
    }
    // A body announced first, as .NET does.
    stream.write_all(post("1.1", "Expect: 100-continue\r\n").split_once("<e:").unwrap().0.as_bytes()).unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").starts_with("HTTP/1.1 100"));
    stream.write_all(message.as_bytes()).unwrap();
    assert!(read_until(&mut stream, "</SOAP-ENV:Envelope>\n").contains("200 OK"));
    // HTTP/1.0 without keep-alive: answered and closed.
    let mut stream = TcpStream::connect(&echo.server.authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(post("1.0", "").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("</SOAP-ENV:Envelope>\n") && !text.to_ascii_lowercase().contains("keep-alive:"), "{text}");
    // In chunks.
    let mut stream = TcpStream::connect(&echo.server.authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (one, two) = message.split_at(30);
    let head = "POST /soap HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunked = format!("{head}{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len());
    stream.write_all(chunked.as_bytes()).unwrap();
    assert!(read_until(&mut stream, "</SOAP-ENV:Envelope>\n").contains("200 OK"));
}

/// Reads until the text ends so.
fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut received = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        let n = stream.read(&mut chunk).unwrap();
        assert!(n > 0, "closed after {:?}", String::from_utf8_lossy(&received));
        received.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&received);
        if text.ends_with(end) {
            return text.into_owned();
        }
    }
}
