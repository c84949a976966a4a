//! `understudy serve`: the server. On an empty folder it makes a first operator and account and prints how to call it.

use std::net::TcpListener;

use anyhow::Context;

use super::Common;
use crate::{app, telemetry};

/// Flags of `serve`.
#[derive(Debug, Default, clap::Args)]
pub struct Serve {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

impl Serve {
    pub fn run(self, common: &Common) -> anyhow::Result<()> {
        let flags: Vec<_> = self.listen.map(|listen| ("server.listen", listen)).into_iter().collect();
        let settings = common.settings(&flags)?;
        telemetry::logging::start(&settings.log);
        let listener = TcpListener::bind(&settings.server.listen)
            .with_context(|| format!("cannot listen on {}", settings.server.listen))?;
        let core = app::open_core(settings)?;
        actix_web::rt::System::new().block_on(async move {
            let running = app::serve(core, listener)?;
            tracing::info!(address = %running.address, "serving on http://{}", running.address);
            let ended = running.server.await;
            running.workers.stop().await;
            running.core.close().await;
            ended?;
            Ok(())
        })
    }
}
