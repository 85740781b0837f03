//! A cable between a client and a server, with somebody who pulls it, or lets nothing through: to the client, or at all.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use server::task::OwnedTask;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

/// Who hears the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    Both,
    Server,
    /// And neither hears that the other has gone.
    Nobody,
}

/// It passes bytes on until it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    connections: Arc<AtomicUsize>,
    cut: broadcast::Sender<()>,
    hears: watch::Sender<Hears>,
    _accepting: OwnedTask<()>,
}

impl Proxy {
    /// Before a port of the loopback interface.
    pub(crate) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, cut) = (Arc::new(AtomicUsize::new(0)), broadcast::channel(1).0);
        let (hears, heard) = watch::channel(Hears::Both);
        let (counter, pulled) = (Arc::clone(&connections), cut.clone());
        let accepting = OwnedTask::spawn(async move {
            let mut cables = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (mut pulled, heard) = (pulled.subscribe(), heard.clone());
                cables.spawn(async move {
                    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else {
                        return;
                    };
                    tokio::select! {
                        () = pass(client, server, heard) => {}
                        _ = pulled.recv() => {}
                    }
                });
                while cables.try_join_next().is_some() {}
            }
        });
        Proxy { port, connections, cut, hears, _accepting: accepting }
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
        self.hears.send_replace(if is_deaf { Hears::Server } else { Hears::Both });
    }

    /// What either side says from now on is lost, and that it goes is as well: a network that is gone without a word, before
    /// something on the way that holds its connections.
    pub(crate) fn swallow(&self) {
        self.hears.send_replace(Hears::Nobody);
    }
}

/// Until either side has closed, as far as that is heard.
async fn pass(client: TcpStream, server: TcpStream, mut heard: watch::Receiver<Hears>) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    tokio::select! {
        () = say(&mut from_client, &mut to_server, &heard, |hears| hears != Hears::Nobody) => {}
        () = say(&mut from_server, &mut to_client, &heard, |hears| hears == Hears::Both) => {}
    }
    // The one that stays is left as it is.
    let _ = heard.wait_for(|hears| *hears != Hears::Nobody).await;
}

/// What one side says, to the other, where it is heard.
async fn say(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    heard: &watch::Receiver<Hears>,
    is_heard: impl Fn(Hears) -> bool,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let hears = *heard.borrow();
        if is_heard(hears) && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
