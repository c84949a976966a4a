//! A private Postfix: its own configuration, queue and mailboxes in a folder that goes with it, on a free loopback port. Nothing leaves the machine:
//! it knows one domain of mailboxes and one domain whose mail it hands to the server under test.
//!
//! Postfix has to be started by root; it gives its rights away by itself.

use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use super::tools::id_of;

/// Mail to it is kept in mailboxes.
const MAILBOX_DOMAIN: &str = "inbox.test";
/// The one mailbox there is; mail to others of the domain bounces after it was taken.
const READER: &str = "reader@inbox.test";
/// Mail to it goes to the server under test by LMTP.
pub const RETURNS_DOMAIN: &str = "returns.test";

/// How long a start and an end may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A running Postfix.
pub struct Postfix {
    folder: TempDir,
    /// Where it takes mail.
    pub port: u16,
}

impl Postfix {
    /// Starts it; mail to [`RETURNS_DOMAIN`] goes to this loopback port by LMTP.
    ///
    /// # Errors
    /// When that fails; its own words are in the error.
    pub async fn start(lmtp_port: u16) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("understudy-postfix-").tempdir()?;
        let root = folder.path();
        // Its processes run as other users and have to come by.
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755))?;
        for name in ["config", "spool", "data", "mail", "log"] {
            std::fs::create_dir(root.join(name))?;
        }
        let (user, group) = (id_of("-u", "nobody").await?, id_of("-g", "nobody").await?);
        chown(root.join("mail"), Some(user), Some(group))?;
        chown(root.join("data"), Some(id_of("-u", "postfix").await?), None)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        std::fs::write(root.join("config/main.cf"), main_cf(root, lmtp_port, user, group))?;
        std::fs::write(root.join("config/master.cf"), master_cf(port))?;
        let postfix = Self { folder, port };
        postfix.control("start").await?;
        postfix.wait_until_ready().await?;
        Ok(postfix)
    }

    /// The reader's mailbox, a Maildir; there once it holds a mail.
    pub fn mailbox(&self) -> PathBuf {
        self.folder.path().join("mail/reader")
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log/maillog")).unwrap_or_default()
    }

    /// Ends it; its folder goes with it.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.control("stop").await
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if started.elapsed() > PATIENCE {
                bail!("Postfix does not accept connections: {}", self.log());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn control(&self, word: &str) -> anyhow::Result<()> {
        let mut command = Command::new("/usr/sbin/postfix");
        command.arg("-c").arg(self.folder.path().join("config")).arg(word).kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await.context("postfix does not end")??;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "postfix {word}: {said} {}", self.log());
        Ok(())
    }
}

impl Drop for Postfix {
    /// When a test broke off: its processes are no children of this one and would stay.
    fn drop(&mut self) {
        let config = self.folder.path().join("config");
        // After `stop` there is nothing left to end, and it says so.
        let _ = std::process::Command::new("/usr/sbin/postfix").arg("-c").arg(config).arg("stop").output();
    }
}

fn main_cf(root: &Path, lmtp_port: u16, user: u32, group: u32) -> String {
    let root = root.display();
    format!(
        "compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log/maillog
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.postfix.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
biff = no
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
virtual_mailbox_domains = {MAILBOX_DOMAIN}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = inline:{{ {READER}=reader/ }}
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{group}
virtual_minimum_uid = 1
transport_maps = inline:{{ {RETURNS_DOMAIN}=lmtp:inet:127.0.0.1:{lmtp_port} }}
default_transport = error:nothing leaves this machine
"
    )
}

/// The services that taking, keeping, passing on and bouncing need, none of them in a changed root.
fn master_cf(port: u16) -> String {
    let mut text = format!("127.0.0.1:{port} inet n - n - - smtpd\n");
    for (name, kind, private, wakeup, most, program) in [
        ("pickup", "unix", "n", "60", "1", "pickup"),
        ("cleanup", "unix", "n", "-", "0", "cleanup"),
        ("qmgr", "unix", "n", "300", "1", "qmgr"),
        ("rewrite", "unix", "-", "-", "-", "trivial-rewrite"),
        ("bounce", "unix", "-", "-", "0", "bounce"),
        ("defer", "unix", "-", "-", "0", "bounce"),
        ("trace", "unix", "-", "-", "0", "bounce"),
        ("flush", "unix", "n", "1000?", "0", "flush"),
        ("proxymap", "unix", "-", "-", "-", "proxymap"),
        ("smtp", "unix", "-", "-", "-", "smtp"),
        ("relay", "unix", "-", "-", "-", "smtp"),
        ("showq", "unix", "n", "-", "-", "showq"),
        ("error", "unix", "-", "-", "-", "error"),
        ("retry", "unix", "-", "-", "-", "error"),
        ("discard", "unix", "-", "-", "-", "discard"),
        ("virtual", "unix", "-", "-", "-", "virtual"),
        ("lmtp", "unix", "-", "-", "-", "lmtp"),
        ("anvil", "unix", "-", "-", "1", "anvil"),
        ("scache", "unix", "-", "-", "1", "scache"),
        ("postlog", "unix-dgram", "n", "-", "1", "postlogd"),
    ] {
        let unprivileged = if program == "virtual" { "n" } else { "-" };
        text.push_str(&format!("{name} {kind} {private} {unprivileged} n {wakeup} {most} {program}\n"));
    }
    text
}
