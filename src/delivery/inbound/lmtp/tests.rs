//! Conversations with the listener, over real sockets.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::*;
use crate::domain::envelope_senders::Posted;
use crate::domain::envelope_senders::{address, token};
use crate::domain::outbox::{self, NewMail};
use crate::domain::sample::{self, Sample};
use crate::domain::subscribers::Subscriber;
use crate::model::ids::SubscriberNumber;
use crate::model::states::{BounceType, SubscriptionStatus};

const DOMAIN: &str = "bounces.example.org";

/// A listener, a list with one subscriber, and a mail to it.
struct Here {
    sample: Sample,
    port: u16,
    stop: watch::Sender<bool>,
    posted: Posted,
}

async fn here(patience: Patience) -> Here {
    let mut sample = Sample::open().await;
    sample.settings(|settings| {
        settings.returns.domain = DOMAIN.to_owned();
        settings.returns.max_message_bytes = 64 * 1024;
    });
    let (account, list) = (sample.account, sample.list);
    sample.subscribe(list, 1, &Default::default()).await;
    let new = NewMail { account, list, number: SubscriberNumber(1), ..sample::mail("1@example.com") };
    let posted = Posted::Mail(sample.write(move |cx| Ok(outbox::queue_mail(cx, new)?)).await.expect("queue"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let port = listener.local_addr().expect("address").port();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(serve(sample.core.clone(), listener, stopped, patience));
    Here { sample, port, stop, posted }
}

impl Here {
    /// Sends everything at once and answers what came back until the server closed.
    async fn converse(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("connection");
        stream.write_all(text.as_bytes()).await.expect("send");
        let mut answer = String::new();
        timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await.expect("in time").expect("answer");
        answer
    }

    async fn subscriber(&self) -> Subscriber {
        self.sample.subscriber(self.sample.list, 1).await
    }

    fn sender(&self) -> String {
        address("secret", self.posted, DOMAIN)
    }
}

const BOUNCE: &str = "From: MAILER-DAEMON@mx.example\r\nSubject: failure\r\n\r\nHi. This is the qmail-send program at mx.example.\r\n\
    ..dots stay\r\n<1@example.com>:\r\n550 no such user\r\n.\r\n";

#[tokio::test]
async fn a_bounce_is_taken_in_before_it_is_answered() {
    let here = here(Patience::default()).await;
    let sender = here.sender();
    let said = here
        .converse(&format!(
            "LHLO here\r\nMAIL FROM:<>\r\nRCPT TO:<{}>\r\nDATA\r\n{BOUNCE}QUIT\r\n",
            sender.to_uppercase()
        ))
        .await;
    assert!(said.contains("250 2.0.0 hard_bounce\r\n221 "), "{said}");
    assert_eq!(here.subscriber().await.bounce, BounceType::Hard);
}

#[tokio::test]
async fn smtp_answers_once_and_lmtp_for_each_recipient() {
    let here = here(Patience::default()).await;
    let sender = here.sender();
    let rest = format!("MAIL FROM:<>\r\nRCPT TO:<{sender}>\r\nRCPT TO:<fbl@{DOMAIN}>\r\nDATA\r\n{BOUNCE}QUIT\r\n");
    let smtp = here.converse(&format!("EHLO here\r\n{rest}")).await;
    assert_eq!(smtp.matches("250 2.0.0").count(), 1, "{smtp}");
    let lmtp = here.converse(&format!("LHLO here\r\n{rest}")).await;
    assert_eq!(lmtp.matches("250 2.0.0").count(), 2, "{lmtp}");
    assert!(lmtp.contains("250 2.0.0 repeated\r\n250 2.0.0 kept\r\n"), "{lmtp}");
}

#[tokio::test]
async fn any_mail_to_the_unsubscribe_address_unsubscribes() {
    let here = here(Patience::default()).await;
    let to = format!("unsubscribe+{}@{DOMAIN}", token("secret", here.posted));
    let said = here
        .converse(&format!("HELO here\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{to}>\r\nDATA\r\n.\r\nQUIT\r\n"))
        .await;
    assert!(said.contains("250 2.0.0 unsubscribed"), "{said}");
    assert_eq!(here.subscriber().await.status, SubscriptionStatus::Unsubscribed);
}

#[tokio::test]
async fn other_addresses_are_refused_and_the_order_of_commands_is_kept() {
    let here = here(Patience::default()).await;
    let said = here
        .converse(&format!(
            "EHLO here\r\nDATA\r\nRCPT TO:<fbl@{DOMAIN}>\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster@{DOMAIN}>\r\n\
             RCPT TO:<a@elsewhere.example>\r\nRCPT x\r\nDATA\r\nHELP\r\nRSET\r\nNOOP\r\nQUIT\r\n"
        ))
        .await;
    let codes: Vec<&str> = said.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect();
    assert_eq!(
        codes,
        ["220", "250", "503", "503", "250", "503", "550", "550", "501", "503", "500", "250", "250", "221"]
    );
}

#[tokio::test]
async fn large_mails_long_lines_and_noise_are_refused() {
    let here = here(Patience::default()).await;
    let head = format!("LHLO here\r\nMAIL FROM:<>\r\nRCPT TO:<fbl@{DOMAIN}>\r\nDATA\r\n");
    let large = here.converse(&format!("{head}{}\r\n.\r\nQUIT\r\n", "x".repeat(100 * 1024))).await;
    assert!(large.contains("552 5.3.4") && large.ends_with("221 2.0.0 bye\r\n"), "{large}");
    let announced = here.converse("EHLO here\r\nMAIL FROM:<> SIZE=100000\r\nQUIT\r\n").await;
    assert!(announced.contains("552 5.3.4"), "{announced}");
    assert!(here.converse(&"x".repeat(3_000)).await.contains("500 5.5.2"));
    assert!(here.converse(&"nonsense\r\n".repeat(50)).await.ends_with("421 4.7.0 too many errors\r\n"));
}

#[tokio::test]
async fn a_bare_line_feed_smuggles_no_second_mail() {
    let mut text: &[u8] = b"a\n.\nb\r\n..\r\n.\rc\r\n.\r\nMAIL";
    let data = read_data(&mut text).await.expect("read").expect("a mail");
    assert_eq!(data.beginning, b"a\n.\nb\r\n.\r\n\rc\r\n");
    assert_eq!(text, b"MAIL");
    assert!(read_data(&mut b"never ends\r\n.".as_slice()).await.expect("read").is_none());
}

#[tokio::test]
async fn slow_clients_are_let_go_and_too_many_are_turned_away() {
    let here = here(Patience { command: Duration::from_millis(300), ..Patience::default() }).await;
    let mut held = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        let mut stream = TcpStream::connect(("127.0.0.1", here.port)).await.expect("connection");
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.expect("greeting");
        held.push(stream);
    }
    let turned_away = here.converse("").await;
    let mut last = String::new();
    held.pop().expect("held").read_to_string(&mut last).await.expect("closed");
    assert!(
        turned_away.starts_with("421 4.7.0") && last.ends_with("421 4.4.2 waited too long\r\n"),
        "{turned_away}{last}"
    );
}

#[tokio::test]
async fn stopping_ends_idle_connections() {
    let here = here(Patience::default()).await;
    let mut stream = TcpStream::connect(("127.0.0.1", here.port)).await.expect("connection");
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await.expect("greeting");
    here.stop.send_replace(true);
    let mut rest = String::new();
    timeout(Duration::from_secs(20), stream.read_to_string(&mut rest)).await.expect("in time").expect("closed");
    assert!(rest.ends_with("421 4.3.2 stopping\r\n"), "{rest}");
}
