//! Contents of `queries/accounts.rs`.

use crate::model::ids::{AccountId, CredentialId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::{
    AccountColumn, AccountFilter, AccountProfile, AccountRow, CredentialRow, NewAccount, NewCredential, NewOperator,
    OperatorRow,
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
    /// What is only shown of an account.
    fn find_account_profile(id: AccountId) -> Option<AccountProfile>;
    /// Replaces an account's columns and its profile; a taken user name or address is a conflict.
    fn update_account(id: AccountId, account: &NewAccount, profile: &AccountProfile) -> ();
    /// Makes an account invisible and frees its user name and address; false when there is none.
    fn mark_account_deleted(id: AccountId, at: UtcTime) -> bool;
    /// Notes that the account was used.
    fn set_account_activity(id: AccountId, at: UtcTime) -> ();
    /// How many accounts there are.
    fn count_accounts() -> i64;
    /// The operator whose user name or address, in lower case, is `key`.
    fn find_operator_by_login(key: &str) -> Option<OperatorRow>;
    /// The operator with this address in lower case.
    fn find_operator_by_email(key: &str) -> Option<OperatorRow>;
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
    /// Removes every key of an account.
    fn delete_credentials_of_account(account: AccountId) -> ();
    /// Removes the keys of an account with this note.
    fn delete_noted_credentials(account: AccountId, note: &str) -> ();
} }

queries! { account_lists {
    /// One page of the accounts that the filter lets through, with their profiles. `limit` `None` for all.
    fn list_accounts(filter: &AccountFilter, order: &[(AccountColumn, bool)], offset: i64, limit: Option<i64>)
        -> Vec<(AccountRow, AccountProfile)>;
    /// How many accounts the filter lets through.
    fn count_accounts_in(filter: &AccountFilter) -> i64;
} }
