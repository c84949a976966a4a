//! `Subscribers.Import`: step 1 hands over data, step 2 maps its columns and adds the rows. Wire: OE-8.
//!
//! The whole of step 2 happens within the call, as on the old platform; when the client gives up waiting it goes on all the same, and asking again
//! answers 6. An unknown `ImportID` has no code of its own: it answers 2, there is no data. `ImportFields` is one object a column.

use std::time::Duration;

use crate::dialects::kit::form::Node;
use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::imports::{
    self, AddError, MapTo, Mapping, MappingError, NewImport, OpenError, StartError, column_of,
};
use crate::importing::file::{self, FileError};
use crate::importing::mysql::{self, MySqlError, Query};
use crate::importing::receive::{self, ReceiveError, Source};
use crate::importing::run::{self, RunError};
use crate::importing::text::{Layout, Shape, TextError};
use crate::model::ids::{ImportId, ListId};
use crate::model::states::{ImportKind, ImportTarget};
use crate::model::time::UtcTime;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Subscribers.Import",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Import type is missing"),
        (2, "Import data is missing"),
        (3, "Import step is invalid"),
        (4, "Invalid subscriber list ID"),
        (5, "Import data could not be parsed"),
        (6, "This import has already been completed"),
        (7, "Email address is mapped to more than one field"),
        (8, "Email address is not mapped"),
        (9, "Import file name is missing"),
        (10, "MySQL host is missing"),
        (11, "MySQL port is missing"),
        (12, "MySQL database name is missing"),
        (13, "Import file not found"),
        (14, "MySQL query is missing"),
        (15, "Failed to connect to the MySQL server or database"),
        (16, "MySQL query failed"),
        (17, "Invalid import type"),
        (18, "Import file is larger than allowed"),
    ],
    run: Run::Staged(run),
};

/// Between two tries to take an import that somebody else holds.
const RETRY: Duration = Duration::from_millis(500);

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        match stage.params.text("ImportStep").map(str::trim) {
            Some("1") => hand_over(stage).await,
            Some("2") => import(stage).await,
            _ => Err(Fault::code(3)),
        }
    })
}

fn list_of(params: &Params) -> ListId {
    ListId(params.id("ListID").unwrap_or(0))
}

async fn hand_over(stage: &Stage) -> Result<Reply, Fault> {
    let kind = match stage.params.text("ImportType").map(str::to_ascii_lowercase).as_deref() {
        None => return Err(Fault::code(1)),
        Some("copy") => ImportKind::Copy,
        Some("file") => ImportKind::File,
        Some("mysql") => ImportKind::MySql,
        Some(_) => return Err(Fault::code(17)),
    };
    let (id, shape) = match kind {
        ImportKind::Copy => copy(stage).await?,
        ImportKind::File => from_file(stage).await?,
        ImportKind::MySql => from_mysql(stage).await?,
    };
    let columns = (1..).zip(shape.head).map(|(n, head)| Value::from(Object::new().put(format!("FIELD{n}"), head)));
    Ok(Reply::new().put("ImportID", id.0).put("ImportFields", columns.collect::<Vec<_>>()))
}

async fn copy(stage: &Stage) -> Result<(ImportId, Shape), Fault> {
    let data = stage.params.text("ImportData").ok_or_else(|| Fault::code(2))?.to_owned();
    let layout = layout(&stage.params)?;
    if data.len() as u64 > stage.core.settings().import.max_file_bytes {
        return Err(too_large(stage));
    }
    let import = open(stage, ImportKind::Copy, "").await?;
    let received = receive::text(&stage.core, &stage.origin, import, Source::Text(data), layout).await;
    match received {
        Err(ReceiveError::Text(TextError::Empty)) => Err(Fault::code(2)),
        received => Ok((import.id(), received.map_err(|error| receive_fault(stage, error))?)),
    }
}

async fn from_file(stage: &Stage) -> Result<(ImportId, Shape), Fault> {
    let name = stage.params.text("ImportFileName").ok_or_else(|| Fault::code(9))?.to_owned();
    let layout = layout(&stage.params)?;
    let account = check(stage).await?;
    let (core, asked) = (stage.core.clone(), name.clone());
    let opened = stage.off_thread(move || file::open(core.settings(), account, &asked)).await?;
    let source = Source::File(opened.map_err(|error| match error {
        FileError::NotThere => Fault::code(13),
        FileError::TooLarge { .. } => too_large(stage),
    })?);
    let import = open(stage, ImportKind::File, &name).await?;
    let shape = receive::text(&stage.core, &stage.origin, import, source, layout).await;
    Ok((import.id(), shape.map_err(|error| receive_fault(stage, error))?))
}

async fn from_mysql(stage: &Stage) -> Result<(ImportId, Shape), Fault> {
    let params = &stage.params;
    let mut need = params.need();
    let query = Query {
        host: need.text("ImportMySQLHost", 10).to_owned(),
        port: need.text("ImportMySQLPort", 11).to_owned(),
        username: params.text_or_empty("ImportMySQLUsername").to_owned(),
        password: params.text_or_empty("ImportMySQLPassword").to_owned(),
        database: need.text("ImportMySQLDatabase", 12).to_owned(),
        query: need.text("ImportMySQLQuery", 14).to_owned(),
    };
    need.done()?;
    check(stage).await?;
    let opened = mysql::open(stage.core.settings(), query).await.map_err(|error| mysql_fault(stage, error))?;
    let import = open(stage, ImportKind::MySql, "").await?;
    let shape = mysql::receive(&stage.core, &stage.origin, import, opened).await;
    Ok((import.id(), shape.map_err(|error| mysql_fault(stage, error))?))
}

fn layout(params: &Params) -> Result<Layout, Fault> {
    Layout::parse(params.text_or_empty("FieldTerminator"), params.text_or_empty("FieldEncloser"))
        .ok_or_else(|| Fault::code(5))
}

