//! The second step: one run takes the import, adds its pieces one by one, and ends it.

use std::time::Duration;

use super::mapping::Mapping;
use super::piece::Piece;
use super::{OwnerError, owner, people};
use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::domain::outbox::{self, NewMail};
use crate::domain::suppression::Scope;
use crate::model::ids::{AccountId, ImportId, ListId, SubscriberNumber};
use crate::model::states::{ConsentEvent, ImportState, ImportTarget, MailPurpose};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::fields::FieldRow;
use crate::store::rows::imports::{ImportRow, Tally};
use crate::store::rows::subscribers::ConsentEntry;

/// What an import came to.
pub type Totals = Tally;

/// A run that has not added a piece for this long is taken for dead.
pub const LEASE: Duration = Duration::from_secs(10);
/// A notice about a large import goes to this many operators at most.
const OPERATORS_TOLD: i64 = 20;

/// A run of an import. Whoever holds one has passed [`start`], so the functions that take one ask no further.
#[derive(Debug, Clone)]
pub struct Run {
    pub(super) id: ImportId,
    pub(super) account: AccountId,
    pub(super) list: ListId,
    pub(super) target: ImportTarget,
    /// Which run of the import this is.
    number: i64,
    pub(super) email_column: usize,
    pub(super) columns: Vec<(usize, FieldRow)>,
    pub(super) triggers: bool,
    pub(super) limit_subscribers: i64,
    /// When it was started; every subscriber of the run joins at this moment.
    pub(super) at: UtcTime,
}

