//! Contents of `queries/mobile.rs`.

use crate::model::ids::{AccountId, AppId, DeviceId, ListId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::mobile::{AppRow, DeviceRow, NewAppRow, NewDeviceRow, NewMobileEventRow};

queries! { mobile {
    /// Makes an application.
    fn insert_mobile_app(app: &NewAppRow) -> AppId;
    /// An application, whoever owns it.
    fn find_mobile_app(id: AppId) -> Option<AppRow>;
    /// The applications of an account, oldest first.
    fn list_mobile_apps(account: AccountId) -> Vec<AppRow>;
    /// Switches an application on or off.
    fn enable_mobile_app(id: AppId, is_enabled: bool) -> ();
    /// An installation by what it calls itself.
    fn find_device(app: AppId, guid: &str) -> Option<DeviceRow>;
    /// An installation by the digest of its token.
    fn find_device_by_token(app: AppId, token_hash: &str) -> Option<DeviceRow>;
    /// Notes an installation.
    fn insert_device(device: &NewDeviceRow) -> DeviceId;
    /// Stores a changed installation.
    fn update_device(device: &DeviceRow) -> ();
    /// Takes a token away from an installation.
    fn clear_token(id: DeviceId) -> ();
    /// Unties the installations of these subscribers, and drops what they said about their holders.
    fn untie_devices(list: ListId, contacts: &[SubscriberNumber]) -> ();
    /// Notes a report; one that was noted before is passed over. Answers whether it is new.
    fn insert_mobile_event(event: &NewMobileEventRow) -> bool;
    /// Removes up to `n` reports noted before `before`; answers how many.
    fn sweep_mobile_events(before: UtcTime, n: i64) -> usize;
    /// Removes up to `n` reports and installations of a list's applications; answers how many.
    fn purge_devices(list: ListId, n: i64) -> usize;
    /// Removes a list's applications. Call it when they have no installations any more.
    fn purge_mobile_apps(list: ListId) -> ();
} }
