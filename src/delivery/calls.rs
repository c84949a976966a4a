//! Calls web addresses that customers registered (list hooks, webhooks), several at once, so that one dead address never holds up the others.
//!
//! Bounds: some calls at once in all, fewer for one host, and a short line of waiting calls for each; what does not fit goes back into the
//! queue. A host that just failed is left alone for a moment: its waiting calls count as tried and wait their own growing pause.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::desk::{Desk, IDLE, Pace, Worker};
use crate::config::Settings;
use crate::domain::cx::Ctx;
use crate::domain::workload::{self, Job, Setback, WorkError};
use crate::model::states::JobKind;
use crate::outgoing::{Client, OutgoingError};

/// Calls at once.
const CALLS: usize = 8;
/// Calls at once to one host.
const CALLS_TO_HOST: usize = 2;
/// Calls to one host that wait here at most.
const LINE_OF_HOST: usize = 16;
/// Jobs claimed at once.
const BATCH: i64 = 64;
/// No more is claimed while this many calls wait.
const WAITING: usize = 128;
/// How long a claim holds: longer than the longest wait for a turn.
const LEASE: Duration = Duration::from_secs(600);
/// How long a host that failed is left alone: shorter than the first pause, so that the next try is a real one.
const COOLING: Duration = Duration::from_secs(20);
/// A call that finds its host's line full comes up again after this.
const PUT_BACK: Duration = Duration::from_secs(30);
/// At the end, calls under way get this long.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// A call to be made: to a list hook, or to a webhook.
pub(super) trait Outbound: Clone + Send + Sync + 'static {
    /// The worker's name in logs.
    const NAME: &'static str;
    /// The jobs behind such calls.
    const KIND: JobKind;

    /// Claims up to `n` of them.
    fn claim(cx: &mut Ctx<'_>, n: i64, lease: Duration) -> Result<Vec<Self>, WorkError>;

    /// The job behind this one.
    fn job(&self) -> &Job;

    /// What is called.
    fn url(&self) -> &str;

    /// Notes that it did not succeed.
    fn set_back(&self, cx: &mut Ctx<'_>, setback: &Setback) -> Result<(), WorkError>;

    /// Makes the call and answers its HTTP status.
    fn post(&self, client: &Client, settings: &Settings) -> impl Future<Output = Result<u16, OutgoingError>> + Send;
}

/// The worker that makes one kind of call.
pub(super) struct Calls<C> {
    desk: Desk,
    client: Client,
    settings: Arc<Settings>,
    max_tries: i64,
    waiting: VecDeque<C>,
    running: JoinSet<Ended<C>>,
    /// Calls under way, by host.
    busy: HashMap<String, usize>,
    /// Hosts that failed, and until when they are left alone.
    cooling: HashMap<String, Instant>,
}

/// A call that ended, and why when it did not succeed.
struct Ended<C> {
    host: String,
    call: C,
    setback: Option<Setback>,
    /// The host as such does not answer.
    is_down: bool,
}

impl<C: Outbound> Calls<C> {
    pub fn new(desk: Desk, client: Client) -> Self {
        let settings = Arc::clone(desk.core.settings());
        let max_tries = i64::from(settings.outgoing.max_tries.max(1));
        Self {
            client,
            settings,
            max_tries,
            waiting: VecDeque::new(),
            running: JoinSet::new(),
            busy: HashMap::new(),
            cooling: HashMap::new(),
            desk,
        }
    }

    /// Takes new calls from the queue; what has no place here goes back.
    async fn take_in(&mut self) -> Result<(), WorkError> {
        if self.waiting.len() >= WAITING || !self.desk.read(|cx| workload::is_job_due(cx, &[C::KIND])).await? {
            return Ok(());
        }
        let calls = self.desk.write(|cx| C::claim(cx, BATCH, LEASE)).await?;
        let (mut unplaced, mut too_soon) = (Vec::new(), Vec::new());
        let now = Instant::now();
        self.cooling.retain(|_, until| *until > now);
        for call in calls {
            let host = host_of(call.url());
            if self.cooling.contains_key(&host) {
                too_soon.push(call);
            } else if self.waiting.iter().filter(|other| host_of(other.url()) == host).count() >= LINE_OF_HOST {
                unplaced.push(call);
            } else {
                self.waiting.push_back(call);
            }
        }
        self.send_away(unplaced, too_soon).await
    }

    /// Calls without a place go back untried; calls to a host that just failed count as tried.
    async fn send_away(&self, unplaced: Vec<C>, too_soon: Vec<C>) -> Result<(), WorkError> {
        if unplaced.is_empty() && too_soon.is_empty() {
            return Ok(());
        }
        let setback =
            Setback::Again { error: "not called: the host failed moments ago".to_owned(), max_tries: self.max_tries };
        self.desk
            .write(move |cx| {
                unplaced.iter().try_for_each(|call| workload::put_back_job(cx, call.job(), PUT_BACK))?;
                too_soon.iter().try_for_each(|call| call.set_back(cx, &setback))
            })
            .await
    }

    /// Starts waiting calls, oldest first, as far as the bounds allow.
    fn start(&mut self) {
        let mut kept = VecDeque::new();
        while let Some(call) = self.waiting.pop_front() {
            let host = host_of(call.url());
            let n_busy = self.busy.entry(host.clone()).or_default();
            if self.running.len() >= CALLS || *n_busy >= CALLS_TO_HOST {
                kept.push_back(call);
                continue;
            }
            *n_busy += 1;
            self.running.spawn(make(self.client.clone(), Arc::clone(&self.settings), host, call, self.max_tries));
        }
        self.waiting = kept;
        self.busy.retain(|_, n| *n > 0);
    }

    /// Notes how a call ended.
    async fn settle(&mut self, ended: Ended<C>) -> Result<(), WorkError> {
        if let Some(n) = self.busy.get_mut(&ended.host) {
            *n = n.saturating_sub(1);
        }
        let Ended { host, call, setback, is_down } = ended;
        let mut too_soon = Vec::new();
        if is_down {
            self.cooling.insert(host.clone(), Instant::now() + COOLING);
            let (same, others) = self.waiting.drain(..).partition::<Vec<_>, _>(|other| host_of(other.url()) == host);
            self.waiting = others.into();
            too_soon = same;
        }
        let job = call.job().id;
        match setback {
            None => self.desk.write(move |cx| workload::finish_job(cx, job)).await?,
            Some(setback) => {
                tracing::warn!(job.id = %job, host, worker = C::NAME, "call {job} did not succeed: {setback:?}");
                self.desk.write(move |cx| call.set_back(cx, &setback)).await?;
            }
        }
        self.send_away(Vec::new(), too_soon).await
    }

    /// Takes in the end of one call, waiting for it no longer than `patience`. False when none ended.
    async fn settle_next(&mut self, patience: Duration) -> Result<bool, WorkError> {
        match tokio::time::timeout(patience, self.running.join_next()).await {
            Ok(Some(Ok(ended))) => self.settle(ended).await.map(|()| true),
            Ok(Some(Err(error))) => {
                // A panic: nobody knows whose, so no host stays marked busy. The lease brings the call back, counted as tried.
                tracing::error!(error = &error as &dyn std::error::Error, "a call ended badly");
                self.busy.clear();
                Ok(true)
            }
            Ok(None) | Err(_) => Ok(false),
        }
    }
}

impl<C: Outbound> Worker for Calls<C> {
    const NAME: &'static str = C::NAME;

    async fn round(&mut self) -> Result<Pace, WorkError> {
        self.take_in().await?;
        self.start();
        if self.running.is_empty() {
            return Ok(Pace::Rest(IDLE));
        }
        self.settle_next(IDLE).await?;
        Ok(Pace::Again)
    }

    async fn close(&mut self) {
        let deadline = Instant::now() + CLOSE_PATIENCE;
        let unplaced = self.waiting.drain(..).collect();
        let mut outcome = self.send_away(unplaced, Vec::new()).await;
        while outcome.is_ok() && !self.running.is_empty() && Instant::now() < deadline {
            outcome = self.settle_next(deadline.saturating_duration_since(Instant::now())).await.map(drop);
        }
        if let Err(error) = outcome {
            tracing::warn!(error = &error as &dyn std::error::Error, "calls wait for their leases to end");
        }
        self.running.abort_all();
    }
}

/// Makes the call. 2xx is success; a redirect is not followed and counts as failure.
async fn make<C: Outbound>(client: Client, settings: Arc<Settings>, host: String, call: C, max_tries: i64) -> Ended<C> {
    let answer = call.post(&client, &settings).await;
    let again = |error: String| Some(Setback::Again { error, max_tries });
    let (setback, is_down) = match answer {
        Ok(200..=299) => (None, false),
        Ok(status) => (again(format!("the address answered status {status}")), status >= 500),
        Err(error @ OutgoingError::BadUrl(_)) => (Some(Setback::Final { error: error.to_string() }), false),
        Err(error @ OutgoingError::NoAnswer(_)) => (again(chain(&error)), true),
        Err(error @ (OutgoingError::NotPublic(_) | OutgoingError::Setup(_))) => (again(chain(&error)), false),
    };
    Ended { host, call, setback, is_down }
}

/// An error with its sources, for the owner's eyes.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

/// Host and port, by which calls are held apart; the whole text when there is none.
fn host_of(url: &str) -> String {
    let parsed = url::Url::parse(url.trim()).ok();
    let host = parsed.as_ref().and_then(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?)));
    host.unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::domain::workload::HookCall;

    async fn call(sample: &Sample, url: String) -> HookCall {
        let (account, list) = (sample.account, sample.list);
        sample
            .write(move |cx| {
                outbox::queue_job(cx, account, JobKind::ListHook, format!("1 {list} 1"))?;
                let job = workload::claim_jobs(cx, JobKind::ListHook, 1, LEASE)?.pop().expect("job");
                Ok(sample::hook_call(job, sample::list_row(cx, account, list), &url))
            })
            .await
            .expect("call")
    }

    fn client(sample: &Sample) -> Client {
        Client::new(&sample.core.settings().outgoing).expect("client")
    }

    fn settings(sample: &Sample) -> Arc<Settings> {
        Arc::clone(sample.core.settings())
    }

    /// Answers one request with this status line and hands over what it said.
    async fn answer(listener: TcpListener, status: &str) -> String {
        let (mut stream, _) = listener.accept().await.expect("connection");
        let mut seen = Vec::new();
        let mut piece = [0; 4096];
        while !String::from_utf8_lossy(&seen).contains("%3C%2FWebServiceData%3E") {
            let n = stream.read(&mut piece).await.expect("read");
            seen.extend_from_slice(&piece[..n]);
        }
        let reply = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(reply.as_bytes()).await.expect("write");
        String::from_utf8_lossy(&seen).into_owned()
    }

    #[tokio::test]
    async fn success_is_2xx_and_the_data_is_posted_as_a_form_field() {
        let sample = Sample::open().await;
        for (status, is_fine) in [("204 No Content", true), ("302 Found", false), ("404 Not Found", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
            let url = format!("http://{}/told", listener.local_addr().expect("address"));
            let call = call(&sample, url).await;
            let (ended, seen) = tokio::join!(
                make(client(&sample), settings(&sample), "host".to_owned(), call, 3),
                answer(listener, status)
            );
            assert_eq!(ended.setback.is_none(), is_fine, "{status}");
            assert!(seen.starts_with("POST /told ") && seen.contains("WebServiceData=%3C%3Fxml"), "{seen}");
            assert!(seen.contains("1%40example.com"), "{seen}");
        }
    }

    #[tokio::test]
    async fn a_dead_address_is_down_and_a_senseless_one_is_given_up() {
        let sample = Sample::open().await;
        let dead = call(&sample, "http://127.0.0.1:9/".to_owned()).await;
        let ended = make(client(&sample), settings(&sample), String::new(), dead, 3).await;
        assert!(ended.is_down && matches!(ended.setback, Some(Setback::Again { .. })), "{:?}", ended.setback);
        let senseless = call(&sample, "ftp://example.org/".to_owned()).await;
        let ended = make(client(&sample), settings(&sample), String::new(), senseless, 3).await;
        assert!(matches!(ended.setback, Some(Setback::Final { .. })), "{:?}", ended.setback);
    }

    #[tokio::test]
    async fn one_host_never_takes_every_place() {
        let sample = Sample::open().await;
        let mut hooks = Calls::<HookCall>::new(Desk::new(sample.core.clone()), client(&sample));
        for _ in 0..5 {
            hooks.waiting.push_back(call(&sample, "http://192.0.2.1/".to_owned()).await);
        }
        hooks.waiting.push_back(call(&sample, "http://192.0.2.2/".to_owned()).await);
        hooks.start();
        assert_eq!((hooks.running.len(), hooks.waiting.len()), (CALLS_TO_HOST + 1, 5 - CALLS_TO_HOST));
    }
}
