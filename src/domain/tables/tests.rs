//! Tables against a database.

use super::merge::{Outcome, Problem, Record, Rules, merge};
use super::*;
use crate::domain::contacts::Given;
use crate::domain::contacts::clause::{FieldClause, Operator, equal};
use crate::domain::keys;
use crate::domain::sample::Sample;
use crate::domain::subscribers;
use crate::domain::workload::WorkError;

const ALL: Rules = Rules { allow_insert: true, allow_update: true, skip_duplicates: false, skip_unmatched: false };

fn bookings(list: ListId) -> NewTable {
    let field = |code: &str, data_type, is_key, is_required| NewTableField {
        code: code.to_owned(),
        data_type,
        is_key,
        is_required,
    };
    NewTable {
        list,
        code: "Bookings".to_owned(),
        name: String::new(),
        needs_contact: true,
        has_contact_in_key: false,
        fields: vec![
            field("Course", DataType::Text, true, true),
            field("Day", DataType::Date, true, true),
            field("Seats", DataType::Integer, false, false),
        ],
    }
}

fn record(id: &[(&str, &str)], data: &[(&str, &str)]) -> Record {
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), Given::text(*value))).collect();
    Record { id: pairs(id), data: pairs(data) }
}

fn booking(course: &str, data: &[(&str, &str)]) -> Record {
    record(&[("key_Course", course), ("KEY_day", "2026.01.31")], data)
}

/// Runs `f` as the sample's account, with two subscribers and the table.
async fn with_table<T: Send + 'static>(
    sample: &Sample,
    f: impl FnOnce(&mut Ctx<'_>, TableId) -> Result<T, TableError> + Send + 'static,
) -> Result<T, TableError> {
    let (account, list) = (sample.account, sample.list);
    sample.subscribe(list, 2, &Default::default()).await;
    let result = sample.write(move |cx| {
        keys::act_for(cx, account).expect("account");
        let table = create(cx, &bookings(list)).expect("table");
        Ok::<_, WorkError>(f(cx, table))
    });
    result.await.expect("store")
}

fn words(outcomes: &[Outcome]) -> Vec<String> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Created(row) => format!("created {}", row.number),
        Outcome::Updated(row) => format!("updated {}", row.number),
        Outcome::Skipped(problem) => format!("skipped: {problem}"),
        Outcome::Failed(problem) => format!("failed: {problem}"),
    };
    outcomes.iter().map(word).collect()
}

#[tokio::test]
async fn records_are_made_changed_and_refused_one_by_one() {
    let sample = Sample::open().await;
    let done = with_table(&sample, |cx, table| {
        let records = [
            booking("Swim", &[("idContact", "1"), ("seats", "2")]),
            booking("SWIM", &[("idContact", "2")]),
            booking("Yoga", &[("idContact", "9")]),
            booking("Yoga", &[("Seats", "1")]),
            booking("Run", &[("idContact", "1"), ("Seats", "many")]),
            booking("Row", &[("idContact", "1"), ("Colour", "red")]),
            record(&[("key_Course", "Swim")], &[]),
            record(&[("key_Seats", "1")], &[]),
            record(&[("idRecord", "77")], &[]),
        ];
        let first = words(&merge(cx, table, &records, ALL)?.outcomes);
        let again = [booking("swim", &[("Seats", "")]), booking("swim", &[("Seats", "5")])];
        let second = words(&merge(cx, table, &again, ALL)?.outcomes);
        let closed = Rules { allow_insert: false, allow_update: false, skip_duplicates: true, skip_unmatched: true };
        let third = words(&merge(cx, table, &[booking("Swim", &[]), booking("Dive", &[])], closed)?.outcomes);
        Ok((first, second, third))
    });
    let (first, second, third) = done.await.expect("merged");
    assert_eq!(
        first,
        [
            "created 1",
            "failed: The key is used twice",
            "failed: idContact cannot have this value",
            "failed: The key is used twice",
            "failed: Seats cannot have this value",
            "failed: There is no field Colour",
            "failed: key_Day is no part of a key, or is missing",
            "failed: key_Seats is no part of a key, or is missing",
            "failed: No row matches",
        ]
    );
    assert_eq!(second, ["updated 1", "failed: The key is used twice"]);
    assert_eq!(third, ["failed: The row exists and may not be changed", "skipped: Rows may not be made by this call"]);
}

