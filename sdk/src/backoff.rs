//! How long to wait before the next try: full jitter, so that a thousand browsers don't come back at once.

const FIRST_MS: f64 = 500.0;
/// Somebody looks at the page meanwhile, and a browser does not say that the gateway is back.
const MOST_MS: f64 = 10_000.0;

/// Counts the tries that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How long to wait after one more failure, in milliseconds: anything up to a bound that doubles every time.
    /// `chance` is between 0 and 1; `at_least_secs` is what the other side asked for.
    pub(crate) fn next_ms(&mut self, chance: f64, at_least_secs: Option<u32>) -> u32 {
        self.failures = self.failures.saturating_add(1);
        let bound = (FIRST_MS * f64::from(2_u32.saturating_pow(self.failures.min(16)))).min(MOST_MS);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000")]
        let wait = (bound * chance) as u32;
        let floor = at_least_secs.unwrap_or(0).min(600).saturating_mul(1000);
        floor.saturating_add(wait.max(100))
    }

    /// It worked: the next failure is the first again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound() {
        let mut backoff = Backoff::default();
        let waits: Vec<u32> = (0..8).map(|_| backoff.next_ms(1.0, None)).collect();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000]);
        backoff.reset();
        assert_eq!(backoff.next_ms(0.5, None), 500);
        assert_eq!(backoff.next_ms(0.0, None), 100, "never a storm");
        assert_eq!(backoff.next_ms(0.0, Some(7)), 7100, "what the gateway asks for is the least");
    }
}
