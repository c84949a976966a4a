//! The real server, started inside the test process on a free port and a fresh database.
//!
//! A test ends by dropping its [`TestApp`], which fails it when work is left in the queues or a captured mail was not read.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use serde_json::Value;
use tempfile::TempDir;
use understudy::app;
use understudy::config::Settings;
use understudy::domain::core::Core;
use understudy::domain::cx::{Actor, Ctx, Origin};
use understudy::domain::operators;
use understudy::model::states::Source;

use super::database::TestDatabase;
use crate::contract::golden::Step;
use crate::contract::http::{Answer, Server};
use crate::contract::mail::{Mail, read_outbox};
use crate::contract::pattern::Bindings;
use crate::contract::steps::Stage;

/// The operator every test server has.
pub const ADMIN_USERNAME: &str = "operator";
/// Its password.
pub const ADMIN_PASSWORD: &str = "operator-password";
/// How long the workers may take to empty the queues.
const QUEUE_PATIENCE: Duration = Duration::from_secs(15);

/// A running server with its folder and database.
pub struct TestApp {
    /// The server, for requests of any shape.
    pub server: Server,
    /// Makes accounts and reads mails as goldens do.
    pub stage: Stage,
    /// The server's core, for what no wire can set up.
    pub core: Core,
    database: TestDatabase,
    folder: TempDir,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    mails_read: Vec<PathBuf>,
}

/// An account made for a test.
#[derive(Debug, Clone)]
pub struct TestAccount {
    /// A session of it.
    pub session: String,
    /// Its id.
    pub id: String,
    /// Its user name, and its password.
    pub username: String,
}

impl TestApp {
    /// Starts a server with settings for tests.
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts a server with settings that `change` has had a look at.
    pub fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::Builder::new().permissions(private()).tempdir().unwrap();
        let database = TestDatabase::create(folder.path());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut settings = settings(&folder, &database, &address.to_string());
        change(&mut settings);
        let (started, starting) = mpsc::channel();
        let thread = std::thread::spawn(move || serve(settings, listener, &started));
        let (handle, core) =
            starting.recv_timeout(Duration::from_secs(30)).expect("the server starts; its thread says why not");
        let server = Server { authority: address.to_string(), folder: String::new() };
        let outbox = folder.path().join("outbox");
        let stage = Stage::new(server.clone(), ADMIN_USERNAME, ADMIN_PASSWORD, Some(outbox));
        Self { server, stage, core, database, folder, handle, thread: Some(thread), mails_read: Vec::new() }
    }

    /// Posts urlencoded parameters to `api.php`.
    pub fn post(&self, form: &str) -> Answer {
        self.server.post("/api.php", form).unwrap()
    }

    /// Posts urlencoded parameters to `api.php` and reads the JSON answer.
    pub fn json(&self, form: &str) -> Value {
        self.post(form).json().unwrap()
    }

    /// A fresh account with every permission; `params` as in a golden's `user` line.
    pub fn account(&self, params: &str) -> TestAccount {
        let mut bound = Bindings::new();
        let step = Step::User { name: "u".to_owned(), params: params.to_owned() };
        self.stage.prepare(&step, &mut bound).unwrap();
        let take = |name: &str| bound[name].clone();
        TestAccount { session: take("u"), id: take("u_id"), username: take("u_username") }
    }

    /// Runs `work` in a transaction, as the product itself.
    pub fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Ctx<'_>) -> T + Send + 'static) -> T {
        write_on(&self.core, work)
    }

    /// The one number of a query such as `SELECT count(*) AS n FROM mails`.
    pub fn count(&self, sql: &str) -> i64 {
        self.database.count(sql)
    }

    /// Runs one statement that answers nothing.
    pub fn execute(&self, sql: &str) {
        self.database.execute(sql);
    }

    /// Runs the program beside the server, on its folder and database; whether it succeeded and the JSON it printed.
    pub fn run(&self, line: &[&str]) -> (bool, Value) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_understudy"));
        command.args(line).arg("--json").arg("--data").arg(self.folder.path());
        let output = command.arg("--database").arg(self.database.url()).output().unwrap();
        (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    /// Waits until the workers have nothing left to do.
    pub fn settle(&self) {
        if let Some(left) = self.left_overs() {
            panic!("work is left after {QUEUE_PATIENCE:?}: {left}");
        }
    }

    /// The captured mails not read before, once the queues are empty.
    pub fn mails(&mut self) -> Vec<Mail> {
        self.settle();
        let mails = self.unread();
        self.mails_read.extend(mails.iter().map(|mail| mail.path.clone()));
        mails
    }

    /// Goes on only when nothing was mailed since the last look.
    pub fn expect_no_mails(&mut self) {
        let mails = self.mails();
        assert!(
            mails.is_empty(),
            "unexpected mails: {:?}",
            mails.iter().map(|mail| mail.header("subject")).collect::<Vec<_>>()
        );
    }

    fn unread(&self) -> Vec<Mail> {
        read_outbox(&self.folder.path().join("outbox"), &self.mails_read).unwrap()
    }

    /// What the workers have not finished in time.
    fn left_overs(&self) -> Option<String> {
        let started = Instant::now();
        loop {
            let open = |table: &str| self.count(&format!("SELECT count(*) AS n FROM {table} WHERE state IN (1, 2)"));
            // Jobs first: one that ends may leave a mail behind in the same transaction.
            let (n_jobs, n_mails) = (open("jobs"), open("mails"));
            // A campaign that is being sent may have recipients that are not written down yet.
            let n_campaigns = self.count("SELECT count(*) AS n FROM campaigns WHERE state = 4");
            if n_mails + n_jobs + n_campaigns == 0 {
                return None;
            }
            if started.elapsed() > QUEUE_PATIENCE {
                return Some(format!("{n_mails} mails, {n_jobs} jobs and {n_campaigns} campaigns"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) -> bool {
        // The command is sent at once; the future only tells when it is done, as does the thread's end.
        drop(self.handle.stop(true));
        let ended_well = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        self.database.drop_now();
        ended_well
    }
}

/// Runs `work` in a transaction of this core, as the product itself.
pub fn write_on<T: Send + 'static>(core: &Core, work: impl FnOnce(&mut Ctx<'_>) -> T + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = core.write(Origin::of_program("test").into(), move |cx| {
        cx.actor = Actor::System;
        Ok::<_, anyhow::Error>(work(cx))
    });
    runtime.block_on(done).unwrap()
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let has_failed = std::thread::panicking();
        let left = if has_failed { None } else { self.left_overs() };
        let unread = if has_failed { Vec::new() } else { self.unread() };
        let ended_well = self.stop();
        if !has_failed {
            assert_eq!(left, None, "work is left in the queues");
            let subjects: Vec<_> =
                unread.iter().map(|mail| format!("{}: {}", mail.header("to"), mail.header("subject"))).collect();
            assert!(unread.is_empty(), "mails were not read: {subjects:?}");
            assert!(ended_well, "the server's thread panicked");
        }
    }
}

/// The mode of a data folder, as the server makes it.
fn private() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o700)
}