impl Run {
    /// The import.
    #[must_use]
    pub fn id(&self) -> ImportId {
        self.id
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> ListId {
        self.list
    }
}

/// Why an import is not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The account has no list with this id.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list has no import with this id, or its text did not arrive whole.
    #[error("no import {0}")]
    NoImport(ImportId),
    /// It is imported already.
    #[error("import {0} is done")]
    Done(ImportId),
    /// Another run holds it until then, unless it renews its lease.
    #[error("import {id} runs already")]
    Running {
        /// The import.
        id: ImportId,
        /// The end of the other run's lease.
        until: UtcTime,
    },
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OwnerError> for StartError {
    fn from(error: OwnerError) -> Self {
        match error {
            OwnerError::Denied(denied) => Self::Denied(denied),
            OwnerError::Store(error) => Self::Store(error),
        }
    }
}

/// Takes an import for a run. Fields the list does not have are left out. With `triggers` the list's hooks are told of every subscriber.
///
/// # Errors
/// [`StartError`].
pub fn start(
    cx: &mut Ctx<'_>,
    list: ListId,
    id: ImportId,
    mapping: &Mapping,
    triggers: bool,
) -> Result<Run, StartError> {
    let account = owner(cx, list)?.ok_or(StartError::NoList(list))?;
    let found = cx.tx.find_import(account, id)?.filter(|import| import.list_id == list);
    let import = found.filter(|import| import.state != ImportState::Receiving).ok_or(StartError::NoImport(id))?;
    let Some(number) = cx.tx.lease_import(id, cx.now, cx.now.plus(LEASE))? else {
        return Err(match import.state {
            ImportState::Running => StartError::Running { id, until: import.leased_until.unwrap_or(cx.now) },
            _ => StartError::Done(id),
        });
    };
    if number == 1 {
        note_consent(cx, &import)?;
    }
    let rules = cx.tx.find_import_rules(account)?;
    let fields = cx.tx.list_fields(account, list)?;
    let field_of = |id| fields.iter().find(|field| field.id == id).cloned();
    let mapped = mapping.fields.iter().filter(|_| import.target == ImportTarget::List);
    Ok(Run {
        id,
        account,
        list,
        target: import.target,
        number,
        email_column: mapping.email,
        columns: mapped.filter_map(|(column, id)| Some((*column, field_of(*id)?))).collect(),
        triggers,
        limit_subscribers: rules.map_or(0, |rules| rules.limit_subscribers),
        at: cx.now,
    })
}

/// One entry stands for everybody the import brings. It is written before the first of them.
fn note_consent(cx: &mut Ctx<'_>, import: &ImportRow) -> Result<(), StoreError> {
    let event = match import.target {
        ImportTarget::List => ConsentEvent::Import,
        ImportTarget::ListSuppression | ImportTarget::AccountSuppression => ConsentEvent::Suppress,
    };
    let entry = ConsentEntry {
        account_id: import.account_id,
        list_id: import.list_id,
        number: SubscriberNumber::NONE,
        email_key: String::new(),
        event,
        at: cx.now,
        ip: cx.origin.ip.clone(),
        user_agent: cx.origin.user_agent.clone(),
        channel: cx.origin.channel.to_owned(),
        actor: cx.actor_name(),
        detail: import.file_name.clone(),
        import_id: import.id,
    };
    cx.tx.insert_consent(&entry)
}

/// The first piece after number `seq` that is still to be added, with its number. 0 for the first of all.
///
/// # Errors
/// [`StoreError`] only.
pub fn next_piece(cx: &mut Ctx<'_>, run: &Run, seq: i64) -> Result<Option<(i64, String)>, StoreError> {
    cx.tx.next_import_chunk(run.id, seq)
}

/// Why a piece was not added. Nothing of it is.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Another run took over.
    #[error("import {0} is run by another")]
    Lost(ImportId),
    /// The list was deleted meanwhile.
    #[error("no list {0} any more")]
    NoList(ListId),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds one piece, counts what it came to and deletes its text.
///
/// # Errors
/// [`AddError`].
pub fn add_piece(cx: &mut Ctx<'_>, run: &Run, piece: &Piece) -> Result<(), AddError> {
    if !cx.tx.renew_import(run.id, run.number, cx.now.plus(LEASE))? {
        return Err(AddError::Lost(run.id));
    }
    let tally = match run.target {
        ImportTarget::List => people::join(cx, run, piece)?,
        ImportTarget::ListSuppression => people::suppress(cx, run, Scope::List(run.account, run.list), piece)?,
        ImportTarget::AccountSuppression => people::suppress(cx, run, Scope::Account(run.account), piece)?,
    };
    if !cx.tx.count_import_chunk(run.id, piece.seq, tally)? {
        return Err(AddError::Lost(run.id));
    }
    Ok(())
}

/// Ends a run that has added every piece; operators are told when it passed the user group's threshold.
///
/// # Errors
/// [`AddError`].
pub fn finish(cx: &mut Ctx<'_>, run: &Run) -> Result<Totals, AddError> {
    if !cx.tx.end_import(run.id, run.number, ImportState::Done, cx.now)? {
        return Err(AddError::Lost(run.id));
    }
    let import = cx.tx.find_import(run.account, run.id)?.ok_or(AddError::Lost(run.id))?;
    tell_operators(cx, &import)?;
    Ok(Totals {
        n_rows: import.n_rows,
        n_imported: import.n_imported,
        n_duplicates: import.n_duplicates,
        n_failed: import.n_failed,
    })
}

fn tell_operators(cx: &mut Ctx<'_>, import: &ImportRow) -> Result<(), StoreError> {
    let Some(rules) = cx.tx.find_import_rules(import.account_id)? else { return Ok(()) };
    if rules.threshold_import <= 0 || import.n_rows <= rules.threshold_import {
        return Ok(());
    }
    for to in cx.tx.list_operator_addresses(OPERATORS_TOLD)? {
        let mail = NewMail {
            account: import.account_id,
            list: import.list_id,
            number: SubscriberNumber::NONE,
            purpose: MailPurpose::Notice,
            from_name: String::new(),
            from_email: String::new(),
            reply_to: String::new(),
            to,
            subject: format!("Large import into list {}", import.list_id),
            plain: format!(
                "Account {} ({}) imported {} rows into list {}; notices start above {}.\n\n\
                 Imported: {}\nDuplicates: {}\nFailed: {}\n",
                import.account_id,
                rules.username,
                import.n_rows,
                import.list_id,
                rules.threshold_import,
                import.n_imported,
                import.n_duplicates,
                import.n_failed
            ),
            html: String::new(),
        };
        outbox::queue_mail(cx, mail)?;
    }
    Ok(())
}

/// Gives the import back after a failure, so that the second step can be repeated at once.
///
/// # Errors
/// [`StoreError`] only.
pub fn give_up(cx: &mut Ctx<'_>, run: &Run) -> Result<(), StoreError> {
    cx.tx.end_import(run.id, run.number, ImportState::Failed, cx.now).map(drop)
}
