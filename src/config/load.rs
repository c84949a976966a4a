//! Puts the settings together and checks them.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CampaignSettings, QueueSettings, Route, Settings};
use crate::model::email_address::EmailAddress;

/// Why the settings cannot be used. The text names the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line is not there or not readable.
    #[error("cannot read settings file {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("settings file {path} is no TOML: {reason}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        reason: String,
    },
    /// A value is of the wrong kind, or a key is unknown.
    #[error("setting {key}: {reason}")]
    Value {
        /// The key, with its section.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A chosen signing secret with fewer characters could be guessed.
const SHORTEST_SECRET: usize = 16;

/// A setting from a flag: its key and its text.
pub type Override = (&'static str, String);

/// Reads the file (if any), then `UNDERSTUDY_SECTION_KEY` variables, then flags.
///
/// # Errors
/// [`ConfigError`], naming the file or the key.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
    flags: &[Override],
) -> Result<Settings, ConfigError> {
    let mut table = match file {
        None => Table::new(),
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
            text.parse().map_err(|error: toml::de::Error| ConfigError::Toml {
                path: path.to_owned(),
                reason: place_and_reason(&text, &error),
            })?
        }
    };
    for (name, text) in variables {
        if let Some((section, key)) = key_of_variable(&name) {
            set(&mut table, &section, &key, &text)?;
        }
    }
    for (key, text) in flags {
        if let Some((section, key)) = key.split_once('.') {
            set(&mut table, section, key, text)?;
        }
    }
    let settings: Settings = serde_path_to_error::deserialize(Value::Table(table))
        .map_err(|error| ConfigError::Value { key: error.path().to_string(), reason: error.inner().to_string() })?;
    check(&settings)?;
    Ok(settings)
}

/// `UNDERSTUDY_SERVER_PUBLIC_URL` is `server.public_url`; names of other things are passed over.
fn key_of_variable(name: &str) -> Option<(String, String)> {
    let rest = name.strip_prefix("UNDERSTUDY_")?.to_ascii_lowercase();
    let (section, key) = rest.split_once('_')?;
    defaults().contains_key(section).then(|| (section.to_owned(), key.to_owned()))
}

/// Puts text in as what the key wants: numbers, truths and lists are read as TOML, everything else stays text.
fn set(table: &mut Table, section: &str, key: &str, text: &str) -> Result<(), ConfigError> {
    let value = wanted(section, key, text);
    let entry = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    let Value::Table(section_table) = entry else {
        return Err(ConfigError::Value { key: section.to_owned(), reason: "must be a section".to_owned() });
    };
    section_table.insert(key.to_owned(), value);
    Ok(())
}

fn wanted(section: &str, key: &str, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match defaults().get(section).and_then(|section| section.get(key)) {
        None | Some(Value::String(_)) => as_text(),
        Some(_) => {
            let line = format!("v = {text}");
            line.parse::<Table>().ok().and_then(|mut table| table.remove("v")).unwrap_or_else(as_text)
        }
    }
}

/// Every section with every key and its default.
fn defaults() -> Table {
    Table::try_from(Settings::default()).expect("settings are tables of plain values")
}

/// Where a TOML file is wrong and how, on one line.
fn place_and_reason(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, error.message())
}

/// Checks each value by itself and answers the first bad one, by its key.
fn check(settings: &Settings) -> Result<(), ConfigError> {
    check_server(settings)?;
    settings.mail.check()?;
    check_letters(settings)?;
    if settings.mail.route() == Route::Mx && !is_full_name(&settings.hello_name()) {
        return bad(
            "mail.hello_name",
            "must be this server's full name when mail goes to the recipients' servers".to_owned(),
        );
    }
    check_security(settings)?;
    if settings.oempro.time_zone.parse::<chrono_tz::Tz>().is_err() {
        return bad("oempro.time_zone", format!("{:?} is no IANA time zone", settings.oempro.time_zone));
    }
    check_ofsys(settings)?;
    check_soap(settings)?;
    if let Some((key, reason)) = settings.returns.first_bad() {
        return bad(&format!("returns.{key}"), reason);
    }
    if !(1..=QueueSettings::LONGEST_UNTRIED).contains(&settings.queue.untried_days) {
        return bad("queue.untried_days", "must be 1 to 365".to_owned());
    }
    if (1..CampaignSettings::SHORTEST_KEEP).contains(&settings.campaigns.keep_days) {
        return bad("campaigns.keep_days", "must be 0 for ever, or at least 60".to_owned());
    }
    if settings.outgoing.timeout_seconds == 0 {
        return bad("outgoing.timeout_seconds", "must be at least 1".to_owned());
    }
    if !matches!(settings.log.format.as_str(), "text" | "json") {
        return bad("log.format", format!("{:?} is neither text nor json", settings.log.format));
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&settings.log.filter) {
        return bad("log.filter", format!("{:?}: {error}", settings.log.filter));
    }
    Ok(())
}

