//! What comes again and again is counted: whoever guesses passwords or asks in vain all day long does not fill the disk.

use std::collections::HashMap;
use std::net::IpAddr;

use protocol::{AuditKind, BareJid, TimestampMs};

use super::super::limits::line;
use crate::store::AuditRecord;

/// For how long entries of one subject are counted together (milliseconds).
const WINDOW_MS: TimestampMs = 60_000;
/// How many entries about strangers from one address are written in that time; the others are counted in one.
pub(super) const PER_ADDRESS: u32 = 10;
/// How many about strangers, from wherever.
pub(super) const STRANGERS: u32 = 120;
/// How many of one kind about one person.
pub(super) const PER_PERSON: u32 = 60;
/// The most addresses that are told apart at once.
const MAX_ADDRESSES: usize = 10_000;

/// As whose an entry is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// It is written, whatever comes.
    Nobody,
    /// Whoever tries to come in from this address.
    Stranger(Option<IpAddr>),
    /// Whoever tries to come in.
    Strangers,
    /// What somebody who is in does of one kind.
    Person(BareJid, AuditKind),
}

impl Subject {
    fn burst(&self) -> u32 {
        match self {
            Subject::Nobody => u32::MAX,
            Subject::Stranger(_) => PER_ADDRESS,
            Subject::Strangers => STRANGERS,
            Subject::Person(..) => PER_PERSON,
        }
    }
}

#[derive(Debug)]
struct Window {
    began_at_ms: TimestampMs,
    written: u32,
    /// What was counted, as one entry.
    counted: Option<AuditRecord>,
}

impl Window {
    /// The entry comes back if it is to be written as it is.
    fn take(&mut self, burst: u32, record: AuditRecord) -> Option<AuditRecord> {
        if self.written < burst {
            self.written += 1;
            return Some(record);
        }
        match &mut self.counted {
            Some(counted) => add(counted, &record),
            empty @ None => *empty = Some(record),
        }
        None
    }
}

/// One entry for several: what they have in common, since the first.
fn add(counted: &mut AuditRecord, record: &AuditRecord) {
    let common = |own: &mut Option<String>, other: &Option<String>| {
        if own != other {
            *own = None;
        }
    };
    common(&mut counted.jid, &record.jid);
    common(&mut counted.object, &record.object);
    common(&mut counted.detail, &record.detail);
    common(&mut counted.code, &record.code);
    common(&mut counted.address, &record.address);
    common(&mut counted.request_id, &record.request_id);
    counted.count += record.count;
}

/// What came of late.
#[derive(Debug, Default)]
pub(super) struct Floods(HashMap<Subject, Window>);

impl Floods {
    /// What is to be written, if anything is.
    pub(super) fn pass(
        &mut self,
        now_ms: TimestampMs,
        subject: Subject,
        record: AuditRecord,
    ) -> Vec<AuditRecord> {
        let mut written = Vec::new();
        let record = match subject {
            Subject::Nobody => Some(record),
            Subject::Stranger(address) => {
                let one = Subject::Stranger(address.map(line));
                let is_known = self.0.contains_key(&one) || self.0.len() < MAX_ADDRESSES;
                let passed =
                    if is_known { self.take(now_ms, one, record, &mut written) } else { Some(record) };
                passed.and_then(|record| self.take(now_ms, Subject::Strangers, record, &mut written))
            }
            subject => self.take(now_ms, subject, record, &mut written),
        };
        written.extend(record);
        written
    }

    fn take(
        &mut self,
        now_ms: TimestampMs,
        subject: Subject,
        record: AuditRecord,
        written: &mut Vec<AuditRecord>,
    ) -> Option<AuditRecord> {
        let burst = subject.burst();
        let window = || Window { began_at_ms: now_ms, written: 0, counted: None };
        let found = self.0.entry(subject).or_insert_with(window);
        if now_ms - found.began_at_ms >= WINDOW_MS {
            written.extend(std::mem::replace(found, window()).counted);
        }
        found.take(burst, record)
    }

    /// What was counted, and is to be written now. Windows that are over are forgotten.
    pub(super) fn sweep(&mut self, now_ms: TimestampMs) -> Vec<AuditRecord> {
        let counted = self.0.values_mut().filter_map(|window| window.counted.take()).collect();
        self.0.retain(|_, window| now_ms - window.began_at_ms < WINDOW_MS);
        counted
    }
}
