//! The columns of an account that `User.Create` and `User.Update` share (OE-11.2). What is not given stays.

use crate::dialects::kit::legacy_time;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::rows::accounts::reputation_of;
use crate::dialects::oempro::wire::Wire;
use crate::domain::accounts::{NewAccount, Profile, one_line};
use crate::model::ids::UserGroupId;
use crate::model::time::UtcTime;

/// Longest text of several lines, in characters.
const LONGEST_TEXT: usize = 64 * 1024;

/// Takes over what was given. Words outside their list and times that are none change nothing: no code says otherwise.
pub fn read(params: &Params, wire: &Wire, account: &mut NewAccount, profile: &mut Profile) {
    read_account(params, wire, account);
    read_profile(params, profile);
}

fn read_account(params: &Params, wire: &Wire, account: &mut NewAccount) {
    if let Some(group) = params.id("RelUserGroupID") {
        account.user_group_id = UserGroupId(group);
    }
    if let Some(level) = params.text("ReputationLevel").and_then(reputation_of) {
        account.reputation = level;
    }
    match params.text("AccountStatus") {
        Some("Enabled") => account.is_enabled = true,
        Some("Disabled") => account.is_enabled = false,
        _ => {}
    }
    if let Some(credits) = params.int("AvailableCredits") {
        account.credits = credits;
    }
    if let Some(at) = moment(params, "UserSince", wire) {
        account.created_at = at;
    }
    let lines = [
        ("FirstName", &mut account.first_name),
        ("LastName", &mut account.last_name),
        ("CompanyName", &mut account.company),
        ("TimeZone", &mut account.time_zone),
        ("Language", &mut account.language),
        ("SignUpIPAddress", &mut account.sign_up_ip),
    ];
    take_lines(params, lines);
}

fn read_profile(params: &Params, profile: &mut Profile) {
    if let Some(verified) = params.truth("PhoneVerified") {
        profile.phone_verified = verified;
    }
    let lines = [
        ("Website", &mut profile.website),
        ("Street", &mut profile.street),
        ("Street2", &mut profile.street2),
        ("City", &mut profile.city),
        ("State", &mut profile.state),
        ("Zip", &mut profile.zip),
        ("Country", &mut profile.country),
        ("VAT", &mut profile.vat),
        ("Phone", &mut profile.phone),
        ("Fax", &mut profile.fax),
        ("PreviewMyEmailAccount", &mut profile.preview_account),
        ("PreviewMyEmailAPIKey", &mut profile.preview_api_key),
    ];
    take_lines(params, lines);
    let texts = [
        ("OtherEmailAddresses", &mut profile.other_emails),
        ("ForwardToFriendHeader", &mut profile.forward_header),
        ("ForwardToFriendFooter", &mut profile.forward_footer),
    ];
    for (name, place) in texts {
        if let Some(text) = params.text(name) {
            *place = text.chars().take(LONGEST_TEXT).collect();
        }
    }
}

fn take_lines<const N: usize>(params: &Params, lines: [(&str, &mut String); N]) {
    for (name, place) in lines {
        if let Some(text) = params.text(name) {
            *place = one_line(text);
        }
    }
}

/// A moment in the wire's zone; `None` when not given, zero or none.
#[must_use]
pub fn moment(params: &Params, name: &str, wire: &Wire) -> Option<UtcTime> {
    legacy_time::parse_date_time(params.text(name)?, wire.zone()).ok().flatten().map(UtcTime)
}
