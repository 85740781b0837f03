//! One person's log: an append-only run of events, of which a bounded tail is kept for replay.
//!
//! Readers never hold anything back: each has a place of its own in the shared ring and is woken when there is more.
//! One that falls behind the tail is told so ([`SubscriptionEnd::Lagged`]) and comes back by its position, which by then
//! is out of the window, so that it loads the snapshot: loss is never silent.
//!
//! Events are kept from when somebody first has a position: before that nobody could ask for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{EndReason, Event, Position, ReadyReason, TimestampMs};
use tokio::sync::watch;

/// How much of a log is kept for replay. Whichever bound is reached first drops the oldest events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events, at least 1.
    pub events: usize,
    /// Bytes of their JSON.
    pub bytes: usize,
    /// Milliseconds.
    pub age_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { events: 2048, bytes: 4 << 20, age_ms: 6 * 60 * 60 * 1000 }
    }
}

/// One event of the log, serialised once for all readers. It is kept for hours, and so as what nearly all of them read
/// alone.
#[derive(Debug)]
pub struct Frame {
    /// Where the reader is after it.
    pub position: Position,
    /// The event's name.
    pub name: &'static str,
    /// The event as JSON, without line breaks.
    pub json: Box<str>,
    at_ms: TimestampMs,
}

impl Frame {
    fn new(position: Position, event: &Event, at_ms: TimestampMs) -> Self {
        // Every variant is a plain struct of strings and numbers, which serde_json can't fail on.
        let json = serde_json::to_string(event).unwrap_or_else(|_| r#"{"type":"unknown"}"#.to_owned());
        Frame { position, name: event.name(), json: json.into_boxed_str(), at_ms }
    }

    /// The event, for those who can't do with its JSON.
    pub fn event(&self) -> Event {
        // It was written by the same types.
        serde_json::from_str(&self.json).unwrap_or(Event::Unknown)
    }
}

/// From where a subscription goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Everything after the position asked for follows.
    pub recovered: bool,
    /// The newest position of the log at the time of subscribing.
    pub head: Position,
    /// Why nothing was recovered.
    pub reason: Option<ReadyReason>,
}

/// Why a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionEnd {
    /// The reader fell behind what is kept.
    #[error("the reader fell behind the replay window")]
    Lagged,
    /// The log was closed, for this reason.
    #[error("the log was closed: {0:?}")]
    Closed(EndReason),
}

/// A handle of one person's log. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    epoch: u64,
    limits: Limits,
    ring: Mutex<Ring>,
    state: watch::Sender<State>,
}

/// What readers wait for a change of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The offset of the newest event.
    Open(u64),
    Closed(EndReason),
}

#[derive(Debug)]
struct Ring {
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    /// The offset of the newest event ever appended.
    head: u64,
    /// A position was handed out, by which somebody may come back.
    is_followed: bool,
}

impl Log {
    /// An empty log. The epoch must differ from that of every earlier log of the same person.
    pub fn new(epoch: u64, limits: Limits) -> Self {
        Log(Arc::new(Shared {
            epoch,
            limits,
            ring: Mutex::new(Ring { frames: VecDeque::new(), bytes: 0, head: 0, is_followed: false }),
            state: watch::Sender::new(State::Open(0)),
        }))
    }

    /// Appends an event and wakes the readers.
    pub fn append(&self, now_ms: TimestampMs, event: &Event) -> Position {
        // Held throughout: who gets a position meanwhile gets everything after it.
        let mut ring = self.ring();
        ring.head += 1;
        let position = Position { epoch: self.0.epoch, offset: ring.head };
        if ring.is_followed {
            ring.keep(Frame::new(position, event, now_ms));
            ring.trim(self.0.limits, now_ms);
        }
        let head = ring.head;
        drop(ring);
        self.0.state.send_modify(|state| {
            if let State::Open(current) = state {
                *current = head;
            }
        });
        position
    }

    /// Which of the person's logs it is.
    pub fn epoch(&self) -> u64 {
        self.0.epoch
    }

    /// The position of the newest event, to go on from; offset 0 if there was none yet.
    pub fn head(&self) -> Position {
        let mut ring = self.ring();
        ring.is_followed = true;
        Position { epoch: self.0.epoch, offset: ring.head }
    }

    /// Ends every subscription once it has read what was appended so far, and tells it why.
    pub fn close(&self, reason: EndReason) {
        self.0.state.send_replace(State::Closed(reason));
    }

