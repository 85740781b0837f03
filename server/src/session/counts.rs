//! How much there is of everything, for whoever watches the gateway. Whose it is, it does not say.

use super::Sessions;
use crate::xmpp::{Forgery, Offence};

/// Counts since the gateway began, and of what there is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Sessions, connected or not.
    pub sessions: usize,
    /// XMPP streams that are up.
    pub streams: u64,
    /// XMPP streams that came up as new ones.
    pub streams_new: u64,
    /// XMPP streams that were resumed.
    pub streams_resumed: u64,
    /// XMPP streams that were lost, by why.
    pub streams_lost: Vec<(&'static str, u64)>,
    /// Connections to the XMPP server that began.
    pub connects: u64,
    /// Those of them that had to wait.
    pub connects_waited: u64,
    /// For how long, in all (milliseconds).
    pub connects_waited_ms: u64,
    /// Those that wait now.
    pub connects_waiting: usize,
    /// Stanzas that the firewall kept out, by what was wrong with them.
    pub stanzas_replaced: Vec<(&'static str, u64)>,
    /// XMPP streams that it gave up.
    pub streams_broken: u64,
    /// Stanzas that were passed over since whoever said them had no right to, by what they claimed to be.
    pub forgeries: Vec<(&'static str, u64)>,
}

impl Sessions {
    /// How much there is, and was.
    pub fn counts(&self) -> Counts {
        let connector = self.connector();
        let (firewall, traffic, spent) = (connector.firewall(), connector.traffic(), connector.spent());
        let replaced = |offence: Offence| (offence.as_str(), firewall.replaced(offence));
        Counts {
            sessions: self.count(),
            streams: traffic.up(),
            streams_new: traffic.new_streams(),
            streams_resumed: traffic.resumed(),
            streams_lost: traffic.lost().into(),
            connects: spent.begun,
            connects_waited: spent.waited,
            connects_waited_ms: spent.waited_ms,
            connects_waiting: spent.waiting,
            stanzas_replaced: Offence::ALL.map(replaced).into(),
            streams_broken: firewall.broken(),
            forgeries: Forgery::ALL
                .map(|forgery| (forgery.as_str(), connector.forgeries().of(forgery)))
                .into(),
        }
    }
}
