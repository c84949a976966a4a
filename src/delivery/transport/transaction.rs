//! One message over a connection: MAIL, RCPT, DATA in one write where the server takes groups (ML-1.2), then the message with its final dot.
//!
//! Everything before the final dot is safe to repeat. From the moment it may have been written until its answer is read nobody knows whether the
//! server has the message (ML-1.5); only then the outcome is [`Outcome::Uncertain`].

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::envelope::{Commands, Consignment, put_data};
use super::replies::reply;
use super::smtp::Connection;
use super::{Delay, Outcome, Passage, Reply, Trouble};

/// After a connection broke before anything was accepted.
const AFTER_BREAK: Duration = Duration::from_secs(30);
/// After 421.
const AFTER_BUSY: Duration = Duration::from_secs(60);
/// A server that closes in the middle of a message may have said why.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// "Service not available, closing transmission channel" (RFC 5321 3.8).
const CLOSING: u16 = 421;

/// Why a message went no further.
enum Stop {
    Refused(Reply),
    /// 421: the server closes.
    Closing(Reply),
    /// No answer, or one that is none.
    Broken(io::Error),
    /// An answer that does not belong to the question.
    OutOfStep(Reply),
}

impl Stop {
    fn passage(self) -> Passage {
        let not_tried = |reason: String, pause| Outcome::NotTried(Delay { reason, pause, is_own_pace: false });
        match self {
            Self::Refused(reply) => Passage::of(Outcome::Refused(reply)),
            Self::Closing(reply) => Passage {
                outcome: not_tried(format!("the server closes the connection: {reply}"), AFTER_BUSY),
                trouble: Some(Trouble::Closing(reply)),
            },
            Self::Broken(error) => Passage {
                outcome: not_tried(format!("the connection broke: {error}"), AFTER_BREAK),
                trouble: Some(Trouble::Broken),
            },
            Self::OutOfStep(reply) => Passage {
                outcome: not_tried(format!("the server's answer is out of step: {reply}"), AFTER_BREAK),
                trouble: Some(Trouble::Broken),
            },
        }
    }

