//! For unit tests: a core on a database of its own with one account and one list.
//!
//! SQLite by default; a new database on the server that `UNDERSTUDY_TEST_DATABASE` names, if it does. That one is left behind.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::config::Settings;
use crate::domain::accounts;
use crate::domain::campaigns::recipients;
use crate::domain::campaigns::{self, Audience, Campaign, NewCampaign, Totals, course};
use crate::domain::core::Core;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::keys;
use crate::domain::lists;
use crate::domain::mail_queue;
use crate::domain::messages::{self, Draft};
use crate::domain::outbox::NewMail;
use crate::domain::purge::PurgeError;
use crate::domain::user_groups;
use crate::domain::workload::{self, HookCall, Job, WorkError};
use crate::model::ids::{AccountId, CampaignId, HookId, ImportId, ListId, NodeId, SubscriberNumber};
use crate::model::states::{
    BounceType, CampaignState, ContentType, HookEvent, JobKind, MailPurpose, MessageMode, Roster, Source,
    SubscriptionStatus,
};
use crate::model::time::UtcTime;
use crate::store::Db;
use crate::store::db::{DbAddress, DbOptions, GroupLimits};
use crate::store::rows::accounts::AccountProfile;
use crate::store::rows::field_values::{FieldValues, to_text};
use crate::store::rows::lists::{HookRow, ListRow};
use crate::store::rows::subscribers::SubscriberRow;

/// The node that claims in tests.
pub const NODE: NodeId = NodeId(7);

/// The core and what it starts with. The folder goes with it.
pub struct Sample {
    pub core: Core,
    pub account: AccountId,
    pub list: ListId,
    _folder: tempfile::TempDir,
}

impl Sample {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let options = DbOptions {
            address: address(folder.path()).await,
            n_connections: 4,
            group: GroupLimits { max_jobs: 64, max_span: Duration::from_millis(5) },
            slow_after: Duration::from_secs(5),
        };
        let db = tokio::task::spawn_blocking(move || Db::open(&options)).await.expect("thread").expect("database");
        let mut settings = Settings::default();
        settings.server.data = folder.path().to_owned();
        settings.security.link_secret = "secret".to_owned();
        settings.outgoing.allow_private = true;
        settings.outgoing.timeout_seconds = 2;
        let core = Core::new(db, Arc::new(settings));
        let mut sample = Self { core, account: AccountId::NONE, list: ListId::NONE, _folder: folder };
        sample.account = sample
            .write(|cx| {
                let (group, billing, delivery) = user_groups::blank(cx, "Group");
                let group = cx.tx.insert_user_group(&group, &billing, &delivery)?;
                let row = accounts::blank(cx, group, "owner", "owner@example.org", String::new());
                Ok(cx.tx.insert_account(&row, &AccountProfile::default())?)
            })
            .await
            .expect("account");
        sample.list = sample.another_list().await;
        sample
    }

    pub async fn write<T, F>(&self, f: F) -> Result<T, WorkError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, WorkError> + Send + 'static,
    {
        let origin = Origin { ip: String::new(), user_agent: String::new(), channel: "test", source: Source::Unknown };
        self.core
            .write(Arc::new(origin), move |cx| {
                cx.actor = Actor::System;
                f(cx)
            })
            .await
    }

    /// A subscriber as it stands now.
    pub async fn subscriber(&self, list: ListId, number: i64) -> SubscriberRow {
        let find = move |cx: &mut Ctx<'_>| Ok(cx.tx.find_subscriber(list, SubscriberNumber(number))?);
        self.write(find).await.expect("store").expect("subscriber")
    }

    /// Changes the settings, before anybody took a copy of the core.
    pub fn settings(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = Settings::clone(self.core.settings());
        change(&mut settings);
        self.core = self.core.with_settings(settings);
    }

    pub async fn another_list(&self) -> ListId {
        let account = self.account;
        self.write(move |cx| Ok(cx.tx.insert_list(&lists::blank(cx, account, "News"))?)).await.expect("list")
    }

    pub async fn change_list(&self, list: ListId, change: impl FnOnce(&mut ListRow) + Send + 'static) {
        let account = self.account;
        self.write(move |cx| {
            let mut row = list_row(cx, account, list);
            change(&mut row);
            Ok(cx.tx.update_list(&row)?)
        })
        .await
        .expect("list");
    }

    /// Fills a list with active subscribers `1@example.com` and so on.
    pub async fn subscribe(&self, list: ListId, n: i64, values: &FieldValues) {
        let fields = to_text(values);
        self.write(move |cx| {
            for _ in 0..n {
                let number = cx.tx.take_number(list, Roster::Active, cx.now)?;
                cx.tx.insert_subscriber(&SubscriberRow { fields: fields.clone(), ..subscriber(list, number) })?;
            }
            Ok(())
        })
        .await
        .expect("subscribers");
    }

    /// Starts a campaign of a small message to whole lists.
    pub async fn start_campaign(&self, lists: &[ListId]) -> CampaignId {
        let (account, audiences) = (self.account, lists.iter().copied().map(Audience::whole).collect());
        self.write(move |cx| {
            let message = messages::insert(cx, account, message())?;
            keys::act_for(cx, account).expect("account");
            let new = NewCampaign { name: "Spring".to_owned(), message, audiences };
            let id = campaigns::create(cx, &new).expect("campaign");
            assert_eq!(course::start(cx, id).expect("start"), CampaignState::Sending);
            Ok(id)
        })
        .await
        .expect("campaign")
    }

    /// A campaign with its totals.
    pub async fn campaign(&self, id: CampaignId) -> (Campaign, Totals) {
        self.write(move |cx| {
            let totals = cx.tx.find_campaign_totals(id)?.expect("totals");
            Ok((cx.tx.find_any_campaign(id)?.expect("campaign"), totals))
        })
        .await
        .expect("campaign")
    }
}

