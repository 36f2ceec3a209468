//! Times that something took, as a histogram.

use anyhow::Result;
use hdrhistogram::Histogram;

/// The longest time that is told apart, in ns: a minute.
const LONGEST_NS: u64 = 60_000_000_000;

/// Times to three digits.
#[derive(Debug, Clone)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1_000, LONGEST_NS, 3)?))
    }

    /// Adds the time from one moment to another; a longer one than a minute counts as that.
    pub(crate) fn add(&mut self, from_ns: u64, to_ns: u64) {
        self.0.saturating_record(to_ns.saturating_sub(from_ns));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time within which this share of them was, in ms.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1e6
    }

    /// The longest, in ms.
    pub(crate) fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1e6
    }

    /// p50, p99 and the longest, to read.
    pub(crate) fn cells(&self) -> [String; 3] {
        let ms = |value: f64| format!("{value:.1} ms");
        let (half, most) = (self.quantile_ms(0.5), self.quantile_ms(0.99));
        [ms(half), ms(most), ms(self.max_ms())]
    }

    /// The times by the share of them that took longer, for a plot.
    pub(crate) fn distribution(&self) -> Vec<(f64, f64)> {
        let shares = (0..=60).map(|step| 10_f64.powf(-f64::from(step) / 15.0));
        let told_apart = shares.filter(|share| share * self.count() as f64 >= 1.0);
        told_apart
            .map(|share| (share, self.quantile_ms(1.0 - share)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_times() {
        let mut latencies = Latencies::new().unwrap();
        for ms in 1..=100 {
            latencies.add(5_000_000, 5_000_000 + ms * 1_000_000);
        }
        latencies.add(2, 1);
        assert_eq!(latencies.count(), 101);
        assert!((latencies.quantile_ms(0.5) - 50.0).abs() < 0.1);
        assert!((latencies.max_ms() - 100.0).abs() < 0.1);
        let distribution = latencies.distribution();
        assert_eq!(distribution.first().map(|point| point.0), Some(1.0));
        assert!(
            distribution
                .last()
                .is_some_and(|point| point.0 < 0.02 && point.1 > 98.0)
        );
    }
}
