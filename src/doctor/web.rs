//! The address that links in mails begin with: fit for people's programs, and answered by this server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::redirect::Policy;
use url::{Host, Url};

use super::{Finding, STEP};
use crate::config::Settings;
use crate::outgoing::{is_public, tls};

/// More of an answer is not read, in bytes.
const MAX_BYTES: usize = 4_096;

const SERVER: &str = "server";
const PUBLIC: &str = "public address";

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let client = match client() {
        Ok(client) => client,
        Err(reason) => return vec![Finding::problem(SERVER, reason, "calls to web addresses cannot be set up")],
    };
    let (here, public) = (listening(settings), format!("{}/healthz", settings.public_url()));
    let (at_home, from_outside) = tokio::join!(ask(&client, &here), ask(&client, &public));
    let mut findings = vec![of_server(&here, &at_home)];
    findings.extend(of_address(settings));
    if public != here {
        findings.push(of_public(&public, &from_outside, at_home == Answer::Well));
    }
    findings
}

/// What a health check answered.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Well,
    /// Our server, whose database does not answer.
    Ill(String),
    /// Somebody else, or nobody.
    None(String),
}

fn client() -> Result<reqwest::Client, String> {
    let tls = tls().map_err(|error| error.to_string())?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(STEP)
        .user_agent(concat!("Understudy/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

async fn ask(client: &reqwest::Client, address: &str) -> Answer {
    let told = |error: reqwest::Error| Answer::None(anyhow::Error::from(error.without_url()).root_cause().to_string());
    let mut answer = match client.get(address).send().await {
        Ok(answer) => answer,
        Err(error) => return told(error),
    };
    let (status, mut body) = (answer.status(), Vec::new());
    while let Ok(Some(piece)) = answer.chunk().await
        && body.len() < MAX_BYTES
    {
        body.extend_from_slice(&piece);
    }
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(body) if body["status"] == "ok" => Answer::Well,
        Ok(body) if status == 503 && body["status"].is_string() => {
            Answer::Ill(body["status"].as_str().unwrap_or_default().to_owned())
        }
        _ => Answer::None(format!("status {} from somebody else", status.as_u16())),
    }
}

/// The health check where the server listens; one on all addresses is reached over loopback.
fn listening(settings: &Settings) -> String {
    let Ok(address) = settings.server.listen.parse::<SocketAddr>() else { return String::new() };
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}/healthz", SocketAddr::new(ip, address.port()))
}

fn of_server(address: &str, answer: &Answer) -> Finding {
    match answer {
        Answer::Well => Finding::ok(SERVER, format!("it runs and is well: {address}")),
        Answer::Ill(status) => {
            Finding::problem(SERVER, format!("{address}: {status}"), "see the findings about database and disk")
        }
        Answer::None(reason) => Finding::warning(
            SERVER,
            format!("it does not answer at {address}: {reason}"),
            "if it should run: understudy serve, with the same settings; its log tells why it ended",
        ),
    }
}

/// Whether the address is fit for links in mails.
fn of_address(settings: &Settings) -> Option<Finding> {
    let text = settings.public_url();
    let url = Url::parse(&text).ok()?;
    let advice = "set server.public_url to https:// and a name that people reach";
    let is_inside = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost") || name.ends_with(".localdomain"),
        Host::Ipv4(ip) => !is_public(ip.into()),
        Host::Ipv6(ip) => !is_public(ip.into()),
    };
    if is_inside {
        let says = format!("links in mails begin with {text}, which nobody else reaches");
        return Some(Finding::warning(PUBLIC, says, advice));
    }
    if url.scheme() != "https" {
        let says = format!("links in mails begin with {text}, without https");
        let why = "mail programs show no unsubscribe button then (RFC 8058)";
        return Some(Finding::warning(PUBLIC, says, format!("{advice}; {why}")));
    }
    None
}

fn of_public(address: &str, answer: &Answer, runs: bool) -> Finding {
    match answer {
        Answer::Well => Finding::ok(PUBLIC, format!("{address} reaches the server")),
        Answer::Ill(status) => {
            Finding::warning(PUBLIC, format!("{address}: {status}"), "see the finding about the server")
        }
        Answer::None(reason) if runs => Finding::warning(
            PUBLIC,
            format!("{address} does not reach the server: {reason}"),
            "links in mails lead there: have the web server in front pass it on; some networks only hide it from inside",
        ),
        Answer::None(reason) => {
            Finding::warning(PUBLIC, format!("{address} does not answer: {reason}"), "it may once the server runs")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn links_need_an_address_that_people_reach_by_https() {
        let grade = |public_url: &str| {
            let mut settings = Settings::default();
            public_url.clone_into(&mut settings.server.public_url);
            of_address(&settings).map(|found| found.grade)
        };
        for inside in ["", "http://localhost:8040", "https://10.1.2.3/x", "https://[::1]/", "http://lists.example.org"]
        {
            assert_eq!(grade(inside), Some(Grade::Warning), "{inside}");
        }
        assert_eq!(grade("https://lists.example.org/oempro"), None);
    }

    #[test]
    fn a_server_on_all_addresses_is_asked_over_loopback() {
        let mut settings = Settings::default();
        settings.server.listen = "0.0.0.0:81".to_owned();
        assert_eq!(listening(&settings), "http://127.0.0.1:81/healthz");
    }
}
