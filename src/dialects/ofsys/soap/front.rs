//! The SOAP service: a call and its typed request in, a typed result out. Who calls is known by the key in the request or by the login beside it (OF-18.2).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;

use crate::config::Settings;
use crate::dialects::kit::caller::{self, trusted_proxies};
use crate::dialects::kit::soap::fault::Fault;
use crate::dialects::kit::soap::http::{self, Endpoint};
use crate::dialects::kit::soap::security::{Login, Logins};
use crate::dialects::kit::soap::service::Call;
use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::{
    AuthKey, MessageCreateRequest, MessageCreateResult, MessageSendRequest, MessageSendResult, Ofsys, OfsysService,
    UserActivateRequest, UserCreateRequest, UserDeleteResult, UserGetRequest, UserGetResult, UserResult,
    UserSelectRequest, UserUpdateRequest,
};
use crate::dialects::ofsys::soap::operations;
use crate::dialects::ofsys::soap::refused::settle;
use crate::domain::core::Core;
use crate::domain::cx::{Ctx, Origin};
use crate::domain::keys::{self, Admitted, KeyError, Presented, Usage};
use crate::model::ids::ListId;
use crate::model::states::Source;

/// What the operations share.
pub struct Front {
    core: Core,
    trusted_proxies: Vec<IpAddr>,
}

/// The endpoint's type.
pub type OfsysEndpoint = Endpoint<Ofsys<Front>>;

/// The endpoint, made once for all threads. `keep_alive`: how long the server keeps an idle connection, which answers announce (SO-1.5).
#[must_use]
pub fn endpoint(core: &Core, keep_alive: Duration) -> OfsysEndpoint {
    let settings: &Settings = core.settings();
    let trusted_proxies = trusted_proxies(settings);
    let of_wire = http::Settings {
        limits: settings.soap.clone(),
        public_url: settings.server.public_url.clone(),
        trusted_proxies: trusted_proxies.clone(),
        keep_alive: Some(keep_alive),
    };
    Endpoint::new(Ofsys(Front { core: core.clone(), trusted_proxies }), of_wire)
}

/// Mounts it at `<base_path>/soap` (OF-18.1).
pub fn mount(config: &mut web::ServiceConfig, core: &Core, endpoint: &OfsysEndpoint) {
    http::mount(config, &format!("{}/soap", core.settings().ofsys.base_path), endpoint);
}

/// Whom a call is from and what it is about: what the key is checked for.
struct Asked {
    key: Option<AuthKey>,
    project: Option<i64>,
}

impl Front {
    /// Checks the key, then does the work in a transaction in which the key's account acts.
    async fn work<T, F>(&self, call: &Call<'_>, asked: Asked, does_write: bool, f: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ctx<'_>, ListId) -> Result<T, Refusal> + Send + 'static,
    {
        let caller = caller::of_request(call.http, &self.trusted_proxies);
        let origin = Arc::new(Origin {
            ip: caller.ip,
            user_agent: caller.user_agent,
            channel: "ofsys soap",
            source: Source::Api,
        });
        let admitted = self.admit(call, &asked, &origin).await?;
        let project = ListId(asked.project.ok_or_else(|| Refusal::missing("idProject"))?);
        let work = move |cx: &mut Ctx<'_>| {
            admitted.act(cx)?;
            f(cx, project)
        };
        if does_write { self.core.write(origin, work).await } else { self.core.read(origin, work).await }
    }

    async fn admit(&self, call: &Call<'_>, asked: &Asked, origin: &Arc<Origin>) -> Result<Admitted, Refusal> {
        let presented = presented(asked.key.as_ref(), call.login.as_ref())
            .ok_or_else(|| Refusal::from(KeyError::AuthenticationFailed))?;
        let usage = Usage { endpoint: call.name.to_owned(), project: asked.project.map(ListId), table: None };
        Ok(keys::admit(&self.core, origin, &presented, &usage).await?)
    }
}

/// The key of the request; without one, a login whose name is the key's number.
fn presented(key: Option<&AuthKey>, login: Option<&Login>) -> Option<Presented> {
    match (key, login) {
        (Some(key), _) => Some(Presented { id: key.id_key?, secret: key.key.clone()? }),
        (None, Some(Login::Password { user, password })) => {
            Some(Presented { id: user.trim().parse().ok()?, secret: password.clone() })
        }
        (None, _) => None,
    }
}

