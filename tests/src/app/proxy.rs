//! A cable between a client and a server, with somebody who pulls it, or lets nothing through to the client.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use server::task::OwnedTask;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

/// It passes bytes on until it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    connections: Arc<AtomicUsize>,
    cut: broadcast::Sender<()>,
    is_deaf: watch::Sender<bool>,
    _accepting: OwnedTask<()>,
}

impl Proxy {
    /// Before a port of the loopback interface.
    pub(crate) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, cut) = (Arc::new(AtomicUsize::new(0)), broadcast::channel(1).0);
        let (is_deaf, deaf) = watch::channel(false);
        let (counter, pulled) = (Arc::clone(&connections), cut.clone());
        let accepting = OwnedTask::spawn(async move {
            let mut cables = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (mut pulled, deaf) = (pulled.subscribe(), deaf.clone());
                cables.spawn(async move {
                    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else {
                        return;
                    };
                    tokio::select! {
                        () = pass(client, server, deaf) => {}
                        _ = pulled.recv() => {}
                    }
                });
                while cables.try_join_next().is_some() {}
            }
        });
        Proxy { port, connections, cut, is_deaf, _accepting: accepting }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many there were so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Ends all that there are, without a word to either side.
    pub(crate) fn cut(&self) {
        self.cut.send(()).unwrap();
    }

    /// What servers say from now on is lost; what clients say is not.
    pub(crate) fn set_deaf(&self, is_deaf: bool) {
        self.is_deaf.send_replace(is_deaf);
    }
}

/// Until either side has closed.
async fn pass(client: TcpStream, server: TcpStream, deaf: watch::Receiver<bool>) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let answers = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
            let is_deaf = *deaf.borrow();
            if !is_deaf && to_client.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = answers => {}
    }
}
