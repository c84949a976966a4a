//! `Projects.Get`: the fields and opt-ins of a project. Wire: OF-9.5, OF-9.6.

use serde_json::{Value, json};

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::projects::{self, ADDRESS_CODE, Key, Labels, Project};
use crate::model::states::DataType;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Projects",
    name: "Get",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let id = call.project()?;
    let project = projects::get(call.cx, id)?;
    let culture = project.languages.first().map_or(projects::DEFAULT_CULTURE, String::as_str);
    let address = json!({
        "Code": ADDRESS_CODE,
        "DataType": word(DataType::Text),
        "isRequired": true,
        "isKey": project.key == Key::Address,
        "Labels": labels(&Labels::new(), culture, ADDRESS_CODE),
    });
    let mut fields = vec![address];
    fields.extend(project.fields.iter().map(|field| {
        json!({
            "Code": field.code,
            "DataType": word(field.data_type),
            "isRequired": field.field.is_required,
            "isKey": is_key(&project, field.field.id),
            "Labels": labels(&field.labels, culture, &field.field.name),
        })
    }));
    let opt_ins: Vec<Value> = project
        .opt_ins
        .iter()
        .map(|opt_in| json!({ "Code": opt_in.code, "Labels": labels(&opt_in.labels, culture, &opt_in.code) }))
        .collect();
    let info = json!({
        "idProject": id.0,
        "ProjectName": project.list.name,
        "Languages": project.languages,
        "TimeZone": project.time_zone.name(),
        "ProjectFields": fields,
        "OptinFields": opt_ins,
    });
    Ok(Reply::new().put("ProjectInfo", info))
}

fn is_key(project: &Project, field: crate::model::ids::FieldId) -> bool {
    matches!(&project.key, Key::Fields(fields) if fields.contains(&field))
}

/// One label a culture; the name in the project's own culture where there are none, since clients show the first.
fn labels(labels: &Labels, culture: &str, name: &str) -> Vec<Value> {
    if labels.is_empty() {
        return vec![json!({ "Culture": culture, "Value": name })];
    }
    labels.iter().map(|(culture, label)| json!({ "Culture": culture, "Value": label })).collect()
}

/// The words of OF-9.6.
const fn word(data_type: DataType) -> &'static str {
    match data_type {
        DataType::ByKind | DataType::Text => "Text",
        DataType::Integer => "Integer",
        DataType::Decimal => "Decimal",
        DataType::Boolean => "Boolean",
        DataType::Date => "Date",
        DataType::DateTime => "DateTime",
        DataType::Choice => "Choice",
        DataType::MultiChoice => "MultiChoice",
    }
}
