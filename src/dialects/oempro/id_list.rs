//! Ids joined by commas, as the `….Delete` commands take them: what is no id is passed over, and long lists are worked off in batches.

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::domain::cx::Ctx;

/// Ids in one transaction.
const BATCH: usize = 200;

/// The ids of a parameter, each once, in the order given; pieces that are no whole number name nothing and are dropped.
#[must_use]
pub fn ids(params: &Params, name: &str) -> Vec<i64> {
    let pieces = params.texts(name).into_iter().flat_map(|text| text.split(','));
    let mut seen = std::collections::HashSet::new();
    pieces.filter_map(|piece| piece.trim().parse().ok()).filter(|id| seen.insert(*id)).collect()
}

/// Ids in batches for one transaction each. There is always at least one batch, so that permissions are checked even when no id is left.
#[must_use]
fn batches<Id>(ids: Vec<i64>, wrap: fn(i64) -> Id) -> Vec<Vec<Id>> {
    if ids.is_empty() {
        return vec![Vec::new()];
    }
    ids.chunks(BATCH).map(|batch| batch.iter().copied().map(wrap).collect()).collect()
}

/// Deletes what the ids of a parameter name: code 1 without it; each batch is a transaction, because any number of ids may come.
///
/// # Errors
/// Code 1, what `fault` makes of a refusal, or an internal fault.
pub async fn delete_all<Id, E>(
    stage: &Stage,
    parameter: &'static str,
    wrap: fn(i64) -> Id,
    delete: fn(&mut Ctx<'_>, &[Id]) -> Result<(), E>,
    fault: fn(E) -> Fault,
) -> Result<Reply, Fault>
where
    Id: Send + 'static,
    E: 'static,
{
    let ids = stage
        .read(move |call| {
            let mut need = call.params.need();
            need.text(parameter, 1);
            need.done()?;
            Ok(ids(call.params, parameter))
        })
        .await?;
    for batch in batches(ids, wrap) {
        stage.write(move |call| delete(call.cx, &batch).map_err(fault)).await?;
    }
    Ok(Reply::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};
    use crate::model::ids::ListId;

    #[test]
    fn noise_between_ids_is_passed_over() {
        let params = |query: &str| Params::new(read_query(query.as_bytes(), &Limits::default()).expect("good query"));
        assert_eq!(ids(&params("Lists=3,+x,,4,3,9999999999999999999,-1"), "lists"), [3, 4, -1]);
        assert_eq!(ids(&params("Lists[]=1&Lists[]=2,5"), "Lists"), [1, 2, 5]);
        assert!(ids(&params(""), "Lists").is_empty());
        assert_eq!(batches(vec![], ListId), [vec![]]);
        assert_eq!(batches((0..450).collect(), ListId).iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 50]);
    }
}
