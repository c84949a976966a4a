//! Contents of `queries/hooks.rs`.

use crate::model::ids::{AccountId, HookId, ListId};
use crate::model::states::HookEvent;
use crate::model::time::UtcTime;
use crate::store::rows::lists::HookRow;

queries! { hooks {
    /// Every hook of a list, oldest first.
    fn list_hooks_of_list(list: ListId) -> Vec<HookRow>;
    /// Makes a hook.
    fn insert_hook(account: AccountId, list: ListId, event: HookEvent, url: &str, at: UtcTime) -> HookId;
    /// Removes the account's hooks among these ids; at most a few hundred.
    fn delete_hooks(account: AccountId, ids: &[HookId]) -> ();
} }
