//! How long to wait before the next attempt.

use std::time::Duration;

/// Waits that grow from one attempt to the next. Each is shortened by chance, so that many terminals
/// do not try at the same moment.
///
/// ```
/// use std::time::Duration;
///
/// use m26_pay::session::Backoff;
///
/// let backoff = Backoff { jitter_percent: 0, ..Backoff::default() };
/// assert_eq!(backoff.wait(0), Duration::from_secs(1));
/// assert_eq!(backoff.wait(1), Duration::from_secs(2));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Backoff {
    /// The first wait.
    pub initial: Duration,
    /// Each wait is the last one times this.
    pub factor: u32,
    /// The longest wait.
    pub cap: Duration,
    /// By how many percent at most a wait is shortened, 0 to 100.
    pub jitter_percent: u8,
    /// What the chance begins with: another number for each terminal, such as its serial number.
    pub seed: u64,
}

impl Default for Backoff {
    /// 1 s, doubled up to 60 s, shortened by up to a quarter. Not specified; chosen so that an
    /// adapter that was plugged back is found at once, and a module that is gone for the weekend
    /// costs an attempt a minute.
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(1),
            factor: 2,
            cap: Duration::from_secs(60),
            jitter_percent: 25,
            seed: 0,
        }
    }
}

impl Backoff {
    /// How long to wait after this many waits in a row.
    #[must_use]
    pub fn wait(&self, attempts: u32) -> Duration {
        let wait = self.whole(attempts);
        let percent = u64::from(self.jitter_percent.min(100));
        let less = self.chance(attempts) % (percent * 100 + 1); // in ten-thousandths
        wait - wait.mul_f64(less as f64 / 10_000.0).min(wait)
    }

    /// Whether waits do not grow any more after this many.
    #[must_use]
    pub fn is_capped(&self, attempts: u32) -> bool {
        self.whole(attempts) >= self.whole(attempts.saturating_add(1))
    }

    fn whole(&self, attempts: u32) -> Duration {
        let factor = self.factor.max(1).checked_pow(attempts).unwrap_or(u32::MAX);
        self.initial.checked_mul(factor).map_or(self.cap, |wait| wait.min(self.cap))
    }

    /// SplitMix64, which is enough to be unlike one's neighbours.
    fn chance(&self, attempts: u32) -> u64 {
        let step = u64::from(attempts) + 1;
        let mut z = self.seed.wrapping_add(step.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_differ_by_seed() {
        let plain = Backoff { jitter_percent: 0, ..Backoff::default() };
        let waits = |backoff: Backoff| (0..9).map(|n| backoff.wait(n)).collect::<Vec<_>>();
        let seconds: Vec<_> = waits(plain.clone()).iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!((0..6).all(|n| !plain.is_capped(n)) && plain.is_capped(6));
        let a = waits(Backoff { seed: 1, ..Backoff::default() });
        let b = waits(Backoff { seed: 2, ..Backoff::default() });
        assert_ne!(a, b);
        assert_eq!(a, waits(Backoff { seed: 1, ..Backoff::default() }));
        for (wait, whole) in a.iter().zip(waits(plain)) {
            assert!(*wait <= whole && *wait >= whole.mul_f64(0.75), "{wait:?} of {whole:?}");
        }
        let all = Backoff { jitter_percent: 255, initial: Duration::MAX, ..Backoff::default() };
        assert!(waits(all).iter().all(|wait| *wait <= Duration::from_secs(60)));
    }
}
