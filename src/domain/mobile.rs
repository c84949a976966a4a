//! Mobile and web applications of a list: their installations, the addresses that messages are pushed to, what installations report.
//!
//! An installation shows its application's id, which stands in public programs and pages. So it proves nothing about a person: what an installation
//! says about its holder is kept with it as a claim, and only somebody with a key, or a signed contact key, ties it to a subscriber.

use std::time::Duration;

use chrono_tz::Tz;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::access::Denied;
use crate::domain::cx::{Actor, Ctx};
use crate::domain::projects;
use crate::domain::secrets::{digest, hex, new_guid, new_session_token, same};
use crate::model::ids::{AccountId, AppId, DeviceId, ListId, SubscriberNumber};
use crate::model::states::MobileEvent;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::mobile as rows;

/// An application, as the layers above see it.
pub type App = rows::AppRow;
/// An installation, as the layers above see it.
pub type Device = rows::DeviceRow;
/// What an installation says about its holder, by name.
pub type Claims = rows::Claims;

/// A longer token is refused, in bytes: browsers' push subscriptions are long.
pub const MAX_TOKEN_BYTES: usize = 4_096;
/// Claims of one installation at most; a call that brings more is refused.
pub const MAX_CLAIMS: usize = 100;
/// Reports of one call at most.
pub const MAX_REPORTS: usize = 1_000;
/// Other texts are cut to this many characters.
const MAX_CHARS: usize = 250;
/// Reports are kept this long.
const KEEP_REPORTS: Duration = Duration::from_secs(400 * 24 * 3600);

/// An application just made. Its id, as programs show it, exists nowhere else.
#[derive(Debug)]
pub struct Made {
    /// Its number.
    pub id: AppId,
    /// `<number>:<32 characters>` (OF-12.1).
    pub application_id: String,
}

/// What an installation tells about itself; `None` leaves what is known.
#[derive(Debug, Clone, Default)]
pub struct DeviceReport {
    /// What it calls itself.
    pub guid: Option<String>,
    /// The address that messages are pushed to.
    pub token: Option<String>,
    /// The one it had before.
    pub old_token: Option<String>,
    /// The push platform's number on the wire.
    pub platform: Option<i64>,
    /// The site, of a web page.
    pub domain: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// What it says about its holder.
    pub claims: Claims,
    /// Whom it belongs to, proven by a signed key.
    pub contact: Option<SubscriberNumber>,
}

