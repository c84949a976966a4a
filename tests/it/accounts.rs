//! Accounts, administrators, user groups and logins over the Oempro wire. Without workers and sockets: what a command queues is read from its table,
//! and the client's address is made up.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::{App, test};
use diesel::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;
use understudy::app::open_core;
use understudy::config::Settings;
use understudy::dialects::oempro::front::{Front, mount};
use understudy::domain::core::{Core, Unavailable};
use understudy::domain::cx::{Actor, Origin};
use understudy::domain::passwords::Verifier;
use understudy::domain::secrets::md5_hex;
use understudy::domain::{accounts, operators, user_groups};
use understudy::model::ids::AccountId;
use understudy::model::states::Source;

use crate::support::TestDatabase;

const ADMIN: &str = "Username=root&Password=root-secret";

struct Site {
    _folder: TempDir,
    database: TestDatabase,
    core: Core,
}

/// Any failure of a preparing step.
#[derive(Debug)]
struct Failed;

impl From<Unavailable> for Failed {
    fn from(_: Unavailable) -> Self {
        Self
    }
}

impl Site {
    /// A server with one operator and one group that may do everything.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        let database = std::thread::scope(|scope| scope.spawn(|| TestDatabase::create(folder.path())).join().unwrap());
        settings.server.data = folder.path().to_owned();
        settings.database.url = database.url();
        settings.security.argon2_memory_kib = 64;
        settings.security.argon2_passes = 1;
        settings.security.legacy_password_salt = "pepper".to_owned();
        let core = open_core(settings).unwrap();
        let site = Self { _folder: folder, database, core };
        let hash = site.core.verifier().hash("root-secret");
        site.write(move |cx| {
            let operator = operators::blank(cx, "root", "root@example.org", hash.clone());
            operators::create(cx, &operator).unwrap();
            let (group, billing, delivery) = user_groups::blank(cx, "Everybody");
            user_groups::create(cx, &group, &billing, &delivery).unwrap();
        })
        .await;
        site
    }

    async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut understudy::domain::cx::Ctx<'_>) -> T + Send + 'static,
    ) -> T {
        let origin = Origin { ip: String::new(), user_agent: String::new(), channel: "test", source: Source::Manual };
        self.core
            .write(Arc::new(origin), |cx| {
                cx.actor = Actor::System;
                Ok::<T, Failed>(f(cx))
            })
            .await
            .unwrap()
    }

    /// An account whose stored hash is `hash`.
    async fn account(&self, username: &str, hash: String) -> AccountId {
        let username = username.to_owned();
        self.write(move |cx| {
            let group = understudy::model::ids::UserGroupId(1);
            let email = format!("{username}@example.org");
            let account = accounts::blank(cx, group, &username, &email, hash);
            accounts::create(cx, &account, &accounts::Profile::default()).unwrap()
        })
        .await
    }

    /// The first column of what a query answers, as text.
    fn texts(&self, sql: &str) -> Vec<String> {
        // A thread of its own, because this one already waits in a runtime.
        std::thread::scope(|scope| scope.spawn(|| texts(&self.database, sql)).join().unwrap())
    }

    /// Posts to `api.php` from `peer`.
    async fn from(&self, peer: &str, form: &str) -> Value {
        let front = Front::new(self.core.clone());
        let service = test::init_service(App::new().configure(move |config| mount(config, &front))).await;
        let peer: SocketAddr = format!("{peer}:40000").parse().unwrap();
        let request = test::TestRequest::post()
            .uri("/api.php")
            .peer_addr(peer)
            .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
            .set_payload(form.to_owned());
        test::call_and_read_body_json(&service, request.to_request()).await
    }

    async fn post(&self, form: &str) -> Value {
        self.from("192.0.2.1", form).await
    }

    async fn admin(&self) -> String {
        let answer = self.post(&format!("Command=Admin.Login&{ADMIN}")).await;
        answer["SessionID"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn login(&self, form: &str) -> Value {
        self.post(&format!("Command=User.Login&{form}")).await
    }

    /// Asks for a public page; `method` is GET or POST.
    async fn page(&self, method: Method, path: &str) -> (u16, String) {
        let front = Front::new(self.core.clone());
        let service = test::init_service(App::new().configure(move |config| mount(config, &front))).await;
        let request = test::TestRequest::default().method(method).uri(path).to_request();
        let response = test::call_service(&service, request).await;
        let status = response.status().as_u16();
        (status, String::from_utf8(test::read_body(response).await.to_vec()).unwrap())
    }

    fn last_mail(&self) -> String {
        self.texts("SELECT plain_body AS t FROM mails ORDER BY id DESC LIMIT 1").remove(0)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        std::thread::scope(|scope| drop(scope.spawn(|| self.database.drop_now()).join()));
    }
}

/// The first column, named `t`, of what a query answers.
fn texts(database: &TestDatabase, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        t: String,
    }
    if let TestDatabase::Sqlite(path) = database {
        let mut connection = SqliteConnection::establish(path).unwrap();
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut connection).unwrap();
        return rows.into_iter().map(|row| row.t).collect();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let rows = client.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    })
}

