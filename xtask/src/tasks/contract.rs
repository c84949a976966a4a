//! `cargo xtask contract`: the goldens against any running server.

use std::path::{Path, PathBuf};

use crate::contract::http::Server;
use crate::contract::steps::Stage;
use crate::contract::suite::Suite;

/// Flags of `contract`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where the server is: `http://host:port`, or a folder below it.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// An operator's user name; the goldens make their accounts through it.
    #[arg(long, value_name = "U")]
    admin_username: String,
    /// The operator's password.
    #[arg(long, value_name = "P")]
    admin_password: String,
    /// Run only goldens whose path contains this.
    #[arg(long, value_name = "X", default_value = "")]
    filter: String,
    /// The folder the server captures mails in; without it, goldens that read a mail are named as not run.
    #[arg(long, value_name = "DIR")]
    outbox: Option<PathBuf>,
}

/// Runs the suite and prints what is broken.
///
/// # Errors
/// When the goldens cannot be read or the address is none.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let suite = Suite::read(root, &options.filter)?;
    let server = Server::parse(&options.base_url)?;
    let stage = Stage::new(server, &options.admin_username, &options.admin_password, options.outbox.clone());
    let report = suite.run(&stage);
    print!("{}", report.text());
    Ok(report.is_good())
}