/// Something an installation reports.
#[derive(Debug, Clone)]
pub struct Report {
    /// What.
    pub kind: MobileEvent,
    /// The push it is about; empty for none.
    pub push_id: String,
    /// When.
    pub at: UtcTime,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum MobileError {
    /// No such application, a wrong secret, or one that is switched off.
    #[error("no such application")]
    NotRecognised,
    /// No such application.
    #[error("no application {0}")]
    NoApp(AppId),
    /// No such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// No such installation.
    #[error("no such installation")]
    NoDevice,
    /// The list has no such subscriber, or the key that names it is wrong.
    #[error("no such subscriber")]
    NoContact,
    /// See [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TokenTooLong,
    /// See [`MAX_CLAIMS`].
    #[error("more than {MAX_CLAIMS} fields")]
    TooManyClaims,
    /// See [`MAX_REPORTS`].
    #[error("more than {MAX_REPORTS} reports")]
    TooManyReports,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an application of a list.
///
/// # Errors
/// [`MobileError`].
pub fn create_app(cx: &mut Ctx<'_>, account: AccountId, list: ListId, name: &str) -> Result<Made, MobileError> {
    cx.administrator()?;
    cx.tx.find_list(account, list)?.ok_or(MobileError::NoList(list))?;
    let secret = new_session_token();
    let id = cx.tx.insert_mobile_app(&rows::NewAppRow {
        account_id: account,
        list_id: list,
        name: cut(name),
        secret_hash: digest(&secret),
        is_enabled: true,
        created_at: cx.now,
    })?;
    Ok(Made { id, application_id: format!("{id}:{secret}") })
}

/// The applications of an account, oldest first.
///
/// # Errors
/// [`MobileError`].
pub fn list_apps(cx: &mut Ctx<'_>, account: AccountId) -> Result<Vec<App>, MobileError> {
    cx.administrator()?;
    Ok(cx.tx.list_mobile_apps(account)?)
}

/// The application of a list with this name, the oldest if there are several.
///
/// # Errors
/// [`MobileError`].
pub fn find_app(cx: &mut Ctx<'_>, account: AccountId, list: ListId, name: &str) -> Result<Option<App>, MobileError> {
    let name = cut(name);
    Ok(list_apps(cx, account)?.into_iter().find(|app| app.list_id == list && app.name == name))
}

/// Switches an application on or off.
///
/// # Errors
/// [`MobileError`].
pub fn enable_app(cx: &mut Ctx<'_>, id: AppId, is_enabled: bool) -> Result<(), MobileError> {
    cx.administrator()?;
    cx.tx.find_mobile_app(id)?.ok_or(MobileError::NoApp(id))?;
    Ok(cx.tx.enable_mobile_app(id, is_enabled)?)
}

/// The application that an id names. Every function below takes what this answered.
///
/// # Errors
/// [`MobileError::NotRecognised`], whichever part of the id was wrong.
pub fn recognise(cx: &mut Ctx<'_>, application_id: &str) -> Result<App, MobileError> {
    let (number, secret) = application_id.trim().split_once(':').ok_or(MobileError::NotRecognised)?;
    let number = number.parse().map_err(|_| MobileError::NotRecognised)?;
    let found = cx.tx.find_mobile_app(AppId(number))?;
    // The digest is compared also when there is no application, so that the time tells nothing.
    let kept = found.as_ref().map_or("", |app| app.secret_hash.as_str());
    let is_right = same(&digest(secret), kept);
    let app = found.filter(|app| is_right && app.is_enabled).ok_or(MobileError::NotRecognised)?;
    // A deleted list takes its applications with it, the rows go later.
    cx.tx.find_list(app.account_id, app.list_id)?.ok_or(MobileError::NotRecognised)?;
    Ok(app)
}

/// The zone of the dates that installations of an application report without an offset: its list's.
///
/// # Errors
/// [`MobileError`].
pub fn time_zone(cx: &mut Ctx<'_>, app: &App) -> Result<Tz, MobileError> {
    let list = cx.tx.find_list(app.account_id, app.list_id)?.ok_or(MobileError::NoList(app.list_id))?;
    Ok(projects::of_list(cx, list)?.time_zone)
}

/// Notes an installation, new or known by its guid, its token or its old token. A token stands once in an application: whoever had it loses it.
///
/// # Errors
/// [`MobileError`].
pub fn report(cx: &mut Ctx<'_>, app: &App, report: &DeviceReport) -> Result<Device, MobileError> {
    if report.token.as_ref().is_some_and(|token| token.len() > MAX_TOKEN_BYTES) {
        return Err(MobileError::TokenTooLong);
    }
    if report.claims.len() > MAX_CLAIMS {
        return Err(MobileError::TooManyClaims);
    }
    if let Some(number) = report.contact {
        cx.tx.find_subscriber(app.list_id, number)?.ok_or(MobileError::NoContact)?;
    }
    let mut device = match known(cx, app, report)? {
        Some(device) => device,
        None => make(cx, app, report)?,
    };
    give_token(cx, app, &mut device, report)?;
    apply(cx, &mut device, report)?;
    cx.tx.update_device(&device)?;
    Ok(device)
}

fn known(cx: &mut Ctx<'_>, app: &App, report: &DeviceReport) -> Result<Option<Device>, StoreError> {
    if let Some(guid) = &report.guid
        && let Some(found) = cx.tx.find_device(app.id, &cut(guid))?
    {
        return Ok(Some(found));
    }
    for token in [&report.token, &report.old_token].into_iter().flatten().filter(|token| !token.is_empty()) {
        // A guid that is new is another installation, even where a token moved to it.
        if report.guid.is_none()
            && let Some(found) = cx.tx.find_device_by_token(app.id, &digest(token))?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn make(cx: &mut Ctx<'_>, app: &App, report: &DeviceReport) -> Result<Device, MobileError> {
    let guid = report.guid.as_deref().map_or_else(new_guid, cut);
    cx.tx.insert_device(&rows::NewDeviceRow {
        app_id: app.id,
        list_id: app.list_id,
        guid: guid.clone(),
        token: String::new(),
        token_hash: None,
        contact_number: SubscriberNumber::NONE,
        platform: 0,
        domain: String::new(),
        language: String::new(),
        claims: "{}".to_owned(),
        created_at: cx.now,
        seen_at: cx.now,
    })?;
    cx.tx.find_device(app.id, &guid)?.ok_or(MobileError::NoDevice)
}

/// Takes the new token, and the old one, from whoever else has them.
fn give_token(cx: &mut Ctx<'_>, app: &App, device: &mut Device, report: &DeviceReport) -> Result<(), StoreError> {
    for token in [&report.token, &report.old_token].into_iter().flatten().filter(|token| !token.is_empty()) {
        if let Some(holder) = cx.tx.find_device_by_token(app.id, &digest(token))?
            && holder.id != device.id
        {
            cx.tx.clear_token(holder.id)?;
        }
    }
    if let Some(token) = &report.token {
        device.token.clone_from(token);
        device.token_hash = (!token.is_empty()).then(|| digest(token));
    }
    Ok(())
}

fn apply(cx: &Ctx<'_>, device: &mut Device, report: &DeviceReport) -> Result<(), MobileError> {
    if let Some(platform) = report.platform {
        device.platform = platform;
    }
    if let Some(domain) = &report.domain {
        device.domain = cut(domain);
    }
    if let Some(language) = &report.language {
        device.language = cut(language);
    }
    if let Some(contact) = report.contact {
        device.contact_number = contact;
    }
    if !report.claims.is_empty() {
        let mut claims = rows::claims_from_text(&device.claims)?;
        claims.extend(report.claims.iter().map(|(name, value)| (cut(name), value.chars().take(1_000).collect())));
        if claims.len() > MAX_CLAIMS {
            return Err(MobileError::TooManyClaims);
        }
        device.claims = rows::claims_to_text(&claims);
    }
    device.seen_at = cx.now;
    Ok(())
}

/// The installation of this guid or token.
///
/// # Errors
/// [`MobileError`].
pub fn find(cx: &mut Ctx<'_>, app: &App, guid: &str, token: &str) -> Result<Option<Device>, MobileError> {
    if !guid.is_empty()
        && let Some(found) = cx.tx.find_device(app.id, &cut(guid))?
    {
        return Ok(Some(found));
    }
    if token.is_empty() { Ok(None) } else { Ok(cx.tx.find_device_by_token(app.id, &digest(token))?) }
}

/// Ties an installation to a subscriber; `app` belongs to a list of the acting account. Makes the installation when it is new.
///
/// # Errors
/// [`MobileError`].
pub fn tie(
    cx: &mut Ctx<'_>,
    app: AppId,
    guid: Option<&str>,
    token: Option<&str>,
    number: SubscriberNumber,
) -> Result<Device, MobileError> {
    let account = match &cx.actor {
        Actor::Account { rights, .. } => rights.id,
        _ => return Err(Denied::NotLoggedIn.into()),
    };
    let app = cx.tx.find_mobile_app(app)?.filter(|found| found.account_id == account).ok_or(MobileError::NoApp(app))?;
    let told = DeviceReport {
        guid: guid.map(str::to_owned),
        token: token.map(str::to_owned),
        contact: Some(number),
        ..DeviceReport::default()
    };
    report(cx, &app, &told)
}

/// Notes what an installation reports; the same report is noted once. Answers how many were new.
///
/// # Errors
/// [`MobileError`].
pub fn track(cx: &mut Ctx<'_>, app: &App, device: Option<DeviceId>, reports: &[Report]) -> Result<usize, MobileError> {
    if reports.len() > MAX_REPORTS {
        return Err(MobileError::TooManyReports);
    }
    let mut n_new = 0;
    for report in reports {
        let row = rows::NewMobileEventRow {
            app_id: app.id,
            device_id: device.unwrap_or(DeviceId::NONE),
            kind: report.kind,
            push_id: cut(&report.push_id),
            happened_at: report.at,
            created_at: cx.now,
        };
        n_new += usize::from(cx.tx.insert_mobile_event(&row)?);
    }
    Ok(n_new)
}

/// The key by which a page knows a subscriber of a list: it stands in links of mails beside the subscriber's number.
#[must_use]
pub fn contact_key(secret: &str, list: ListId, number: SubscriberNumber) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("contact key {list} {number}").as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

/// The subscriber that `<number>:<key>` names, if the key is right for the application's list.
///
/// # Errors
/// [`MobileError::NoContact`].
pub fn read_contact_key(cx: &Ctx<'_>, app: &App, text: &str) -> Result<SubscriberNumber, MobileError> {
    let (number, key) = text.trim().split_once(':').ok_or(MobileError::NoContact)?;
    let number = SubscriberNumber(number.parse().map_err(|_| MobileError::NoContact)?);
    let right = contact_key(&cx.settings.security.link_secret, app.list_id, number);
    if same(key, &right) { Ok(number) } else { Err(MobileError::NoContact) }
}

/// Forgets whom the installations of these subscribers belong to.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn untie(cx: &mut Ctx<'_>, list: ListId, numbers: &[SubscriberNumber]) -> Result<(), StoreError> {
    cx.tx.untie_devices(list, numbers)
}

/// Removes up to `n` reports after their keeping time; answers how many.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn sweep(cx: &mut Ctx<'_>, n: i64) -> Result<usize, StoreError> {
    let before = cx.now.minus(KEEP_REPORTS);
    cx.tx.sweep_mobile_events(before, n)
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;
    use crate::domain::workload::WorkError;

    fn told(guid: Option<&str>, token: &str) -> DeviceReport {
        DeviceReport { guid: guid.map(str::to_owned), token: Some(token.to_owned()), ..DeviceReport::default() }
    }

    async fn with_app<T: Send + 'static>(
        sample: &Sample,
        f: impl FnOnce(&mut Ctx<'_>, &App) -> Result<T, MobileError> + Send + 'static,
    ) -> T {
        let (account, list) = (sample.account, sample.list);
        let result = sample.write(move |cx| {
            let work = |cx: &mut Ctx<'_>| {
                let made = create_app(cx, account, list, "App")?;
                let app = recognise(cx, &made.application_id)?;
                f(cx, &app)
            };
            Ok::<_, WorkError>(work(cx))
        });
        result.await.expect("store").expect("mobile")
    }

    #[tokio::test]
    async fn an_application_is_recognised_by_its_whole_id_only() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        sample
            .write(move |cx| {
                let made = create_app(cx, account, list, "App").expect("app");
                assert_eq!(made.application_id.split_once(':').map(|(_, secret)| secret.len()), Some(32));
                assert!(recognise(cx, &made.application_id).is_ok());
                for wrong in ["", "1", "1:", "x:y", "9:00000000000000000000000000000000", &made.application_id[..10]] {
                    assert!(matches!(recognise(cx, wrong), Err(MobileError::NotRecognised)), "{wrong}");
                }
                enable_app(cx, made.id, false).expect("off");
                assert!(matches!(recognise(cx, &made.application_id), Err(MobileError::NotRecognised)));
                Ok(())
            })
            .await
            .expect("store");
    }