/// What stands behind the last `/`, `=` of the mailed link.
fn token_in(mail: &str) -> String {
    let link = mail.split_whitespace().find(|word| word.starts_with("http")).unwrap();
    link.rsplit(['/', '=']).next().unwrap().to_owned()
}

#[actix_web::test]
async fn an_administrator_makes_changes_lists_and_deletes_accounts() {
    let site = Site::open().await;
    let admin = site.admin().await;
    let missing = site.post(&format!("Command=User.Create&SessionID={admin}")).await;
    assert_eq!(missing["ErrorCode"], json!([1, 2, 3, 4, 6, 8, 9]));
    let form = |name: &str| {
        format!(
            "Command=User.Create&SessionID={admin}&RelUserGroupID=1&EmailAddress={name}@example.org&Username={name}\
             &Password=pw-{name}&FirstName=F{name}&LastName=L&TimeZone=UTC&Language=en&ReputationLevel=Trusted&City=Paris"
        )
    };
    let made = site.post(&form("ann")).await;
    assert_eq!(made, json!({"Success": true, "ErrorCode": 0, "ErrorText": "", "UserID": 1}));
    assert_eq!(site.post(&form("bob")).await["UserID"], 2);
    assert_eq!(site.post(&form("ANN")).await["ErrorCode"], json!([12]));
    let stolen = form("carl").replace("Username=carl", "Username=ann@example.org");
    assert_eq!(site.post(&stolen).await["ErrorCode"], json!([12]), "a name that is another's address");
    for (change, to, code) in [
        ("RelUserGroupID=1", "RelUserGroupID=9", 11),
        ("carl@example.org", "carl", 10),
        ("carl@example.org", "ann@example.org", 13),
        ("Language=en", "Language=../en", 14),
        ("=Trusted", "=trusted", 15),
    ] {
        assert_eq!(site.post(&form("carl").replace(change, to)).await["ErrorCode"], json!([code]), "{to}");
    }

    let page = format!("Command=Users.Get&SessionID={admin}");
    let listed = site.post(&format!("{page}&OrderField=City|UserID&OrderType=ASC|DESC&RecordsPerRequest=1")).await;
    assert_eq!((&listed["TotalUsers"], &listed["Users"][0]["Username"]), (&json!(2), &json!("bob")));
    let found = site.post(&format!("{page}&SearchField=FirstName&SearchKeyword=fAN")).await;
    assert_eq!((&found["TotalUsers"], &found["Users"][0]["UserID"]), (&json!(1), &json!("1")));
    for (filter, total) in [("Enabled", 2), ("Disabled", 0), ("Online", 0), ("Untrusted", 0), ("1", 2), ("7", 0)] {
        let filtered = site.post(&format!("{page}&RelUserGroupID={filter}")).await;
        assert_eq!(filtered["TotalUsers"], total, "{filter}");
    }
    assert_eq!(site.post(&format!("{page}&SearchField=Nothing&SearchKeyword=a")).await["TotalUsers"], 0);
    assert_eq!(site.post(&format!("{page}&SearchKeyword=%25")).await["TotalUsers"], 0, "a pattern is taken literally");

    let shown = site.post(&format!("Command=User.Get&SessionID={admin}&EmailAddress=ANN@example.org")).await;
    assert_eq!(shown["UserInformation"]["GroupInformation"]["GroupName"], "Everybody");
    assert_eq!(shown["UserInformation"]["City"], "Paris");
    assert_eq!(site.post(&format!("Command=User.Get&SessionID={admin}&UserID=9")).await["ErrorCode"], json!([3]));

    let session = site.login("Username=ann&Password=pw-ann").await["SessionID"].as_str().unwrap().to_owned();
    let deleted = site.post(&format!("Command=Users.Delete&SessionID={admin}&Users=1,99,x")).await;
    assert_eq!(deleted["Success"], true);
    assert_eq!(site.post(&format!("Command=User.Current&SessionID={session}")).await["ErrorCode"], 99998);
    assert_eq!(site.login("Username=ann&Password=pw-ann").await["ErrorCode"], json!([3]));
    assert_eq!(site.texts("SELECT payload AS t FROM jobs WHERE kind = 3"), ["1"]);
    assert_eq!(site.post(&form("ann")).await["UserID"], 3, "name and address are free again");
}

