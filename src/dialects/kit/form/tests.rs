//! What whole requests become: the readers together, their limits and their speed.

use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=XX";

fn read_post(content_type: &str, body: &[u8]) -> Result<Form, FormError> {
    read(true, Some(content_type), b"", body, &Limits::default())
}

/// `{key=text,key={…}}` in order.
fn show(array: &Array) -> String {
    let shown = array.iter().map(|(key, node)| match node {
        Node::Text(text) => format!("{key}={text}"),
        Node::Array(array) => format!("{key}={}", show(array)),
    });
    format!("{{{}}}", shown.collect::<Vec<_>>().join(","))
}

fn show_query(query: &str) -> String {
    show(&read_query(query.as_bytes(), &Limits::default()).unwrap())
}

#[test]
fn queries_are_read_as_php_reads_them() {
    let cases = [
        ("", "{}"),
        ("&&&", "{}"),
        ("a=1&a=2", "{a=2}"),
        ("a=1&b=2&a=3", "{a=3,b=2}"),
        ("sessionid", "{sessionid=}"),
        ("sessionid&a=", "{sessionid=,a=}"),
        ("=1&[]=2", "{}"),
        ("a=b=c", "{a=b=c}"),
        ("ResponseFormat=JSONCommand=X&ResponseFormat=JSON", "{ResponseFormat=JSON}"),
        ("a[]=1&a[]=2", "{a={0=1,1=2}}"),
        ("a[0]=1&a[]=2&a[7]=3&a[]=4", "{a={0=1,1=2,7=3,8=4}}"),
        ("Fields%5BCustomField28%5D=v", "{Fields={CustomField28=v}}"),
        ("a[b][c]=1&a[b][d]=2&a[b][]=3", "{a={b={c=1,d=2,0=3}}}"),
        ("a[][x]=1&a[][x]=2", "{a={0={x=1},1={x=2}}}"),
        ("a=1&a[b]=2", "{a={b=2}}"),
        ("a[b]=2&a=1", "{a=1}"),
        ("Email=a@b.c&Lists=5:0,6:0&x=[y]", "{Email=a@b.c,Lists=5:0,6:0,x=[y]}"),
        ("a.b=1&c+d=2&%20e=3&f[g.h]=4", "{a_b=1,c_d=2,e=3,f={g.h=4}}"),
        ("a=x+y%20z%2B", "{a=x y z+}"),
        ("a=%zz&b=%&c=%4", "{a=%zz,b=%,c=%4}"),
        ("a=%C3%A4&b=%E4&c=\u{e4}", "{a=ä,b=ä,c=ä}"),
        ("a=x%00y&b%00c=1", "{a=x\u{fffd}y,b\u{fffd}c=1}"),
        ("a[=1&b[c=2", "{a_=1,b_c=2}"),
        ("a[9223372036854775807]=1&a[]=2", "{a={9223372036854775807=1}}"),
    ];
    for (query, want) in cases {
        assert_eq!(show_query(query), want, "{query}");
    }
}

#[test]
fn the_content_type_chooses_the_reader() {
    let json = "{\"a\":1}";
    let cases: [(Option<&str>, &str, &str, bool); 16] = [
        (Some(FORM), "a=1", "{a=1}", false),
        (Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), "a=1", "{a=1}", false),
        (None, "a=1", "{a=1}", false),
        (Some(""), "a=1", "{a=1}", false),
        (None, json, "{a=1}", true),
        (None, " \r\n{\"a\":1}", "{a=1}", true),
        (Some("; charset=utf-8"), json, "{a=1}", true),
        (Some("application/json"), json, "{a=1}", true),
        (Some("application/json;charset=utf-8"), json, "{a=1}", true),
        (Some("text/json"), json, "{a=1}", true),
        (Some("application/vnd.api+json"), json, "{a=1}", true),
        (Some("application/json"), "\u{feff}{\"a\":1}", "{a=1}", true),
        (Some("application/json"), "", "{}", false),
        (Some("application/json"), " \n", "{}", false),
        (Some("text/plain"), "a=1", "{}", false),
        (Some(MULTIPART), "", "{}", false),
    ];
    for (content_type, body, want, json) in cases {
        let form = read(true, content_type, b"", body.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((show(&form.variables).as_str(), form.body_was_json), (want, json), "{content_type:?} {body}");
    }
}

#[test]
fn the_body_replaces_whole_variables_of_the_query() {
    let read = |query: &str, body: &str| {
        show(&read(true, None, query.as_bytes(), body.as_bytes(), &Limits::default()).unwrap().variables)
    };
    assert_eq!(read("Command=X&a[x]=1&b=2", "Command=Y&a[y]=3"), "{b=2,Command=Y,a={y=3}}");
    assert_eq!(read("Command=X&a=1", "{\"Command\":\"Y\"}"), "{a=1,Command=Y}");
    assert_eq!(read("Command=X", ""), "{Command=X}");
    let get = super::read(false, Some(FORM), b"a=1", b"a=2", &Limits::default()).unwrap();
    assert_eq!(show(&get.variables), "{a=1}");
}