/// A host name with a domain: no address in brackets, no bare name.
fn is_full_name(name: &str) -> bool {
    !name.starts_with('[') && name.trim_matches('.').contains('.')
}

fn bad(key: &str, reason: String) -> Result<(), ConfigError> {
    Err(ConfigError::Value { key: key.to_owned(), reason })
}

fn check_ofsys(settings: &Settings) -> Result<(), ConfigError> {
    let ofsys = &settings.ofsys;
    if ofsys.time_zone.parse::<chrono_tz::Tz>().is_err() {
        return bad("ofsys.time_zone", format!("{:?} is no IANA time zone", ofsys.time_zone));
    }
    if !matches!(ofsys.links.as_str(), "button" | "visit") {
        return bad("ofsys.links", format!("{:?} is neither button nor visit", ofsys.links));
    }
    let is_folder = ofsys.base_path.split('/').skip(1).all(|part| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
    });
    if !ofsys.base_path.is_empty() && (!ofsys.base_path.starts_with('/') || !is_folder) {
        return bad("ofsys.base_path", format!("{:?} is no folder such as /webservices", ofsys.base_path));
    }
    if !(1..=10_000).contains(&ofsys.max_records) {
        return bad("ofsys.max_records", "must be 1 to 10000".to_owned());
    }
    Ok(())
}

fn check_soap(settings: &Settings) -> Result<(), ConfigError> {
    match settings.soap.out_of_range() {
        Some((key, range)) => bad(&format!("soap.{key}"), format!("must be {} to {}", range.start(), range.end())),
        None => Ok(()),
    }
}

fn check_server(settings: &Settings) -> Result<(), ConfigError> {
    if settings.server.listen.parse::<std::net::SocketAddr>().is_err() {
        return bad("server.listen", format!("{:?} is no ADDRESS:PORT", settings.server.listen));
    }
    let public_url = &settings.server.public_url;
    let is_web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if !public_url.is_empty() && !url::Url::parse(public_url).is_ok_and(|url| is_web(&url)) {
        return bad("server.public_url", format!("{public_url:?} is no http:// or https:// URL"));
    }
    if settings.server.max_body_bytes == 0 {
        return bad("server.max_body_bytes", "must be at least 1".to_owned());
    }
    for address in &settings.server.trusted_proxies {
        if address.parse::<std::net::IpAddr>().is_err() {
            return bad("server.trusted_proxies", format!("{address:?} is no IP address"));
        }
    }
    Ok(())
}

fn check_letters(settings: &Settings) -> Result<(), ConfigError> {
    let letters = &settings.letters;
    let is_host = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if !is_host(&letters.list_domain) {
        return bad("letters.list_domain", format!("{:?} is no domain", letters.list_domain));
    }
    let sender = &letters.feedback_sender;
    let is_sender = (5..=15).contains(&sender.len()) && sender.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !sender.is_empty() && !is_sender {
        return bad("letters.feedback_sender", format!("{sender:?} is not 5 to 15 letters and digits"));
    }
    let complaints = &letters.complaints_address;
    if !complaints.is_empty() && (!complaints.is_ascii() || EmailAddress::parse(complaints).is_none()) {
        return bad("letters.complaints_address", format!("{complaints:?} is no e-mail address"));
    }
    Ok(())
}

fn check_security(settings: &Settings) -> Result<(), ConfigError> {
    let security = &settings.security;
    if argon2::Params::new(security.argon2_memory_kib, security.argon2_passes, 1, None).is_err() {
        return bad("security.argon2_memory_kib", "out of range together with argon2_passes".to_owned());
    }
    if security.session_hours == 0 {
        return bad("security.session_hours", "must be at least 1".to_owned());
    }
    if !security.link_secret.is_empty() && security.link_secret.len() < SHORTEST_SECRET {
        return bad("security.link_secret", format!("must be empty or have {SHORTEST_SECRET} characters or more"));
    }
    Ok(())
}

impl Settings {
    /// The address people reach the server under, without a slash at its end.
    #[must_use]
    pub fn public_url(&self) -> String {
        match self.server.public_url.trim_end_matches('/') {
            "" => format!("http://{}", self.server.listen),
            url => url.to_owned(),
        }
    }

    /// Where the data is, as a URL.
    #[must_use]
    pub fn database_url(&self) -> String {
        match self.database.url.as_str() {
            "" => format!("sqlite:{}", self.server.data.join("understudy.db").display()),
            url => url.to_owned(),
        }
    }

    /// The name this server greets mail servers with.
    #[must_use]
    pub fn hello_name(&self) -> String {
        if !self.mail.hello_name.is_empty() {
            return self.mail.hello_name.clone();
        }
        let url = url::Url::parse(&self.public_url()).ok();
        match url.as_ref().and_then(url::Url::host) {
            Some(url::Host::Domain(name)) => name.to_owned(),
            // RFC 5321 4.1.3: an address stands in brackets.
            Some(url::Host::Ipv4(address)) => format!("[{address}]"),
            Some(url::Host::Ipv6(address)) => format!("[IPv6:{address}]"),
            None => "localhost".to_owned(),
        }
    }

