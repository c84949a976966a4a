//! Contents of `queries/administration.rs`.

use crate::model::ids::{AccountId, CredentialId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::{AccountRow, CredentialRow, OperatorRow};

queries! { administration {
    /// The `n` accounts that follow the id `after`, in the order of their ids.
    fn list_accounts_after(after: AccountId, n: i64) -> Vec<AccountRow>;
    /// Lets an account work, or not.
    fn set_account_enabled(id: AccountId, is_enabled: bool) -> ();
    /// Replaces an account's own wire choices.
    fn set_account_wire_options(id: AccountId, lines: &str) -> ();
    /// Every operator, in the order of their ids.
    fn list_operators() -> Vec<OperatorRow>;
    /// Lets an operator work, or not.
    fn set_operator_enabled(id: OperatorId, is_enabled: bool) -> ();
    /// The key with this id, whatever its state.
    fn find_credential_by_id(id: CredentialId) -> Option<CredentialRow>;
    /// Every key of an account, oldest first.
    fn list_credentials_of_account(account: AccountId) -> Vec<CredentialRow>;
    /// Every key of an operator, oldest first.
    fn list_credentials_of_operator(operator: OperatorId) -> Vec<CredentialRow>;
    /// Ends a key at `at`; one that ended earlier keeps its moment.
    fn disable_credential(id: CredentialId, at: UtcTime) -> ();
} }
