//! Sending what waits: some to each push service at a time, so that one that is gone holds up nobody else.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use protocol::{PushKind, TimestampMs};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::attention::Due;
use super::content::{Around, Content, Form, written};
use super::counts::Counters;
use super::encryption::encrypt;
use super::endpoint::Subscription;
use super::outcome::{Outcome, again, outcome};
use super::pace::Turn;
use super::{Push, PushError};
use crate::clock;
use crate::fetch::{FetchError, FetchRequest};
use crate::store::{PushClaim, PushEnd, PushSettled};

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// How long to wait before the store is tried again after it failed.
const RETRY: Duration = Duration::from_secs(1);
/// How long to sleep where nothing waits: whoever writes something wakes it.
const IDLE: Duration = Duration::from_secs(60);
/// The most bytes of a push service's answer.
const MAX_ANSWER: usize = 64 * 1024;

/// What is under way, by host.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<PushSettled>,
    hosts: HashMap<Id, String>,
    counts: HashMap<String, usize>,
}

impl UnderWay {
    fn begin(&mut self, push: &Push, claim: PushClaim) {
        let (host, push) = (claim.host.clone(), push.clone());
        let handle = self.tasks.spawn(async move { one(&push, claim).await });
        *self.counts.entry(host.clone()).or_default() += 1;
        self.hosts.insert(handle.id(), host);
    }

    fn ended(&mut self, id: Id) {
        if let Some(host) = self.hosts.remove(&id)
            && let Some(count) = self.counts.get_mut(&host)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&host);
            }
        }
    }

    /// Waits for one, and takes with it all that have ended by then.
    async fn next(&mut self) -> Vec<PushSettled> {
        let mut next = match self.tasks.join_next_with_id().await {
            Some(next) => Some(next),
            None => std::future::pending().await,
        };
        let mut settled = Vec::new();
        while let Some(ended) = next {
            match ended {
                Ok((id, one)) => {
                    self.ended(id);
                    settled.push(one);
                }
                // It is tried again when nobody holds it any more.
                Err(error) => self.ended(error.id()),
            }
            next = self.tasks.try_join_next_with_id();
        }
        settled
    }
}

/// Sends until it is told to end, and then what is under way.
pub(super) async fn send(push: Push, closing: CancellationToken) {
    let mut under_way = UnderWay::default();
    while !closing.is_cancelled() {
        let pause = match claim(&push, &mut under_way).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "what is to be pushed can't be read");
                RETRY
            }
        };
        tokio::select! {
            settled = under_way.next() => settle(&push, settled).await,
            () = push.0.wake.notified() => {}
            () = sleep_until(Instant::now() + pause) => {}
            () = closing.cancelled() => {}
        }
    }
    while !under_way.tasks.is_empty() {
        let settled = under_way.next().await;
        settle(&push, settled).await;
    }
}

/// Begins what is due, and says how long until something else is.
async fn claim(push: &Push, under_way: &mut UnderWay) -> Result<Duration, PushError> {
    let mut pause = IDLE;
    for (host, due_at_ms) in push.0.store.push_hosts().await? {
        let now_ms = clock::now_ms();
        if due_at_ms > now_ms {
            let until = u64::try_from(due_at_ms - now_ms).unwrap_or(u64::MAX);
            pause = pause.min(Duration::from_millis(until));
            continue;
        }
        let busy = under_way.counts.get(&host).copied().unwrap_or_default();
        let Some(free) = push.0.settings.per_host.checked_sub(busy).filter(|free| *free > 0) else {
            continue;
        };
        let free = u32::try_from(free).unwrap_or(u32::MAX);
        let lease_ms = i64::try_from(push.0.settings.lease.as_millis()).unwrap_or(i64::MAX);
        let claims = push.0.store.claim_pushes(now_ms, &host, free, now_ms.saturating_add(lease_ms)).await?;
        for claim in claims {
            under_way.begin(push, claim);
        }
    }
    Ok(pause)
}

/// Writes what came of pushes. If it can't be written they are sent once more, in the place of themselves.
async fn settle(push: &Push, settled: Vec<PushSettled>) {
    if settled.is_empty() {
        return;
    }
    match push.0.store.settle_pushes(&settled).await {
        Ok(gone) => {
            push.0.counters.devices_gone.fetch_add(gone, std::sync::atomic::Ordering::Relaxed);
        }
        Err(error) => tracing::error!(%error, "what was pushed can't be noted"),
    }
}

async fn one(push: &Push, claim: PushClaim) -> PushSettled {
    let now_ms = clock::now_ms();
    let end = match attempt(push, &claim, now_ms).await {
        Ok(end) => end,
        Err(error) => {
            let counters = &push.0.counters;
            match error {
                // Settings have changed since it subscribed.
                PushError::Endpoint => {
                    tracing::warn!(host = claim.host, "this is pushed to no more: see `push.hosts`");
                    Counters::one_more(&counters.refused);
                    PushEnd::Refused(now_ms)
                }
                error => {
                    tracing::error!(%error, host = claim.host, "something can't be pushed");
                    Counters::one_more(&counters.failed);
                    PushEnd::Dropped
                }
            }
        }
    };
    PushSettled { device: claim.device, topic: claim.topic, version: claim.version, end }
}