    #[tokio::test]
    async fn a_token_stands_once_and_moves_with_its_installation() {
        let sample = Sample::open().await;
        with_app(&sample, |cx, app| {
            let first = report(cx, app, &told(Some("g1"), "t1"))?;
            let second = report(cx, app, &told(Some("g2"), "t1"))?;
            assert_ne!(first.id, second.id);
            assert!(find(cx, app, "g1", "")?.expect("kept").token_hash.is_none(), "the first lost its token");
            let renewed = DeviceReport { old_token: Some("t1".to_owned()), ..told(None, "t2") };
            let renewed = report(cx, app, &renewed)?;
            assert_eq!((renewed.id, renewed.token.as_str()), (second.id, "t2"));
            let nameless = report(cx, app, &told(None, "t3"))?;
            assert_eq!(nameless.guid.len(), 36);
            assert!(matches!(report(cx, app, &told(None, &"x".repeat(5_000))), Err(MobileError::TokenTooLong)));
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_report_counts_once_and_only_a_signed_key_names_a_subscriber() {
        let sample = Sample::open().await;
        sample.subscribe(sample.list, 1, &Default::default()).await;
        with_app(&sample, |cx, app| {
            let device = report(cx, app, &told(Some("g"), "t"))?;
            let launch = Report { kind: MobileEvent::Launched, push_id: String::new(), at: cx.now };
            assert_eq!(track(cx, app, Some(device.id), &[launch.clone(), launch.clone()])?, 1);
            assert_eq!(track(cx, app, None, &[launch])?, 1);
            let key = contact_key(&cx.settings.security.link_secret, app.list_id, SubscriberNumber(1));
            assert_eq!(read_contact_key(cx, app, &format!("1:{key}"))?, SubscriberNumber(1));
            for wrong in [format!("2:{key}"), "1:".to_owned(), key] {
                assert!(matches!(read_contact_key(cx, app, &wrong), Err(MobileError::NoContact)), "{wrong}");
            }
            let tied = DeviceReport { contact: Some(SubscriberNumber(1)), ..told(Some("g"), "t") };
            assert_eq!(report(cx, app, &tied)?.contact_number, SubscriberNumber(1));
            untie(cx, app.list_id, &[SubscriberNumber(1)])?;
            assert_eq!(find(cx, app, "g", "")?.expect("kept").contact_number, SubscriberNumber::NONE);
            Ok(())
        })
        .await;
    }
}
