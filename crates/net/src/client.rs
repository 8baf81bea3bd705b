//! A client's connection, as a surface gets it.

use crate::{DataTls, Drain, DrainGuard, Slot};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The two kinds of stream to a client. Named, so that a relay can wait for readability without holding a buffer.
#[derive(Debug)]
pub enum ClientStream {
    /// In clear.
    Plain(TcpStream),
    /// TLS.
    Tls(Box<TlsStream<TcpStream>>),
    /// Gone: a handshake failed.
    Closed,
}

impl ClientStream {
    /// SHA-256 of the certificate that the client has shown and proved, if it did.
    pub fn certificate(&self) -> Option<[u8; 32]> {
        match self {
            Self::Tls(stream) => {
                let shown = stream.get_ref().1.peer_certificates()?.first()?;
                Some(passerelle_core::seal::sha256(shown))
            }
            Self::Plain(_) | Self::Closed => None,
        }
    }

    /// Ends it so that the other side sees that it was cut: a reset, and no goodbye of TLS.
    pub fn cut(self) {
        let stream = match &self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
            Self::Closed => return,
        };
        // Where it cannot be set the connection is gone already.
        let _ = stream.set_zero_linger();
    }

    /// Whether it is within TLS.
    pub const fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether HTTP/2 was agreed on in the handshake.
    pub fn is_http2(&self) -> bool {
        match self {
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
            Self::Plain(_) | Self::Closed => false,
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, octets),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, octets),
            Self::Closed => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Closed => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }
    /// Said so that HTTP hands a file's octets on without copying them together with the head first.
    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
            Self::Closed => false,
        }
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Closed => Poll::Ready(Ok(())),
        }
    }
}

/// A connection that was let through the limits.
#[derive(Debug)]
pub struct Connection {
    /// The stream.
    pub stream: ClientStream,
    /// The client, behind a balancer too.
    pub peer: SocketAddr,
    /// The name that the client asked for (SNI).
    pub host: Option<String>,
    /// Whether a password may be taken: TLS, or a network that the settings list.
    pub may_log_in: bool,
    /// The address of ours that the client came to, or the balancer for it.
    pub local: SocketAddr,
    /// What FTP's data connections begin TLS with; `None` for other protocols and without a certificate.
    pub data_tls: Option<DataTls>,
    /// To begin TLS with; `None` when there is no certificate or TLS runs already.
    pub starttls: Option<Arc<rustls::ServerConfig>>,
    /// Says when to come to an end.
    pub drain: Drain,
    /// Held as long as the connection lives.
    pub held: Held,
}

/// A connection's places in the counts; given back when dropped.
#[derive(Debug)]
pub struct Held {
    pub(crate) _slot: Slot,
    pub(crate) _guard: DrainGuard,
}

impl Connection {
    /// Begins TLS on a plain stream.
    ///
    /// # Errors
    /// When TLS runs already, cannot be had, or the handshake fails; the connection is of no more use then.
    pub async fn begin_tls(&mut self) -> io::Result<()> {
        let config = self.starttls.take().ok_or(io::ErrorKind::Unsupported)?;
        match std::mem::replace(&mut self.stream, ClientStream::Closed) {
            ClientStream::Plain(stream) => {
                let stream = accept_tls(config, stream, self.data_tls.as_ref()).await?;
                self.host = stream.get_ref().1.server_name().map(str::to_owned);
                self.stream = ClientStream::Tls(Box::new(stream));
                self.may_log_in = true;
                Ok(())
            }
            ClientStream::Tls(_) | ClientStream::Closed => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// Shakes hands as a server. Connections that will belong to this one are known by the mark in its tickets.
pub(crate) async fn accept_tls(
    config: Arc<rustls::ServerConfig>,
    stream: TcpStream,
    belonging: Option<&DataTls>,
) -> io::Result<TlsStream<TcpStream>> {
    let marked = |session: &mut rustls::ServerConnection| {
        if let Some(tls) = belonging {
            session.set_resumption_data(tls.mark());
        }
    };
    TlsAcceptor::from(config).accept_with(stream, marked).await
}