/// Settings under which a test is quick: cheap hashes, few threads.
fn settings(folder: &TempDir, database: &TestDatabase, address: &str) -> Settings {
    let mut settings = Settings::default();
    address.clone_into(&mut settings.server.listen);
    settings.server.data = folder.path().to_owned();
    settings.server.public_url = format!("http://{address}");
    settings.server.workers = 2;
    settings.database.url = database.url();
    settings.database.connections = 3;
    settings.mail.outbox = folder.path().join("outbox");
    settings.security.argon2_memory_kib = 64;
    settings.security.argon2_passes = 1;
    settings.security.link_secret = "a secret for tests".to_owned();
    settings.import.folder = folder.path().join("imports");
    settings.outgoing.allow_private = true;
    settings
}

/// The server's thread: opens the core, makes the operator, serves until it is stopped.
fn serve(settings: Settings, listener: TcpListener, started: &mpsc::Sender<(ServerHandle, Core)>) {
    let core = app::open_core(settings).unwrap();
    actix_web::rt::System::new().block_on(async move {
        make_operator(&core).await.unwrap();
        let running = app::serve(core, listener).unwrap();
        started.send((running.handle.clone(), running.core.clone())).unwrap();
        running.server.await.unwrap();
        running.workers.stop().await;
        running.core.close().await;
    });
}

async fn make_operator(core: &Core) -> anyhow::Result<()> {
    let origin = Origin { ip: String::new(), user_agent: String::new(), channel: "test", source: Source::Unknown };
    let hash = core.verifier().hash(ADMIN_PASSWORD);
    core.write(origin.into(), move |cx| {
        cx.actor = Actor::System;
        let operator = operators::blank(cx, ADMIN_USERNAME, "operator@example.com", hash);
        Ok::<_, anyhow::Error>(operators::create(cx, &operator).map(|_| ())?)
    })
    .await
}
