//! A network that can fail: what stands between a State and its server.

use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// It carries.
    Up,
    /// It resets every connection and takes none.
    Down,
    /// It swallows everything without a word.
    Silent,
}

/// A relay on a port of its own.
pub(super) struct Proxy {
    pub(super) port: u16,
    network: Arc<watch::Sender<Network>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub(super) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let network = Arc::new(watch::Sender::new(Network::Up));
        let sender = Arc::clone(&network);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let network = sender.subscribe();
                tokio::spawn(async move {
                    if *network.borrow() != Network::Down
                        && let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await
                    {
                        relay(client, server, network).await;
                    }
                });
            }
        });
        Self { port, network, accepting }
    }

    pub(super) fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(client: TcpStream, server: TcpStream, mut network: watch::Receiver<Network>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut asked, mut answered) = (vec![0; 8192], vec![0; 8192]);
    loop {
        let state = *network.borrow_and_update();
        tokio::select! {
            changed = network.changed() => if changed.is_err() { return },
            read = from_client.read(&mut asked), if state == Network::Up => match read {
                Ok(count) if count > 0 => if to_server.write_all(&asked[..count]).await.is_err() { return },
                _ => return,
            },
            read = from_server.read(&mut answered), if state == Network::Up => match read {
                Ok(count) if count > 0 => if to_client.write_all(&answered[..count]).await.is_err() { return },
                _ => return,
            },
            () = std::future::ready(()), if state == Network::Down => return,
        }
    }
}
