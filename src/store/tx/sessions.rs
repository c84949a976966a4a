//! Contents of `queries/sessions.rs`.

use crate::model::ids::{AccountId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::sessions::{AccountRights, SessionRow};

queries! { sessions {
    /// The session with this token hash, if it has not expired at `now`.
    fn find_session(token_hash: &str, now: UtcTime) -> Option<SessionRow>;
    /// Stores a login.
    fn insert_session(session: &SessionRow) -> ();
    /// Ends one session; quiet when it is gone already.
    fn delete_session(token_hash: &str) -> ();
    /// Turns an operator's session into one that works as an account too.
    fn set_session_account(token_hash: &str, account: AccountId, has_full_privilege: bool) -> ();
    /// Ends every session of an account; an operator's that works as it goes on as the operator's alone.
    fn delete_sessions_of_account(account: AccountId) -> ();
    /// Ends every session of an operator.
    fn delete_sessions_of_operator(operator: OperatorId) -> ();
    /// Removes expired sessions; answers how many.
    fn delete_expired_sessions(now: UtcTime) -> usize;
    /// What an account may do.
    fn find_account_rights(account: AccountId) -> Option<AccountRights>;
} }