async fn attempt(push: &Push, claim: &PushClaim, now_ms: TimestampMs) -> Result<PushEnd, PushError> {
    let counters = &push.0.counters;
    if claim.expires_at_ms <= now_ms {
        Counters::one_more(&counters.expired);
        return Ok(PushEnd::Dropped);
    }
    let jid = claim.jid.parse().map_err(|_| PushError::Unknown)?;
    let is_withdrawn = claim.kind == "withdrawn";
    let later = |at_ms, counter| {
        let is_late = at_ms >= claim.expires_at_ms;
        Counters::one_more(if is_late { &counters.expired } else { counter });
        Ok(if is_late { PushEnd::Dropped } else { PushEnd::Held(at_ms) })
    };
    let due = if is_withdrawn { Due::Push } else { push.due(now_ms, &jid, claim.noted_at_ms) };
    match due {
        // Who looks now sees it.
        Due::Unneeded => {
            Counters::one_more(&counters.unneeded);
            return Ok(PushEnd::Dropped);
        }
        Due::At(at_ms) => return later(at_ms, &counters.asked),
        Due::Push => {}
    }
    if let Turn::At(at_ms) = push.0.pace.turn(now_ms, &jid, &claim.device, &claim.topic) {
        return later(at_ms, &counters.held);
    }
    let subscription = Subscription::open(&push.0, &claim.device, &claim.subscription)?;
    let content = if is_withdrawn {
        Content::of(PushKind::Withdrawn, now_ms)
    } else {
        Content::open(&push.0.keyring, &claim.topic, &claim.sealed)?
    };
    let form = Form::read(&claim.form);
    let acts =
        if claim.may_act { push.acts_for(&claim.device, form, &content, now_ms) } else { <_>::default() };
    let count = u32::try_from(claim.count).unwrap_or(u32::MAX);
    let around = Around { account: &jid, tag: &claim.topic, count, acts: &acts, shrunk: claim.shrunk };
    let plaintext = written(&content, form, around);
    let body = encrypt(&subscription.key, &subscription.secret, &plaintext).map_err(|_| PushError::Keys)?;
    let headers = headers(push, claim, &subscription, &content, now_ms).ok_or(PushError::Key)?;
    let request = FetchRequest {
        method: Method::POST,
        url: subscription.endpoint,
        headers,
        body: Bytes::from(body),
        max_bytes: MAX_ANSWER,
    };
    let answer = push.0.fetcher.send(request).await;
    let found = match answer {
        Ok(answer) => {
            let retry_after = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let found = outcome(answer.status, retry_after, now_ms);
            if found == Outcome::Refused {
                let (host, status) = (&claim.host, answer.status);
                tracing::warn!(host, status, "a push service refuses what is pushed: see `push.contact`");
            }
            found
        }
        Err(FetchError::Address(_) | FetchError::NotPublic) => Outcome::Refused,
        // What it answers is of no use, but it has answered: whether it has taken it is not known.
        Err(_) => Outcome::Busy { for_ms: None },
    };
    Ok(end_of(push, claim, found, is_withdrawn))
}

fn end_of(push: &Push, claim: &PushClaim, found: Outcome, is_withdrawn: bool) -> PushEnd {
    let (counters, now_ms) = (&push.0.counters, clock::now_ms());
    match found {
        Outcome::Taken => {
            Counters::one_more(if is_withdrawn { &counters.withdrawn } else { &counters.taken });
            PushEnd::Taken(now_ms)
        }
        Outcome::Gone => PushEnd::Gone,
        Outcome::Refused => {
            Counters::one_more(&counters.refused);
            PushEnd::Refused(now_ms)
        }
        Outcome::TooLong if !claim.shrunk => {
            Counters::one_more(&counters.shrunk);
            PushEnd::Shrink(now_ms)
        }
        Outcome::TooLong => {
            Counters::one_more(&counters.failed);
            PushEnd::Dropped
        }
        Outcome::Busy { for_ms } => {
            let at_ms = again(now_ms, claim.attempts, for_ms, rand::random());
            if at_ms >= claim.expires_at_ms {
                Counters::one_more(&counters.expired);
                return PushEnd::Dropped;
            }
            Counters::one_more(&counters.retried);
            PushEnd::Later(at_ms)
        }
    }
}

fn headers(
    push: &Push,
    claim: &PushClaim,
    subscription: &Subscription,
    content: &Content,
    now_ms: TimestampMs,
) -> Option<HeaderMap> {
    let origin = subscription.endpoint.origin().ascii_serialization();
    let authorization = push.0.vapid.authorization(&claim.key_id, &origin, now_ms)?;
    let mut authorization = HeaderValue::from_str(&authorization).ok()?;
    authorization.set_sensitive(true);
    // RFC 8030 section 5.2: in seconds. What has less than one left is worth one.
    let ttl = ((claim.expires_at_ms - now_ms) / 1000).max(1);
    Some(HeaderMap::from_iter([
        (AUTHORIZATION, authorization),
        (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (TTL, HeaderValue::from(ttl)),
        (URGENCY, HeaderValue::from_static(urgency(content))),
        (TOPIC, HeaderValue::from_str(&claim.topic).ok()?),
    ]))
}

/// RFC 8030 section 5.3: what wakes a telephone that is about to run down, and what does not.
fn urgency(content: &Content) -> &'static str {
    match content.kind {
        PushKind::Message if content.sender.is_none() => "high",
        PushKind::Mention => "high",
        PushKind::Withdrawn => "low",
        _ => "normal",
    }
}
