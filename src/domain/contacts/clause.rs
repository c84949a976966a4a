//! Which contacts: a tree of comparisons by name, checked against a project (section 5 of the Ofsys API). Texts are compared without case (OF-14.11).

use crate::domain::contacts::columns::Column;
use crate::domain::contacts::{Given, dates, key, said};
use crate::domain::field_values::{self, Values};
use crate::domain::projects::{Key, Project, ProjectField};
use crate::model::ids::FieldId;
use crate::model::states::DataType;
use crate::store::rows::selections::{self, Comparison, FieldPlace, Selection, Test};

/// Deepest nesting of groups.
pub const MAX_DEPTH: usize = 8;
/// Comparisons of one clause at most, each value of an `In` counted.
pub const MAX_COMPARISONS: usize = 500;

/// Which contacts of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// Everybody.
    All,
    /// A comparison.
    Field(FieldClause),
    /// All of them; none for everybody.
    And(Vec<Clause>),
    /// One of them; none for nobody.
    Or(Vec<Clause>),
}

/// A comparison of a column with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldClause {
    /// The column's name: `f_EMail`, `f_City`, `optin_News`, `idContact`, `isActive` …
    pub name: String,
    /// How.
    pub operator: Operator,
    /// With what: one value, any number for [`Operator::In`], none for [`Operator::IsNull`] and [`Operator::IsNotNull`].
    pub values: Vec<Given>,
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say what they are")]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    StartsWith,
    EndsWith,
    IsNull,
    IsNotNull,
    In,
}

/// Why a clause does not fit a project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadClause {
    /// The project has no such column.
    #[error("there is no field {0:?}")]
    UnknownField(String),
    /// The column cannot be compared so.
    #[error("field {0:?} cannot be compared so")]
    BadOperator(String),
    /// The column cannot have this value.
    #[error("field {0:?} cannot be compared with this value")]
    BadValue(String),
    /// Groups are nested deeper than [`MAX_DEPTH`], or there are more than [`MAX_COMPARISONS`].
    #[error("the clause is too large")]
    TooLarge,
}

/// Contacts whose address is this one.
#[must_use]
pub fn by_address(address: &str) -> Clause {
    equal("f_EMail", Given::text(address))
}

/// A comparison for equality.
#[must_use]
pub fn equal(name: &str, value: Given) -> Clause {
    Clause::Field(FieldClause { name: name.to_owned(), operator: Operator::Equal, values: vec![value] })
}

/// The clause in terms of the store.
pub(in crate::domain) fn resolve(project: &Project, clause: &Clause) -> Result<Selection, BadClause> {
    let mut budget = MAX_COMPARISONS;
    let selection = part(project, clause, MAX_DEPTH, &mut budget)?;
    Ok(match key_test(project, clause) {
        // Adds nothing but a way to find the contact by an index.
        Some(test) => Selection::And(vec![Selection::Is(test), selection]),
        None => selection,
    })
}

fn part(project: &Project, clause: &Clause, depth: usize, budget: &mut usize) -> Result<Selection, BadClause> {
    let mut group = |parts: &[Clause]| -> Result<Vec<Selection>, BadClause> {
        let depth = depth.checked_sub(1).ok_or(BadClause::TooLarge)?;
        *budget = budget.checked_sub(parts.len()).ok_or(BadClause::TooLarge)?;
        parts.iter().map(|one| part(project, one, depth, budget)).collect()
    };
    match clause {
        Clause::All => Ok(Selection::All),
        Clause::And(parts) => Ok(Selection::And(group(parts)?)),
        Clause::Or(parts) => Ok(Selection::Or(group(parts)?)),
        Clause::Field(field) => {
            *budget = budget.checked_sub(field.values.len().max(1)).ok_or(BadClause::TooLarge)?;
            compared(project, field)
        }
    }
}

fn compared(project: &Project, clause: &FieldClause) -> Result<Selection, BadClause> {
    let column = Column::parse(&clause.name);
    let single = |given: &Given, comparison| one(project, clause, &column, comparison, given);
    let value = || match clause.values.as_slice() {
        [value] => Ok(value),
        _ => Err(BadClause::BadValue(clause.name.clone())),
    };
    let comparison = match clause.operator {
        Operator::In => {
            let each = clause.values.iter().map(|given| single(given, Comparison::Equal));
            return Ok(Selection::Or(each.collect::<Result<_, _>>()?));
        }
        Operator::IsNull => return single(&Given::Null, Comparison::Equal),
        Operator::IsNotNull => return single(&Given::Null, Comparison::NotEqual),
        Operator::Equal => Comparison::Equal,
        Operator::NotEqual => Comparison::NotEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Contains => Comparison::Contains,
        Operator::StartsWith => Comparison::StartsWith,
        Operator::EndsWith => Comparison::EndsWith,
    };
    single(value()?, comparison)
}