#[actix_web::test]
async fn an_account_changes_itself_and_nothing_that_is_the_administrators() {
    let site = Site::open().await;
    let id = site.account("ann", site.core.verifier().hash("old")).await.0;
    site.account("bob", site.core.verifier().hash("pw")).await;
    let session = site.login("Username=ann&Password=old").await["SessionID"].as_str().unwrap().to_owned();
    let update = format!("Command=User.Update&SessionID={session}");
    assert_eq!(site.post(&update).await["ErrorCode"], json!([1]));
    assert_eq!(site.post(&format!("{update}&UserID=2&City=Rome")).await["ErrorCode"], json!([2]));
    assert_eq!(site.post(&format!("{update}&UserID={id}&Username=BOB@example.org")).await["ErrorCode"], json!([6]));
    let key = "1111-2222-3333-4444-5555-6666-7777-8888";
    let change =
        format!("{update}&UserID={id}&City=Rome&AvailableCredits=9&AccountStatus=Disabled&APIKey={key}&Password=old");
    assert_eq!(site.post(&change).await["Success"], true);
    let current = site.post(&format!("Command=User.Current&APIKey={key}")).await;
    assert_eq!(current["UserInfo"]["City"], "Rome");
    assert_eq!(current["UserInfo"]["AvailableCredits"], "0");
    assert_eq!(current["UserInfo"]["GroupInfo"]["Permissions"], "*");
    assert!(current["UserInfo"]["GroupInfo"].get("SendMethodSMTPPassword").is_none());
    assert_eq!(site.login(&format!("APIKey={key}")).await["UserInfo"]["UserID"], id.to_string());
    assert_eq!(site.login("APIKey=nothing").await["ErrorCode"], json!([3]));
    assert_eq!(site.post(&format!("{update}&UserID={id}&Password=new")).await["Success"], true);
    assert_eq!(site.post(&format!("{update}&UserID={id}")).await["ErrorCode"], 99998, "its logins ended");
    assert_eq!(site.login("Username=ann&Password=new").await["Success"], true);
}

#[actix_web::test]
async fn a_switched_session_is_the_accounts_and_stays_the_administrators() {
    let site = Site::open().await;
    site.account("ann", site.core.verifier().hash("pw")).await;
    let admin = site.admin().await;
    let switch = format!("Command=User.Switch&SessionID={admin}");
    assert_eq!(site.post(&switch).await["ErrorCode"], json!([1]));
    assert_eq!(site.post(&format!("{switch}&UserID=9")).await["ErrorCode"], json!([2]));
    assert_eq!(site.post(&format!("{switch}&UserID=1&PrivilegeType=Some")).await["ErrorCode"], json!([3]));
    let switched = site.post(&format!("{switch}&UserID=1&PrivilegeType=Full")).await;
    assert_eq!((&switched["SessionID"], &switched["UserInfo"]["Username"]), (&json!(admin), &json!("ann")));
    assert_eq!(site.post(&format!("Command=User.Current&SessionID={admin}")).await["UserInfo"]["UserID"], "1");
    assert_eq!(site.post(&format!("Command=UserGroups.Get&SessionID={admin}")).await["Success"], true);
    site.post(&format!("Command=Users.Delete&SessionID={admin}&Users=1")).await;
    assert_eq!(site.post(&format!("Command=UserGroups.Get&SessionID={admin}")).await["Success"], true);
    assert_eq!(site.post(&format!("Command=User.Current&SessionID={admin}")).await["ErrorCode"], 99998);
}

