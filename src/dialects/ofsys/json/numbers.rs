//! `idRequest`: a number for each call that grows and never comes again, also after a restart (OF-2.7).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::Origin;
use crate::domain::request_numbers::{self, NumberError};

/// Numbers taken from the store at once; what is left of a range at the end of the process is lost.
const RANGE: i64 = 1_000;
/// The store must hand out a range within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Gives out numbers of the range it holds, and takes another one when that is used up.
#[derive(Debug, Default)]
pub struct Numbers {
    range: Mutex<Range>,
}

#[derive(Debug, Default)]
struct Range {
    next: i64,
    end: i64,
}

impl Numbers {
    /// The next number.
    ///
    /// # Errors
    /// [`NumberError`] when the store gives no new range; the next call asks again.
    pub async fn next(&self, core: &Core) -> Result<i64, NumberError> {
        // Held while the store is asked, once in a thousand calls: otherwise everybody who comes meanwhile would take a range of their own and
        // numbers would not grow. The wait is bounded.
        let mut range = self.range.lock().await;
        if range.next >= range.end {
            let origin = Arc::new(Origin::of_program("ofsys json"));
            let reserved = core.write(origin, |cx| request_numbers::reserve(cx, RANGE));
            let first = tokio::time::timeout(PATIENCE, reserved).await.map_err(|_| NumberError::Late)??;
            *range = Range { next: first, end: first.saturating_add(RANGE) };
        }
        let number = range.next;
        range.next += 1;
        Ok(number)
    }
}

impl From<Unavailable> for NumberError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}