    /// The folder captured mails go to.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        if self.mail.outbox.as_os_str().is_empty() { self.server.data.join("outbox") } else { self.mail.outbox.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        let owned: Vec<_> = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        owned.into_iter()
    }

    #[test]
    fn flags_beat_variables_beat_the_file() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\nworkers = 3\n[log]\nfilter = \"warn\"\n")
            .expect("write");
        let env = variables(&[
            ("UNDERSTUDY_SERVER_LISTEN", "127.0.0.1:2"),
            ("UNDERSTUDY_LOG_FILTER", "debug"),
            ("UNDERSTUDY_URL", "x"),
        ]);
        let settings = load(Some(&file), env, &[("server.listen", "127.0.0.1:3".to_owned())]).expect("good settings");
        assert_eq!((settings.server.listen.as_str(), settings.server.workers), ("127.0.0.1:3", 3));
        assert_eq!(settings.log.filter, "debug");
    }

    #[test]
    fn a_bad_value_names_its_key() {
        for (pairs, key) in [
            (vec![("UNDERSTUDY_SERVER_WORKERS", "many")], "server.workers"),
            (vec![("UNDERSTUDY_SERVER_LISTEN", "nowhere")], "server.listen"),
            (vec![("UNDERSTUDY_OEMPRO_TIME_ZONE", "Mars/Phobos")], "oempro.time_zone"),
            (vec![("UNDERSTUDY_OFSYS_LINKS", "maybe")], "ofsys.links"),
            (vec![("UNDERSTUDY_OFSYS_BASE_PATH", "webservices/")], "ofsys.base_path"),
            (vec![("UNDERSTUDY_OFSYS_MAX_RECORDS", "0")], "ofsys.max_records"),
            (vec![("UNDERSTUDY_SOAP_BODY_BYTES", "67108865")], "soap.body_bytes: must be 4096 to 67108864"),
            (vec![("UNDERSTUDY_SOAP_DEPTH", "-1")], "soap.depth"),
            (vec![("UNDERSTUDY_SOAP_CALL_SECONDS", "0")], "soap.call_seconds"),
            (vec![("UNDERSTUDY_SOAP_WIDTH", "1")], "soap"),
            (vec![("UNDERSTUDY_RETURNS_LISTEN", "0.0.0.0:25")], "returns.listen"),
            (vec![("UNDERSTUDY_LOG_COLOUR", "blue")], "log"),
            (vec![("UNDERSTUDY_LOG_FORMAT", "xml")], "log.format"),
            (vec![("UNDERSTUDY_LOG_FILTER", "info,=loud=")], "log.filter"),
            (vec![("UNDERSTUDY_SERVER_PUBLIC_URL", "ftp://lists.example")], "server.public_url"),
            (vec![("UNDERSTUDY_SERVER_TRUSTED_PROXIES", "[\"proxy\"]")], "server.trusted_proxies"),
            (vec![("UNDERSTUDY_MAIL_FROM_EMAIL", "nobody")], "mail.from_email"),
            (vec![("UNDERSTUDY_MAIL_ROUTE", "mx")], "mail.hello_name"),
            (vec![("UNDERSTUDY_MAIL_RELAYS", "[{ name = \"a\", host = \"a\", tls = \"x\" }]")], "mail.relays[0].tls"),
            (vec![("UNDERSTUDY_SECURITY_LINK_SECRET", "short")], "security.link_secret"),
            (vec![("UNDERSTUDY_SECURITY_SESSION_HOURS", "0")], "security.session_hours"),
            (vec![("UNDERSTUDY_QUEUE_UNTRIED_DAYS", "0")], "queue.untried_days"),
            (vec![("UNDERSTUDY_CAMPAIGNS_KEEP_DAYS", "59")], "campaigns.keep_days"),
        ] {
            let error = load(None, variables(&pairs), &[]).expect_err("must be refused").to_string();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn mail_servers_are_greeted_with_the_public_name() {
        let mut settings = Settings::default();
        assert_eq!(settings.hello_name(), "[127.0.0.1]");
        settings.server.public_url = "https://lists.example.org/oempro".to_owned();
        assert_eq!(settings.hello_name(), "lists.example.org");
        settings.mail.hello_name = "mail.example.org".to_owned();
        assert_eq!(settings.hello_name(), "mail.example.org");
    }

    #[test]
    fn a_broken_file_is_told_on_one_line() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\nworkers = 3\n").expect("write");
        let error = load(Some(&file), variables(&[]), &[]).expect_err("must be refused").to_string();
        assert!(error.contains("line 2") && !error.contains('\n'), "{error}");
    }
}