/// A member that must be there.
///
/// # Errors
/// `MissingParameter`.
pub(super) fn need<T>(member: Option<T>, name: &str) -> Result<T, Refusal> {
    member.ok_or_else(|| Refusal::new(Code::MissingParameter, format!("{name} is missing")))
}

impl OfsysService for Front {
    // A key's secret is kept as a digest, so that a digest made from it cannot be checked.
    const LOGINS: Logins = Logins::TEXT;

    async fn user_create(&self, call: &Call<'_>, request: UserCreateRequest) -> Result<UserResult, Fault> {
        let wanted = operations::user_create::Wanted::read(request.fields, request.is_active)?;
        let asked = Asked { key: request.auth_key, project: request.id_project };
        settle(self.work(call, asked, true, move |cx, project| operations::user_create::run(cx, project, wanted)).await)
    }

    async fn message_sendsingle(
        &self,
        call: &Call<'_>,
        request: MessageSendRequest,
    ) -> Result<MessageSendResult, Fault> {
        let wanted =
            operations::message_sendsingle::Wanted::read(request.id_message, request.id_contact, request.parameters)?;
        let asked = Asked { key: request.auth_key, project: request.id_project };
        let work =
            self.work(call, asked, true, move |cx, project| operations::message_sendsingle::run(cx, project, wanted));
        settle(work.await)
    }

    async fn user_activate(&self, call: &Call<'_>, request: UserActivateRequest) -> Result<UserResult, Fault> {
        let asked = Asked { key: request.auth_key, project: request.id_project };
        let (contact, token) = (request.id_contact, request.activation_key);
        let work = self.work(call, asked, true, move |cx, project| {
            operations::user_activate::run(cx, project, contact, token.as_deref())
        });
        settle(work.await)
    }

    async fn user_get(&self, call: &Call<'_>, request: UserGetRequest) -> Result<UserGetResult, Fault> {
        let wanted = operations::user_get::Wanted::read(request.id_contact, request.fields)?;
        let asked = Asked { key: request.auth_key, project: request.id_project };
        settle(self.work(call, asked, false, move |cx, project| operations::user_get::run(cx, project, wanted)).await)
    }

    async fn user_update(&self, call: &Call<'_>, request: UserUpdateRequest) -> Result<UserResult, Fault> {
        let wanted = operations::user_update::Wanted::read(request.id_contact, request.fields, request.is_active)?;
        let asked = Asked { key: request.auth_key, project: request.id_project };
        settle(self.work(call, asked, true, move |cx, project| operations::user_update::run(cx, project, wanted)).await)
    }

    async fn user_deactivate(&self, call: &Call<'_>, request: UserSelectRequest) -> Result<UserResult, Fault> {
        let asked = Asked { key: request.auth_key, project: request.id_project };
        let contact = request.id_contact;
        settle(
            self.work(call, asked, true, move |cx, project| operations::user_deactivate::run(cx, project, contact))
                .await,
        )
    }

    async fn user_delete(&self, call: &Call<'_>, request: UserSelectRequest) -> Result<UserDeleteResult, Fault> {
        let asked = Asked { key: request.auth_key, project: request.id_project };
        let contact = request.id_contact;
        settle(
            self.work(call, asked, true, move |cx, project| operations::user_delete::run(cx, project, contact)).await,
        )
    }

    async fn message_create(
        &self,
        call: &Call<'_>,
        request: MessageCreateRequest,
    ) -> Result<MessageCreateResult, Fault> {
        let asked = Asked { key: request.auth_key, project: request.id_project };
        let message = request.message;
        settle(
            self.work(call, asked, true, move |cx, project| operations::message_create::run(cx, project, message))
                .await,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_request_goes_before_a_login() {
        let key = AuthKey { id_key: Some(3), key: Some("abc".to_owned()) };
        let login = Login::Password { user: " 4 ".to_owned(), password: "def".to_owned() };
        let id =
            |key: Option<&AuthKey>, login: Option<&Login>| presented(key, login).map(|shown| (shown.id, shown.secret));
        assert_eq!(id(Some(&key), Some(&login)), Some((3, "abc".to_owned())));
        assert_eq!(id(None, Some(&login)), Some((4, "def".to_owned())));
        let half = AuthKey { id_key: Some(3), key: None };
        assert_eq!(id(Some(&half), Some(&login)), None, "half a key is a wrong key");
        assert_eq!(id(None, None), None);
        let named = Login::Password { user: "ann".to_owned(), password: "def".to_owned() };
        assert_eq!(id(None, Some(&named)), None);
    }
}
