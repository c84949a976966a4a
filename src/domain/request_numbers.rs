//! Numbers that grow and never come again, taken from the store in ranges: a wire may give every call one.

use crate::domain::core::Unavailable;
use crate::domain::cx::Ctx;
use crate::store::StoreError;

/// The counter behind them.
const CALLS: &str = "calls";

/// Why there is no new range.
#[derive(Debug, thiserror::Error)]
pub enum NumberError {
    /// The store did not answer in time.
    #[error("the store gave no numbers in time")]
    Late,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(Unavailable),
}

/// Takes the next `n` numbers for the caller alone and answers the first. They tell nothing, so anybody may take them.
///
/// # Errors
/// [`NumberError::Store`].
pub fn reserve(cx: &mut Ctx<'_>, n: i64) -> Result<i64, NumberError> {
    let last = cx.tx.reserve_numbers(CALLS, n.max(1))?;
    Ok(last - n.max(1) + 1)
}
