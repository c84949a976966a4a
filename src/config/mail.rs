//! The `[mail]` section: what mail looks like and on which way it leaves. Every field's comment is its manual.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::load::ConfigError;
use crate::model::email_address::EmailAddress;

/// What mail looks like and where it goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// Sender name of mails that have no sender of their own.
    pub from_name: String,
    /// Sender address of mails that have no sender of their own.
    pub from_email: String,
    /// Where mail goes: `outbox` writes files, `relay` hands it to the servers under `[[mail.relays]]`, `mx` to the recipients' own servers.
    /// Empty: `relay` when a relay is set, `outbox` otherwise.
    pub route: String,
    /// Folder that captured mails are written to as `*.eml`. Empty: `outbox` in the data folder.
    pub outbox: PathBuf,
    /// An opt-in request for the same address and list is repeated at most once in this many minutes.
    pub request_pause_minutes: u64,
    /// The name this server greets others with: the one that its address resolves back to. Empty: the host of `server.public_url`.
    pub hello_name: String,
    /// Name servers to ask for mail servers and for what others see of our domains, as ADDRESS:PORT. Empty: those of the system.
    pub name_servers: Vec<String>,
    /// Messages of one sender domain a second at most, over all ways; 0 for no bound.
    pub sender_messages_per_second: f64,
    /// Servers that take mail to anywhere.
    pub relays: Vec<RelaySettings>,
    /// Delivery to the recipients' own servers.
    pub mx: MxSettings,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            from_name: "Understudy".to_owned(),
            from_email: "understudy@localhost.localdomain".to_owned(),
            route: String::new(),
            outbox: PathBuf::new(),
            request_pause_minutes: 60,
            hello_name: String::new(),
            name_servers: Vec::new(),
            sender_messages_per_second: 0.0,
            relays: Vec::new(),
            mx: MxSettings::default(),
        }
    }
}

/// A server that takes mail to anywhere.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelaySettings {
    /// Its name in logs.
    pub name: String,
    /// Its host name or address.
    pub host: String,
    /// Its port: 25, 587 for clients that log in, 465 with `tls = "implicit"`.
    pub port: u16,
    /// Whether the connection is encrypted: `none`, `starttls` when offered, `required-starttls`, or `implicit` from the first byte.
    pub tls: TlsMode,
    /// Who logs in; empty for no login. Needs TLS.
    pub username: String,
    /// The password to log in with.
    pub password: String,
    /// Its share of the mail, beside the weights of the others; 0: only when no other is up.
    pub weight: u32,
    /// Sender domains it serves; empty for all.
    pub senders: Vec<String>,
    /// Numbers of the accounts it serves; empty for all.
    pub accounts: Vec<i64>,
    /// Connections open at once.
    pub connections: usize,
    /// Messages after which a connection is closed.
    pub messages_per_connection: u32,
    /// An idle connection is closed after this time, in seconds.
    pub idle_seconds: u64,
    /// A connection stands within this time, encryption included, in seconds.
    pub connect_seconds: u64,
    /// The greeting and a command are answered, and a message is taken over the network, within this time, in seconds.
    pub command_seconds: u64,
    /// A message once handed over is answered within this time, in seconds. Whoever gives up early may send it twice.
    pub final_seconds: u64,
    /// Whether commands are sent in groups where the server offers it. Some servers offer it and break on it.
    pub pipelining: bool,
    /// Whether mail is signed by DKIM before it goes there; off where the relay signs.
    pub dkim: bool,
    /// Messages a second at most; 0 for no bound.
    pub messages_per_second: f64,
    /// PEM file with certificates to trust instead of the ones that come with the program. Empty: none.
    pub ca_file: PathBuf,
    /// Take any certificate. Whoever stands between can then read mail and password: for tests only.
    pub accept_invalid_certificates: bool,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            host: String::new(),
            port: 25,
            tls: TlsMode::Starttls,
            username: String::new(),
            password: String::new(),
            weight: 1,
            senders: Vec::new(),
            accounts: Vec::new(),
            connections: 10,
            messages_per_connection: 100,
            idle_seconds: 30,
            connect_seconds: 30,
            command_seconds: 60,
            final_seconds: 600,
            pipelining: true,
            dkim: true,
            messages_per_second: 0.0,
            ca_file: PathBuf::new(),
            accept_invalid_certificates: false,
        }
    }
}