    fn is_end(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

impl Connection {
    /// Sends one message. Afterwards the connection is good for the next one, or says that it is broken.
    pub async fn transact(&mut self, consignment: &Consignment<'_>) -> Passage {
        let commands = match consignment.commands(&self.offers) {
            Ok(commands) => commands,
            Err(reason) => return Passage::of(Outcome::Unfit(reason)),
        };
        self.n_used += 1;
        // Until an answer shows otherwise: a caller that gives up in between leaves it half way.
        self.is_broken = true;
        let announced = if self.offers.pipelining {
            self.announce_together(&commands).await
        } else {
            self.announce_one_by_one(&commands).await
        };
        let passage = match announced {
            Ok(()) => self.hand_over(consignment).await,
            Err(stop) => {
                self.is_broken = stop.is_end();
                stop.passage()
            }
        };
        self.last_used = Instant::now();
        passage
    }

    /// The envelope in one write; then all answers are read, whatever the first say.
    async fn announce_together(&mut self, commands: &Commands) -> Result<(), Stop> {
        let reset = if self.needs_reset { "RSET\r\n" } else { "" };
        let group = format!("{reset}{}{}DATA\r\n", commands.mail, commands.rcpt);
        self.write(group.as_bytes()).await?;
        if !reset.is_empty() {
            self.is_reset().await?;
        }
        let mail = ended(self.expect(200..300).await)?;
        let rcpt = ended(self.expect(200..300).await)?;
        let data = ended(self.expect(300..400).await)?;
        match (mail.and(rcpt), data) {
            (Ok(()), Ok(())) => Ok(()),
            (Ok(()), Err(refused)) => {
                self.needs_reset = true;
                Err(Stop::Refused(refused))
            }
            (Err(refused), data) => {
                if data.is_ok() {
                    // RFC 2920 3.1: the server waits for a message although nobody is to get it; it gets an empty one.
                    self.write(b".\r\n").await?;
                    ended(self.expect(200..300).await)?.err();
                }
                self.needs_reset = true;
                Err(Stop::Refused(refused))
            }
        }
    }

    /// The envelope for servers that want to answer each command.
    async fn announce_one_by_one(&mut self, commands: &Commands) -> Result<(), Stop> {
        if self.needs_reset {
            self.write(b"RSET\r\n").await?;
            self.is_reset().await?;
        }
        for (command, expected) in
            [(commands.mail.as_str(), 200..300), (commands.rcpt.as_str(), 200..300), ("DATA\r\n", 300..400)]
        {
            self.write(command.as_bytes()).await?;
            if let Err(refused) = ended(self.expect(expected).await)? {
                self.needs_reset = true;
                return Err(Stop::Refused(refused));
            }
        }
        Ok(())
    }

    /// The answer to RSET. One that says no leaves nobody knowing where the conversation stands.
    async fn is_reset(&mut self) -> Result<(), Stop> {
        self.needs_reset = false;
        ended(self.expect(200..300).await)?.map_err(Stop::OutOfStep)
    }

    /// The message and its final dot in one write, and the answer to it.
    async fn hand_over(&mut self, consignment: &Consignment<'_>) -> Passage {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        put_data(&mut outgoing, &[consignment.head, consignment.message]);
        let written = self.stream.write(&outgoing, self.patience.command).await;
        let n_bytes = outgoing.len();
        self.outgoing = outgoing;
        if let Err(broken) = written
            && broken.n_written < n_bytes
        {
            return self.last_words(broken.error).await;
        }
        let (code, lines) = match self.stream.read_reply(self.patience.last).await {
            Ok(answer) => answer,
            Err(error) => return uncertain(format!("no answer to the whole message: {error}")),
        };
        let reply = reply(code, &lines);
        match code {
            CLOSING => return Stop::Closing(reply).passage(),
            300..400 => return uncertain(format!("an answer out of step to the whole message: {reply}")),
            _ => self.is_broken = false,
        }
        Passage::of(if code < 300 { Outcome::Sent(reply) } else { Outcome::Refused(reply) })
    }

    /// The server ended before it had the whole message, so it has accepted nothing. It may have said why.
    async fn last_words(&mut self, error: io::Error) -> Passage {
        match self.stream.read_reply(LAST_WORDS.min(self.patience.command)).await {
            Ok((code, lines)) if code != CLOSING && code >= 400 => Stop::Refused(reply(code, &lines)).passage(),
            Ok((code, lines)) => Stop::Closing(reply(code, &lines)).passage(),
            Err(_) => Stop::Broken(error).passage(),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = self.stream.write(bytes, self.patience.command).await;
        written.map_err(|broken| Stop::Broken(broken.error))
    }

    async fn expect(&mut self, expected: std::ops::Range<u16>) -> Result<(), Stop> {
        let (code, lines) = self.stream.read_reply(self.patience.command).await.map_err(Stop::Broken)?;
        if expected.contains(&code) {
            return Ok(());
        }
        let reply = reply(code, &lines);
        Err(match code {
            CLOSING => Stop::Closing(reply),
            400..600 => Stop::Refused(reply),
            _ => Stop::OutOfStep(reply),
        })
    }
}

/// Nobody knows whether the server has the message.
fn uncertain(reason: String) -> Passage {
    Passage { outcome: Outcome::Uncertain(reason), trouble: Some(Trouble::Broken) }
}

/// Tells a refusal, after which the other answers of the group still come, from the end of the connection.
fn ended(answer: Result<(), Stop>) -> Result<Result<(), Reply>, Stop> {
    match answer {
        Ok(()) => Ok(Ok(())),
        Err(Stop::Refused(reply)) => Ok(Err(reply)),
        Err(stop) => Err(stop),
    }
}
