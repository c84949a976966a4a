//! How a refusal looks on this wire: a result with `Success` false, a code and a text (OF-18.4). Only what the server itself could not do is a fault.

use crate::dialects::kit::soap;
use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::{
    MessageCreateResult, MessageSendResult, UserDeleteResult, UserGetResult, UserResult,
};

/// A result that can say that the call was refused.
pub trait Refused: Default {
    /// The refusal.
    fn refused(code: String, message: String) -> Self;
}

/// All results begin with the same three members.
macro_rules! refused {
    ($($result:ident),+) => {$(
        impl Refused for $result {
            fn refused(code: String, message: String) -> Self {
                Self { success: false, error_code: Some(code), error_message: Some(message), ..Self::default() }
            }
        }
    )+};
}
refused!(UserResult, UserGetResult, UserDeleteResult, MessageSendResult, MessageCreateResult);

/// The result of an operation, whether it was done or refused.
///
/// # Errors
/// A fault for what the server could not do.
pub fn settle<R: Refused>(done: Result<R, Refusal>) -> Result<R, soap::fault::Fault> {
    match done {
        Ok(result) => Ok(result),
        Err(refusal) if refusal.code == Code::InternalError => Err(soap::fault::Fault::internal()),
        Err(refusal) => Ok(R::refused(refusal.code.word().to_owned(), refusal.message)),
    }
}
