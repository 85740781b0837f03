//! What somebody said who had no right to say it. Whoever reads stanzas passes it over; here it is counted, and written
//! into the audit log.

use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{BareJid, Jid};

/// What it claimed to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// A copy of a message (XEP-0280), and not by the person's own account.
    Copy,
    /// Out of an archive (XEP-0313), and no question of ours that waits for an answer led to it.
    Archived,
    /// A change of the contact list (RFC 6121 section 2.1.6) or of who is blocked (XEP-0191), and not by the person's own
    /// account.
    Push,
    /// The answer to a question of ours, and not by whom was asked.
    Answer,
}

impl Forgery {
    /// All of them.
    pub const ALL: [Forgery; 4] = [Forgery::Copy, Forgery::Archived, Forgery::Push, Forgery::Answer];

    /// Its name in logs and among the counts.
    pub fn as_str(self) -> &'static str {
        match self {
            Forgery::Copy => "copy",
            Forgery::Archived => "archived",
            Forgery::Push => "push",
            Forgery::Answer => "answer",
        }
    }
}

/// How many there were, on all connections together.
#[derive(Debug, Default)]
pub struct Forgeries([AtomicU64; Forgery::ALL.len()]);

impl Forgeries {
    /// Those of one kind.
    pub fn of(&self, forgery: Forgery) -> u64 {
        self.0[forgery as usize].load(Ordering::Relaxed)
    }

    /// There was one in what `person` was sent.
    pub(super) fn note(&self, forgery: Forgery, person: &BareJid, from: Option<&Jid>) {
        self.0[forgery as usize].fetch_add(1, Ordering::Relaxed);
        let kind = forgery.as_str();
        tracing::warn!(target: "audit", %person, ?from, kind, "a forged stanza was passed over");
    }
}
