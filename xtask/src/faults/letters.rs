//! Messages whose templates are wrong, or whose lines are longer than mail allows.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use mail_parser::MessageParser;

use super::End;
use super::house::{House, Stage, relay};
use crate::crash::course::{Course, Message};
use crate::sink::{Manners, Sink};

const SOON: Duration = Duration::from_secs(60);

/// What nobody knows stays or becomes empty, as each wire has it (ML-7.1), and everybody gets the message.
pub async fn missing_tags(stage: Arc<Stage>) -> anyhow::Result<End> {
    let subject =
        "a|%Nope:Nope%|%Subscriber:CustomField999%|[[=Contact.f_Nope;]]|[[=Nope();]]|%Subscriber:|[[=Contact.f_";
    let html = format!("<p>{subject}</p><p>100% of %Subscriber:EmailAddress%</p>");
    let (sink, raw) = send_one(&stage, subject, &html).await?;
    let mail = MessageParser::default().parse(&raw[..]).context("no mail")?;
    let shown = "a|%Nope:Nope%|%Subscriber:CustomField999%|||%Subscriber:|[[=Contact.f_";
    ensure!(mail.subject() == Some(shown), "subject {:?}", mail.subject());
    let body = mail.body_html(0).context("no HTML")?;
    let expected = format!("<p>{shown}</p><p>100% of reader@example.com</p>");
    ensure!(body.trim_end() == expected, "HTML {body:?}");
    ensure!(sink.faults().is_empty(), "{:?}", sink.faults());
    Ok(End::Good(String::new()))
}

/// It arrives whole, in lines that every server takes.
pub async fn long_line(stage: Arc<Stage>) -> anyhow::Result<End> {
    let mut html = String::from("<p>");
    while html.len() < 1_000_000 {
        html.push_str("été à la mer, 5 < 6 = true . =3D\u{1f600} ");
    }
    html.push_str(".</p>");
    ensure!(!html.contains('\n'), "it is to be one line");
    let (sink, raw) = send_one(&stage, "Long", &html).await?;
    let longest = raw.split(|byte| *byte == b'\n').map(|line| line.len() + 1).max().unwrap_or_default();
    ensure!(longest <= 1_000, "a line of {longest} octets, its end included");
    let mail = MessageParser::default().parse(&raw[..]).context("no mail")?;
    let body = mail.body_html(0).context("no HTML")?;
    let place = body.bytes().zip(html.bytes()).position(|(one, other)| one != other);
    ensure!(body.trim_end() == html, "the HTML is another: {} of {} octets, from {place:?}", body.len(), html.len());
    let text = mail.body_text(0).context("no text")?;
    ensure!(text.matches("été").count() == html.matches("été").count(), "the text is not whole");
    ensure!(sink.faults().is_empty(), "{:?}", sink.faults());
    Ok(End::Good(format!("{} octets, the longest line {longest}", raw.len())))
}

/// Sends a campaign to one person; the mail server, and what it took.
async fn send_one(stage: &Stage, subject: &str, html: &str) -> anyhow::Result<(Sink, Vec<u8>)> {
    let sink = Sink::start(Manners::default()).await;
    let house = House::open(stage, &relay(sink.port)).await?;
    let to = ["reader@example.com".to_owned()];
    let mut api = house.api().await?;
    let course = Course::start(&house.program, &house.server, &mut api, &to, Message { subject, html }).await?;
    let standing = course.wait(SOON).await?;
    ensure!(standing.n_sent == 1, "{standing:?}: {:?}", course.log().await?);
    house.close().await?;
    let taken = sink.taken();
    ensure!(taken.len() == 1, "{} were taken", taken.len());
    let raw = taken.into_iter().next().map(|taken| taken.message).unwrap_or_default();
    Ok((sink, raw))
}
