//! Contents of `queries/accounts.rs`.

use crate::model::ids::{AccountId, CredentialId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::{
    AccountProfile, AccountRow, CredentialRow, NewAccount, NewCredential, NewOperator, OperatorRow,
};

queries! { accounts {
    /// The account whose user name or address, in lower case, is `key`.
    fn find_account_by_login(key: &str) -> Option<AccountRow>;
    /// The account with this user name in lower case.
    fn find_account_by_username(key: &str) -> Option<AccountRow>;
    /// The account with this address in lower case.
    fn find_account_by_email(key: &str) -> Option<AccountRow>;
    /// The account with this id.
    fn find_account(id: AccountId) -> Option<AccountRow>;
    /// Makes an account with its profile; a taken user name or address is a conflict.
    fn insert_account(account: &NewAccount, profile: &AccountProfile) -> AccountId;
    /// Replaces a password hash.
    fn set_account_password(id: AccountId, hash: &str) -> ();
    /// Notes that the account was used.
    fn set_account_activity(id: AccountId, at: UtcTime) -> ();
    /// How many accounts there are.
    fn count_accounts() -> i64;
    /// The operator whose user name or address, in lower case, is `key`.
    fn find_operator_by_login(key: &str) -> Option<OperatorRow>;
    /// The operator with this id.
    fn find_operator(id: OperatorId) -> Option<OperatorRow>;
    /// Makes an operator; a taken user name or address is a conflict.
    fn insert_operator(operator: &NewOperator) -> OperatorId;
    /// Replaces an operator's columns.
    fn update_operator(id: OperatorId, operator: &NewOperator) -> ();
    /// Replaces an operator's password hash.
    fn set_operator_password(id: OperatorId, hash: &str) -> ();
    /// How many operators there are.
    fn count_operators() -> i64;
    /// The key with this SHA-256, whatever its state.
    fn find_credential(key_hash: &str) -> Option<CredentialRow>;
    /// Stores a key.
    fn insert_credential(credential: &NewCredential) -> CredentialId;
} }
