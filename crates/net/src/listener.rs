//! Listening: accept, read a balancer's header, count, shake hands, hand over.

use crate::{
    Certificates, ClientStream, Connection, DataTls, Drain, DrainGuard, Drainer, Protocol, Slots,
    client::{Held, accept_tls},
    proxy_protocol::{self, Parsed},
};
use arc_swap::ArcSwap;
use passerelle_observe::{ConnectionRefused, emit};
use passerelle_settings::{Ftp, Limits, Settings};
use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// How long a balancer may take to send its header, and a client to shake hands.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(15);
/// How long to wait before accepting again when the process has no more descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// One address to listen on.
#[derive(Debug, Clone, Copy)]
pub struct Listener {
    /// The surface's name, for logs and metrics.
    pub surface: &'static str,
    /// Where.
    pub address: SocketAddr,
    /// What is spoken.
    pub protocol: Protocol,
    /// TLS from the first octet.
    pub implicit_tls: bool,
}

/// What all listeners share; what a reload may change is behind a swap.
#[derive(Debug, Clone)]
pub struct Network {
    rules: Arc<ArcSwap<Rules>>,
    certificates: Certificates,
    slots: Slots,
}

#[derive(Debug)]
struct Rules {
    limits: Limits,
    ftp: Ftp,
    plain_login_from: Vec<passerelle_settings::Network>,
    proxies: Vec<passerelle_settings::Network>,
}

impl Rules {
    fn of(settings: &Settings) -> Self {
        Self {
            limits: settings.limits.clone(),
            ftp: settings.ftp.clone(),
            plain_login_from: settings.plain_login_from.clone(),
            proxies: settings.proxies.clone(),
        }
    }
}

impl Network {
    /// What the settings say of connections.
    pub fn new(settings: &Settings, certificates: Certificates) -> Self {
        Self { rules: Arc::new(ArcSwap::from_pointee(Rules::of(settings))), certificates, slots: Slots::default() }
    }

    /// Puts the rules of new settings in force for new connections.
    pub fn reload(&self, settings: &Settings) {
        self.rules.store(Arc::new(Rules::of(settings)));
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.rules.load().limits.clone()
    }

    /// The rules for FTP's data connections in force.
    pub fn ftp(&self) -> Ftp {
        self.rules.load().ftp.clone()
    }

    /// Whether an address is a balancer's, whose header is demanded and believed.
    pub(crate) fn is_balancer(&self, address: IpAddr) -> bool {
        self.rules.load().proxies.iter().any(|network| network.contains(address))
    }
}

/// What is done with a connection.
type Serve = Arc<dyn Fn(Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Binds the address and serves it until the drain begins.
///
/// # Errors
/// When the address cannot be bound, or TLS from the first octet is asked for without a certificate.
pub async fn listen(listener: Listener, network: Network, drainer: &Drainer, serve: Serve) -> io::Result<()> {
    let tls = if network.certificates.is_empty() {
        None
    } else {
        Some(network.certificates.server_config(listener.protocol).map_err(io::Error::other)?)
    };
    if listener.implicit_tls && tls.is_none() {
        return Err(io::Error::other(format!("{} needs a certificate: add [tls]", listener.surface)));
    }
    let socket = TcpListener::bind(listener.address).await?;
    let (mut drain, Some(guard)) = (drainer.handle(), drainer.guard()) else { return Ok(()) };
    tokio::spawn(async move {
        let accepting = Accepting { listener, network, tls, serve, drain: drain.clone(), guard };
        tokio::select! {
            () = drain.begun() => {}
            () = accepting.run(socket) => {}
        }
    });
    Ok(())
}

#[derive(Clone)]
struct Accepting {
    listener: Listener,
    network: Network,
    tls: Option<Arc<rustls::ServerConfig>>,
    serve: Serve,
    drain: Drain,
    guard: DrainGuard,
}

impl Accepting {
    async fn run(self, socket: TcpListener) {
        let shared = Arc::new(self);
        loop {
            match socket.accept().await {
                Ok((stream, peer)) => {
                    let shared = Arc::clone(&shared);
                    tokio::spawn(async move {
                        // The handshake's state is freed before the connection is served: an idle client pays for what
                        // it uses.
                        if let Some(connection) = Box::pin(shared.admit(stream, peer)).await {
                            let served = (shared.serve)(connection);
                            drop(shared);
                            served.await;
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(surface = shared.listener.surface, %error, "accepting failed");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    async fn admit(&self, mut stream: TcpStream, peer: SocketAddr) -> Option<Connection> {
        let surface = self.listener.surface;
        let refused = |reason| {
            emit(ConnectionRefused { surface, address: peer.ip(), reason });
            None
        };
        stream.set_nodelay(true).ok()?;
        let rules = self.network.rules.load_full();
        let behind_balancer = rules.proxies.iter().any(|network| network.contains(peer.ip()));
        let peer = if behind_balancer {
            match timeout(HANDSHAKE, read_header(&mut stream)).await {
                Ok(Ok(client)) => client.unwrap_or(peer),
                Ok(Err(_)) | Err(_) => return refused("proxy-header"),
            }
        } else {
            peer
        };
        let limits = &rules.limits;
        let slot = match self.network.slots.take(peer.ip(), limits.connections_per_address, limits.connections) {
            Ok(slot) => slot,
            Err(limit) => return refused(limit),
        };
        let held = Held { _slot: slot, _guard: self.guard.clone() };
        let trusted = rules.plain_login_from.iter().any(|network| network.contains(peer.ip()));
        let local = stream.local_addr().ok()?;
        let of_data = self.tls.as_ref().filter(|_| self.listener.protocol == Protocol::Ftp);
        let data_tls = of_data.map(DataTls::new).transpose().ok()?;
        let (stream, host, starttls) = match (&self.tls, self.listener.implicit_tls) {
            (Some(config), true) => {
                match timeout(HANDSHAKE, accept_tls(Arc::clone(config), stream, data_tls.as_ref())).await {
                    Ok(Ok(stream)) => {
                        let host = stream.get_ref().1.server_name().map(str::to_owned);
                        (ClientStream::Tls(Box::new(stream)), host, None)
                    }
                    Ok(Err(_)) | Err(_) => return refused("tls"),
                }
            }
            (tls, _) => (ClientStream::Plain(stream), None, tls.clone()),
        };
        let may_log_in = trusted || self.listener.implicit_tls;
        let drain = self.drain.clone();
        Some(Connection { stream, peer, local, host, may_log_in, starttls, data_tls, drain, held })
    }
}

/// Reads a balancer's header without taking an octet more.
pub(crate) async fn read_header(stream: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut seen = [0; proxy_protocol::LONGEST];
    let mut had = 0;
    loop {
        let length = stream.peek(&mut seen).await?;
        match proxy_protocol::parse(seen.get(..length).unwrap_or_default()) {
            Parsed::Header { client, length } => {
                let mut header = [0; proxy_protocol::LONGEST];
                stream.read_exact(header.get_mut(..length).unwrap_or_default()).await?;
                return Ok(client);
            }
            Parsed::Invalid => return Err(io::ErrorKind::InvalidData.into()),
            Parsed::Incomplete if length == had || length == 0 => {
                // Nothing new was there: peeking answers at once as long as something is.
                if length == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Parsed::Incomplete => {}
        }
        had = length;
    }
}
