//! `Admin.PasswordReset`: a new password for whoever holds the token of a mailed link. Wire: OE-11.7.
//!
//! `AdminID` is that token, or the MD5 of the id (OE-7) while a link is open, see [`crate::domain::password_reset`].
//! `CustomResetLink` belongs to `Admin.PasswordRemind`, as 5.x says: no link is mailed here.

use crate::dialects::oempro::call::Stage;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::reset;
use crate::dialects::oempro::wire::Codes;
use crate::domain::password_reset::Kind;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Admin.PasswordReset",
    auth: Auth::None,
    codes: Codes::Array,
    texts: &[(1, "Administrator ID is missing"), (2, "Administrator not found or no reset was asked for")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(reset::reset(stage, Kind::Operator, "AdminID", 1, 2))
}