pub fn message() -> Draft {
    Draft {
        name: "Message".to_owned(),
        from_name: "%List:Name%".to_owned(),
        from_email: "news@example.org".to_owned(),
        reply_to_name: String::new(),
        reply_to_email: String::new(),
        subject: "For %Subscriber:EmailAddress%".to_owned(),
        pre_header: String::new(),
        content_type: ContentType::Both,
        mode: MessageMode::Empty,
        template_id: 0,
        plain: "%Campaign:CampaignName%".to_owned(),
        html: "<a href='%Link:Unsubscribe%'>Leave</a>".to_owned(),
    }
}

async fn address(folder: &Path) -> DbAddress {
    static N_MADE: AtomicUsize = AtomicUsize::new(0);
    let Ok(server) = std::env::var("UNDERSTUDY_TEST_DATABASE") else {
        return DbAddress::Sqlite(folder.join("sample.db"));
    };
    let server = server.trim_end_matches('/');
    let name = format!("sample_{}_{}", std::process::id(), N_MADE.fetch_add(1, Ordering::Relaxed));
    let (client, connection) =
        tokio_postgres::connect(&format!("{server}/postgres"), tokio_postgres::NoTls).await.expect("server");
    let driver = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("database");
    drop(client);
    driver.await.expect("task").expect("connection");
    DbAddress::Postgres(format!("{server}/{name}"))
}

pub fn subscriber(list: ListId, number: SubscriberNumber) -> SubscriberRow {
    SubscriberRow {
        list_id: list,
        number,
        email: format!("{number}@example.com"),
        email_key: format!("{number}@example.com"),
        status: SubscriptionStatus::Subscribed,
        bounce: BounceType::NotBounced,
        is_suppressed: false,
        roster: Roster::Active,
        fields: "{}".to_owned(),
        subscribed_at: UtcTime(1_700_000_000_000_000),
        subscribed_ip: "192.0.2.7".to_owned(),
        opted_in_at: None,
        unsubscribed_at: None,
        unsubscribed_ip: String::new(),
        request_sent_at: None,
        source: Source::Api,
        source_ref: String::new(),
        import_id: ImportId::NONE,
    }
}

pub fn mail(to: &str) -> NewMail {
    NewMail {
        account: AccountId::NONE,
        list: ListId::NONE,
        number: SubscriberNumber::NONE,
        purpose: MailPurpose::Notice,
        from_name: "Sender".to_owned(),
        from_email: "sender@example.org".to_owned(),
        reply_to: String::new(),
        to: to.to_owned(),
        subject: "Subject".to_owned(),
        plain: "Text".to_owned(),
        html: String::new(),
    }
}

pub fn hook_call(job: Job, list: ListRow, url: &str) -> HookCall {
    let hook = HookRow {
        id: HookId(1),
        account_id: list.account_id,
        list_id: list.id,
        event: HookEvent::Subscription,
        url: url.to_owned(),
        created_at: UtcTime(0),
    };
    let subscriber = subscriber(list.id, SubscriberNumber(1));
    HookCall { job, hook, list, subscriber, values: BTreeMap::new() }
}

pub fn list_row(cx: &mut Ctx<'_>, account: AccountId, list: ListId) -> ListRow {
    cx.tx.find_list(account, list).expect("store").expect("list")
}

/// Whether anything queued has not ended yet, leased or not.
pub fn has_open_work(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    cx.now = UtcTime(i64::MAX);
    Ok(mail_queue::is_due(cx)? || workload::is_job_due(cx, JobKind::ALL)? || recipients::is_due(cx)?)
}

pub fn of_purge(error: PurgeError) -> WorkError {
    match error {
        PurgeError::Store(error) => error.into(),
        PurgeError::Denied(error) => error.into(),
        PurgeError::Unavailable(error) => error.into(),
        PurgeError::Unreadable(id) => panic!("job {id} is unreadable"),
    }
}
