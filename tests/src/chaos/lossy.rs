//! A network between pages and the gateway that loses answers: what was asked has been done, and nobody hears of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use server::task::OwnedTask;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Dice;

/// Each connection carries one request. It passes on what is asked, and the answer if it does not lose it.
#[derive(Debug)]
pub(super) struct Lossy {
    pub(super) address: SocketAddr,
    lost: Arc<AtomicUsize>,
    _accepting: OwnedTask<()>,
}

impl Lossy {
    /// Before a gateway that may move; `percent` of the answers are lost.
    pub(super) async fn before(
        gateway: watch::Receiver<Option<SocketAddr>>,
        percent: u64,
        dice: Dice,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let lost = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&lost);
        let accepting = OwnedTask::spawn(async move {
            let (mut cables, mut dice) = (JoinSet::new(), dice);
            while let Ok((client, _)) = listener.accept().await {
                let (gateway, is_lost) = (*gateway.borrow(), dice.below(100) < percent);
                if is_lost {
                    counter.fetch_add(1, Ordering::SeqCst);
                }
                cables.spawn(pass(client, gateway, is_lost));
                while cables.try_join_next().is_some() {}
            }
        });
        Lossy { address, lost, _accepting: accepting }
    }

    /// How many answers were lost so far.
    pub(super) fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

/// A gateway that is not there, or goes while it is asked, is a connection that breaks.
async fn pass(client: TcpStream, gateway: Option<SocketAddr>, is_lost: bool) {
    let Some(gateway) = gateway else { return };
    let Ok(gateway) = TcpStream::connect(gateway).await else { return };
    let ((mut from_client, mut to_client), (mut from_gateway, mut to_gateway)) =
        (client.into_split(), gateway.into_split());
    let mut answer = Vec::new();
    let is_whole = tokio::select! {
        read = from_gateway.read_to_end(&mut answer) => read.is_ok(),
        // The client says no more than its request, and waits.
        _ = copy(&mut from_client, &mut to_gateway) => false,
    };
    if is_whole && !is_lost {
        // A client that has gone asks again.
        let _ = to_client.write_all(&answer).await;
    }
}
