//! Ports for the data connections of FTP: one for each transfer, and for nobody but the client that it was opened for.

use crate::{
    ClientStream, Connection, Network,
    client::accept_tls,
    listener::{HANDSHAKE, read_header},
};
use passerelle_core::seal;
use passerelle_observe::{ConnectionRefused, emit};
use rustls::ServerConfig;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// How long a client may take to connect once it was told that the transfer begins.
const CONNECT: Duration = Duration::from_secs(30);
/// Most ports of the range that are tried for one transfer.
const MOST_TRIES: usize = 256;
/// Octets of the mark in tickets.
const MARK: usize = 16;

/// The TLS of a control connection, for the data connections that belong to it.
#[derive(Debug, Clone)]
pub struct DataTls {
    config: Arc<ServerConfig>,
    mark: [u8; MARK],
}

impl DataTls {
    pub(crate) fn new(config: &Arc<ServerConfig>) -> io::Result<Self> {
        Ok(Self { config: Arc::clone(config), mark: seal::random().map_err(io::Error::other)? })
    }

    pub(crate) fn mark(&self) -> &[u8] {
        &self.mark
    }
}

/// A port that waits for one connection of one client.
#[derive(Debug)]
pub struct DataPort {
    socket: TcpListener,
    port: u16,
    client: IpAddr,
    network: Network,
}

impl Network {
    /// Opens a port for the client of this connection, at the address that it came to.
    ///
    /// # Errors
    /// When no port of the settings' range is free.
    pub async fn data_port(&self, connection: &Connection) -> io::Result<DataPort> {
        let address = connection.local.ip();
        let socket = match self.ftp().passive_ports {
            None => TcpListener::bind((address, 0)).await?,
            Some(range) => bind_one(address, &range.ports().collect::<Vec<_>>()).await?,
        };
        let port = socket.local_addr()?.port();
        Ok(DataPort { socket, port, client: connection.peer.ip().to_canonical(), network: self.clone() })
    }
}

/// Binds one of these ports, beginning anywhere, so that a port is not used again at once.
async fn bind_one(address: IpAddr, ports: &[u16]) -> io::Result<TcpListener> {
    let random = u32::from_be_bytes(seal::random().map_err(io::Error::other)?);
    let from = usize::try_from(random).unwrap_or_default().checked_rem(ports.len()).unwrap_or_default();
    for port in ports.iter().cycle().skip(from).take(ports.len().min(MOST_TRIES)) {
        match TcpListener::bind(SocketAddr::new(address, *port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            bound => return bound,
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

impl DataPort {
    /// Its number.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The client's connection, within TLS where it is given. Who comes from another address is turned away: a port is not
    /// for whoever guesses it first (RFC 2577 §3).
    ///
    /// # Errors
    /// When the client does not come in time, does not shake hands, or, where the settings demand that it resumes the session
    /// of its control connection, does not.
    pub async fn accept(self, tls: Option<&DataTls>) -> io::Result<ClientStream> {
        let stream = timeout(CONNECT, self.of_client()).await.map_err(|_| io::ErrorKind::TimedOut)??;
        stream.set_nodelay(true)?;
        let Some(tls) = tls else { return Ok(ClientStream::Plain(stream)) };
        let shaking = accept_tls(Arc::clone(&tls.config), stream, Some(tls));
        let stream = timeout(HANDSHAKE, shaking).await.map_err(|_| io::ErrorKind::TimedOut)??;
        if self.network.ftp().same_tls_session && stream.get_ref().1.received_resumption_data() != Some(tls.mark()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(ClientStream::Tls(Box::new(stream)))
    }

    async fn of_client(&self) -> io::Result<TcpStream> {
        loop {
            let (mut stream, peer) = self.socket.accept().await?;
            let peer = if self.network.is_balancer(peer.ip()) {
                match timeout(HANDSHAKE, read_header(&mut stream)).await {
                    Ok(Ok(client)) => client.unwrap_or(peer),
                    Ok(Err(_)) | Err(_) => continue,
                }
            } else {
                peer
            };
            if peer.ip().to_canonical() == self.client {
                return Ok(stream);
            }
            emit(ConnectionRefused { surface: "ftp-data", address: peer.ip(), reason: "stranger" });
        }
    }
}