impl std::fmt::Debug for RelaySettings {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, host, port, .. } = self;
        f.debug_struct("RelaySettings")
            .field("name", name)
            .field("host", host)
            .field("port", port)
            .finish_non_exhaustive()
    }
}

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Never.
    None,
    /// When the server offers it.
    Starttls,
    /// By STARTTLS, or no mail goes.
    RequiredStarttls,
    /// From the first byte.
    Implicit,
}

/// Delivery to the recipients' own servers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MxSettings {
    /// Connections open at once, over all destinations. Those to one destination are bounded by what is known of it.
    pub connections: usize,
    /// Port that mail servers listen on.
    pub port: u16,
    /// Whether mail is signed by DKIM.
    pub dkim: bool,
    /// Servers to use in place of those that DNS names: `"example.com" = ["host:port", …]`; `"*"` for all domains not named.
    pub routes: BTreeMap<String, Vec<String>>,
}

impl Default for MxSettings {
    fn default() -> Self {
        Self { connections: 100, port: 25, dkim: true, routes: BTreeMap::new() }
    }
}

/// The way on which mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Into files.
    Outbox,
    /// By relays.
    Relay,
    /// To the recipients' own servers.
    Mx,
}

impl MailSettings {
    /// The way on which mail leaves.
    #[must_use]
    pub fn route(&self) -> Route {
        match self.route.as_str() {
            "mx" => Route::Mx,
            "relay" => Route::Relay,
            "" if !self.relays.is_empty() => Route::Relay,
            _ => Route::Outbox,
        }
    }

    /// Checks each value by itself and answers the first bad one, by its key.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if EmailAddress::parse(&self.from_email).is_none() {
            return bad("mail.from_email", format!("{:?} is no e-mail address", self.from_email));
        }
        if self.from_name.chars().any(char::is_control) {
            return bad("mail.from_name", "must be one line of text".to_owned());
        }
        if !matches!(self.route.as_str(), "" | "outbox" | "relay" | "mx") {
            return bad("mail.route", format!("{:?} is none of outbox, relay, mx", self.route));
        }
        if self.route == "relay" && self.relays.is_empty() {
            return bad("mail.route", "there is no relay under [[mail.relays]]".to_owned());
        }
        if !self.hello_name.is_empty() && !is_host(&self.hello_name) {
            return bad("mail.hello_name", format!("{:?} is no host name", self.hello_name));
        }
        if let Some(bad_one) = self.name_servers.iter().find(|server| server.parse::<SocketAddr>().is_err()) {
            return bad("mail.name_servers", format!("{bad_one:?} is no ADDRESS:PORT"));
        }
        check_rate("mail.sender_messages_per_second", self.sender_messages_per_second)?;
        self.mx.check()?;
        for (place, relay) in self.relays.iter().enumerate() {
            relay.check(&format!("mail.relays[{place}]"))?;
            if self.relays[..place].iter().any(|other| other.name == relay.name) {
                return bad(&format!("mail.relays[{place}].name"), format!("{:?} is there twice", relay.name));
            }
        }
        Ok(())
    }
}

impl MxSettings {
    fn check(&self) -> Result<(), ConfigError> {
        if !(1..=10_000).contains(&self.connections) {
            return bad("mail.mx.connections", "must be 1 to 10000".to_owned());
        }
        if self.port == 0 {
            return bad("mail.mx.port", "must be 1 to 65535".to_owned());
        }
        for (domain, servers) in &self.routes {
            let is_server = |server: &String| {
                server.rsplit_once(':').is_some_and(|(host, port)| is_host(host) && port.parse::<u16>().is_ok())
            };
            if servers.is_empty() || !servers.iter().all(is_server) {
                return bad(&format!("mail.mx.routes.{domain}"), format!("{servers:?} is no list of HOST:PORT"));
            }
        }
        Ok(())
    }
}

