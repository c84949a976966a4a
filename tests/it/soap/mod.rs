//! The SOAP layer over HTTP, with a service that gives back what it got (`tests/wsdl/echo.wsdl`).

mod calls;
mod clients;
mod contract;
mod hostile;
mod logins;
mod schema;
mod shapes;
mod transport;

use std::net::TcpListener;
use std::sync::atomic::AtomicU32;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer};
use understudy::dialects::kit::soap::fault::Fault;
use understudy::dialects::kit::soap::http::{self, Endpoint, Settings};
use understudy::dialects::kit::soap::security::{Login, Logins};
use understudy::dialects::kit::soap::service::Call;

use self::contract::{
    BehaveRequest, Colour, Echo, EchoService, EverythingRequest, EverythingResult, NothingRequest, NothingResult,
};
use crate::contract::http::{Answer, Server};
use crate::hostile_set::answers::{self, Seen};
use crate::hostile_set::{self, ENV11, ENV12, Expected};

/// The password of everybody.
const PASSWORD: &str = "secret";
/// Namespace of the service.
const NS: &str = "urn:understudy:echo";

struct Service;

impl EchoService for Service {
    const LOGINS: Logins = Logins::BOTH;
    const ROLE: &'static str = "urn:understudy:echo:role";

    fn knows(&self, namespace: &str, name: &str) -> bool {
        (namespace, name) == (NS, "Ticket")
    }

    async fn echo_everything(&self, _: &Call<'_>, got: EverythingRequest) -> Result<EverythingResult, Fault> {
        Ok(EverythingResult {
            v_text: got.v_text,
            v_boolean: got.v_boolean,
            v_int: got.v_int,
            v_long: got.v_long,
            v_float: got.v_float,
            v_double: got.v_double,
            v_decimal: got.v_decimal,
            v_date_time: got.v_date_time,
            v_binary: got.v_binary,
            v_any: got.v_any,
            colour: got.colour,
            inner: got.inner,
            numbers: got.numbers,
            inners: got.inners,
        })
    }

    async fn nothing(&self, _: &Call<'_>, _: NothingRequest) -> Result<NothingResult, Fault> {
        Ok(NothingResult { fine: true, colour: Colour::DarkGreen })
    }

    async fn behave(&self, call: &Call<'_>, request: BehaveRequest) -> Result<NothingResult, Fault> {
        match request.how.as_deref() {
            Some("panic") => panic!("as told"),
            Some("wait") => tokio::time::sleep(Duration::from_secs(60)).await,
            Some("refuse") => return Err(Fault::bad_argument("How: refused")),
            Some("break") => return Err(Fault::internal()),
            Some("busy") => return Err(Fault::busy(7)),
            _ => {}
        }
        if let Some(ticket) = call.blocks.first() {
            return Ok(NothingResult { fine: ticket.decode::<String>()? == PASSWORD, colour: Colour::DarkGreen });
        }
        let fine = match &call.login {
            Some(Login::Password { password, .. }) => password == PASSWORD,
            Some(Login::Digest { .. }) => call.digest_proves(PASSWORD)?,
            None => false,
        };
        Ok(NothingResult { fine, colour: Colour::Red })
    }
}

/// A running service.
struct TestEcho {
    server: Server,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl TestEcho {
    fn start() -> Self {
        Self::start_with(|_| {})
    }

    fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let kept = Duration::from_secs(75);
        let mut settings = Settings { keep_alive: Some(kept), ..Settings::default() };
        change(&mut settings);
        let endpoint = Endpoint::new(Echo(Service), settings);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (started, starting) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let endpoint = endpoint.clone();
                    App::new().configure(move |config| http::mount(config, "/soap", &endpoint))
                });
                let server = server.workers(2).keep_alive(kept).client_request_timeout(Duration::from_secs(1));
                let server = server.shutdown_timeout(1).listen(listener).unwrap().run();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = starting.recv_timeout(Duration::from_secs(10)).unwrap();
        Self { server: Server { authority, folder: String::new() }, handle, thread: Some(thread) }
    }

    /// Posts a body with a content type and further fields.
    fn post(&self, content_type: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut headers = Vec::new();
        if !content_type.is_empty() {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        headers.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.server.send("POST", "/soap", "HTTP/1.1", &headers, body).unwrap()
    }

    /// Posts an envelope of SOAP 1.1.
    fn send(&self, envelope: &str) -> Answer {
        self.post("text/xml; charset=utf-8", &[], envelope.as_bytes())
    }

    /// Calls `echo.everything` with these members; the members of its answer.
    fn echo(&self, members: &str) -> String {
        let answer = self.send(&everything(members));
        assert_eq!(answer.status, 200, "{members}: {}", answer.text());
        returned(&answer)
    }

    /// Calls `echo.everything` with what must be refused; the sentence of the fault.
    fn refuse(&self, members: &str) -> String {
        fault(members, &self.send(&everything(members))).message
    }
}

impl Drop for TestEcho {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An envelope of SOAP 1.1 around a body.
fn envelope(body: &str) -> String {
    format!("<e:Envelope xmlns:e=\"{ENV11}\" xmlns:t=\"{NS}\"><e:Body>{body}</e:Body></e:Envelope>")
}

/// The same of SOAP 1.2.
fn envelope_12(body: &str) -> String {
    envelope(body).replace(ENV11, ENV12)
}

fn everything(members: &str) -> String {
    envelope(&format!("<t:echo.everything><Request>{members}</Request></t:echo.everything>"))
}

/// What stands in `return`, without the members that are nil.
fn returned(answer: &Answer) -> String {
    let text = answer.text();
    let inside = text.split_once("<return>").and_then(|(_, rest)| rest.rsplit_once("</return>"));
    let mut inside = inside.unwrap_or_else(|| panic!("no result: {text}")).0.to_owned();
    while let Some(end) = inside.find(" xsi:nil=\"true\"/>") {
        let begin = inside[..end].rfind('<').unwrap();
        inside.replace_range(begin..end + " xsi:nil=\"true\"/>".len(), "");
    }
    inside
}

/// Checks that an answer is a fault as its version has them, element by element, and reads it.
fn fault(what: &str, answer: &Answer) -> Seen {
    answers::read_fault(NS, answer).unwrap_or_else(|wrong| panic!("{what}: {wrong}"))
}

/// Every element of a document as a path of expanded names, with its own text.
fn elements(text: &str) -> Vec<(String, String)> {
    answers::elements(text).unwrap()
}

/// What the hostile set is sent to.
fn hostile_service() -> hostile_set::Service {
    hostile_set::Service {
        path: "/soap",
        namespace: NS,
        operation: "echo.everything",
        needed: String::new(),
        number: ("vInt", "7".to_owned()),
        any: "vAny",
        any_needed: "<n>{n}</n>",
        done: "<return>",
        deep_maps: Expected::Done,
        private: Vec::new(),
        n_calls: AtomicU32::new(0),
    }
}
