//! Places that did not take a connection in time: for a while they are tried last.
//!
//! Whoever comes to one waits for its deadline, and has a share of the budget meanwhile. A hundred of them, ten seconds
//! each, would leave ten connections in a second where there could be fifty, and everybody would wait for those ten
//! seconds. So one in a while finds out whether the place is back, and everybody else goes past it.

use std::sync::{Mutex as Lock, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::xmpp::resolve::Candidate;

/// For how long nobody else comes first to a place that was silent.
const PAUSE: Duration = Duration::from_secs(60);

/// The most places that are remembered: a domain has a handful.
const MAX_PLACES: usize = 64;

/// The places, and when somebody may find out how each of them is.
#[derive(Debug, Default)]
pub(super) struct Silent(Lock<Vec<(Candidate, Instant)>>);

impl Silent {
    /// Puts those that are silent behind the others, for somebody who comes to the first of them now. Where it is time to
    /// find out about that one, this caller does.
    pub(super) fn put_last(&self, candidates: &mut [Candidate], now: Instant) {
        let mut places = self.places();
        candidates.sort_by_key(|candidate| {
            places.iter().any(|(place, again_at)| place == candidate && now < *again_at)
        });
        let Some(first) = candidates.first() else { return };
        if let Some((_, again_at)) = places.iter_mut().find(|(place, _)| place == first) {
            *again_at = now + PAUSE;
        }
    }

    /// It did not take a connection in time.
    pub(super) fn note(&self, candidate: &Candidate, now: Instant) {
        let mut places = self.places();
        places.retain(|(place, _)| place != candidate);
        if places.len() == MAX_PLACES {
            places.remove(0);
        }
        places.push((candidate.clone(), now + PAUSE));
    }

    /// It took one.
    pub(super) fn forget(&self, candidate: &Candidate) {
        self.places().retain(|(place, _)| place != candidate);
    }

    fn places(&self) -> MutexGuard<'_, Vec<(Candidate, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;
    use tokio::time::sleep_until;

    use super::super::budget::{Budget, ConnectRate, Purpose};
    use super::*;
    use crate::xmpp::transport::TlsMode;

    fn place(host: &str) -> Candidate {
        Candidate { host: host.to_owned(), port: 5222, tls: TlsMode::Direct }
    }

    fn order(silent: &Silent, now: Instant) -> String {
        let mut candidates = ["a", "b", "c"].map(place);
        silent.put_last(&mut candidates, now);
        candidates.map(|candidate| candidate.host).concat()
    }

    #[test]
    fn one_in_a_while_finds_out_whether_a_place_is_back() {
        let (silent, start) = (Silent::default(), Instant::now());
        let at = |secs: u64| start + Duration::from_secs(secs);
        assert_eq!(order(&silent, at(0)), "abc");
        silent.note(&place("a"), at(0));
        assert_eq!(order(&silent, at(59)), "bca");
        assert_eq!(order(&silent, at(60)), "abc", "this one finds out");
        assert_eq!(order(&silent, at(60)), "bca", "the next does not");
        silent.note(&place("a"), at(70));
        silent.note(&place("b"), at(70));
        assert_eq!(order(&silent, at(129)), "cab");
        silent.forget(&place("a"));
        assert_eq!(order(&silent, at(129)), "acb");
        silent.note(&place("c"), at(129));
        silent.note(&place("a"), at(129));
        assert_eq!(order(&silent, at(130)), "bac", "nobody is left out");
    }

    #[test]
    fn a_name_more_is_one_less() {
        let (silent, now) = (Silent::default(), Instant::now());
        for number in 0..=MAX_PLACES {
            silent.note(&place(&number.to_string()), now);
        }
        assert_eq!(silent.places().len(), MAX_PLACES);
    }

    /// Everybody comes back at once, and the place that is to be tried first swallows all packets.
    #[tokio::test(start_paused = true)]
    async fn those_behind_go_past_a_silent_place_at_the_rate_of_the_budget() {
        const MANY: u64 = 1_000;
        const CONNECT: Duration = Duration::from_secs(10);
        let rate = ConnectRate::default();
        let (budget, silent) = (Arc::new(Budget::new(rate)), Arc::new(Silent::default()));
        let start = Instant::now();
        let mut returns = JoinSet::new();
        for _ in 0..MANY {
            let (budget, silent) = (Arc::clone(&budget), Arc::clone(&silent));
            returns.spawn(async move {
                let mut tried = Vec::new();
                loop {
                    let turn = budget.take(Purpose::Return).await;
                    let mut candidates = vec![place("silent"), place("good")];
                    candidates.retain(|candidate| !tried.contains(candidate));
                    silent.put_last(&mut candidates, Instant::now());
                    let candidate = candidates.remove(0);
                    if candidate == place("good") {
                        return;
                    }
                    sleep_until(Instant::now() + CONNECT).await;
                    silent.note(&candidate, Instant::now());
                    tried.push(candidate);
                    drop(turn);
                }
            });
        }
        returns.join_all().await;
        // Those who found out have taken a second token each.
        let tokens = MANY + u64::from(rate.under_way);
        let at_most =
            CONNECT + Duration::from_secs(1) * u32::try_from(tokens / u64::from(rate.per_second)).unwrap();
        assert!(start.elapsed() < at_most, "{:?}", start.elapsed());
    }
}
