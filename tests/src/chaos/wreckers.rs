//! What goes wrong on purpose, each at its own times and whatever the other does meanwhile.

use std::net::SocketAddr;
use std::path::PathBuf;

use server::demo::Prosody;
use tokio::sync::watch;

use super::{Dice, ROUNDS, World, share};
use crate::app::Served;

/// When something goes wrong.
pub(super) struct Faults {
    every: usize,
    round: watch::Receiver<usize>,
    begun: watch::Receiver<usize>,
    due: Vec<usize>,
    done: usize,
}

impl Faults {
    /// In the last of so many rounds each time, with a message of its share that the dice choose.
    pub(super) fn new(every: usize, world: &World, round: watch::Receiver<usize>, mut dice: Dice) -> Self {
        let due = (0..ROUNDS).map(share).map(|share| share.start + 1 + dice.index_below(share.len()));
        Faults { every, round, begun: world.begun.subscribe(), due: due.collect(), done: 0 }
    }

    /// Waits for the next time. False if there is none.
    async fn is_due(&mut self) -> bool {
        self.done += self.every;
        let Some(due) = self.due.get(self.done - 1) else { return false };
        self.round.wait_for(|round| *round >= self.done).await.unwrap();
        self.begun.wait_for(|begun| begun >= due).await.unwrap();
        true
    }
}

/// The gateway, which is killed.
pub(super) struct Gateways {
    xmpp_port: u16,
    ca_file: PathBuf,
    running: Served,
    address: watch::Sender<Option<SocketAddr>>,
}

impl Gateways {
    /// The first one, and where the one is that there is.
    pub(super) async fn start(prosody: &Prosody) -> (Self, watch::Receiver<Option<SocketAddr>>) {
        let (xmpp_port, ca_file) = (prosody.c2s_port(), prosody.ca_file());
        let running = Served::start(xmpp_port, &ca_file).await;
        let (address, at) = watch::channel(Some(running.address));
        (Gateways { xmpp_port, ca_file, running, address }, at)
    }

    /// Kills and starts it until it is over.
    pub(super) async fn run(mut self, mut kills: Faults, world: &World) -> Self {
        while kills.is_due().await {
            self.address.send_replace(None);
            world.note_fault("gateway killed");
            self.running.kill().await;
            self.running = Served::start(self.xmpp_port, &self.ca_file).await;
            world.note_fault("gateway started");
            self.address.send_replace(Some(self.running.address));
        }
        self
    }
}

/// The XMPP server, which is restarted.
pub(super) struct Servers {
    running: Option<Prosody>,
    is_there: watch::Sender<bool>,
}

impl Servers {
    /// This one first, and whether there is one.
    pub(super) fn of(running: Prosody) -> (Self, watch::Receiver<bool>) {
        let (is_there, sees) = watch::channel(true);
        (Servers { running: Some(running), is_there }, sees)
    }

    /// Restarts it until it is over.
    pub(super) async fn run(mut self, mut restarts: Faults, world: &World) -> Self {
        while restarts.is_due().await {
            self.is_there.send_replace(false);
            world.note_fault("server stopping");
            let prepared = self.running.take().unwrap().stop().await;
            world.note_fault("server stopped");
            self.running = Some(prepared.start().await.unwrap());
            world.note_fault("server started");
            self.is_there.send_replace(true);
        }
        self
    }

    /// The one that there is.
    pub(super) fn running(&self) -> &Prosody {
        self.running.as_ref().unwrap()
    }
}
