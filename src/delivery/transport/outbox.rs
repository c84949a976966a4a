//! The way of mail that stays here: a durable file for each in the outbox folder. A file is there whole or not at all, and is still there after a
//! power cut.
//!
//! Parcels that arrive while files are being written wait for them, and then share one sync of the folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Delay, Outcome, Parcel, Reply};
use crate::config::private_files;
use crate::domain::envelope_senders::Posted;

/// Parcels that wait at most; whoever comes later waits for a place.
const WAITING: usize = 1024;
/// Parcels written together at most.
const TOGETHER: usize = 256;
/// Threads that write files at the same time: a disk syncs several files about as fast as one.
const WRITERS: usize = 4;
/// After a folder could not be written to.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// The outbox. Cheap to clone; its task ends with the last clone.
#[derive(Debug, Clone)]
pub struct Outbox {
    desk: mpsc::Sender<Order>,
}

/// A file to write, and who waits for it.
#[derive(Debug)]
struct Order {
    name: String,
    message: Arc<[u8]>,
    waiter: oneshot::Sender<Result<(), String>>,
}

impl Outbox {
    /// Opens the outbox on the current Tokio runtime. The folder is made with the first mail.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        let (desk, orders) = mpsc::channel(WAITING);
        tokio::spawn(work(folder, orders));
        Self { desk }
    }

    /// Writes a parcel's file. It is durable once the answer is [`Outcome::Sent`].
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        let (waiter, answer) = oneshot::channel();
        let order = Order { name: name_of(parcel), message: Arc::clone(&parcel.message), waiter };
        let ended = || "the outbox has ended".to_owned();
        let answer = match self.desk.send(order).await {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(ended())),
            Err(_) => Err(ended()),
        };
        match answer {
            Ok(()) => {
                Outcome::Sent(Reply { code: 250, enhanced: Some((2, 0, 0)), text: "written to the outbox".to_owned() })
            }
            Err(reason) => Outcome::NotTried(Delay { reason, pause: AFTER_FAILURE, is_own_pace: false }),
        }
    }
}

/// `<mail id>-<recipient>.eml`, or `c<recipient id>-<recipient>.eml` of campaigns: the same for every try, so that a repeated try replaces its file.
fn name_of(parcel: &Parcel) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "@._+-".contains(c) { c } else { '_' };
    let recipient: String = parcel.recipient.chars().take(100).map(safe).collect();
    match parcel.posted {
        Posted::Mail(id) => format!("{id}-{recipient}.eml"),
        Posted::Recipient(id) => format!("c{id}-{recipient}.eml"),
    }
}

/// Writes what waits, again and again, until nobody can order any more.
async fn work(folder: PathBuf, mut orders: mpsc::Receiver<Order>) {
    let folder = Arc::new(folder);
    let mut batch = Vec::new();
    while orders.recv_many(&mut batch, TOGETHER).await > 0 {
        let share = batch.len().div_ceil(WRITERS);
        let mut writing = Vec::new();
        while !batch.is_empty() {
            let part: Vec<Order> = batch.drain(..share.min(batch.len())).collect();
            let folder = Arc::clone(&folder);
            writing.push(tokio::task::spawn_blocking(move || write_all(&folder, part)));
        }
        let mut written = Vec::new();
        for part in writing {
            // Of a part whose thread panicked the waiters are gone with it: those who wait are told that the outbox has ended.
            written.extend(part.await.unwrap_or_default());
        }
        let synced = tokio::task::spawn_blocking({
            let folder = Arc::clone(&folder);
            move || sync_folder(&folder).map_err(|error| format!("cannot sync the outbox: {error}"))
        });
        let synced = synced.await.unwrap_or_else(|_| Err("syncing the outbox panicked".to_owned()));
        for waiter in written {
            // Whoever waited may be gone.
            let _ = waiter.send(synced.clone());
        }
    }
}

/// Writes files and answers who waits for them; who waits for a file that cannot be written is told at once.
fn write_all(folder: &Path, orders: Vec<Order>) -> Vec<oneshot::Sender<Result<(), String>>> {
    let mut written = Vec::with_capacity(orders.len());
    for order in orders {
        match write(folder, &order.name, &order.message) {
            Ok(()) => written.push(order.waiter),
            Err(error) => {
                let _ = order.waiter.send(Err(format!("cannot write to the outbox: {error}")));
            }
        }
    }
    written
}

/// Writes a file under a name that no reader takes for a mail, syncs it, then gives it its name. [`sync_folder`] makes the name durable.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    private_files::make_private_folder(folder)?;
    let unfinished = folder.join(format!(".{name}.part"));
    private_files::make_private_file(&unfinished)?;
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, folder.join(name))
}

/// Makes the names in a folder durable. Systems that cannot open a folder do so by themselves.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if folder.exists() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::transport::sample;
    use crate::model::ids::RecipientId;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("entry").file_name().into_string().expect("name")).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_parcel_becomes_one_file_however_often_it_is_tried() {
        let root = tempfile::tempdir().expect("temporary folder");
        let folder = root.path().join("outbox");
        let outbox = Outbox::new(folder.clone());
        let mail = sample::parcel(7, "a/../b@example.com");
        let letter = Parcel { posted: Posted::Recipient(RecipientId(7)), ..mail.clone() };
        for parcel in [&mail, &letter, &mail] {
            assert!(matches!(outbox.send(parcel).await, Outcome::Sent(_)));
        }
        assert_eq!(names(&folder), ["7-a_.._b@example.com.eml", "c7-a_.._b@example.com.eml"]);
        let kept = std::fs::read(folder.join("7-a_.._b@example.com.eml")).expect("file");
        assert_eq!(*kept, *mail.message);
    }

    #[tokio::test]
    async fn parcels_that_come_together_are_all_written() {
        let root = tempfile::tempdir().expect("temporary folder");
        let outbox = Outbox::new(root.path().to_owned());
        let sent = (0..500).map(|n| {
            let outbox = outbox.clone();
            async move { outbox.send(&sample::parcel(n, "a@example.com")).await }
        });
        let outcomes = futures_util::future::join_all(sent).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Sent(_))));
        assert_eq!(names(root.path()).len(), 500);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_to_delays_the_parcel() {
        let root = tempfile::tempdir().expect("temporary folder");
        let folder = root.path().join("file");
        std::fs::write(&folder, "in the way").expect("write");
        let outcome = Outbox::new(folder).send(&sample::parcel(1, "a@example.com")).await;
        assert!(matches!(&outcome, Outcome::NotTried(delay) if delay.reason.contains("outbox")), "{outcome:?}");
    }
}
