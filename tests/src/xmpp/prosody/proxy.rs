//! A cable between a client and a server, with somebody who pulls it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use server::task::OwnedTask;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;

/// It passes bytes on until it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    connections: Arc<AtomicUsize>,
    cut: broadcast::Sender<()>,
    _accepting: OwnedTask<()>,
}

impl Proxy {
    /// Before a port of the loopback interface.
    pub(super) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, cut) = (Arc::new(AtomicUsize::new(0)), broadcast::channel(1).0);
        let (counter, pulled) = (Arc::clone(&connections), cut.clone());
        let accepting = OwnedTask::spawn(async move {
            let mut cables = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut pulled = pulled.subscribe();
                cables.spawn(async move {
                    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = pulled.recv() => {}
                    }
                });
            }
        });
        Proxy { port, connections, cut, _accepting: accepting }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// How many there were so far.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Ends all that there are, without a word to either side.
    pub(super) fn cut(&self) {
        self.cut.send(()).unwrap();
    }
}