/// The list's owner, asked before anything slow is done for the list.
async fn check(stage: &Stage) -> Result<crate::model::ids::AccountId, Fault> {
    stage.read(|call| imports::check(call.cx, list_of(call.params)).map_err(open_fault)).await
}

async fn open(stage: &Stage, kind: ImportKind, file_name: &str) -> Result<imports::Receiving, Fault> {
    let truth = |name| stage.params.truth(name).unwrap_or(false);
    let new = NewImport {
        kind,
        target: match (truth("AddToGlobalSuppressionList"), truth("AddToSuppressionList")) {
            (true, _) => ImportTarget::AccountSuppression,
            (false, true) => ImportTarget::ListSuppression,
            (false, false) => ImportTarget::List,
        },
        file_name: file_name.to_owned(),
        terminator: stage.params.text_or_empty("FieldTerminator").to_owned(),
        encloser: stage.params.text_or_empty("FieldEncloser").to_owned(),
    };
    stage.write(|call| imports::open(call.cx, list_of(call.params), new).map_err(open_fault)).await
}

async fn import(stage: &Stage) -> Result<Reply, Fault> {
    let mapping = match mapping(&stage.params) {
        Ok(mapping) => mapping,
        Err(error) => {
            check(stage).await?;
            return Err(Fault::code(match error {
                MappingError::ManyEmails => 7,
                MappingError::NoEmail => 8,
            }));
        }
    };
    let started = start(stage, mapping).await?;
    let totals = run::to_its_end(&stage.core, &stage.origin, started).await.map_err(run_fault)?;
    Ok(Reply::new()
        .put("TotalData", totals.n_rows)
        .put("TotalImported", totals.n_imported)
        .put("TotalDuplicates", totals.n_duplicates)
        .put("TotalFailed", totals.n_failed))
}

/// Takes the import. One that another call works on answers 6; one whose worker died is taken over once its lease has run out, which a lease that
/// is never renewed tells.
async fn start(stage: &Stage, mapping: Mapping) -> Result<imports::Run, Fault> {
    let mut seen: Option<UtcTime> = None;
    loop {
        let mapping = mapping.clone();
        let taken = stage.write(move |call| {
            let (list, import) = (list_of(call.params), ImportId(call.params.id("ImportID").unwrap_or(0)));
            let triggers = call.params.truth("TriggerBehaviors").unwrap_or(false);
            match imports::start(call.cx, list, import, &mapping, triggers) {
                Ok(run) => Ok(Ok(run)),
                Err(StartError::Running { until, .. }) => Ok(Err(until)),
                Err(error) => Err(start_fault(error)),
            }
        });
        match taken.await? {
            Ok(run) => return Ok(run),
            Err(until) if seen.is_some_and(|seen| seen != until) => return Err(Fault::code(6)),
            Err(until) => seen = Some(until),
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// `MappedFields[FIELD1]=EmailAddress`, the same as text, or nothing at all for one address a line (OE-14).
fn mapping(params: &Params) -> Result<Mapping, MappingError> {
    match params.node("MappedFields") {
        Some(Node::Array(array)) if !array.is_empty() => {
            let columns =
                array.iter().filter_map(|(name, node)| Some((column_of(name)?, MapTo::parse(node.as_text()?)?)));
            Mapping::new(columns)
        }
        Some(Node::Text(text)) => Mapping::from_text(text, &[]),
        _ => Ok(Mapping::address_only()),
    }
}

fn too_large(stage: &Stage) -> Fault {
    let allowed = i64::try_from(stage.core.settings().import.max_file_bytes).unwrap_or(i64::MAX);
    Fault::code(18).with("AllowedMaxSize", allowed)
}

fn open_fault(error: OpenError) -> Fault {
    match error {
        OpenError::NoList(_) => Fault::code(4),
        OpenError::Denied(denied) => denied.into(),
        OpenError::Store(error) => Fault::internal(&error),
    }
}

fn start_fault(error: StartError) -> Fault {
    match error {
        StartError::NoList(_) => Fault::code(4),
        StartError::NoImport(_) => Fault::code(2),
        StartError::Done(_) | StartError::Running { .. } => Fault::code(6),
        StartError::Denied(denied) => denied.into(),
        StartError::Store(error) => Fault::internal(&error),
    }
}

fn run_fault(error: RunError) -> Fault {
    match error {
        RunError::Add(AddError::Lost(_)) => Fault::code(6),
        RunError::Add(AddError::NoList(_)) => Fault::code(4),
        RunError::Add(AddError::Store(_)) | RunError::Unavailable(_) | RunError::Broken => Fault::internal(&error),
    }
}

fn receive_fault(stage: &Stage, error: ReceiveError) -> Fault {
    match error {
        ReceiveError::Text(TextError::TooLarge) => too_large(stage),
        ReceiveError::Text(TextError::Empty | TextError::Unreadable) => Fault::code(5),
        ReceiveError::Text(TextError::Io(_) | TextError::Gone)
        | ReceiveError::Unavailable(_)
        | ReceiveError::Broken => Fault::internal(&error),
    }
}

fn mysql_fault(stage: &Stage, error: MySqlError) -> Fault {
    tracing::info!(error = &error as &dyn std::error::Error, "an import from MySQL failed");
    match error {
        MySqlError::HostNotAllowed | MySqlError::BadPort | MySqlError::Connect(_) => Fault::code(15),
        MySqlError::Query(_) | MySqlError::TimedOut => Fault::code(16),
        MySqlError::Receive(ReceiveError::Text(TextError::Empty | TextError::Unreadable)) => Fault::code(16),
        MySqlError::Receive(error) => receive_fault(stage, error),
    }
}