#[actix_web::test]
async fn guessing_is_slowed_without_locking_the_owner_out() {
    let site = Site::open().await;
    site.account("ann", site.core.verifier().hash("right")).await;
    assert_eq!(site.login("Username=ann&Password=right").await["Success"], true);
    assert!(site.texts("SELECT key_hash AS t FROM login_failures").is_empty());
    for _ in 0..5 {
        assert_eq!(site.login("Username=ann&Password=wrong").await["ErrorCode"], json!([3]));
    }
    assert_eq!(site.login("Username=ann&Password=right").await["ErrorCode"], json!([3]), "held back though right");
    assert_eq!(site.login("Username=ann@example.org&Password=right").await["ErrorCode"], json!([3]), "by address too");
    let elsewhere = site.from("198.51.100.7", "Command=User.Login&Username=ann&Password=right").await;
    assert_eq!(elsewhere["Success"], true, "the owner, from elsewhere");
    assert_eq!(site.post(&format!("Command=Admin.Login&{ADMIN}")).await["Success"], true, "others from there");
    let held = site.texts("SELECT CAST(max(n_failures) AS TEXT) AS t FROM login_failures");
    assert_eq!(held, ["5"], "held back tries are not counted");
}

#[actix_web::test]
async fn legacy_hashes_open_once_and_are_replaced() {
    let site = Site::open().await;
    site.account("plain", Verifier::legacy_hash(&md5_hex("old"), false).unwrap()).await;
    site.account("salted", Verifier::legacy_hash(&md5_hex("pepperold"), true).unwrap()).await;
    for name in ["plain", "salted"] {
        assert_eq!(site.login(&format!("Username={name}&Password=bad")).await["ErrorCode"], json!([3]));
        assert_eq!(site.login(&format!("Username={name}&Password=old")).await["Success"], true);
        let stored = site.texts(&format!("SELECT password_hash AS t FROM accounts WHERE username = '{name}'"));
        assert!(stored[0].starts_with("md5+$argon2id$"), "{stored:?}");
        let digest = md5_hex("old");
        let ready = site.login(&format!("Username={name}&Password={digest}&PasswordEncrypted=true")).await;
        assert_eq!(ready["Success"], true);
    }
}

#[actix_web::test]
async fn the_reset_page_changes_nothing_until_its_button_is_pressed() {
    let site = Site::open().await;
    site.account("ann", site.core.verifier().hash("old")).await;
    assert_eq!(site.post("Command=User.PasswordRemind&EmailAddress=ann@example.org").await["Success"], true);
    let token = token_in(&site.last_mail());
    let path = format!("/reset-password/user/{token}");
    for _ in 0..2 {
        let (status, page) = site.page(Method::GET, &path).await;
        assert!(status == 200 && page.contains("<button"), "{page}");
    }
    assert_eq!(site.login("Username=ann&Password=old").await["Success"], true);
    for wrong in [format!("/reset-password/admin/{token}"), format!("/reset-password/user/{}", md5_hex("1"))] {
        assert_eq!(site.page(Method::POST, &wrong).await.0, 404, "{wrong}");
    }
    assert_eq!(site.page(Method::POST, &path).await.0, 200);
    assert_eq!(site.login("Username=ann&Password=old").await["ErrorCode"], json!([3]));
    let mail = site.last_mail();
    let password = mail.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    let encoded: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
    assert_eq!(site.login(&format!("Username=ann&Password={encoded}")).await["Success"], true);
    assert_eq!(site.page(Method::POST, &path).await.0, 404, "used up");
}

