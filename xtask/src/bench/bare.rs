//! A bare actix server that answers every request with the same body: what HTTP alone costs on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Flags of `bare-actix`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The file with the body.
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
}

/// Serves until it is killed; its first line says where.
///
/// # Errors
/// When the file cannot be read or no port is free.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let body = web::Bytes::from(std::fs::read(&options.body)?);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let body = body.clone();
            App::new().default_service(web::to(move |_: web::Bytes| {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            }))
        });
        let server = server.bind(("127.0.0.1", 0))?;
        println!("{}", server.addrs().first().context("no address")?);
        server.run().await?;
        Ok(true)
    })
}

/// This program again, as a bare server.
pub struct Bare {
    /// Where it listens.
    pub address: SocketAddr,
    _child: Child,
}

impl Bare {
    /// Starts it with a body in `file`.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub async fn start(file: PathBuf, body: &[u8]) -> anyhow::Result<Self> {
        std::fs::write(&file, body)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-actix").arg("--body").arg(file).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.context("the bare server ended at once")?;
        Ok(Self { address: line.trim().parse()?, _child: child })
    }
}
