//! Moments in UTC with microseconds, the one form of time inside the product.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

crate::stored_id!(
    /// A moment: microseconds since 1970-01-01 00:00:00 UTC. Kept as `BIGINT`, so both databases agree to the last digit.
    UtcTime
);

impl UtcTime {
    /// The system clock. Only `app`, `cli` and the workers read it; everything below is handed the moment.
    #[must_use]
    pub fn now() -> Self {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        Self(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// This moment moved forward.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment moved back.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}
