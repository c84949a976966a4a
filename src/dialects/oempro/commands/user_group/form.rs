//! The parameters that `UserGroup.Create` and `UserGroup.Update` share (OE-11.9, OE-11.10). What is not asked for and not given stays.
//!
//! 5.x no longer asks for permissions and prices (OE-11.11); version 4 is taken, because a group without them would mean something else there.

use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::{Need, Params};
use crate::dialects::oempro::rows::user_groups::{MASK, send_method};
use crate::domain::accounts::one_line;
use crate::domain::user_groups::{GroupBilling, GroupDelivery, NewUserGroup};
use crate::model::states::SendMethod;

/// Longest text of several lines, in characters.
const LONGEST_TEXT: usize = 64 * 1024;

/// The numbers that differ between the two commands.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    /// No LimitEmailSendPerPeriod.
    pub no_email_limit: i64,
    /// A trial group without its end.
    pub no_trial_end: i64,
    /// SendMethod outside its list.
    pub bad_method: i64,
    /// SendMethodSMTPSecure outside its list.
    pub bad_secure: i64,
    /// SendMethodSMTPAuth is no truth.
    pub bad_auth: i64,
}

/// What is to be stored.
pub type Groups = (NewUserGroup, GroupBilling, GroupDelivery);

/// Asks for everything that must be given.
pub fn ask(need: &mut Need<'_>, numbers: Numbers) {
    let asked = [
        ("GroupName", 1),
        ("SubscriberAreaLogoutURL", 2),
        ("Permissions", 3),
        ("PaymentSystem", 4),
        ("LimitSubscribers", 5),
        ("LimitLists", 6),
        ("LimitCampaignSendPerPeriod", 7),
        ("RelThemeID", 8),
        ("PaymentCampaignsPerRecipient", 9),
        ("PaymentCampaignsPerCampaignCost", 10),
        ("PaymentAutoRespondersChargeAmount", 11),
        ("PaymentAutoRespondersPerRecipient", 12),
        ("PaymentDesignPrevChargeAmount", 13),
        ("PaymentDesignPrevChargePerReq", 14),
        ("PaymentSystemChargeAmount", 15),
        ("PaymentPricingRange", 16),
        ("ForceUnsubscriptionLink", 17),
        ("ForceRejectOptLink", 18),
        ("LimitEmailSendPerPeriod", numbers.no_email_limit),
    ];
    for (name, code) in asked {
        need.text(name, code);
    }
}

/// Takes what was given over into `base`.
///
/// # Errors
/// The numbers of the trial and of the sending method.
pub fn read(params: &Params, base: Groups, numbers: Numbers) -> Result<Groups, Fault> {
    let (mut group, mut billing, mut delivery) = base;
    read_group(params, &mut group);
    if group.is_trial && group.trial_seconds <= 0 {
        return Err(Fault::code(numbers.no_trial_end));
    }
    read_billing(params, &mut billing);
    read_delivery(params, &mut delivery, numbers)?;
    Ok((group, billing, delivery))
}

fn read_group(params: &Params, group: &mut NewUserGroup) {
    take_line(params, "GroupName", &mut group.name);
    if let Some(theme) = params.id("RelThemeID") {
        group.theme_id = theme;
    }
    take_line(params, "SubscriberAreaLogoutURL", &mut group.logout_url);
    take_switch(params, "ForceUnsubscriptionLink", &mut group.force_unsubscribe_link);
    take_switch(params, "ForceRejectOptLink", &mut group.force_reject_link);
    take_switch(params, "ForceOptInList", &mut group.force_opt_in_list);
    if let Some(words) = permissions(params) {
        group.permissions = words;
    }
    let numbers = [
        ("LimitSubscribers", &mut group.limit_subscribers),
        ("LimitLists", &mut group.limit_lists),
        ("LimitCampaignSendPerPeriod", &mut group.limit_campaigns_per_month),
        ("LimitEmailSendPerPeriod", &mut group.limit_emails_per_month),
        ("LimitEmailSendPerDay", &mut group.limit_emails_per_day),
        ("ThresholdImport", &mut group.threshold_import),
        ("ThresholdEmailSend", &mut group.threshold_send),
        ("TrialExpireSeconds", &mut group.trial_seconds),
    ];
    for (name, place) in numbers {
        // A limit below 0 is none, as 0 is.
        *place = params.int(name).map_or(*place, |number| number.max(0));
    }
    let texts = [
        ("PlainEmailHeader", &mut group.plain_header),
        ("PlainEmailFooter", &mut group.plain_footer),
        ("HTMLEmailHeader", &mut group.html_header),
        ("HTMLEmailFooter", &mut group.html_footer),
        ("Options", &mut group.options),
    ];
    for (name, place) in texts {
        if let Some(text) = params.text(name) {
            *place = text.chars().take(LONGEST_TEXT).collect();
        }
    }
    take_switch(params, "TrialGroup", &mut group.is_trial);
}

