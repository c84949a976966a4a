//! What SOAP itself costs, without a store: `figures` prints nanoseconds for each message, beside yaserde's; `serve` answers USER.CREATE over
//! HTTP. `cargo xtask bench --only soap` runs both. Nothing is asserted but that the two codecs read the same.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop where it is")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer};
use understudy::dialects::kit::soap::decode::{Decode, Reading};
use understudy::dialects::kit::soap::encode::Writer;
use understudy::dialects::kit::soap::envelope::{self, Version};
use understudy::dialects::kit::soap::fault::Fault;
use understudy::dialects::kit::soap::http::{self, Endpoint, Settings};
use understudy::dialects::kit::soap::limits::Limits;
use understudy::dialects::kit::soap::service::Call;
use understudy::dialects::kit::soap::{gate, operation};
use understudy::dialects::ofsys::soap::contract::{
    CONTRACT, MessageCreateRequest, MessageCreateResult, MessageSendRequest, MessageSendResult, Ofsys, OfsysService,
    UserActivateRequest, UserCreateRequest, UserDeleteResult, UserGetRequest, UserGetResult, UserResult,
    UserSelectRequest, UserUpdateRequest,
};
use yaserde::{YaDeserialize, YaSerialize};

/// A call as PHP sends it.
const MESSAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:ns1=\"urn:ofsys:soap\"><SOAP-ENV:Body><ns1:USER.CREATE>\
    <Request><AuthKey><idKey>1</idKey><Key>k</Key></AuthKey><idProject>7</idProject><Fields><item><key>f_EMail</key><value>é@b.c</value></item>\
    <item><key>optin_N</key><value>true</value></item></Fields><isActive>false</isActive></Request></ns1:USER.CREATE></SOAP-ENV:Body></SOAP-ENV:Envelope>\n";

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve(),
        Some("message") => print!("{MESSAGE}"),
        // Also what `cargo bench` alone runs.
        _ => figures(),
    }
}

fn figures() {
    let limits = Limits::default();
    println!("USER.CREATE, {} bytes; nanoseconds for each message, best of many rounds", MESSAGE.len());
    let read = || {
        let tree = gate::read(black_box(MESSAGE), CONTRACT.namespace, &limits).unwrap();
        let version = envelope::version(&tree).unwrap();
        let opened = envelope::open(&tree, version).unwrap();
        let called = operation::find(&CONTRACT, &tree, &opened, "\"urn:ofsys:soap#USER.CREATE\"").unwrap();
        let reading = Reading::new(tree, &limits);
        UserCreateRequest::decode(operation::argument(reading.at(called.wrapper).unwrap(), "Request").unwrap()).unwrap()
    };
    let theirs: Envelope = yaserde::de::from_str(MESSAGE).unwrap();
    assert_eq!(read().id_project, theirs.body.call.request.id_project, "both read the same");
    time("gate alone: well-formed, within the limits, a tree", || {
        gate::read(black_box(MESSAGE), CONTRACT.namespace, &limits).unwrap()
    });
    time("gate, operation and decoding", read);
    time("yaserde, decoding", || yaserde::de::from_str::<Envelope>(black_box(MESSAGE)).unwrap());
    let result = result();
    time("encoding", || {
        let mut out = Writer::answer(&CONTRACT, Version::V11, "USER.CREATE", false);
        out.result("return", black_box(&result));
        out.finish()
    });
    let answer = AnswerOf { success: true, id_contact: Some(15), is_active: Some(false), ..AnswerOf::default() };
    time("yaserde, encoding of the result alone", || yaserde::ser::to_string(black_box(&answer)).unwrap());
}

fn time<T>(what: &str, mut work: impl FnMut() -> T) {
    const TIMES: u32 = 2_000;
    let mut best = Duration::MAX;
    for _ in 0..25 {
        let begun = Instant::now();
        for _ in 0..TIMES {
            black_box(work());
        }
        best = best.min(begun.elapsed());
    }
    println!("  {:>8.0}  {what}", best.as_nanos() as f64 / f64::from(TIMES));
}

