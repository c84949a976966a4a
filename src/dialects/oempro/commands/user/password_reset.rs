//! `User.PasswordReset`: a new password for whoever holds the token of a mailed link. Wire: OE-11.6.
//!
//! `UserID` is that token, or the MD5 of the id (OE-7) while a link is open, see [`crate::domain::password_reset`].

use crate::dialects::oempro::call::Stage;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::reset;
use crate::dialects::oempro::wire::Codes;
use crate::domain::password_reset::Kind;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.PasswordReset",
    auth: Auth::None,
    codes: Codes::Array,
    texts: &[(1, "User ID is missing"), (2, "User not found or no reset was asked for")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(reset::reset(stage, Kind::Account, "UserID", 1, 2))
}