/// Permission words, without the blanks between them; words that are none are kept, because later commands may ask for them.
fn permissions(params: &Params) -> Option<String> {
    params.text("Permissions")?;
    let texts = params.texts("Permissions");
    let words = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty());
    Some(words.collect::<Vec<_>>().join(",").chars().take(LONGEST_TEXT).collect())
}

fn read_billing(params: &Params, billing: &mut GroupBilling) {
    take_switch(params, "PaymentSystem", &mut billing.is_enabled);
    take_switch(params, "PaymentCampaignsPerRecipient", &mut billing.campaigns_per_recipient);
    take_switch(params, "PaymentAutoRespondersPerRecipient", &mut billing.autoresponders_per_recipient);
    take_switch(params, "CreditSystem", &mut billing.credits_enabled);
    if let Some(ranges) = params.text("PaymentPricingRange") {
        billing.pricing_range = ranges.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect();
    }
    take_line(params, "PaymentCampaignsPerCampaignCost", &mut billing.campaigns_per_campaign_cost);
    take_line(params, "PaymentAutoRespondersChargeAmount", &mut billing.autoresponders_charge);
    take_line(params, "PaymentDesignPrevChargeAmount", &mut billing.preview_charge);
    take_line(params, "PaymentDesignPrevChargePerReq", &mut billing.preview_charge_per_request);
    take_line(params, "PaymentSystemChargeAmount", &mut billing.system_charge);
}

fn read_delivery(params: &Params, delivery: &mut GroupDelivery, numbers: Numbers) -> Result<(), Fault> {
    if let Some(word) = params.text("SendMethod") {
        let method = SendMethod::ALL.iter().copied().find(|method| send_method(*method) == word);
        delivery.method = method.ok_or_else(|| Fault::code(numbers.bad_method))?;
    }
    // Sent empty it means "none" (OE-11.9).
    match params.sent("SendMethodSMTPSecure") {
        None => {}
        Some(word @ ("ssl" | "tls" | "")) => word.clone_into(&mut delivery.smtp_security),
        Some(_) => return Err(Fault::code(numbers.bad_secure)),
    }
    match params.text("SendMethodSMTPAuth") {
        None => {}
        Some("true") => delivery.smtp_auth = true,
        Some("false") => delivery.smtp_auth = false,
        Some(_) => return Err(Fault::code(numbers.bad_auth)),
    }
    take_line(params, "SendMethodSaveToDiskDir", &mut delivery.save_to_disk_dir);
    take_line(params, "SendMethodPowerMTAVMTA", &mut delivery.powermta_vmta);
    take_line(params, "SendMethodPowerMTADir", &mut delivery.powermta_dir);
    take_line(params, "SendMethodLocalMTAPath", &mut delivery.local_mta_path);
    take_line(params, "SendMethodSMTPHost", &mut delivery.smtp_host);
    take_line(params, "SendMethodSMTPUsername", &mut delivery.smtp_username);
    if params.text("SendMethodSMTPPassword") != Some(MASK) {
        take_line(params, "SendMethodSMTPPassword", &mut delivery.smtp_password);
    }
    if let Some(port) = params.int("SendMethodSMTPPort") {
        delivery.smtp_port = port;
    }
    if let Some(seconds) = params.int("SendMethodSMTPTimeOut") {
        delivery.smtp_timeout_seconds = seconds;
    }
    Ok(())
}

fn take_line(params: &Params, name: &str, place: &mut String) {
    if let Some(text) = params.text(name) {
        *place = one_line(text);
    }
}

/// `Enabled` is on, every other word is off.
fn take_switch(params: &Params, name: &str, place: &mut bool) {
    if let Some(word) = params.text(name) {
        *place = word == "Enabled";
    }
}
