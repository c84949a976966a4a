//! The command line: one file a subcommand.

mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::{Settings, load};

/// Steps into the part of an e-mail-list or membership platform that a company is leaving.
#[derive(Debug, Parser)]
#[command(name = "understudy", version, about)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every subcommand takes.
#[derive(Debug, clap::Args)]
struct Common {
    /// Settings file (TOML).
    #[arg(long, global = true, env = "UNDERSTUDY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for everything kept in files.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`; without it, a SQLite file in the data folder.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve every dialect over HTTP (the default).
    Serve(serve::Serve),
}

impl Common {
    fn settings(&self, more: &[load::Override]) -> anyhow::Result<Settings> {
        let mut flags = more.to_vec();
        if let Some(folder) = &self.data {
            flags.push(("server.data", folder.display().to_string()));
        }
        if let Some(url) = &self.database {
            flags.push(("database.url", url.clone()));
        }
        Ok(load::load(self.config.as_deref(), std::env::vars(), &flags)?)
    }
}

/// Runs the command line.
///
/// # Errors
/// Whatever stopped the subcommand; `main` prints the chain.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(serve) => serve.run(&cli.common),
    }
}
