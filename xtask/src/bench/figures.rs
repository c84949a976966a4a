//! Times and how they are shown.

use std::time::Duration;

/// Times in microseconds, sorted.
#[derive(Debug, Clone)]
pub struct Times(Vec<u32>);

impl Times {
    /// Sorts them.
    pub fn new(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        Self(micros)
    }

    /// Of durations.
    pub fn of(durations: &[Duration]) -> Self {
        Self::new(durations.iter().map(|took| u32::try_from(took.as_micros()).unwrap_or(u32::MAX)).collect())
    }

    /// All of several runs.
    pub fn joined(runs: &[Self]) -> Self {
        Self::new(runs.iter().flat_map(|run| &run.0).copied().collect())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of all stay within, in milliseconds; 0 when there is none.
    pub fn at(&self, percent: usize) -> f64 {
        let place = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(place).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// Median and 99th percentile, in milliseconds.
    pub fn shown(&self) -> String {
        format!("{:9.3} {:9.3}", self.at(50), self.at(99))
    }
}

/// A ratio beside the figure that is wanted.
pub fn against(name: &str, ratio: f64, wanted: f64) {
    let verdict = if ratio >= wanted { "reached" } else { "NOT reached" };
    println!("  {name}: {ratio:.2} (wanted {wanted}: {verdict})");
}

/// A value that should stay below another.
pub fn below(name: &str, value: f64, limit: f64, unit: &str) {
    let verdict = if value < limit { "kept" } else { "NOT kept" };
    println!("  {name}: {value:.1} {unit} (wanted below {limit}: {verdict})");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let times = Times::new((1..=200).rev().map(|n| n * 1000).collect());
        assert!((times.at(50) - 100.0).abs() < 1e-9 && (times.at(99) - 198.0).abs() < 1e-9);
        assert!(Times::new(vec![]).at(50) < 1e-9);
    }
}
