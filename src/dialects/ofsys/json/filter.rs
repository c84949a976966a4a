//! Contact filters and batch filters of sendings (OF-5.8, OF-5.9).

use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::clause;
use crate::dialects::ofsys::json::request::Members;
use crate::domain::contacts::clause::Clause;
use crate::model::ids::{SendingId, SubscriberNumber};

/// Tables of one filter at most.
const MAX_TABLES: usize = 20;

/// Whom a sending goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactFilter {
    /// `Single`.
    Contact(SubscriberNumber),
    /// `Clauses`.
    Clause(Clause),
    /// `All`.
    All,
}

/// Reads `contactFilter`.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`.
pub fn contacts(request: &Members<'_>) -> Result<ContactFilter, Fault> {
    let filter = request.need_object("contactFilter")?;
    let mode = filter.need_text("Mode")?;
    match mode.trim().to_ascii_lowercase().as_str() {
        "single" => filter.need_whole("idContact").map(|number| ContactFilter::Contact(SubscriberNumber(number))),
        "clauses" => clauses(&filter).map(ContactFilter::Clause),
        "all" => Ok(ContactFilter::All),
        "idfilters" => {
            Err(Fault::invalid(&filter.path_of("Mode"), "idFilters is not offered: there are no stored filters"))
        }
        _ => Err(Fault::invalid(&filter.path_of("Mode"), "must be Single, Clauses or All")),
    }
}

/// Every clause of `TableClauses` must hold; each is about contacts.
fn clauses(filter: &Members<'_>) -> Result<Clause, Fault> {
    let mut all = Vec::new();
    for item in filter.need_list("TableClauses", MAX_TABLES)? {
        let table = item.object()?;
        let code = table.text("TableCode")?.unwrap_or_default();
        if !matches!(code.trim().to_ascii_lowercase().as_str(), "" | "contact") {
            return Err(Fault::invalid(&table.path_of("TableCode"), "must be Contact"));
        }
        all.push(clause::need(&table, "Clause")?);
    }
    Ok(if all.len() == 1 { all.remove(0) } else { Clause::And(all) })
}

/// Reads `batchFilter`: the first and last batch, `None` for open.
///
/// # Errors
/// `InvalidParameter`.
pub fn batches(request: &Members<'_>) -> Result<(Option<SendingId>, Option<SendingId>), Fault> {
    let Some(filter) = request.object("batchFilter")? else { return Ok((None, None)) };
    let mode = filter.text("BatchFilterMode")?.unwrap_or_default();
    if !matches!(mode.trim().to_ascii_lowercase().as_str(), "" | "idbatch") {
        return Err(Fault::invalid(&filter.path_of("BatchFilterMode"), "must be idBatch"));
    }
    let bound = |name: &str| filter.whole(name).map(|id| id.map(SendingId));
    Ok((bound("idBatch_Min")?, bound("idBatch_Max")?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::contacts::Given;
    use crate::domain::contacts::clause::by_address;

    fn read(filter: Value) -> Result<ContactFilter, String> {
        let request = json!({ "ContactFILTER": filter });
        let map = request.as_object().cloned().unwrap_or_default();
        contacts(&Members::of_request(&map)).map_err(|fault| fault.message)
    }

    #[test]
    fn each_mode_has_its_members() {
        assert_eq!(
            read(json!({ "Mode": "single", "idContact": "15" })),
            Ok(ContactFilter::Contact(SubscriberNumber(15)))
        );
        assert_eq!(read(json!({ "mode": "All" })), Ok(ContactFilter::All));
        let clause = json!({ "$type": "FieldClause", "Field": { "Name": "f_EMail" }, "TypeOperator": "Equal", "ComparisonValue": "a@b.c" });
        let tables = json!({ "Mode": "Clauses", "TableClauses": [{ "TableCode": "Contact", "Clause": clause }] });
        assert_eq!(read(tables), Ok(ContactFilter::Clause(by_address("a@b.c"))));
        assert_eq!(Given::text("a@b.c").as_text(), "a@b.c");
        for (filter, text) in [
            (json!({}), "contactFilter.Mode is missing"),
            (json!({ "Mode": "Single" }), "contactFilter.idContact is missing"),
            (json!({ "Mode": "Clauses", "TableClauses": [] }), "contactFilter.TableClauses is missing"),
            (
                json!({ "Mode": "Clauses", "TableClauses": [{ "TableCode": "Orders", "Clause": {} }] }),
                "contactFilter.TableClauses[0].TableCode must be Contact",
            ),
            (json!({ "Mode": "Everybody" }), "contactFilter.Mode must be Single, Clauses or All"),
        ] {
            assert_eq!(read(filter), Err(text.to_owned()));
        }
        assert!(read(json!({ "Mode": "idFilters", "idFilters": [1] })).unwrap_err().contains("idFilters"));
    }
}
