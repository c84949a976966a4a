//! The service: whatever it gets, it gives back; on our layer, over HTTP, an endpoint for each namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use actix_web::{App, HttpServer};
use understudy::dialects::kit::soap::contract::{Contract, Operation};
use understudy::dialects::kit::soap::encode::{Encode, TypeName, Writer};
use understudy::dialects::kit::soap::fault::Fault;
use understudy::dialects::kit::soap::http::{self, Endpoint, Settings};
use understudy::dialects::kit::soap::lexical::Any;
use understudy::dialects::kit::soap::security::Logins;
use understudy::dialects::kit::soap::service::{Argument, Call, Service};
use understudy::dialects::kit::xml::legal_name;

use super::pairs::Pair;
use super::xml;

/// Header blocks that the services of the pairs know, and the blocks they answer by.
const BLOCKS: &[(&str, &str, Option<&str>)] = &[
    (W3C, "echoOk", Some("responseOk")),
    (W3C, "requiredHeader", None),
    (W3C, "validateCountryCode", Some("validateCountryCodeResponse")),
    ("http://soapinterop.org/", "echoMeStringRequest", Some("echoMeStringResponse")),
    ("http://soapinterop.org/", "echoMeComplexTypeRequest", Some("echoMeComplexTypeResponse")),
];
/// Operations that are called by an empty Body, by folder. No WSDL that we compile has such (SO-5.7); the SOAPAction names them (SO-1.4).
const EMPTY: &[(&str, &str, &str)] = &[
    ("soap12", W3C, "emptyBody"),
    ("interop/Round3/GroupD", "http://soapinterop.org/WSDLInteropTestDocLit", "echoVoid"),
];
/// The namespace of the W3C's collection.
const W3C: &str = "http://example.org/ts-tests";

/// The contract, and the operations that answer by a fault.
struct Mirror(&'static Contract, BTreeSet<String>);

impl Service for Mirror {
    const LOGINS: Logins = Logins::NONE;
    const ROLE: &'static str = "http://example.org/ts-tests/C";

    fn knows(&self, namespace: &str, name: &str) -> bool {
        BLOCKS.iter().any(|(known, its, _)| (*known, *its) == (namespace, name))
    }

    fn contract(&self) -> &'static Contract {
        self.0
    }

    async fn answer(&self, call: &Call<'_>, argument: Argument<'_, '_>, out: &mut Writer) -> Result<(), Fault> {
        let mut kept = Any::Null;
        for block in &call.blocks {
            let mut got: Any = block.decode()?;
            if block.name == "validateCountryCode" {
                if block.decode::<String>()?.len() != 2 {
                    return Err(Fault::header("Not a valid country code"));
                }
                got = Any::from("OK");
            }
            match BLOCKS.iter().find(|(namespace, name, _)| (*namespace, *name) == (block.namespace, block.name)) {
                Some((namespace, _, Some(answer))) => out.block(namespace, answer, &Named(&got)),
                _ => kept = got,
            }
        }
        let got: Any = argument.decode()?;
        if self.1.contains(call.name) {
            return Err(Fault::internal());
        }
        let only = match &got {
            Any::Object(members) if members.len() == 1 => members.iter().next().map(|(_, value)| value.clone()),
            _ => None,
        };
        let result = match (call.name, only) {
            ("countItems", Some(Any::List(items))) => Any::from(items.len()),
            ("isNil", only) => Any::from(matches!(only, None | Some(Any::Null))),
            ("returnVoid" | "echoVoid" | "emptyBody", _) => Any::Null,
            ("echoHeader", _) => kept,
            _ => got,
        };
        out.result("return", &Named(&result));
        Ok(())
    }
}

/// Writes members by name, so that an answer holds the values of its request and nothing else.
struct Named<'a>(&'a Any);

impl Encode for Named<'_> {
    const TYPE: TypeName = Any::TYPE;

    fn encode(&self, out: &mut Writer) {
        match self.0 {
            Any::Object(members) => {
                members.iter().for_each(|(name, value)| out.member(&legal_name(name), &Named(value)));
            }
            Any::List(items) => items.iter().for_each(|item| out.member("item", &Named(item))),
            simple => simple.encode(out),
        }
    }
}

