//! Mail on its way out, against mail servers on loopback that behave as asked.

mod direct;
mod domains;
mod relays;
pub mod secured;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use understudy::app;
use understudy::config::{RelaySettings, Settings, TlsMode};
use understudy::delivery::post::Post;
use understudy::delivery::transport::{Outcome, Parcel};
use understudy::domain::core::Core;
use understudy::domain::envelope_senders::Posted;
use understudy::model::ids::{AccountId, MailId};

use crate::support::TestDatabase;
use crate::support::sink::Sink;

/// A post office on a database of its own.
pub struct Office {
    pub post: Post,
    pub core: Core,
    database: Arc<TestDatabase>,
    _folder: TempDir,
}

impl Office {
    /// Opens one with these relays.
    pub async fn with_relays(relays: Vec<RelaySettings>) -> Self {
        Self::open(move |settings| settings.mail.relays = relays).await
    }

    /// Opens one with changed settings.
    pub async fn open(change: impl FnOnce(&mut Settings) + Send + 'static) -> Self {
        let opened = tokio::task::spawn_blocking(move || {
            let folder = tempfile::tempdir().unwrap();
            let database = Arc::new(TestDatabase::create(folder.path()));
            let mut settings = Settings::default();
            settings.server.data = folder.path().to_owned();
            settings.database.url = database.url();
            settings.security.link_secret = "a secret for tests".to_owned();
            settings.mail.hello_name = "client.example.org".to_owned();
            change(&mut settings);
            (app::open_core(settings).unwrap(), database, folder)
        });
        let (core, database, folder) = opened.await.unwrap();
        Self { post: Post::new(&core).unwrap(), core, database, _folder: folder }
    }

    pub async fn send(&self, recipient: &str) -> Outcome {
        self.post.send(&parcel(1, recipient)).await
    }

    pub async fn close(self) {
        self.post.close().await;
        self.core.close().await;
        let database = Arc::clone(&self.database);
        tokio::task::spawn_blocking(move || database.drop_now()).await.unwrap();
    }
}

/// A relay at a sink, with little patience.
pub fn relay(sink: &Sink) -> RelaySettings {
    RelaySettings {
        name: format!("sink-{}", sink.port),
        host: "127.0.0.1".to_owned(),
        port: sink.port,
        tls: TlsMode::None,
        command_seconds: 20,
        final_seconds: 20,
        ..RelaySettings::default()
    }
}

/// A small mail.
pub fn parcel(id: i64, recipient: &str) -> Parcel {
    with_message(id, recipient, "Hello\r\n.\r\n..two\r\n")
}

pub fn with_message(id: i64, recipient: &str, body: &str) -> Parcel {
    let head =
        format!("From: news@example.org\r\nTo: <{recipient}>\r\nSubject: {id}\r\nMessage-ID: <{id}@example.org>\r\n");
    Parcel {
        posted: Posted::Mail(MailId(id)),
        account: AccountId(1),
        sender: format!("b+{id}@bounces.example.org"),
        recipient: recipient.to_owned(),
        from_domain: "example.org".to_owned(),
        message: format!("{head}\r\n{body}").into_bytes().into(),
    }
}

/// Waits until something is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(tokio::time::Instant::now() < deadline, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A reply's code and enhanced code.
type Codes = (u16, Option<(u8, u16, u16)>);

/// The codes of a refusal.
pub fn refusal(outcome: &Outcome) -> Option<Codes> {
    match outcome {
        Outcome::Refused(reply) => Some((reply.code, reply.enhanced)),
        _ => None,
    }
}
