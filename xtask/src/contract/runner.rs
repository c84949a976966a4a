//! Runs one golden: prepares, sends, compares.

use anyhow::Context;

use super::golden::Golden;
use super::http::Answer;
use super::pattern::{Bindings, difference, fill, fill_encoded};
use super::steps::Stage;

/// Runs a golden against the stage's server.
///
/// # Errors
/// What could not be done, or the first difference.
pub fn run(stage: &Stage, golden: &Golden) -> anyhow::Result<()> {
    let mut bindings = stage.bindings();
    for step in &golden.steps {
        stage.prepare(step, &mut bindings).context("preparation")?;
    }
    let answer = send(stage, golden, &bindings)?;
    compare(golden, &answer, &bindings)
}

fn send(stage: &Stage, golden: &Golden, bindings: &Bindings) -> anyhow::Result<Answer> {
    let request = &golden.request;
    let target = fill_encoded(&request.target, bindings)?;
    let headers = request.headers.iter().map(|(name, value)| Ok((name.clone(), fill(value, bindings)?)));
    let headers = headers.collect::<anyhow::Result<Vec<_>>>()?;
    let is_of_type = |prefix: &str| {
        headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().starts_with(prefix)
        })
    };
    let is_urlencoded = is_of_type("application/x-www-form-urlencoded");
    let mut body = if is_urlencoded { fill_encoded(&request.body, bindings)? } else { fill(&request.body, bindings)? };
    if is_of_type("multipart/") {
        body = format!("{body}\n").replace('\n', "\r\n");
    }
    stage.server.send(&request.method, &target, &request.version, &headers, body.as_bytes())
}

fn compare(golden: &Golden, answer: &Answer, bindings: &Bindings) -> anyhow::Result<()> {
    let expected = &golden.expected;
    let mut differences = Vec::new();
    if answer.status != expected.status {
        differences.push(format!("status: expected {}, got {}", expected.status, answer.status));
    }
    for (name, value) in &expected.headers {
        match answer.header(name) {
            None => differences.push(format!("header {name} is missing")),
            Some(actual) => {
                if let Some(told) = difference(value, actual, bindings)? {
                    differences.push(format!("header {name}: {told}"));
                }
            }
        }
    }
    // One platform ends the lines of its answers as Windows does.
    let has_crlf = golden.path.components().any(|part| part.as_os_str() == "ofsys");
    let body = if has_crlf { expected.body.replace('\n', "\r\n") } else { expected.body.clone() };
    if let Some(told) = difference(&body, &answer.text(), bindings)? {
        differences.push(format!("body: {told}"));
    }
    if differences.is_empty() { Ok(()) } else { Err(anyhow::anyhow!(differences.join("\n    "))) }
}