#[tokio::test]
async fn a_changed_key_stays_unique_and_a_row_is_found_by_its_number() {
    let sample = Sample::open().await;
    let outcomes = with_table(&sample, |cx, table| {
        let both = [booking("Swim", &[("idContact", "1")]), booking("Yoga", &[("idContact", "2")])];
        merge(cx, table, &both, ALL)?;
        let changes = [
            record(&[("idRecord", "2")], &[("Course", "Swim")]),
            record(&[("idRecord", "1")], &[("Course", "Dive"), ("idContact", "2")]),
            record(&[("key_Course", "Yoga"), ("key_Day", "2026-01-31")], &[("Day", "")]),
        ];
        let outcomes = merge(cx, table, &changes, ALL)?.outcomes;
        let by_key = select(
            cx,
            table,
            &Clause::And(vec![
                equal("Course", Given::text("dive")),
                equal("key_Day", Given::text("2026-01-31 10:00:00")),
            ]),
            10,
        )?;
        assert_eq!((by_key.rows.len(), by_key.rows[0].contact), (1, SubscriberNumber(2)));
        Ok(outcomes)
    });
    let outcomes = outcomes.await.expect("merged");
    assert!(matches!(outcomes[0], Outcome::Failed(Problem::Duplicate)));
    assert!(matches!(outcomes[1], Outcome::Updated(_)));
    assert!(matches!(&outcomes[2], Outcome::Failed(Problem::MissingRequired(code)) if code == "Day"));
}

#[tokio::test]
async fn clauses_select_by_value_number_and_subscriber() {
    let sample = Sample::open().await;
    with_table(&sample, |cx, table| {
        let records: Vec<Record> = (0..20)
            .map(|n| {
                booking(
                    &format!("Course {n}"),
                    &[("idContact", if n % 2 == 0 { "1" } else { "2" }), ("Seats", if n < 12 { "9" } else { "10" })],
                )
            })
            .collect();
        merge(cx, table, &records, ALL)?;
        let count = |cx: &mut Ctx<'_>, clause: &Clause| select(cx, table, clause, 100).map(|found| found.rows.len());
        let compare = |name: &str, operator, value: &str| {
            Clause::Field(FieldClause { name: name.to_owned(), operator, values: vec![Given::text(value)] })
        };
        assert_eq!(count(cx, &equal("idContact", Given::text("1")))?, 10);
        assert_eq!(count(cx, &compare("Seats", Operator::Greater, "9"))?, 8);
        assert_eq!(count(cx, &compare("Course", Operator::EndsWith, "E 7"))?, 1);
        assert_eq!(
            count(cx, &Clause::Or(vec![equal("Seats", Given::text("10")), equal("idRecord", Given::text("1"))]))?,
            9
        );
        assert_eq!(count(cx, &compare("Seats", Operator::NotEqual, "9"))?, 8);
        assert!(matches!(
            count(cx, &equal("Colour", Given::Null)),
            Err(TableError::Clause(BadClause::UnknownField(_)))
        ));
        assert!(matches!(
            count(cx, &equal("Seats", Given::text("x"))),
            Err(TableError::Clause(BadClause::BadValue(_)))
        ));
        let found = select(cx, table, &Clause::All, 5)?;
        assert!(found.has_more && found.rows.len() == 5);
        assert!(matches!(delete(cx, table, &Clause::All, Some(19)), Err(TableError::TooMany(19))));
        assert_eq!(delete(cx, table, &compare("Seats", Operator::Equal, "10"), Some(8))?, 8);
        assert_eq!(count(cx, &Clause::All)?, 12);
        Ok(())
    })
    .await
    .expect("tables");
}

#[tokio::test]
async fn rows_go_with_their_subscriber_and_tables_are_their_accounts_own() {
    let sample = Sample::open().await;
    let list = sample.list;
    let table = with_table(&sample, move |cx, table| {
        merge(cx, table, &[booking("A", &[("idContact", "1")]), booking("B", &[("idContact", "2")])], ALL)?;
        subscribers::delete::delete(cx, list, &[SubscriberNumber(1)]).expect("deleted");
        assert_eq!(select(cx, table, &Clause::All, 10)?.rows.len(), 1);
        assert!(matches!(create(cx, &bookings(list)), Err(SaveTableError::CodeTaken(_))));
        let bad = NewTable { code: "key_x".to_owned(), ..bookings(list) };
        assert!(matches!(create(cx, &bad), Err(SaveTableError::BadCode(_))));
        Ok(table)
    })
    .await
    .expect("tables");
    let foreign = sample.write(move |cx| {
        let (group, billing, delivery) = crate::domain::user_groups::blank(cx, "Other");
        let group = cx.tx.insert_user_group(&group, &billing, &delivery)?;
        let row = crate::domain::accounts::blank(cx, group, "other", "other@example.org", String::new());
        let other = cx.tx.insert_account(&row, &Default::default())?;
        keys::act_for(cx, other).expect("account");
        Ok::<_, WorkError>(matches!(select(cx, table, &Clause::All, 10), Err(TableError::NoTable(_))))
    });
    assert!(foreign.await.expect("store"));
}
