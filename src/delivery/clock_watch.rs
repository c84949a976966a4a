//! Notices when the machine's clock is set back while the program runs.

use std::time::{Duration, Instant};

use crate::model::time::UtcTime;

/// A smaller step is waited out.
const SMALLEST: Duration = Duration::from_secs(5);

/// The clock of the wall beside one that only goes forward.
#[derive(Debug)]
pub(super) struct ClockWatch {
    wall: UtcTime,
    steady: Instant,
}

impl ClockWatch {
    pub fn new(wall: UtcTime, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// By how much the clock was set back since the last look; `None` when it was not, or by less than a few seconds.
    pub fn set_back(&mut self, wall: UtcTime, steady: Instant) -> Option<Duration> {
        let expected = self.wall.plus(steady.duration_since(self.steady));
        let behind = Duration::from_micros(u64::try_from(expected.0 - wall.0).unwrap_or(0));
        if expected > wall && behind < SMALLEST {
            // Many small steps are a large one.
            return None;
        }
        *self = Self { wall, steady };
        (behind >= SMALLEST).then_some(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_step_back_is_told_and_only_once() {
        let (start, steady) = (UtcTime(1_700_000_000_000_000), Instant::now());
        let after = Duration::from_secs;
        let mut watch = ClockWatch::new(start, steady);
        assert_eq!(watch.set_back(start.plus(after(10)), steady + after(10)), None);
        assert_eq!(watch.set_back(start.plus(after(7_220)), steady + after(20)), None, "two hours forward");
        assert_eq!(watch.set_back(start.plus(after(30)), steady + after(30)), Some(after(7_200)), "and back");
        assert_eq!(watch.set_back(start.plus(after(40)), steady + after(40)), None);
        assert_eq!(watch.set_back(start.plus(after(47)), steady + after(50)), None, "little by little");
        assert_eq!(watch.set_back(start.plus(after(54)), steady + after(60)), Some(after(6)));
        assert_eq!(watch.set_back(start.plus(after(64)), steady + after(70)), None);
    }
}