/// What yaserde needs for the same: every level declared, every namespace named.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "Envelope", prefix = "e", namespaces = { "e" = "http://schemas.xmlsoap.org/soap/envelope/" })]
struct Envelope {
    #[yaserde(rename = "Body", prefix = "e")]
    body: Body,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "Body", prefix = "e", namespaces = { "e" = "http://schemas.xmlsoap.org/soap/envelope/", "t" = "urn:ofsys:soap" })]
struct Body {
    #[yaserde(rename = "USER.CREATE", prefix = "t")]
    call: Wrapper,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "USER.CREATE", prefix = "t", namespaces = { "t" = "urn:ofsys:soap" })]
struct Wrapper {
    #[yaserde(rename = "Request")]
    request: Request,
}

#[derive(Debug, Default, YaDeserialize)]
struct Request {
    #[yaserde(rename = "AuthKey")]
    _auth_key: AuthKey,
    #[yaserde(rename = "idProject")]
    id_project: Option<i64>,
    #[yaserde(rename = "Fields")]
    _fields: Fields,
    #[yaserde(rename = "isActive")]
    _is_active: Option<bool>,
}

#[derive(Debug, Default, YaDeserialize)]
struct AuthKey {
    #[yaserde(rename = "idKey")]
    _id_key: Option<i64>,
    #[yaserde(rename = "Key")]
    _key: Option<String>,
}

#[derive(Debug, Default, YaDeserialize)]
struct Fields {
    #[yaserde(rename = "item")]
    _items: Vec<Item>,
}

#[derive(Debug, Default, YaDeserialize)]
struct Item {
    #[yaserde(rename = "key")]
    _key: String,
    #[yaserde(rename = "value")]
    _value: String,
}

#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "return")]
struct AnswerOf {
    #[yaserde(rename = "Success")]
    success: bool,
    #[yaserde(rename = "ErrorCode")]
    error_code: Option<String>,
    #[yaserde(rename = "ErrorMessage")]
    error_message: Option<String>,
    #[yaserde(rename = "idContact")]
    id_contact: Option<i64>,
    #[yaserde(rename = "isActive")]
    is_active: Option<bool>,
}

fn result() -> UserResult {
    UserResult { success: true, id_contact: Some(15), is_active: Some(false), ..UserResult::default() }
}

/// Ofsys without contacts: what is left is HTTP and SOAP.
struct Storeless;

impl OfsysService for Storeless {
    async fn user_create(&self, _: &Call<'_>, request: UserCreateRequest) -> Result<UserResult, Fault> {
        Ok(UserResult { is_active: Some(request.is_active.unwrap_or(true)), ..result() })
    }

    async fn message_sendsingle(&self, _: &Call<'_>, _: MessageSendRequest) -> Result<MessageSendResult, Fault> {
        Err(Fault::unknown_operation())
    }

    async fn user_activate(&self, _: &Call<'_>, _: UserActivateRequest) -> Result<UserResult, Fault> {
        Err(Fault::unknown_operation())
    }

    async fn user_get(&self, _: &Call<'_>, _: UserGetRequest) -> Result<UserGetResult, Fault> {
        Err(Fault::unknown_operation())
    }

    async fn user_update(&self, _: &Call<'_>, _: UserUpdateRequest) -> Result<UserResult, Fault> {
        Err(Fault::unknown_operation())
    }

    async fn user_deactivate(&self, _: &Call<'_>, _: UserSelectRequest) -> Result<UserResult, Fault> {
        Err(Fault::unknown_operation())
    }

    async fn user_delete(&self, _: &Call<'_>, _: UserSelectRequest) -> Result<UserDeleteResult, Fault> {
        Err(Fault::unknown_operation())
    }

    async fn message_create(&self, _: &Call<'_>, _: MessageCreateRequest) -> Result<MessageCreateResult, Fault> {
        Err(Fault::unknown_operation())
    }
}

/// Serves until it is killed; its first line says where.
fn serve() {
    let kept = Duration::from_secs(75);
    let endpoint = Endpoint::new(Ofsys(Storeless), Settings { keep_alive: Some(kept), ..Settings::default() });
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let endpoint = endpoint.clone();
            App::new().configure(move |config| http::mount(config, "/webservices/soap", &endpoint))
        });
        let server = server.keep_alive(kept).bind(("127.0.0.1", 0)).unwrap();
        println!("{}", server.addrs()[0]);
        server.run().await.unwrap();
    });
}
