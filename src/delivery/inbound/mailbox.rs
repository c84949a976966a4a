//! Returned mail out of a mailbox, by IMAP (RFC 3501): fetched as far as it is read, deleted only after what follows from it is durable.
//!
//! Mail of people, who may answer to that address, is marked as seen and stays. A failure ends the look; what is left is fetched by the next one.

use std::sync::Arc;
use std::time::Duration;

use async_imap::{Client, Session};
use futures_util::TryStreamExt as _;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::intake::{self, HandedOver};
use super::mime::MAX_READ_BYTES;
use crate::domain::core::Core;
use crate::domain::returned::Nothing;
use crate::domain::returns::{ReturnError, Taken};
use crate::outgoing::{self, OutgoingError};

/// Mails of one look.
const AT_ONCE: usize = 100;
/// One look takes this long at most.
const LOOK_PATIENCE: Duration = Duration::from_secs(300);
/// Connecting takes this long at most.
const CONNECT_PATIENCE: Duration = Duration::from_secs(20);

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
enum MailboxError {
    #[error("the mailbox is no imaps:// address")]
    Address,
    #[error("the mail server cannot be reached")]
    Connect(#[from] std::io::Error),
    #[error("TLS cannot be set up")]
    Tls(#[from] OutgoingError),
    #[error("the mail server said no or nothing that makes sense")]
    Imap(#[from] async_imap::error::Error),
    #[error(transparent)]
    Taken(#[from] ReturnError),
    #[error("it took too long")]
    TooLong,
}

/// Anything that IMAP is spoken over.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for S {}

/// Looks into the mailbox that the settings name, again and again, until `stopped` says so.
pub async fn run(core: Core, mut stopped: watch::Receiver<bool>) {
    let every = Duration::from_secs(core.settings().returns.mailbox_seconds);
    while !*stopped.borrow() {
        let look = async { timeout(LOOK_PATIENCE, look(&core)).await.unwrap_or(Err(MailboxError::TooLong)) };
        let done = tokio::select! {
            done = look => done,
            _ = stopped.changed() => break,
        };
        let n_taken = match done {
            Ok(n) => n,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "looking into the mailbox for returned mail failed"
                );
                0
            }
        };
        // A full look is followed by the next one at once.
        if n_taken < AT_ONCE && !matches!(timeout(every, stopped.changed()).await, Err(_) | Ok(Ok(()))) {
            break;
        }
    }
}

/// One look; answers how many mails there were.
async fn look(core: &Core) -> Result<usize, MailboxError> {
    let url = Url::parse(&core.settings().returns.mailbox_url).map_err(|_| MailboxError::Address)?;
    let (host, is_tls) = (url.host_str().ok_or(MailboxError::Address)?, url.scheme() == "imaps");
    let port = url.port().unwrap_or(if is_tls { 993 } else { 143 });
    let stream = timeout(CONNECT_PATIENCE, TcpStream::connect((host.trim_matches(['[', ']']), port)));
    let stream = stream.await.map_err(|_| MailboxError::TooLong)??;
    if !is_tls {
        return collect(core, &url, stream).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| MailboxError::Address)?;
    let connect = TlsConnector::from(Arc::new(outgoing::tls()?)).connect(name, stream);
    let stream = timeout(CONNECT_PATIENCE, connect).await.map_err(|_| MailboxError::TooLong)??;
    collect(core, &url, stream).await
}

async fn collect(core: &Core, url: &Url, stream: impl Stream) -> Result<usize, MailboxError> {
    let text = |coded: &str| {
        // A form's reader undoes percent signs; a plus stands for itself here.
        let form = coded.replace('+', "%2B");
        url::form_urlencoded::parse(form.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    let mut client = Client::new(stream);
    client.read_response().await?;
    let (user, password) = (text(url.username()), text(url.password().unwrap_or_default()));
    let mut session = client.login(user, password).await.map_err(|(error, _)| error)?;
    let mailbox = Some(text(url.path().trim_start_matches('/'))).filter(|name| !name.is_empty());
    session.select(mailbox.as_deref().unwrap_or("INBOX")).await?;
    let mut waiting: Vec<u32> = session.uid_search("UNSEEN UNDELETED").await?.into_iter().collect();
    waiting.sort_unstable();
    waiting.truncate(AT_ONCE);
    let mut deleted = Vec::new();
    let mut result = Ok(waiting.len());
    for uid in waiting {
        match take(core, &mut session, uid).await {
            Ok(true) => deleted.push(uid.to_string()),
            Ok(false) => {}
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    if !deleted.is_empty() {
        expunge(&mut session, &deleted.join(",")).await?;
    }
    session.logout().await?;
    result
}

/// Takes one mail in and marks it; true when it was marked as deleted.
async fn take(core: &Core, session: &mut Session<impl Stream>, uid: u32) -> Result<bool, MailboxError> {
    let query = format!("(UID RFC822.SIZE BODY.PEEK[]<0.{MAX_READ_BYTES}>)");
    let fetched: Vec<_> = session.uid_fetch(uid.to_string(), query).await?.try_collect().await?;
    let found = fetched.iter().find(|one| one.uid == Some(uid));
    let Some((body, size)) = found.and_then(|one| Some((one.body()?, one.size))) else { return Ok(false) };
    let n_bytes = size.map_or(body.len() as u64, u64::from);
    let mail = HandedOver { recipient: String::new(), sender: None, raw: body.into(), n_bytes };
    let taken = intake::take(core, mail, "returned mail").await?;
    let is_kept = taken == Taken::Nothing(Nothing::Person.words());
    let flags = if is_kept { "+FLAGS.SILENT (\\Seen)" } else { "+FLAGS.SILENT (\\Deleted)" };
    let _: Vec<_> = session.uid_store(uid.to_string(), flags).await?.try_collect().await?;
    Ok(!is_kept)
}

/// Removes what was marked, and where the server can (RFC 4315) nothing that others marked.
async fn expunge(session: &mut Session<impl Stream>, uids: &str) -> Result<(), MailboxError> {
    if session.capabilities().await?.has_str("UIDPLUS") {
        let _: Vec<_> = session.uid_expunge(uids).await?.try_collect().await?;
    } else {
        let _: Vec<_> = session.expunge().await?.try_collect().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

    use super::*;
    use crate::domain::envelope_senders::{Posted, address};
    use crate::domain::outbox::{self, NewMail};
    use crate::domain::sample::{self, Sample};
    use crate::model::ids::SubscriberNumber;
    use crate::model::states::BounceType;

    const DOMAIN: &str = "bounces.example.org";

    /// A mailbox behind a server that knows as much IMAP as is spoken here: text and flags of each mail.
    type Mailbox = Arc<Mutex<BTreeMap<u32, (String, String)>>>;

    async fn serve(listener: tokio::net::TcpListener, mailbox: Mailbox) {
        while let Ok((stream, _)) = listener.accept().await {
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            writer.write_all(b"* OK ready\r\n").await.expect("greeting");
            while let Ok(Some(line)) = lines.next_line().await {
                let (tag, command) = line.split_once(' ').expect("a command");
                let answer = answer(&mailbox, command);
                let verdict = if command.contains("wrong") { "NO" } else { "OK" };
                if writer.write_all(format!("{answer}{tag} {verdict} done\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    }

    fn answer(mailbox: &Mailbox, command: &str) -> String {
        let mut mails = mailbox.lock().expect("lock");
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["SELECT", ..] => format!("* {} EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n", mails.len()),
            ["CAPABILITY"] => "* CAPABILITY IMAP4rev1 UIDPLUS\r\n".to_owned(),
            ["UID", "SEARCH", ..] => {
                let unseen = mails.iter().filter(|(_, (_, flags))| flags.is_empty());
                format!("* SEARCH {}\r\n", unseen.map(|(uid, _)| uid.to_string()).collect::<Vec<_>>().join(" "))
            }
            ["UID", "FETCH", uid, ..] => {
                let (text, _) = &mails[&uid.parse::<u32>().expect("uid")];
                let part = &text[..text.len().min(MAX_READ_BYTES)];
                format!("* 1 FETCH (UID {uid} RFC822.SIZE {} BODY[]<0> {{{}}}\r\n{part})\r\n", text.len(), part.len())
            }
            ["UID", "STORE", uid, _, flag] => {
                mails.get_mut(&uid.parse::<u32>().expect("uid")).expect("mail").1 = (*flag).to_owned();
                String::new()
            }
            ["UID", "EXPUNGE", ..] => {
                mails.retain(|_, (_, flags)| flags != "(\\Deleted)");
                String::new()
            }
            _ => String::new(),
        }
    }

    /// A list with one subscriber and a mail to it, and a mailbox with these mails, in which SENDER is that mail's envelope sender.
    async fn here(mails: &[&str]) -> (Sample, Mailbox) {
        let mut sample = Sample::open().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let port = listener.local_addr().expect("address").port();
        sample.settings(|settings| {
            settings.returns.domain = DOMAIN.to_owned();
            settings.returns.mailbox_url = format!("imap://me:se%20cret@127.0.0.1:{port}/INBOX");
        });
        let (account, list) = (sample.account, sample.list);
        sample.subscribe(list, 1, &Default::default()).await;
        let new = NewMail { account, list, number: SubscriberNumber(1), ..sample::mail("1@example.com") };
        let id = sample.write(move |cx| Ok(outbox::queue_mail(cx, new)?)).await.expect("queue");
        let sender = address("secret", Posted::Mail(id), DOMAIN);
        let mails = (1..).zip(mails).map(|(uid, text)| (uid, (text.replace("SENDER", &sender), String::new())));
        let mailbox: Mailbox = Arc::new(Mutex::new(mails.collect()));
        tokio::spawn(serve(listener, Arc::clone(&mailbox)));
        (sample, mailbox)
    }

    const BOUNCE: &str = "From: MAILER-DAEMON@mx.example\r\nTo: SENDER\r\n\r\n550 no such user\r\n";

    #[tokio::test]
    async fn mails_are_taken_in_and_deleted_and_those_of_people_stay() {
        let huge = format!("{BOUNCE}{}", "x".repeat(2 * MAX_READ_BYTES));
        let person = "From: ann@example.com\r\nTo: news@example.org\r\nSubject: Hello\r\n\r\nThank you.\r\n";
        let (sample, mailbox) = here(&[BOUNCE, person, "\r\n", &huge]).await;
        assert_eq!(look(&sample.core).await.expect("look"), 4);
        assert_eq!(sample.subscriber(sample.list, 1).await.bounce, BounceType::Hard);
        let left: Vec<(u32, String)> =
            mailbox.lock().expect("lock").iter().map(|(uid, (_, flags))| (*uid, flags.clone())).collect();
        assert_eq!(left, [(2, "(\\Seen)".to_owned())]);
        assert_eq!(look(&sample.core).await.expect("look"), 0, "what was seen is not fetched again");
    }

    #[tokio::test]
    async fn nothing_is_deleted_when_it_could_not_be_stored() {
        let (sample, mailbox) = here(&[BOUNCE]).await;
        sample.core.close().await;
        assert!(look(&sample.core).await.is_err());
        assert_eq!(mailbox.lock().expect("lock")[&1].1, "");
    }

    #[tokio::test]
    async fn a_refused_login_ends_the_look() {
        let (mut sample, _) = here(&[]).await;
        sample
            .settings(|settings| settings.returns.mailbox_url = settings.returns.mailbox_url.replace("me:", "wrong:"));
        assert!(matches!(look(&sample.core).await, Err(MailboxError::Imap(_))));
    }
}