#[test]
fn json_becomes_text() {
    let cases = [
        (r#"{}"#, "{}"),
        (
            r#"{"a":"x","b":7,"c":-1,"d":1.50,"e":1.0,"f":18446744073709551615}"#,
            "{a=x,b=7,c=-1,d=1.5,e=1,f=18446744073709551615}",
        ),
        (r#"{"t":true,"f":false,"n":null}"#, "{t=1,f=0}"),
        (
            r#"{"Fields":{"CustomField1":"x","y":null},"L":["a",null,"b"],"E":[],"O":{}}"#,
            "{Fields={CustomField1=x},L={0=a,2=b},E={},O={}}",
        ),
        (r#"{"a[b]":"1","c.d e":"2"}"#, "{a[b]=1,c.d e=2}"),
        (r#"{"a":1,"b":2,"a":3}"#, "{a=3,b=2}"),
        (r#"{"a\u0000":"x\u0000y","b":"\ud83d\ude00"}"#, "{a\u{fffd}=x\u{fffd}y,b=😀}"),
    ];
    for (body, want) in cases {
        assert_eq!(show(&read_post("application/json", body.as_bytes()).unwrap().variables), want, "{body}");
    }
    let latin = read_post("application/json", b"{\"a\":\"\xe4\"}").unwrap();
    assert_eq!(latin.variables.text("a"), Some("ä"));
}

#[test]
fn bad_json_is_told_apart() {
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let cases = [
        ("a=1", FormError::NotJson),
        ("{\"a\":1", FormError::NotJson),
        ("{\"a\":1} x", FormError::NotJson),
        ("{\"a\":\"\u{1}\"}", FormError::NotJson),
        ("[1]", FormError::NotAnObject),
        ("\"a\"", FormError::NotAnObject),
        ("null", FormError::NotAnObject),
        (&deep(65), FormError::TooDeep),
    ];
    for (body, want) in cases {
        assert_eq!(read_post("application/json", body.as_bytes()), Err(want), "{body}");
    }
    assert!(read_post("application/json", deep(64).as_bytes()).is_ok());
    let deepest = Limits { depth: 5_000, ..Limits::default() };
    assert_eq!(read(true, None, b"", deep(1_000).as_bytes(), &deepest), Err(FormError::TooDeep));
}

fn part(head: &str, content: &str) -> String {
    format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

#[test]
fn multipart_keeps_files_apart() {
    let body = [
        part("name=\"Command\"", "List.Get"),
        part("name=\"Fields[CustomField1]\"", "größe"),
        part("name=\"a[]\"", "1"),
        part("name=\"a[]\"", ""),
        part("name=\"up[]\"; filename=\"C:\\folder\\x.csv\"", "a,b\r\n--X"),
        part("name=\"none\"; filename=\"\"", ""),
        part("name=\"l\"\r\nContent-Type: text/plain; charset=iso-8859-15", "x"),
        "--XX--\r\n".to_owned(),
    ]
    .concat();
    let form = read_post(MULTIPART, body.as_bytes()).unwrap();
    assert_eq!(show(&form.variables), "{Command=List.Get,Fields={CustomField1=größe},a={0=1,1=},l=x}");
    let file = UploadedFile { name: "up[]".into(), file_name: "x.csv".into(), bytes: b"a,b\r\n--X".to_vec() };
    assert_eq!(form.files, [file]);
}

#[test]
fn multipart_bytes_follow_the_charset_rules() {
    let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xe4\r\n".to_vec();
    body.extend(b"--XX\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Type: text/plain; charset=iso-8859-15\r\n\r\n\xa4\r\n");
    body.extend(b"--XX\r\nContent-Disposition: form-data; name=\"c\"; filename=\"\xe4.csv\"\r\n\r\n\xff\r\n--XX--");
    let form = read_post(MULTIPART, &body).unwrap();
    assert_eq!(show(&form.variables), "{a=ä,b=€}");
    assert_eq!(form.files, [UploadedFile { name: "c".into(), file_name: "ä.csv".into(), bytes: vec![0xff] }]);
}

#[test]
fn broken_multipart_is_an_error() {
    let whole = [part("name=\"a\"", "1"), "--XX--".to_owned()].concat();
    assert!(read_post(MULTIPART, whole.as_bytes()).is_ok());
    for end in 1..whole.len() {
        assert_eq!(read_post(MULTIPART, &whole.as_bytes()[..end]), Err(FormError::BadMultipart), "cut at {end}");
    }
    assert_eq!(read_post("multipart/form-data", whole.as_bytes()), Err(FormError::BadMultipart));
    assert_eq!(read_post("multipart/form-data; boundary=YY", whole.as_bytes()), Err(FormError::BadMultipart));
}

#[test]
fn limits_are_exact() {
    let limits = Limits { body_bytes: 40, variables: 3, depth: 2, key_bytes: 6 };
    let read = |query: &str, body: &str| read(true, None, query.as_bytes(), body.as_bytes(), &limits);
    assert!(read("a=1", "b=1&c=1").is_ok());
    assert_eq!(read("a=1&a=1", "b=1&c=1"), Err(FormError::TooManyVariables));
    assert_eq!(read("a=1&b=1", "{\"c\":[1]}"), Err(FormError::TooManyVariables));
    assert!(read(&"a".repeat(40), "").is_ok());
    assert_eq!(read(&"a".repeat(41), ""), Err(FormError::TooLarge));
    assert_eq!(read("", &"a".repeat(41)), Err(FormError::TooLarge));
    let kept = |query: &str| show(&read(query, "").unwrap().variables);
    assert_eq!(kept("abcdef=1&abcdefg=2"), "{abcdef=1}");
    assert_eq!(read("", "{\"abcdef\":1,\"abcdefg\":2}").unwrap().variables.len(), 1);
    let limits = Limits { key_bytes: 100, ..limits };
    assert_eq!(show(&read_query(b"a[][]=1&b[][][]=2", &limits).unwrap()), "{a={0={0=1}}}");
}

/// Hostile inputs must cost time in proportion to their size; the bound is generous because tests are built without optimisation.
#[test]
fn hostile_input_ends_at_once() {
    let numbered = |n: usize| (0..n).map(|i| format!("k{i}=v&")).collect::<String>();
    let indexed = "a[]=1&".repeat(9_999);
    let deep = format!("a{}=1&", "[b]".repeat(1_000)).repeat(3_000);
    let deepest = format!("a{}=1&", "[b]".repeat(64)).repeat(9_000);
    let huge_json = format!("{{\"a\":[{}1]}}", "1,".repeat(5_000_000));
    let parts = part("name=\"a[]\"", "1").repeat(100_000);
    let cases: [(&str, String, Option<FormError>); 13] = [
        (FORM, numbered(100_000), Some(FormError::TooManyVariables)),
        (FORM, numbered(10_000), None),
        (FORM, indexed, None),
        (FORM, deep, None),
        (FORM, deepest, None),
        (FORM, "[".repeat(1_000_000), None),
        (FORM, format!("a{}", "[".repeat(1_000_000)), None),
        (FORM, format!("a={}", "%41".repeat(3_000_000)), None),
        (FORM, "&".repeat(5_000_000), None),
        ("application/json", "[".repeat(1_000_000), Some(FormError::NotAnObject)),
        ("application/json", format!("{{\"a\":{}", "[".repeat(1_000_000)), Some(FormError::TooDeep)),
        ("application/json", huge_json, Some(FormError::TooManyVariables)),
        (MULTIPART, parts, Some(FormError::TooManyVariables)),
    ];
    for (content_type, body, want) in cases {
        let started = Instant::now();
        let got = read_post(content_type, body.as_bytes());
        let took = started.elapsed();
        assert_eq!(got.err(), want, "{}", &body[..30]);
        assert!(took < Duration::from_secs(5), "{took:?} for {} bytes of {}", body.len(), &body[..30]);
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

proptest! {
    #[test]
    fn no_bytes_panic(query in ".{0,60}", body in proptest::collection::vec(any::<u8>(), 0..200), kind in 0..5usize) {
        let content_type = [None, Some(FORM), Some(MULTIPART), Some("application/json"), Some("x; charset=shift_jis")][kind];
        if let Ok(form) = read(true, content_type, query.as_bytes(), &body, &Limits::default()) {
            let shown = show(&form.variables.fold_keys());
            prop_assert!(!shown.contains('\0'));
        }
    }

    #[test]
    fn encoded_values_read_back(name in "[a-z][a-zA-Z0-9_]{0,10}", key in "[^\\]\\[\0]{2,10}", value in "[^\0]{0,40}") {
        let query = format!("{name}={}&x[{}]={}", encode(&value), encode(&key), encode(&value));
        let array = read_query(query.as_bytes(), &Limits::default()).unwrap();
        let inner = array.array("x").and_then(|inner| inner.text(&key));
        prop_assert_eq!(inner, Some(value.as_str()));
        prop_assert!(name == "x" || array.text(&name) == Some(value.as_str()));
    }
}
