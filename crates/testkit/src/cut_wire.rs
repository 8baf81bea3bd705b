//! A wire to a server that can be cut: all connections on it end, and none is taken.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a wire that cannot be laid ends the test")]

use futures::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// Carries one connection, from the client to the server and back, until it ends. The number says how many octets of an
/// answer come through.
pub type Carry = fn(TcpStream, TcpStream, u64) -> BoxFuture<'static, ()>;

/// The wire.
#[derive(Debug)]
pub struct Wire {
    /// Where it begins, on this machine.
    pub port: u16,
    carrying: JoinHandle<()>,
}

impl Wire {
    /// Lays it from a port, 0 for any, to that of a server. Of what the server answers so many octets come through on each
    /// connection.
    pub async fn lay(from: u16, server: &str, carry: Carry, most: u64) -> Self {
        let listener = loop {
            // What was cut may hold the port for a moment.
            match TcpListener::bind(("127.0.0.1", from)).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let port = listener.local_addr().unwrap().port();
        let server = format!("127.0.0.1:{server}");
        let carrying = tokio::spawn(async move {
            let mut all = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                all.spawn(carry(client, server, most));
            }
        });
        Self { port, carrying }
    }

    /// Cuts it; where it began.
    pub async fn cut(self) -> u16 {
        self.carrying.abort();
        let _ = self.carrying.await;
        self.port
    }
}

/// Carries whatever it is.
pub fn plain(client: TcpStream, server: TcpStream, most: u64) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let ((mut from_client, mut to_client), (from_server, mut to_server)) =
            (client.into_split(), server.into_split());
        let mut answers = from_server.take(most);
        let there = tokio::io::copy(&mut from_client, &mut to_server);
        let back = tokio::io::copy(&mut answers, &mut to_client);
        tokio::select! { _ = there => {}, _ = back => {} }
        let _ = to_client.shutdown().await;
    })
}