#[actix_web::test]
async fn a_forgotten_password_is_reset_by_the_mailed_token_only() {
    let site = Site::open().await;
    site.account("ann", site.core.verifier().hash("old")).await;
    let session = site.login("Username=ann&Password=old").await["SessionID"].as_str().unwrap().to_owned();
    let remind = "Command=User.PasswordRemind&EmailAddress=";
    for (email, code) in [("", 1), ("ann", 2), ("bob@example.org", 3)] {
        assert_eq!(site.post(&format!("{remind}{email}")).await["ErrorCode"], json!([code]));
    }
    let md5 = md5_hex("1");
    let reset = |id: &str| format!("Command=User.PasswordReset&UserID={id}");
    assert_eq!(site.post(&reset(&md5)).await["ErrorCode"], json!([2]), "nobody asked");
    assert_eq!(site.post(&format!("{remind}ann@example.org")).await["Success"], true);
    let token = token_in(&site.last_mail());
    assert_eq!(site.post(&format!("{}&NewPassword=mine", reset(&md5))).await["ErrorCode"], json!([2]));
    assert_eq!(site.post(&format!("Command=Admin.PasswordReset&AdminID={token}")).await["ErrorCode"], json!([2]));
    let chosen = format!("{}&NewPassword=mine&ShowPassword=true&DontSendNewPasswordEmail=1", reset(&token));
    assert_eq!(site.post(&chosen).await["NewPassword"], "mine");
    assert_eq!(site.texts("SELECT plain_body AS t FROM mails").len(), 1);
    assert_eq!(site.post(&format!("Command=User.Current&SessionID={session}")).await["ErrorCode"], 99998);
    assert_eq!(site.login("Username=ann&Password=mine").await["Success"], true);
    assert_eq!(site.post(&reset(&token)).await["ErrorCode"], json!([2]), "used up");

    // A stranger's link leads to the stranger's site: what it holds only has a new password mailed to the owner.
    let link = "aHR0cHM6Ly9leGFtcGxlLm5ldC8/SUQ9JXM="; // https://example.net/?ID=%s
    assert_eq!(site.post(&format!("{remind}ann@example.org&CustomResetLink={link}")).await["Success"], true);
    let mail = site.last_mail();
    assert!(mail.contains("https://example.net/?ID="), "{mail}");
    let token = token_in(&mail);
    assert_eq!(site.post(&format!("{}&NewPassword=theirs", reset(&token))).await["ErrorCode"], json!([2]));
    let shown = site.post(&format!("{}&ShowPassword=true", reset(&md5))).await;
    assert_eq!(shown, json!({"Success": true, "ErrorCode": 0, "ErrorText": ""}));
    let mail = site.last_mail();
    let password = mail.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    let encoded: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
    assert_eq!(site.login(&format!("Username=ann&Password={encoded}")).await["Success"], true);
}

#[actix_web::test]
async fn administrators_change_themselves() {
    let site = Site::open().await;
    let admin = site.admin().await;
    let update = format!("Command=Admin.Update&SessionID={admin}");
    assert_eq!(site.post(&update).await["ErrorCode"], json!([1, 2, 4, 6]));
    let all = "&Name=Root&Username=root2&EmailAddress=root2@example.org";
    assert_eq!(site.post(&format!("{update}{all}&AdminID=2")).await["ErrorCode"], json!([8]));
    assert_eq!(
        site.post(&format!("{update}{}&AdminID=1", all.replace("root2@example.org", "x"))).await["ErrorCode"],
        json!([7])
    );
    assert_eq!(site.post(&format!("{update}{all}&AdminID=1&Password=root-secret")).await["Success"], true);
    assert_eq!(site.post(&format!("{update}{all}&AdminID=1&Password=other")).await["Success"], true);
    assert_eq!(site.post(&update).await["ErrorCode"], 99998);
    let login = site.post("Command=Admin.Login&Username=root2&Password=other").await;
    assert_eq!(login["AdminInfo"]["Name"], "Root");
    assert_eq!(site.post("Command=Admin.Login").await["ErrorCode"], json!([1, 2]));
    assert_eq!(site.post("Command=Admin.PasswordRemind&EmailAddress=root2@example.org").await["Success"], true);
    let token = token_in(&site.last_mail());
    assert_eq!(site.post(&format!("Command=Admin.PasswordReset&AdminID={token}")).await["Success"], true);
    assert!(site.last_mail().contains("The new one is"));
    assert_eq!(site.post("Command=Admin.Login&Username=root2&Password=other").await["ErrorCode"], json!([3]));
}