    /// Reads on from `position`, or from the newest event where that can't be.
    pub fn subscribe(&self, position: Option<Position>) -> (Start, Subscription) {
        let mut ring = self.ring();
        ring.is_followed = true;
        let head = Position { epoch: self.0.epoch, offset: ring.head };
        let reason = match position {
            None => Some(ReadyReason::Fresh),
            Some(position) if position.epoch != self.0.epoch || position.offset > ring.head => {
                Some(ReadyReason::Unknown)
            }
            Some(position) if position.offset + 1 < ring.tail() => Some(ReadyReason::Expired),
            Some(_) => None,
        };
        let next = match (reason, position) {
            (None, Some(position)) => position.offset + 1,
            _ => ring.head + 1,
        };
        drop(ring);
        let start = Start { recovered: reason.is_none(), head, reason };
        (start, Subscription { log: self.clone(), next, state: self.0.state.subscribe() })
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // The ring is consistent between any two statements that hold the lock, so a panic elsewhere spoils nothing.
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The offset of the oldest event that is kept, or the next one where none is.
    fn tail(&self) -> u64 {
        self.frames.front().map_or(self.head + 1, |frame| frame.position.offset)
    }

    fn keep(&mut self, frame: Frame) {
        self.bytes += frame.json.len();
        self.frames.push_back(Arc::new(frame));
    }

    fn trim(&mut self, limits: Limits, now_ms: TimestampMs) {
        while let Some(oldest) = self.frames.front() {
            let is_over = self.frames.len() > limits.events.max(1)
                || self.bytes > limits.bytes
                || now_ms.saturating_sub(oldest.at_ms) > limits.age_ms;
            // The newest event stays whatever it weighs: a reader that is up to date must be able to get it.
            if !is_over || self.frames.len() == 1 {
                break;
            }
            self.bytes -= oldest.json.len();
            self.frames.pop_front();
        }
    }
}

/// One reader's place in a log.
#[derive(Debug)]
pub struct Subscription {
    log: Log,
    next: u64,
    state: watch::Receiver<State>,
}

impl Subscription {
    /// The next event. Safe to drop half-way.
    ///
    /// # Errors
    /// [`SubscriptionEnd`], after which there is nothing more to come.
    pub async fn next(&mut self) -> Result<Arc<Frame>, SubscriptionEnd> {
        loop {
            // Read the mark before the ring: what is appended in between is seen now or wakes us.
            let state = *self.state.borrow_and_update();
            if let Some(frame) = self.take()? {
                return Ok(frame);
            }
            if let State::Closed(reason) = state {
                return Err(SubscriptionEnd::Closed(reason));
            }
            // The subscription has the log, so that the other end is never gone.
            let _ = self.state.changed().await;
        }
    }

    /// The next event if it is there already. Whether more is to come, [`Subscription::next`] says.
    pub fn next_waiting(&mut self) -> Option<Arc<Frame>> {
        self.take().ok().flatten()
    }

