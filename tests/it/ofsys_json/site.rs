//! A site as its developer set it up: an account, a project with fields and an opt-in, a key, a table, an application.

use serde_json::{Value, json};
use understudy::domain::cx::Ctx;
use understudy::domain::keys::{self, Terms};
use understudy::domain::mobile;
use understudy::domain::projects::{self, Labels, NewField, NewProject};
use understudy::domain::tables::{self, NewTable, NewTableField};
use understudy::model::ids::{AccountId, AppId, ListId, TableId};
use understudy::model::states::DataType;

use crate::contract::http::Answer;
use crate::support::{TestAccount, TestApp};

/// A server with one such site.
pub struct Site {
    /// The server.
    pub app: TestApp,
    /// The site's account, for `api.php`.
    pub owner: TestAccount,
    /// The account's id.
    pub account: AccountId,
    /// The project: fields `City`, `Age`, `Birthday`, `Vip`, `Interests` (`Sport`, `Music`), opt-in `News`; dates in Montreal's zone.
    pub project: ListId,
    /// A key for everything.
    pub key: (i64, String),
    /// A table `Bookings`: key `Course`, `Day`; `Seats`, `Price`; needs a contact.
    pub table: TableId,
    /// An application and its id as phones show it.
    pub application: (AppId, String),
}

/// What stands in the product itself.
pub struct Made {
    pub project: ListId,
    pub key: (i64, String),
    pub table: TableId,
    pub application: (AppId, String),
}

impl Site {
    pub fn open() -> Self {
        let app = TestApp::start();
        let owner = app.account("");
        let account = AccountId(owner.id.parse().unwrap());
        let made = app.write(move |cx| make(cx, account));
        let Made { project, key, table, application } = made;
        Self { app, owner, account, project, key, table, application }
    }

    /// Runs `work` as the site's account.
    pub fn as_owner<T: Send + 'static>(&self, work: impl FnOnce(&mut Ctx<'_>) -> T + Send + 'static) -> T {
        let account = self.account;
        self.app.write(move |cx| {
            keys::act_for(cx, account).unwrap();
            work(cx)
        })
    }

    /// A key of the account under terms.
    pub fn another_key(&self, terms: Terms) -> (i64, String) {
        let account = self.account;
        let issued = self.app.write(move |cx| keys::issue(cx, account, &terms).unwrap());
        (issued.id.0, issued.secret)
    }

    /// Calls `Service.Method` with the site's key and project unless the body has its own; the answer as it came.
    pub fn post(&self, method: &str, mut body: Value) -> Answer {
        let members = body.as_object_mut().unwrap();
        members.entry("AuthKey").or_insert(json!({ "idKey": self.key.0, "Key": self.key.1 }));
        if !members.contains_key("idTable") && method != "Projects.List" {
            members.entry("idProject").or_insert(json!(self.project.0));
        }
        self.post_text(method, &[], &body.to_string())
    }

    /// Posts a text to `Service.Method`.
    pub fn post_text(&self, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (service, name) = method.split_once('.').unwrap();
        self.post_bytes(&format!("/webservices/ofc4/{service}.ashx?method={name}"), headers, body.as_bytes())
    }

    /// Posts bytes to a path.
    pub fn post_bytes(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.app.server.send("POST", path, "HTTP/1.1", &headers, body).unwrap()
    }

    /// Calls a method that answers with status 200; the JSON.
    pub fn call(&self, method: &str, body: Value) -> Value {
        let answer = self.post(method, body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()
    }

    /// Calls a method that must succeed.
    pub fn done(&self, method: &str, body: Value) -> Value {
        let answer = self.call(method, body);
        assert_eq!(answer["Success"], json!(true), "{method}: {answer:#}");
        answer
    }

    /// Calls a method that must refuse; its code. Both code and text are there, and nothing of the method's own.
    pub fn refused(&self, method: &str, body: Value) -> String {
        let answer = self.call(method, body);
        refusal(&answer)
    }

    /// Merges one record; its row of the answer.
    pub fn merge(&self, id: Value, data: Value, options: Value) -> Value {
        let body = json!({ "Records": [{ "ID": id, "Data": data }], "MergeOptions": options });
        self.done("Contacts.Merge", body)["Records"][0].clone()
    }

    /// A contact with this address and data; its `idContact`.
    pub fn contact(&self, email: &str, data: Value) -> i64 {
        let row = self.merge(json!({ "key_f_EMail": email }), data, Value::Null);
        assert_eq!(row["Status"], json!("Created"), "{row:#}");
        row["IdRecord"].as_i64().unwrap()
    }

    /// The contact of this number, whole.
    pub fn row(&self, number: i64) -> Value {
        self.done("Contacts.Get", json!({ "Clause": equal("idContact", json!(number)) }))["Records"][0].clone()
    }
}

