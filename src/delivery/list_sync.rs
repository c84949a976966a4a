//! The worker behind scheduled lists: runs the MySQL query of each list that is due and imports what it answers.
//!
//! It also clears text that was handed over for an import long ago and never imported.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::{Actor, Origin};
use crate::domain::imports::{self, Mapping, MappingError, NewImport, OpenError, StartError, Totals};
use crate::domain::list_sync::{self, Outcome, Source, SyncError};
use crate::importing::mysql::{self, MySqlError, Query};
use crate::importing::run::{self, RunError};
use crate::model::states::{self, ImportKind, ImportTarget};
use crate::model::time::UtcTime;
use crate::store::StoreError;

/// Between two looks at the schedule.
const PAUSE: Duration = Duration::from_secs(60);

/// Why the schedule could not be worked on.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StoreError> for WorkError {
    fn from(error: StoreError) -> Self {
        Self::Sync(error.into())
    }
}

/// Why a list was not filled.
#[derive(Debug, thiserror::Error)]
enum FillError {
    #[error(transparent)]
    MySql(#[from] MySqlError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Works until `stop` says true.
pub async fn run(core: Core, mut stop: watch::Receiver<bool>) {
    let origin = Arc::new(Origin {
        ip: String::new(),
        user_agent: String::new(),
        channel: "list sync",
        source: states::Source::Import,
    });
    while !*stop.borrow() {
        if let Err(error) = work(&core, &origin, &mut stop).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the sync schedule could not be worked on");
        }
        let rested = tokio::time::timeout(PAUSE, stop.changed()).await;
        if matches!(rested, Ok(Err(_))) {
            return; // nobody is left to say stop
        }
    }
}

/// Fills every list that is due, one after the other.
async fn work(core: &Core, origin: &Arc<Origin>, stop: &mut watch::Receiver<bool>) -> Result<(), WorkError> {
    loop {
        let cleared = core.write(Arc::clone(origin), |cx| -> Result<bool, WorkError> { Ok(imports::clear_stale(cx)?) });
        if cleared.await? || *stop.borrow() {
            break;
        }
    }
    while !*stop.borrow() {
        let claimed = core.write(Arc::clone(origin), |cx| -> Result<_, WorkError> {
            cx.actor = Actor::System;
            Ok(list_sync::claim(cx)?.map(|source| (source, cx.now)))
        });
        let Some((source, started_at)) = claimed.await? else { return Ok(()) };
        tokio::select! {
            outcome = outcome(core, origin, &source) => record(core, origin, source.clone(), started_at, outcome).await?,
            // A second step that has begun goes on by itself as long as the program does.
            _ = stop.changed() => return give_back(core, origin, source.clone()).await,
        }
    }
    Ok(())
}

async fn outcome(core: &Core, origin: &Arc<Origin>, source: &Source) -> Outcome {
    match fill(core, origin, source).await {
        Ok(totals) => Outcome::Done(totals),
        Err(error) => {
            let list = source.list_id;
            tracing::warn!(error = &error as &dyn std::error::Error, list.id = %list, "list {list} was not filled");
            Outcome::Failed(error.to_string())
        }
    }
}

async fn record(
    core: &Core,
    origin: &Arc<Origin>,
    source: Source,
    started_at: UtcTime,
    outcome: Outcome,
) -> Result<(), WorkError> {
    let recorded = core.write(Arc::clone(origin), move |cx| -> Result<(), WorkError> {
        cx.actor = Actor::System;
        Ok(list_sync::record(cx, &source, started_at, &outcome)?)
    });
    recorded.await
}

async fn give_back(core: &Core, origin: &Arc<Origin>, source: Source) -> Result<(), WorkError> {
    let given = core.write(Arc::clone(origin), move |cx| -> Result<(), WorkError> {
        cx.actor = Actor::System;
        Ok(list_sync::give_back(cx, &source)?)
    });
    given.await
}

/// Runs the query and both steps of an import.
async fn fill(core: &Core, origin: &Arc<Origin>, source: &Source) -> Result<Totals, FillError> {
    let query = Query {
        host: source.mysql_host.clone(),
        port: source.mysql_port.clone(),
        username: source.mysql_username.clone(),
        password: source.mysql_password.clone(),
        database: source.mysql_database.clone(),
        query: source.mysql_query.clone(),
    };
    let opened = mysql::open(core.settings(), query).await?;
    let mapping = Mapping::from_text(&source.field_mapping, opened.names())?;
    let list = source.list_id;
    let new = NewImport {
        kind: ImportKind::MySql,
        target: ImportTarget::List,
        file_name: "scheduled".to_owned(),
        terminator: String::new(),
        encloser: String::new(),
    };
    let import = core
        .write(Arc::clone(origin), move |cx| -> Result<_, FillError> {
            cx.actor = Actor::System;
            Ok(imports::open(cx, list, new)?)
        })
        .await?;
    mysql::receive(core, origin, import, opened).await?;
    let taken = core
        .write(Arc::clone(origin), move |cx| -> Result<_, FillError> {
            cx.actor = Actor::System;
            Ok(imports::start(cx, list, import.id(), &mapping, false)?)
        })
        .await?;
    Ok(run::to_its_end(core, origin, taken).await?)
}