/// One comparison with one value; a null value asks whether there is none.
fn one(
    project: &Project,
    clause: &FieldClause,
    column: &Column,
    comparison: Comparison,
    given: &Given,
) -> Result<Selection, BadClause> {
    let unknown = || BadClause::UnknownField(clause.name.clone());
    let bad_value = || BadClause::BadValue(clause.name.clone());
    let bad_operator = || BadClause::BadOperator(clause.name.clone());
    let is_pattern = matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
    let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    if is_pattern && !matches!(column, Column::Address | Column::Field(_)) {
        return Err(bad_operator());
    }
    let moment = || dates::read(given.as_text()).map(|at| at.moment(project.time_zone).0).ok_or_else(bad_value);
    let negated = comparison == Comparison::NotEqual;
    match column {
        Column::Number if given.is_blank() => Ok(always(negated)),
        Column::Number => {
            let number = given.as_text().trim().parse().map_err(|_| bad_value())?;
            Ok(Selection::Is(Test::Number(comparison, number)))
        }
        Column::Address if *given == Given::Null => Ok(always(negated)),
        Column::Address => Ok(Selection::Is(Test::Address(comparison, given.as_text().trim().to_lowercase()))),
        Column::Field(code) => {
            let field = project.field(code).ok_or_else(unknown)?;
            of_field(project, field, comparison, given).ok_or_else(bad_value)
        }
        Column::OptIn(_) | Column::Tracking | Column::IsActive if !is_equality => Err(bad_operator()),
        Column::OptIn(code) => {
            let id = selections::opt_in(project.opt_in(code).ok_or_else(unknown)?.id);
            let state = said::read_state(given).ok_or_else(bad_value)?;
            Ok(unless(negated, state, |state| Test::OptIn(id, state)))
        }
        Column::Tracking => {
            let state = said::read_state(given).ok_or_else(bad_value)?;
            Ok(unless(negated, state, Test::Tracking))
        }
        Column::IsActive => {
            let is_active = said::read_state(given).flatten().ok_or_else(bad_value)?;
            Ok(Selection::Is(Test::IsActive(is_active != negated)))
        }
        Column::OptInDate(code) => {
            let id = selections::opt_in(project.opt_in(code).ok_or_else(unknown)?.id);
            if given.is_blank() {
                return Ok(unless(negated, None, |state| Test::OptIn(id, state)));
            }
            Ok(Selection::Is(Test::OptInAt(id, comparison, moment()?)))
        }
        Column::TrackingDate if given.is_blank() => Ok(unless(negated, None, Test::Tracking)),
        Column::TrackingDate => Ok(Selection::Is(Test::TrackingAt(comparison, moment()?))),
        Column::CreatedAt if given.is_blank() => Ok(always(negated)),
        Column::CreatedAt => Ok(Selection::Is(Test::CreatedAt(comparison, moment()?))),
    }
}

/// Everybody or nobody.
const fn always(everybody: bool) -> Selection {
    if everybody { Selection::All } else { Selection::Nobody }
}

/// Those of a state, or those of the two other ones.
fn unless(negated: bool, state: Option<bool>, test: impl Fn(Option<bool>) -> Test) -> Selection {
    if !negated {
        return Selection::Is(test(state));
    }
    let others = [None, Some(true), Some(false)].into_iter().filter(|other| *other != state);
    Selection::Or(others.map(|other| Selection::Is(test(other))).collect())
}

/// A comparison of a field's value; `None` when the field cannot have such a value.
fn of_field(project: &Project, field: &ProjectField, comparison: Comparison, given: &Given) -> Option<Selection> {
    let place = FieldPlace::new(field.field.id, field.field.is_global.then_some(project.account()));
    let is_pattern = matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
    if given.is_blank() || is_pattern {
        let text = given.as_text().trim().to_lowercase();
        return Some(Selection::Is(Test::Text(place, comparison, text)));
    }
    if matches!(field.data_type, DataType::Integer | DataType::Decimal) {
        let number = field_values::decimal(given.as_text())?;
        return Some(Selection::Is(Test::Decimal(place, comparison, number)));
    }
    let text = match field.data_type {
        // A value that is none of the choices is no mistake in a question: nobody has it.
        DataType::Choice | DataType::MultiChoice | DataType::Text => given.as_text().trim().to_owned(),
        _ => said::value_text(project, field, given)?,
    };
    let text = text.to_lowercase();
    if field.data_type == DataType::MultiChoice && matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Some(Selection::Is(Test::Text(place, comparison, text.replace('|', field_values::CHOICE_SEPARATOR))));
    }
    let test = Selection::Is(Test::Text(place, comparison, text));
    if matches!(comparison, Comparison::Less | Comparison::LessOrEqual) {
        // Nothing is not less than something.
        let has_value = Selection::Is(Test::Text(place, Comparison::NotEqual, String::new()));
        return Some(Selection::And(vec![has_value, test]));
    }
    Some(test)
}

/// The key, when the clause asks for exactly one key of the project by values that can be.
fn key_test(project: &Project, clause: &Clause) -> Option<Test> {
    let Key::Fields(fields) = &project.key else { return None };
    let parts = match clause {
        Clause::Field(_) => std::slice::from_ref(clause),
        Clause::And(parts) => parts.as_slice(),
        Clause::All | Clause::Or(_) => return None,
    };
    let mut values = Values::new();
    for part in parts {
        let Clause::Field(FieldClause { name, operator: Operator::Equal, values: given }) = part else { continue };
        let (Column::Field(code), [given]) = (Column::parse(name), given.as_slice()) else { continue };
        let Some(field) = project.field(&code) else { continue };
        let kept: Option<(FieldId, String)> =
            said::value_text(project, field, given).map(|text| (field.field.id, text));
        values.extend(kept);
    }
    key::text_of(fields, &values).map(Test::Key)
}