/// A running service.
pub struct Server {
    address: String,
    /// Places of the namespaces.
    paths: BTreeMap<String, String>,
}

impl Server {
    /// Offers what the pairs that are answered without complaint call.
    pub fn start(pairs: &[Pair]) -> Self {
        let mut names = BTreeMap::<String, BTreeSet<String>>::new();
        let mut failing = BTreeSet::new();
        for pair in pairs {
            let request = xml::read(&pair.request).ok();
            let answer = xml::read(&pair.answer).ok();
            let refusal = answer.and_then(|answer| answer.fault_code());
            let Some(call) = request.as_ref().and_then(xml::Element::call) else {
                if let Some((_, namespace, operation)) = empty(pair) {
                    names.entry(namespace.to_owned()).or_default().insert(operation.to_owned());
                }
                continue;
            };
            if refusal.as_deref().is_none_or(|code| code == "Server") {
                names.entry(call.namespace.clone()).or_default().insert(call.name.clone());
            }
            // The W3C's collection has none that fail by themselves.
            if refusal.as_deref() == Some("Server") && pair.group.starts_with("interop") {
                failing.insert(call.name.clone());
            }
        }
        let endpoints: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(i, (namespace, names))| {
                (
                    format!("/{i}"),
                    Endpoint::new(Mirror(contract(namespace, names), failing.clone()), Settings::default()),
                )
            })
            .collect();
        let paths = names.keys().enumerate().map(|(i, namespace)| (namespace.clone(), format!("/{i}"))).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let endpoints = endpoints.clone();
                    App::new().configure(move |config| {
                        endpoints.iter().for_each(|(path, endpoint)| http::mount(config, path, endpoint));
                    })
                });
                server.workers(1).listen(listener).unwrap().run().await.unwrap();
            });
        });
        Self { address, paths }
    }

    /// Sends a request; the body of the answer.
    pub fn post(&self, pair: &Pair) -> String {
        let namespace =
            xml::read(&pair.request).ok().and_then(|request| request.call().map(|call| call.namespace.clone()));
        let empty = if namespace.is_none() { empty(pair) } else { None };
        let namespace = namespace.or_else(|| empty.map(|(_, namespace, _)| namespace.to_owned()));
        let path = namespace.and_then(|namespace| self.paths.get(&namespace));
        // Messages of no namespace that is known go to the W3C's.
        let path = path.or_else(|| self.paths.get(W3C)).map_or("/0", String::as_str);
        let action = empty.map_or("", |(_, _, operation)| operation);
        let head = format!(
            "POST {path} HTTP/1.0\r\nHost: x\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"{action}\"\r\nContent-Length: {}\r\n\r\n",
            pair.request.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(pair.request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
    }
}

/// What an empty Body calls in the folder of a pair.
fn empty(pair: &Pair) -> Option<(&'static str, &'static str, &'static str)> {
    EMPTY.iter().copied().find(|(group, _, _)| *group == pair.group)
}

/// A contract for a namespace. The run is short and keeps it to its end.
fn contract(namespace: &str, names: &BTreeSet<String>) -> &'static Contract {
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let operations: Vec<Operation> = names
        .iter()
        .map(|name| Operation { name: leak(name), safe_name: leak(name), action: "", parameter: "" })
        .collect();
    let mut folded: Vec<(&'static str, usize)> =
        operations.iter().enumerate().map(|(i, one)| (leak(&folded(one.name)), i)).collect();
    folded.sort_unstable();
    Box::leak(Box::new(Contract {
        service: "Mirror",
        namespace: leak(namespace),
        fault_element: "Error",
        operations: operations.leak(),
        folded: folded.leak(),
        wsdl: [&[], &[], &[], &[]],
    }))
}

/// As wsdl-codegen folds names.
fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '.' | '-' | '_')).flat_map(char::to_lowercase).collect()
}
