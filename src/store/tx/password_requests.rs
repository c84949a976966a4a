//! Contents of `queries/password_requests.rs`.

use crate::model::ids::{AccountId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::PasswordRequestRow;

queries! { password_requests {
    /// Stores a request.
    fn insert_password_request(request: &PasswordRequestRow) -> ();
    /// The request with this token, if it has not expired at `now`.
    fn find_password_request(token_hash: &str, now: UtcTime) -> Option<PasswordRequestRow>;
    /// The requests, not expired at `now`, of accounts and operators whose id has this MD5, newest first.
    fn list_password_requests_by_md5(md5_of_id: &str, now: UtcTime) -> Vec<PasswordRequestRow>;
    /// Removes every request of an account.
    fn delete_password_requests_of_account(account: AccountId) -> ();
    /// Removes every request of an operator.
    fn delete_password_requests_of_operator(operator: OperatorId) -> ();
} }
