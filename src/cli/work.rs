//! A subcommand's work on the database, done as the product itself; also while a server runs on it.

use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;

use super::Common;
use crate::config::LogSettings;
use crate::domain::core::Core;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::passwords::Verifier;
use crate::store::db::DbAddress;
use crate::{app, telemetry};

/// An open database. Closed by [`Work::end`].
pub struct Work {
    core: Core,
    runtime: Runtime,
}

impl Work {
    /// Opens the database, makes it when absent.
    pub fn open(common: &Common) -> anyhow::Result<Self> {
        let mut settings = common.settings(&[])?;
        // A subcommand's answer is what it prints; its log keeps to what went wrong.
        telemetry::logging::start(&LogSettings { filter: "warn".to_owned(), ..settings.log.clone() });
        settings.database.connections = 1;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
        Ok(Self { core: app::open_core(settings)?, runtime })
    }

    /// Opens the database, which must be there: a wrong folder is not taken for an empty database.
    pub fn open_existing(common: &Common) -> anyhow::Result<Self> {
        if let DbAddress::Sqlite(path) = DbAddress::parse(&common.settings(&[])?.database_url())?
            && !path.exists()
        {
            bail!("there is no database {}", path.display());
        }
        Self::open(common)
    }

    /// Runs `f` on a connection that only reads.
    pub fn read<T, F>(&self, f: F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> anyhow::Result<T> + Send + 'static,
    {
        self.runtime.block_on(self.core.read(origin(), move |cx| as_system(cx, f)))
    }

    /// Runs `f` in a transaction.
    pub fn write<T, F>(&self, f: F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> anyhow::Result<T> + Send + 'static,
    {
        self.runtime.block_on(self.core.write(origin(), move |cx| as_system(cx, f)))
    }

    /// Runs asynchronous work on the core.
    pub fn run<T>(&self, f: impl AsyncFnOnce(Core) -> T) -> T {
        self.runtime.block_on(f(self.core.clone()))
    }

    /// What makes password hashes.
    pub fn verifier(&self) -> &Verifier {
        self.core.verifier()
    }

    /// Closes the database.
    pub fn end(self) {
        self.runtime.block_on(self.core.close());
    }
}

/// Opens an existing database, runs `f` in a transaction, closes it.
pub fn change<T, F>(common: &Common, f: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Ctx<'_>) -> anyhow::Result<T> + Send + 'static,
{
    let work = Work::open_existing(common)?;
    let result = work.write(f);
    work.end();
    result
}

/// Opens an existing database, runs `f` on a connection that only reads, closes it.
pub fn look<T, F>(common: &Common, f: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Ctx<'_>) -> anyhow::Result<T> + Send + 'static,
{
    let work = Work::open_existing(common)?;
    let result = work.read(f);
    work.end();
    result
}

/// From where a subcommand's work comes.
pub fn origin() -> Arc<Origin> {
    Arc::new(Origin::of_program("command line"))
}

/// Runs `f` with every right.
pub fn as_system<T>(cx: &mut Ctx<'_>, f: impl FnOnce(&mut Ctx<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    cx.actor = Actor::System;
    f(cx)
}
