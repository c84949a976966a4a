//! What a command's code holds while it runs: the context, the parameters, the wire choices.

use std::sync::{Arc, OnceLock};

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::Auth;
use crate::dialects::oempro::wire::Wire;
use crate::domain::access::Denied;
use crate::domain::core::Core;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::lists;
use crate::domain::sessions::{self, Presented};
use crate::model::ids::ListId;

/// A running command.
pub struct Call<'c, 'a> {
    /// The open context; [`Ctx::actor`] has been recognised.
    pub cx: &'c mut Ctx<'a>,
    /// What was sent.
    pub params: &'c Params,
    /// The choices of the acting account, or the server's.
    pub wire: Wire,
}

/// A successful answer; `Success`, `ErrorCode` and `ErrorText` are put before it (OE-4).
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The command's own keys, in order.
    pub members: Object,
}

impl Reply {
    /// Nothing but success.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    #[must_use]
    pub fn put(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.members.insert(key, value);
        self
    }
}

/// A command that runs in stages: each [`Stage::read`] and [`Stage::write`] recognises the caller anew.
#[derive(Clone)]
pub struct Stage {
    /// The core.
    pub core: Core,
    /// What was sent.
    pub params: Arc<Params>,
    /// From where.
    pub origin: Arc<Origin>,
    /// What the caller showed.
    pub presented: Arc<Presented>,
    /// Whose credential the command asks for.
    pub auth: Auth,
    /// The server's wire choices.
    pub wire: Arc<Wire>,
    /// The choices of the account that turned out to act, for the envelope of a reply that no single stage makes.
    pub acting_wire: Arc<OnceLock<Wire>>,
}

impl Call<'_, '_> {
    /// Answers by the choices of a list's owner when nobody is logged in: public calls name the list only (OE-12).
    ///
    /// # Errors
    /// An internal fault.
    pub fn under_owner_of(&mut self, list: ListId) -> Result<(), Fault> {
        if matches!(self.cx.actor, Actor::Public)
            && let Some(options) = lists::owner_options(self.cx, list).map_err(|error| Fault::internal(&error))?
        {
            self.wire = self.wire.with(&options);
        }
        Ok(())
    }
}

impl Stage {
    /// Runs `f` on a connection that only reads.
    ///
    /// # Errors
    /// What `f` answers, the credential's fault, or an internal one.
    pub async fn read<T, F>(&self, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Call<'_, '_>) -> Result<T, Fault> + Send + 'static,
    {
        let stage = self.clone();
        self.core.read(Arc::clone(&self.origin), move |cx| stage.call(cx, f)).await
    }

    /// Runs `f` in a transaction; a fault undoes it.
    ///
    /// # Errors
    /// What `f` answers, the credential's fault, or an internal one.
    pub async fn write<T, F>(&self, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Call<'_, '_>) -> Result<T, Fault> + Send + 'static,
    {
        let stage = self.clone();
        self.core.write(Arc::clone(&self.origin), move |cx| stage.call(cx, f)).await
    }

    /// Runs slow, blocking work (a password hash) off the async threads.
    ///
    /// # Errors
    /// An internal fault when the work panicked.
    pub async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        tokio::task::spawn_blocking(work).await.map_err(|error| Fault::internal(&error))
    }

    fn call<T>(&self, cx: &mut Ctx<'_>, f: impl FnOnce(&mut Call<'_, '_>) -> Result<T, Fault>) -> Result<T, Fault> {
        sessions::recognise(cx, &self.presented).map_err(|error| Fault::internal(&error))?;
        if !admits(self.auth, &cx.actor) {
            return Err(Fault::denied(Denied::NotLoggedIn));
        }
        let wire = match &cx.actor {
            Actor::Account { rights, .. } => {
                let wire = self.wire.with(&rights.wire_options);
                self.acting_wire.get_or_init(|| wire.clone());
                wire
            }
            // A subscriber is answered as its list's owner chose.
            Actor::Subscriber { list, .. } => {
                let list = *list;
                let options = lists::owner_options(cx, list).map_err(|error| Fault::internal(&error))?;
                let wire = self.wire.with(&options.unwrap_or_default());
                self.acting_wire.get_or_init(|| wire.clone());
                wire
            }
            Actor::Public | Actor::Link { .. } | Actor::Operator(_) | Actor::System => Wire::clone(&self.wire),
        };
        let mut call = Call { cx, params: &self.params, wire };
        f(&mut call).map_err(|fault| fault.under(call.wire))
    }
}

fn admits(auth: Auth, actor: &Actor) -> bool {
    let (is_user, is_admin, is_subscriber) = (
        matches!(actor, Actor::Account { .. }),
        matches!(actor, Actor::Operator(_)),
        matches!(actor, Actor::Subscriber { .. }),
    );
    match auth {
        Auth::None => true,
        Auth::User => is_user,
        Auth::Admin => is_admin,
        Auth::UserOrAdmin => is_user || is_admin,
        Auth::Subscriber => is_subscriber,
        Auth::UserOrSubscriber => is_user || is_subscriber,
    }
}
