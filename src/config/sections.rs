//! The sections of the settings file. Every field's comment is its manual.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    CampaignSettings, LetterSettings, MailSettings, MetricsSettings, QueueSettings, ReturnsSettings, SoapSettings,
};

/// Everything that can be set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the server listens and what it tells about itself.
    pub server: ServerSettings,
    /// Where the data is.
    pub database: DatabaseSettings,
    /// What mail looks like and where it goes.
    pub mail: MailSettings,
    /// What the mails look like that people get.
    pub letters: LetterSettings,
    /// How queued mails are worked off.
    pub queue: QueueSettings,
    /// Where bounces and complaints come back to.
    pub returns: ReturnsSettings,
    /// How campaigns are sent.
    pub campaigns: CampaignSettings,
    /// Passwords, sessions and guessing.
    pub security: SecuritySettings,
    /// The Oempro dialect.
    pub oempro: OemproSettings,
    /// The Ofsys dialect.
    pub ofsys: OfsysSettings,
    /// Bounds on SOAP messages.
    pub soap: SoapSettings,
    /// Imports of subscribers.
    pub import: ImportSettings,
    /// Calls that the server itself makes: list hooks.
    pub outgoing: OutgoingSettings,
    /// Who may read the counts.
    pub metrics: MetricsSettings,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// Where the server listens and what it tells about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Address and port to listen on.
    pub listen: String,
    /// Folder for everything the server keeps in files: the SQLite database, captured mails, files to import.
    pub data: PathBuf,
    /// The address people reach the server under, for links in mails, without a slash at its end. Empty: `http://` and `listen`.
    pub public_url: String,
    /// Threads that serve HTTP; 0 for one a processor.
    pub workers: usize,
    /// A larger request body is refused, in bytes.
    pub max_body_bytes: usize,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8040".to_owned(),
            data: PathBuf::from("data"),
            public_url: String::new(),
            workers: 0,
            max_body_bytes: 16 * 1024 * 1024,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Where the data is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:PATH` or `postgres://user:password@host/database`. Empty: `understudy.db` in the data folder.
    pub url: String,
    /// Reader threads on SQLite, connections on PostgreSQL; 0 for 4 and 16.
    pub connections: usize,
    /// SQLite: writes committed together at most. 1 commits each by itself, which is slower and no safer.
    pub group_commit: usize,
    /// Database work that took longer is logged, in milliseconds.
    pub slow_ms: u64,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: String::new(), connections: 0, group_commit: 512, slow_ms: 500 }
    }
}

/// Passwords, sessions and guessing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecuritySettings {
    /// How long a login is good, in hours.
    pub session_hours: u64,
    /// Memory that checking a password takes, in KiB.
    pub argon2_memory_kib: u32,
    /// Passes that checking a password takes.
    pub argon2_passes: u32,
    /// The secret that the old platform salted its MD5 password hashes with; only needed for imported accounts.
    pub legacy_password_salt: String,
    /// The secret behind `EncryptedSaltedListID` and signed links, 16 characters or more. Empty: one is made once and kept in the database.
    pub link_secret: String,
    /// Wrong passwords for one account, or from one address, before further tries are slowed.
    pub free_login_failures: u32,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self {
            session_hours: 24 * 30,
            argon2_memory_kib: 19_456,
            argon2_passes: 2,
            legacy_password_salt: String::new(),
            link_secret: String::new(),
            free_login_failures: 5,
        }
    }
}

/// The Oempro dialect: `api.php`, `subscribe.php`, `unsubscribe.php`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OemproSettings {
    /// Whether it is served.
    pub enabled: bool,
    /// IANA zone that dates on this wire are in, as the old server's clock was.
    pub time_zone: String,
    /// Wire choices for accounts that have none of their own: `name = "value"`, see docs/dialects/oempro.md section 12.
    pub wire: std::collections::BTreeMap<String, String>,
}

impl Default for OemproSettings {
    fn default() -> Self {
        Self { enabled: true, time_zone: "UTC".to_owned(), wire: std::collections::BTreeMap::new() }
    }
}

/// The Ofsys dialect: SOAP, the JSON web services, and the links in its messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OfsysSettings {
    /// Whether it is served.
    pub enabled: bool,
    /// Folder of the web services in the address, without a slash at its end: `<base_path>/ofc4/<service>.ashx` and `<base_path>/soap`.
    pub base_path: String,
    /// IANA zone of the dates of projects that name none.
    pub time_zone: String,
    /// What opening an activation or operational link does: `button` shows a page whose button acts, because mail scanners open every link;
    /// `visit` acts at once, as the old platform did.
    pub links: String,
    /// Records that one call may merge, and contacts that one may read or delete.
    pub max_records: usize,
}

impl Default for OfsysSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            base_path: "/webservices".to_owned(),
            time_zone: "UTC".to_owned(),
            links: "button".to_owned(),
            max_records: 1_000,
        }
    }
}

/// Imports of subscribers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportSettings {
    /// A larger file to import is refused, in bytes.
    pub max_file_bytes: u64,
    /// Folder with files to import, one folder an account id inside. Empty: `imports` in the data folder.
    pub folder: PathBuf,
    /// Host names of MySQL servers that clients may import from; `*` for any. Empty: none.
    pub mysql_hosts: Vec<String>,
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self { max_file_bytes: 1024 * 1024 * 1024, folder: PathBuf::new(), mysql_hosts: Vec::new() }
    }
}

/// Calls that the server itself makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutgoingSettings {
    /// Whether list hooks may reach loopback, private and link-local addresses. Off, so that a customer cannot call your other machines.
    pub allow_private: bool,
    /// How long a call may take, in seconds.
    pub timeout_seconds: u64,
    /// Tries before a call is given up.
    pub max_tries: u32,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self { allow_private: false, timeout_seconds: 10, max_tries: 12 }
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,understudy::store=debug`.
    pub filter: String,
    /// `text` or `json`.
    pub format: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info,actix_server=warn".to_owned(), format: "text".to_owned() }
    }
}
