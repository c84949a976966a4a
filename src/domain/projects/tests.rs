//! What projects are made of, against a database.

use super::*;
use crate::domain::keys;
use crate::domain::sample::Sample;
use crate::domain::workload::WorkError;

async fn act<T: Send + 'static>(
    sample: &Sample,
    f: impl FnOnce(&mut Ctx<'_>) -> Result<T, WorkError> + Send + 'static,
) -> T {
    let account = sample.account;
    let acted = sample.write(move |cx| {
        keys::act_for(cx, account).expect("account");
        f(cx)
    });
    acted.await.expect("work")
}

fn field(code: &str, data_type: DataType) -> NewField {
    let labels = Labels::from([("en".to_owned(), code.to_uppercase()), ("fr-CA".to_owned(), "é".to_owned())]);
    NewField { code: code.to_owned(), data_type, is_long: false, is_required: false, labels, choices: Vec::new() }
}

#[tokio::test]
async fn every_list_is_a_project_with_defaults() {
    let sample = Sample::open().await;
    let list = sample.list;
    let (project, all) = act(&sample, move |cx| {
        let plain = fields::create(cx, list, |field| field.name = "Plain".to_owned()).expect("field");
        fields::create(cx, list, |field| {
            field.alias = "Shoe size".to_owned();
            field.validation = Validation::Numbers;
        })
        .expect("field");
        let project = get(cx, list).expect("project");
        assert_eq!(project.field(&format!("customfield{plain}")).map(|field| field.field.id), Some(plain));
        Ok((project, super::list(cx).expect("list")))
    })
    .await;
    assert_eq!(all, [(list, "News".to_owned())]);
    assert_eq!(
        (project.languages.as_slice(), project.time_zone, &project.key),
        (&["en".to_owned()][..], Tz::UTC, &Key::Address)
    );
    let codes: Vec<&str> = project.fields.iter().map(|field| field.code.as_str()).collect();
    assert_eq!(codes, ["CustomField1", "Shoe size"]);
    assert_eq!(project.fields[1].data_type, DataType::Decimal);
    assert_eq!(project.key_codes(), ["EMail"]);
}

#[tokio::test]
async fn a_project_is_made_with_fields_and_opt_ins() {
    let sample = Sample::open().await;
    let project = act(&sample, |cx| {
        let new = NewProject {
            name: "Shop".to_owned(),
            languages: vec!["fr-CA".to_owned(), "en".to_owned()],
            time_zone: "America/Toronto".to_owned(),
        };
        let id = create(cx, &new).expect("project");
        for (code, data_type) in [("FirstName", DataType::Text), ("Age", DataType::Integer)] {
            add_field(cx, id, &field(code, data_type)).expect("field");
        }
        let choices = vec![("r".to_owned(), "Red".to_owned())];
        add_field(cx, id, &NewField { choices, ..field("Colour", DataType::Choice) }).expect("field");
        add_opt_in(cx, id, "News", &Labels::new(), 3).expect("opt-in");
        Ok(get(cx, id).expect("project"))
    })
    .await;
    assert_eq!((project.languages.join(","), project.time_zone), ("fr-CA,en".to_owned(), Tz::America__Toronto));
    let types: Vec<DataType> = project.fields.iter().map(|field| field.data_type).collect();
    assert_eq!(types, [DataType::Text, DataType::Integer, DataType::Choice]);
    assert_eq!((project.fields[0].field.name.as_str(), project.fields[0].labels["fr-CA"].as_str()), ("FIRSTNAME", "é"));
    assert_eq!(
        project.opt_ins[0],
        OptIn { id: OptInId(1), code: "News".to_owned(), labels: Labels::new(), category_id: 3 }
    );
    assert!(project.field("firstname").is_some() && project.opt_in("NEWS").is_some());
}

#[tokio::test]
async fn what_is_no_name_code_culture_or_zone_is_refused() {
    let sample = Sample::open().await;
    let list = sample.list;
    act(&sample, move |cx| {
        add_field(cx, list, &field("City", DataType::Text)).expect("field");
        add_opt_in(cx, list, "News", &Labels::new(), 0).expect("opt-in");
        for code in ["", "1st", "a b", "é", "EMail", "f_x", "optin_x", "isActive", "CustomField7", &"x".repeat(101)] {
            let refused = add_field(cx, list, &field(code, DataType::Text));
            assert!(matches!(refused, Err(SaveProjectError::BadCode(_))), "{code}");
            assert!(
                matches!(add_opt_in(cx, list, code, &Labels::new(), 0), Err(SaveProjectError::BadCode(_))),
                "{code}"
            );
        }
        assert!(matches!(add_field(cx, list, &field("CITY", DataType::Text)), Err(SaveProjectError::CodeTaken(_))));
        assert!(matches!(add_opt_in(cx, list, "news", &Labels::new(), 0), Err(SaveProjectError::CodeTaken(_))));
        assert!(matches!(add_field(cx, list, &field("C", DataType::Choice)), Err(SaveProjectError::BadChoices(_))));
        for bad in ["", "f", "french", "fr_CA", "fr-", "fr,en"] {
            let refused = set_languages(cx, list, &[bad.to_owned()]);
            assert!(matches!(refused, Err(SaveProjectError::BadCulture(_))), "{bad}");
        }
        assert!(matches!(set_time_zone(cx, list, "Mars/Phobos"), Err(SaveProjectError::BadTimeZone(_))));
        let new = NewProject { name: " ".to_owned(), ..NewProject::default() };
        assert!(matches!(create(cx, &new), Err(SaveProjectError::BadName(_))));
        assert!(matches!(get(cx, ListId(99)), Err(GetProjectError::NoList(_))));
        assert!(matches!(set_key(cx, list, &["Nothing".to_owned()]), Err(SetKeyError::BadField(_))));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_deleted_field_leaves_no_key_behind_and_a_purged_list_nothing_at_all() {
    let sample = Sample::open().await;
    let list = sample.list;
    let (key, n_left) = act(&sample, move |cx| {
        let id = add_field(cx, list, &field("Code", DataType::Text)).expect("field");
        add_opt_in(cx, list, "News", &Labels::new(), 0).expect("opt-in");
        set_key(cx, list, &["Code".to_owned()]).expect("key");
        fields::delete(cx, &[id]).expect("delete");
        let key = get(cx, list).expect("project").key;
        cx.tx.purge_list_row(list)?;
        Ok((key, cx.tx.list_opt_ins(list)?.len() + usize::from(cx.tx.find_project(list)?.is_some())))
    })
    .await;
    assert_eq!((key, n_left), (Key::Address, 0));
}
