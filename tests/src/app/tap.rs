//! Between a client of others and a gateway: all that they say to each other passes, and the secrets in the answers are noted.

use std::net::Ipv4Addr;

use server::task::OwnedTask;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{secrets, within};

/// It passes bytes on until it is dropped.
#[derive(Debug)]
pub(crate) struct Tap {
    port: u16,
    /// How many secrets.
    noted: watch::Receiver<usize>,
    _accepting: OwnedTask<()>,
}

impl Tap {
    /// Before a gateway's port of the loopback interface.
    pub(crate) async fn before(gateway: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (count, noted) = watch::channel(0);
        let accepting = OwnedTask::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let heard = Heard { bytes: Vec::new(), noted: count.clone() };
                connections.spawn(async move {
                    if let Ok(gateway) = TcpStream::connect((Ipv4Addr::LOCALHOST, gateway)).await {
                        pass(client, gateway, heard).await;
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Tap { port, noted, _accepting: accepting }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Waits until some of the secrets are noted: they are at the end of a connection.
    pub(crate) async fn some_are_noted(&self) {
        let mut noted = self.noted.clone();
        within("secrets in what was answered", noted.wait_for(|count| *count > 0)).await.unwrap();
    }
}

/// What a gateway has said on a connection, looked through at its end, however that comes.
struct Heard {
    bytes: Vec<u8>,
    noted: watch::Sender<usize>,
}

impl Drop for Heard {
    fn drop(&mut self) {
        let found = secrets::note_those_in(&self.bytes);
        self.noted.send_modify(|count| *count += found);
    }
}

/// Until both sides have said all that they had to.
async fn pass(client: TcpStream, gateway: TcpStream, mut heard: Heard) {
    let ((mut from_client, mut to_client), (mut from_gateway, mut to_gateway)) =
        (client.into_split(), gateway.into_split());
    let answers = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from_gateway.read(&mut bytes).await {
            heard.bytes.extend_from_slice(&bytes[..count]);
            if to_client.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
        let _ = to_client.shutdown().await;
    };
    let asks = async {
        let _ = copy(&mut from_client, &mut to_gateway).await;
        let _ = to_gateway.shutdown().await;
        // A gateway may answer before it has heard all, and hear no more: its answer is to arrive all the same.
        let _ = copy(&mut from_client, &mut sink()).await;
    };
    tokio::join!(asks, answers);
}