#[actix_web::test]
async fn user_groups_are_made_changed_copied_and_deleted() {
    let site = Site::open().await;
    let admin = site.admin().await;
    let call = |command: &str, rest: &str| format!("Command=UserGroup.{command}&SessionID={admin}&{rest}");
    let all = "GroupName=Few&RelThemeID=1&SubscriberAreaLogoutURL=http://e.org/&ForceUnsubscriptionLink=Enabled&ForceRejectOptLink=Disabled\
        &Permissions=Lists.Get,+List.Get&PaymentSystem=Disabled&PaymentPricingRange=-1|0.07&PaymentCampaignsPerRecipient=Disabled\
        &PaymentCampaignsPerCampaignCost=0&PaymentAutoRespondersChargeAmount=0&PaymentAutoRespondersPerRecipient=Disabled\
        &PaymentDesignPrevChargeAmount=0&PaymentDesignPrevChargePerReq=0&PaymentSystemChargeAmount=0&LimitSubscribers=5&LimitLists=1\
        &LimitCampaignSendPerPeriod=0&LimitEmailSendPerPeriod=0";
    let every: Vec<i64> = (1..=18).chain([20]).collect();
    let want: Vec<i64> = every.iter().copied().filter(|code| *code != 19).collect();
    assert_eq!(site.post(&call("Create", "")).await["ErrorCode"], json!(want));
    for (extra, create, update) in [
        ("&RelThemeID=9", 19, 19),
        ("&TrialGroup=Enabled", 21, 23),
        ("&SendMethod=Pigeon", 22, 24),
        ("&SendMethodSMTPSecure=no", 23, 25),
        ("&SendMethodSMTPAuth=1", 24, 26),
        ("&SendMethod=SaveToDisk&SendMethodSaveToDiskDir=/no/such/folder", 25, 27),
        ("&SendMethod=SMTP&SendMethodSMTPHost=127.0.0.1&SendMethodSMTPPort=25", 25, 27),
    ] {
        assert_eq!(site.post(&call("Create", &format!("{all}{extra}"))).await["ErrorCode"], json!([create]), "{extra}");
        let changed = site.post(&call("Update", &format!("{all}{extra}&UserGroupID=1"))).await;
        assert_eq!(changed["ErrorCode"], json!([update]), "{extra}");
    }
    let made = site.post(&call("Create", &format!("{all}&SendMethodSMTPPassword=secret"))).await;
    assert_eq!(made["UserGroupID"], 2);
    assert_eq!(site.post(&call("Update", &format!("{all}&UserGroupID=9"))).await["ErrorCode"], json!([21]));
    let masked = format!("{}&UserGroupID=2&SendMethodSMTPPassword=********", all.replace("=Few", "=Fewer"));
    assert_eq!(site.post(&call("Update", &masked)).await["Success"], true);
    let shown = site.post(&call("Get", "UserGroupID=2")).await["UserGroup"].clone();
    assert_eq!((&shown["GroupName"], &shown["Permissions"]), (&json!("Fewer"), &json!("Lists.Get,List.Get")));
    assert_eq!((&shown["LimitLists"], &shown["SendMethodSMTPPassword"]), (&json!("1"), &json!("********")));
    assert_eq!(site.texts("SELECT smtp_password AS t FROM user_group_delivery WHERE user_group_id = 2"), ["secret"]);
    assert_eq!(site.post(&call("Duplicate", "UserGroupID=2")).await["UserGroupID"], 3);
    assert_eq!(site.post(&call("Duplicate", "UserGroupID=9")).await["ErrorCode"], json!([2]));
    for (ids, code) in [("", 1), ("9", 2), ("2,1", 3)] {
        assert_eq!(site.post(&call("Delete", &format!("UserGroupID={ids}"))).await["ErrorCode"], json!([code]));
    }
    let create = format!(
        "Command=User.Create&SessionID={admin}&RelUserGroupID=2&EmailAddress=a@example.org&Username=a&Password=pw&FirstName=F\
         &TimeZone=UTC&Language=en"
    );
    site.post(&create).await;
    let session = site.login("Username=a&Password=pw").await["SessionID"].as_str().unwrap().to_owned();
    let list = format!("Command=List.Create&SessionID={session}&SubscriberListName=L");
    assert_eq!(site.post(&list).await["ErrorCode"], 99999, "permissions apply");
    assert_eq!(site.post(&call("Delete", "UserGroupID=2,3")).await["Success"], true);
    assert_eq!(site.post(&list).await["Success"], true, "its account moved to the default group");
    assert_eq!(site.post(&call("Delete", "UserGroupID=1")).await["ErrorCode"], json!([4]));
    let left = site.post(&format!("Command=UserGroups.Get&SessionID={admin}")).await;
    assert_eq!(left["UserGroups"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn administrators_commands_need_an_administrator() {
    let site = Site::open().await;
    site.account("ann", site.core.verifier().hash("pw")).await;
    let session = site.login("Username=ann&Password=pw").await["SessionID"].as_str().unwrap().to_owned();
    for command in [
        "Admin.Update",
        "User.Create",
        "User.Get",
        "User.Switch",
        "Users.Get",
        "Users.Delete",
        "UserGroup.Create",
        "UserGroup.Update",
        "UserGroup.Get",
        "UserGroup.Duplicate",
        "UserGroup.Delete",
        "UserGroups.Get",
    ] {
        let answer = site.post(&format!("Command={command}&SessionID={session}")).await;
        assert_eq!(answer["ErrorCode"], 99998, "{command}");
    }
}
