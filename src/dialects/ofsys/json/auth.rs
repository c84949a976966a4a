//! Letting a caller in: by a key for most methods, by an application's id for what phones and pages call (OF-3, OF-12.6).

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::registry::{Auth, Method, Subject};
use crate::dialects::ofsys::json::request::Members;
use crate::domain::core::Core;
use crate::domain::cx::{Ctx, Origin};
use crate::domain::keys::{self, Admitted, KeyError, Presented, Usage};
use crate::domain::mobile::{self, App, MobileError};
use crate::model::ids::ListId;

/// What let the caller in.
#[derive(Clone)]
pub enum Pass {
    /// A key, whose account acts.
    Key(Box<Admitted>),
    /// An application's id, which the method's own transaction looks at.
    Application,
}

/// Checks the key of a method that asks for one, and counts the call. Blocks nothing; what it counts is durable by itself.
///
/// # Errors
/// The refusals of section 3 of the facts.
pub async fn admit(
    core: &Core,
    method: &'static Method,
    members: Arc<Map<String, Value>>,
    origin: Arc<Origin>,
) -> Result<Pass, Fault> {
    if method.auth == Auth::Application {
        return Ok(Pass::Application);
    }
    let request = Members::of_request(&members);
    let presented = presented(&request)?;
    // A project or table that cannot be read is refused by the method itself, once the key is known to be good.
    let named =
        |name: &str, subject| (method.subject() == subject).then(|| request.whole(name).ok().flatten()).flatten();
    let usage = Usage {
        endpoint: method.full_name(),
        project: named("idProject", Subject::Project).map(ListId),
        table: named("idTable", Subject::Table),
    };
    let admitted = keys::admit(core, &origin, &presented, &usage).await?;
    Ok(Pass::Key(Box::new(admitted)))
}

/// Lets the key's account act in this transaction.
///
/// # Errors
/// `AuthenticationFailed` when the account was disabled meanwhile.
pub fn recognise(cx: &mut Ctx<'_>, pass: &Pass) -> Result<(), Fault> {
    match pass {
        Pass::Key(admitted) => Ok(admitted.act(cx)?),
        Pass::Application => Ok(()),
    }
}

/// The application that a request names.
///
/// # Errors
/// `AuthenticationFailed` (OF-12.6).
pub fn application(cx: &mut Ctx<'_>, request: &Members<'_>) -> Result<App, Fault> {
    let id = request.any_text(&["ApplicationId", "idApplication"]).unwrap_or_default();
    mobile::recognise(cx, &id).map_err(Fault::from)
}

/// A key that is missing or cannot be read is a wrong key (OF-3.5).
fn presented(request: &Members<'_>) -> Result<Presented, Fault> {
    let wrong = || Fault::from(KeyError::AuthenticationFailed);
    let key = request.object("AuthKey").ok().flatten().ok_or_else(wrong)?;
    let id = key.whole("idKey").ok().flatten().ok_or_else(wrong)?;
    let secret = key.text("Key").ok().flatten().ok_or_else(wrong)?;
    Ok(Presented { id, secret })
}

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::AuthenticationFailed => Self::new(Code::AuthenticationFailed, "The key is not valid"),
            KeyError::Inactive => Self::new(Code::KeyInactive, "The key is not active"),
            KeyError::Expired => Self::new(Code::KeyExpired, "The key has expired"),
            KeyError::AddressNotAllowed => {
                Self::new(Code::AddressNotAllowed, "The key may not be used from this address")
            }
            KeyError::AccessDenied => Self::new(Code::AccessDenied, "The key does not permit this call"),
            KeyError::QuotaExceeded => Self::new(Code::QuotaExceeded, "The calls of the key for today are used up"),
            KeyError::Store(error) => Self::internal(&error),
            KeyError::Unavailable(error) => Self::internal(&error),
        }
    }
}

impl From<MobileError> for Fault {
    fn from(error: MobileError) -> Self {
        match error {
            MobileError::NotRecognised => Self::new(Code::AuthenticationFailed, "The application is not known"),
            MobileError::NoApp(_) => Self::invalid("ApplicationId", "names no application"),
            MobileError::NoList(_) => Self::new(Code::ProjectNotFound, "There is no such project"),
            MobileError::NoDevice => Self::invalid("Guid", "names no installation"),
            MobileError::NoContact => Self::new(Code::ContactNotFound, "There is no such contact"),
            MobileError::TokenTooLong => Self::invalid("Token", "is too long"),
            MobileError::TooManyClaims => Self::invalid("Fields", "are too many"),
            MobileError::TooManyReports => Self::new(Code::InvalidParameter, "Too many reports in one call"),
            MobileError::Denied(denied) => denied.into(),
            MobileError::Store(error) => Self::internal(&error),
        }
    }
}
