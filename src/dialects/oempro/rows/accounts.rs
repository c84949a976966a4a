//! Accounts and operators as this wire shows them (OE-3.15, OE-11.2).

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::rows::user_groups::{self, MASK, enabled};
use crate::dialects::oempro::rows::yes_no;
use crate::dialects::oempro::wire::Wire;
use crate::domain::accounts::{Account, Profile, Record};
use crate::domain::operators::Operator;
use crate::model::states::Reputation;

/// An account's row. `Password` is masked and `APIKey` empty: neither is kept in a form that could be shown.
#[must_use]
pub fn account(account: &Account, profile: &Profile, wire: &Wire) -> Object {
    let row = Object::new()
        .put("UserID", wire.id(account.id.0))
        .put("RelUserGroupID", wire.id(account.user_group_id.0))
        .put("EmailAddress", &account.email)
        .put("Username", &account.username)
        .put("Password", MASK)
        .put("ReputationLevel", reputation(account.reputation))
        .put("UserSince", wire.moment(Some(account.created_at)))
        .put("FirstName", &account.first_name)
        .put("LastName", &account.last_name)
        .put("CompanyName", &account.company);
    with_address(row, profile)
        .put("TimeZone", &account.time_zone)
        .put("SignUpIPAddress", &account.sign_up_ip)
        .put("APIKey", "")
        .put("Language", &account.language)
        .put("LastActivityDateTime", wire.moment(account.last_activity_at))
        .put("PreviewMyEmailAccount", &profile.preview_account)
        .put("PreviewMyEmailAPIKey", &profile.preview_api_key)
        .put("ForwardToFriendHeader", &profile.forward_header)
        .put("ForwardToFriendFooter", &profile.forward_footer)
        .put("AccountStatus", enabled(account.is_enabled))
        .put("AvailableCredits", wire.id(account.credits))
        .put("Street2", &profile.street2)
        .put("VAT", &profile.vat)
        .put("PhoneVerified", yes_no(profile.phone_verified))
        .put("OtherEmailAddresses", &profile.other_emails)
        .put("2FA_Enabled", yes_no(false))
        .put("SSOID", &profile.sso_id)
}

fn with_address(row: Object, profile: &Profile) -> Object {
    row.put("Website", &profile.website)
        .put("Street", &profile.street)
        .put("City", &profile.city)
        .put("State", &profile.state)
        .put("Zip", &profile.zip)
        .put("Country", &profile.country)
        .put("Phone", &profile.phone)
        .put("Fax", &profile.fax)
}

/// An account with its group, as an administrator sees it (OE-11.3).
#[must_use]
pub fn record(record: &Record, wire: &Wire) -> Object {
    let group = user_groups::group(&record.group, &record.billing, &record.delivery, wire);
    account(&record.account, &record.profile, wire).put("GroupInformation", group)
}

/// An account with its group, as the account itself sees it after its login.
#[must_use]
pub fn own_record(record: &Record, wire: &Wire) -> Object {
    let group = user_groups::group_of_account(&record.group, &record.billing, wire);
    account(&record.account, &record.profile, wire).put("GroupInformation", group)
}

/// The acting account as `User.Current` shows it, which has an order of its own (OE-11.15).
#[must_use]
pub fn current(record: &Record, wire: &Wire) -> Object {
    let (account, profile) = (&record.account, &record.profile);
    Object::new()
        .put("UserID", wire.id(account.id.0))
        .put("RelUserGroupID", wire.id(account.user_group_id.0))
        .put("EmailAddress", &account.email)
        .put("Username", &account.username)
        .put("ReputationLevel", reputation(account.reputation))
        .put("UserSince", wire.moment(Some(account.created_at)))
        .put("FirstName", &account.first_name)
        .put("LastName", &account.last_name)
        .put("CompanyName", &account.company)
        .put("Website", &profile.website)
        .put("Street", &profile.street)
        .put("Street2", &profile.street2)
        .put("City", &profile.city)
        .put("State", &profile.state)
        .put("Zip", &profile.zip)
        .put("Country", &profile.country)
        .put("VAT", &profile.vat)
        .put("Phone", &profile.phone)
        .put("PhoneVerified", yes_no(profile.phone_verified))
        .put("Fax", &profile.fax)
        .put("TimeZone", &account.time_zone)
        .put("LastActivityDateTime", wire.moment(account.last_activity_at))
        .put("AccountStatus", enabled(account.is_enabled))
        .put("AvailableCredits", wire.id(account.credits))
        .put("2FA_Enabled", yes_no(false))
        .put("2FA_RecoveryKey", "")
        .put("SSOID", &profile.sso_id)
        .put("GroupInfo", user_groups::group_of_account(&record.group, &record.billing, wire))
        .put("MFA_QRCode", "")
        .put("MFA_SecretKey", "")
        .put("SubscriptionID", Value::Null)
}

/// An operator's row (OE-3.15).
#[must_use]
pub fn operator(operator: &Operator, wire: &Wire) -> Object {
    Object::new()
        .put("AdminID", wire.id(operator.id.0))
        .put("Name", &operator.name)
        .put("EmailAddress", &operator.email)
        .put("Username", &operator.username)
        .put("Password", MASK)
        .put("2FA_Enabled", yes_no(false))
}

/// The words of `ReputationLevel`.
#[must_use]
pub fn reputation(reputation: Reputation) -> &'static str {
    match reputation {
        Reputation::Trusted => "Trusted",
        Reputation::Untrusted => "Untrusted",
    }
}

/// Reads a `ReputationLevel`; values have case (OE-2).
#[must_use]
pub fn reputation_of(word: &str) -> Option<Reputation> {
    Reputation::ALL.iter().copied().find(|level| reputation(*level) == word)
}