/// The code of a refusal.
pub fn refusal(answer: &Value) -> String {
    assert_eq!(answer["Success"], json!(false), "{answer:#}");
    assert!(answer["ErrorMessage"].as_str().is_some_and(|text| !text.is_empty()), "{answer:#}");
    let names: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["Success", "ErrorCode", "ErrorMessage", "idRequest", "Trace"]);
    answer["ErrorCode"].as_str().unwrap().to_owned()
}

/// A condition.
pub fn equal(name: &str, value: Value) -> Value {
    json!({ "$type": "FieldClause", "Field": { "Name": name }, "TypeOperator": "Equal", "ComparisonValue": value })
}

/// Makes project, key, table and application of an account.
pub fn make(cx: &mut Ctx<'_>, account: AccountId) -> Made {
    let key = keys::issue(cx, account, &Terms::default()).unwrap();
    let system = cx.actor.clone();
    keys::act_for(cx, account).unwrap();
    let new = NewProject {
        name: "Club".to_owned(),
        languages: vec!["fr-CA".to_owned(), "en-CA".to_owned()],
        time_zone: "America/Montreal".to_owned(),
    };
    let project = projects::create(cx, &new).unwrap();
    let fields = [
        ("City", DataType::Text),
        ("Age", DataType::Integer),
        ("Birthday", DataType::Date),
        ("Vip", DataType::Boolean),
        ("Interests", DataType::MultiChoice),
    ];
    for (code, data_type) in fields {
        add_field(cx, project, code, data_type, false);
    }
    projects::add_opt_in(cx, project, "News", &Labels::new(), 0).unwrap();
    let table = tables::create(cx, &bookings(project)).unwrap();
    cx.actor = system;
    let app = mobile::create_app(cx, account, project, "App").unwrap();
    Made { project, key: (key.id.0, key.secret), table, application: (app.id, app.application_id) }
}

/// Adds a field to a project.
pub fn add_field(cx: &mut Ctx<'_>, project: ListId, code: &str, data_type: DataType, is_required: bool) {
    let choices = if data_type == DataType::MultiChoice { &["Sport", "Music"][..] } else { &[] };
    let new = NewField {
        code: code.to_owned(),
        data_type,
        is_long: false,
        is_required,
        labels: Labels::new(),
        choices: choices.iter().map(|choice| ((*choice).to_owned(), (*choice).to_owned())).collect(),
    };
    projects::add_field(cx, project, &new).unwrap();
}

fn bookings(list: ListId) -> NewTable {
    let field =
        |code: &str, data_type, is_key| NewTableField { code: code.to_owned(), data_type, is_key, is_required: false };
    NewTable {
        list,
        code: "Bookings".to_owned(),
        name: String::new(),
        needs_contact: true,
        has_contact_in_key: false,
        fields: vec![
            field("Course", DataType::Text, true),
            field("Day", DataType::Date, true),
            field("Seats", DataType::Integer, false),
            field("Price", DataType::Decimal, false),
        ],
    }
}