impl RelaySettings {
    /// How long an idle connection is kept.
    #[must_use]
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }

    fn check(&self, key: &str) -> Result<(), ConfigError> {
        let refuse = |name: &str, reason: &str| bad(&format!("{key}.{name}"), reason.to_owned());
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.name.is_empty() || !self.name.chars().all(is_name) {
            return refuse("name", "must be letters, digits, hyphens");
        }
        if !is_host(&self.host) {
            return refuse("host", "must be a host name or an address");
        }
        if self.port == 0 {
            return refuse("port", "must be 1 to 65535");
        }
        if self.username.is_empty() != self.password.is_empty() {
            return refuse("password", "username and password go together");
        }
        if !self.username.is_empty() && self.tls == TlsMode::None {
            return refuse("tls", "a password never goes over an unencrypted connection");
        }
        let ranges = [
            ("weight", u64::from(self.weight), 0, 1_000),
            ("connections", u64::try_from(self.connections).unwrap_or(u64::MAX), 1, 1_000),
            ("messages_per_connection", u64::from(self.messages_per_connection), 1, 1_000_000),
            ("idle_seconds", self.idle_seconds, 0, 3_600),
            ("connect_seconds", self.connect_seconds, 1, 600),
            ("command_seconds", self.command_seconds, 1, 3_600),
            ("final_seconds", self.final_seconds, 1, 3_600),
        ];
        if let Some((name, _, least, most)) =
            ranges.iter().find(|(_, value, least, most)| value < least || value > most)
        {
            return refuse(name, &format!("must be {least} to {most}"));
        }
        check_rate(&format!("{key}.messages_per_second"), self.messages_per_second)
    }
}

fn check_rate(key: &str, rate: f64) -> Result<(), ConfigError> {
    // An hour is the longest time between two messages that makes sense; slower is a mistake in the unit.
    if rate == 0.0 || (1.0 / 3_600.0..=1_000_000.0).contains(&rate) {
        return Ok(());
    }
    bad(key, "must be 0 or from 1 an hour to 1000000 a second".to_owned())
}

/// Letters, digits, dots and hyphens, or an address; nothing that could end a command line.
fn is_host(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "-_.:[]".contains(c);
    !text.is_empty() && text.len() <= 255 && text.chars().all(is_sign)
}

fn bad(key: &str, reason: String) -> Result<(), ConfigError> {
    Err(ConfigError::Value { key: key.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MailSettings, String> {
        let table: toml::Table = text.parse().expect("TOML");
        let settings: MailSettings = serde_path_to_error::deserialize(toml::Value::Table(table))
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn mail_stays_here_until_a_relay_or_a_route_is_set() {
        assert_eq!(read("").expect("good").route(), Route::Outbox);
        let relay = "[[relays]]\nname = \"a\"\nhost = \"smtp.example.org\"\n";
        assert_eq!(read(relay).expect("good").route(), Route::Relay);
        assert_eq!(read(&format!("route = \"outbox\"\n{relay}")).expect("good").route(), Route::Outbox);
        assert_eq!(read("route = \"mx\"").expect("good").route(), Route::Mx);
    }

    #[test]
    fn a_bad_value_names_its_key() {
        let relay = "[[relays]]\nname = \"a\"\nhost = \"smtp.example.org\"\n";
        for (text, key) in [
            ("route = \"pigeon\"".to_owned(), "mail.route"),
            ("route = \"relay\"".to_owned(), "mail.route"),
            ("hello_name = \"a b\"".to_owned(), "mail.hello_name"),
            ("name_servers = [\"127.0.0.1\"]".to_owned(), "mail.name_servers"),
            ("sender_messages_per_second = -1.0".to_owned(), "mail.sender_messages_per_second"),
            ("[mx]\nport = 0".to_owned(), "mail.mx.port"),
            ("[mx.routes]\n\"example.com\" = [\"nowhere\"]".to_owned(), "mail.mx.routes.example.com"),
            (format!("{relay}tls = \"maybe\""), "relays[0].tls"),
            (format!("{relay}port = 0"), "mail.relays[0].port"),
            (format!("{relay}colour = 1"), "relays[0]"),
            (format!("{relay}username = \"me\""), "mail.relays[0].password"),
            (format!("{relay}username = \"me\"\npassword = \"x\"\ntls = \"none\""), "mail.relays[0].tls"),
            (format!("{relay}connections = 0"), "mail.relays[0].connections"),
            (format!("{relay}messages_per_second = 0.0001"), "mail.relays[0].messages_per_second"),
            (format!("{relay}{relay}"), "mail.relays[1].name"),
            ("[[relays]]\nname = \"a\"".to_owned(), "mail.relays[0].host"),
            ("[[relays]]\nhost = \"a\"".to_owned(), "mail.relays[0].name"),
        ] {
            let error = read(&text).expect_err("must be refused");
            assert!(error.contains(key), "{error}");
        }
    }
}