    fn take(&mut self) -> Result<Option<Arc<Frame>>, SubscriptionEnd> {
        let ring = self.log.ring();
        let tail = ring.tail();
        if self.next < tail {
            return Err(SubscriptionEnd::Lagged);
        }
        let index = usize::try_from(self.next - tail).unwrap_or(usize::MAX);
        let Some(frame) = ring.frames.get(index) else { return Ok(None) };
        let frame = Arc::clone(frame);
        drop(ring);
        self.next += 1;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use proptest::prelude::*;
    use protocol::ChatState;

    use super::*;

    const ROOMY: Limits = Limits { events: 100, bytes: 1 << 20, age_ms: 1000 };

    fn event(n: u64) -> Event {
        Event::ChatStateChanged {
            jid: format!("n{n}@spark.test").parse().unwrap(),
            nick: None,
            state: Some(ChatState::Composing),
        }
    }

    /// Of which somebody has had a position since it began.
    fn followed(limits: Limits) -> Log {
        let log = Log::new(7, limits);
        log.head();
        log
    }

    fn log_of(count: u64, limits: Limits) -> Log {
        let log = followed(limits);
        for n in 1..=count {
            log.append(0, &event(n));
        }
        log
    }

    fn at(offset: u64) -> Option<Position> {
        Some(Position { epoch: 7, offset })
    }

    /// The offsets which a reader has ready, and how it ended if it did.
    fn drain(subscription: &mut Subscription) -> (Vec<u64>, Option<SubscriptionEnd>) {
        let mut offsets = Vec::new();
        loop {
            match subscription.next().now_or_never() {
                Some(Ok(frame)) => offsets.push(frame.position.offset),
                Some(Err(end)) => return (offsets, Some(end)),
                None => return (offsets, None),
            }
        }
    }

    #[test]
    fn a_reader_goes_on_after_its_position_or_is_told_why_not() {
        let small = Limits { events: 3, ..ROOMY };
        let log = log_of(5, small); // keeps 3, 4, 5
        for (position, reason, offsets) in [
            (None, Some(ReadyReason::Fresh), vec![]),
            (at(5), None, vec![]),
            (at(4), None, vec![5]),
            (at(2), None, vec![3, 4, 5]),
            (at(1), Some(ReadyReason::Expired), vec![]),
            (at(6), Some(ReadyReason::Unknown), vec![]),
            (Some(Position { epoch: 8, offset: 5 }), Some(ReadyReason::Unknown), vec![]),
            (at(u64::MAX), Some(ReadyReason::Unknown), vec![]),
        ] {
            let (start, mut subscription) = log.subscribe(position);
            assert_eq!((start.recovered, start.reason), (reason.is_none(), reason), "{position:?}");
            assert_eq!(start.head, Position { epoch: 7, offset: 5 });
            assert_eq!(drain(&mut subscription), (offsets, None), "{position:?}");
        }
    }

    #[test]
    fn an_empty_log_recovers_its_own_beginning() {
        let log = log_of(0, ROOMY);
        let (start, mut subscription) = log.subscribe(at(0));
        assert!(start.recovered);
        log.append(0, &event(1));
        assert_eq!(drain(&mut subscription), (vec![1], None));
    }

    #[test]
    fn nothing_is_kept_before_somebody_has_a_position_and_everything_after() {
        let log = Log::new(7, ROOMY);
        log.append(0, &event(1));
        log.append(0, &event(2));
        assert!(log.ring().frames.is_empty());
        assert_eq!(log.head(), Position { epoch: 7, offset: 2 });
        log.append(0, &event(3));
        let (start, mut reader) = log.subscribe(at(2));
        assert!(start.recovered);
        assert_eq!(drain(&mut reader), (vec![3], None));
        // Whoever makes a position up is told that what came after it is gone.
        assert_eq!(log.subscribe(at(1)).0.reason, Some(ReadyReason::Expired));
    }

    #[test]
    fn a_reader_that_falls_behind_is_told_and_others_are_not_touched() {
        let log = log_of(0, Limits { events: 2, ..ROOMY });
        let (_, mut slow) = log.subscribe(None);
        let (_, mut quick) = log.subscribe(None);
        for n in 1..=3 {
            log.append(0, &event(n));
            assert_eq!(drain(&mut quick), (vec![n], None));
        }
        assert_eq!(drain(&mut slow), (vec![], Some(SubscriptionEnd::Lagged)));
    }

    #[test]
    fn bytes_and_age_bound_what_is_kept_but_for_the_newest() {
        let one = serde_json::to_string(&event(1)).unwrap().len();
        let by_bytes = log_of(5, Limits { bytes: 2 * one, ..ROOMY });
        assert!(by_bytes.subscribe(at(3)).0.recovered);
        assert!(!by_bytes.subscribe(at(2)).0.recovered);

        let tiny = log_of(2, Limits { bytes: 1, ..ROOMY });
        assert_eq!(drain(&mut tiny.subscribe(at(1)).1), (vec![2], None));

        let by_age = followed(ROOMY);
        by_age.append(0, &event(1));
        by_age.append(1, &event(2));
        by_age.append(1001, &event(3));
        assert!(by_age.subscribe(at(1)).0.recovered);
        assert!(!by_age.subscribe(at(0)).0.recovered);
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_by_an_event_and_by_the_end() {
        let log = log_of(0, ROOMY);
        let (_, mut subscription) = log.subscribe(None);
        let (frame, ()) = tokio::join!(subscription.next(), async {
            log.append(0, &event(1));
        });
        let frame = frame.unwrap();
        assert_eq!(
            &*frame.json,
            r#"{"type":"chat_state_changed","jid":"n1@spark.test","state":"composing"}"#
        );
        assert_eq!((frame.name, frame.event()), ("chat_state_changed", event(1)));
        log.append(0, &event(2));
        log.close(EndReason::Replaced);
        let end = SubscriptionEnd::Closed(EndReason::Replaced);
        assert_eq!(drain(&mut subscription), (vec![2], Some(end)));
        let (_, mut late) = log.subscribe(at(1));
        assert_eq!(drain(&mut late), (vec![2], Some(end)), "who comes late is told as well");
    }

    proptest! {
        /// R-1: whatever is appended, trimmed and cut, a reader which reconnects by its position, and takes the
        /// snapshot when it is told to, ends up with exactly the log's state.
        #[test]
        fn snapshot_and_events_give_the_state(
            keep in 1usize..6,
            steps in proptest::collection::vec((0u64..5, any::<bool>()), 1..40),
        ) {
            let log = Log::new(7, Limits { events: keep, ..ROOMY });
            let mut appended = 0;
            let mut position = at(0);
            let mut state = 0; // The fold of all events: how many there were, checked for gaps and repeats.
            for (burst, stays) in steps {
                let (start, mut subscription) = log.subscribe(position);
                if !start.recovered {
                    state = start.head.offset;
                }
                for _ in 0..burst {
                    appended += 1;
                    log.append(0, &event(appended));
                }
                if stays {
                    let (offsets, _) = drain(&mut subscription);
                    for offset in offsets {
                        prop_assert_eq!(offset, state + 1);
                        state = offset;
                    }
                }
                position = at(state);
            }
            let (start, mut subscription) = log.subscribe(position);
            let rest = if start.recovered { drain(&mut subscription).0.len() as u64 } else { start.head.offset - state };
            prop_assert_eq!(state + rest, appended);
        }
    }
}
