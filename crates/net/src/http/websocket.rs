//! WebSocket (RFC 6455): a request becomes a conversation of texts. Both sides are bounded: what comes by the longest message that is
//! taken, what goes by pieces, each of which has to be taken in time. Binary messages and extensions are not spoken
//! (`docs/decisions/0036-websocket.md`).

use super::{Exchange, Response, empty, frames::Followed};
use crate::client::Held;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http::{
    HeaderMap, HeaderValue, StatusCode, Version,
    header::{
        CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
        UPGRADE,
    },
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::{fmt, io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error as WireError, Message, Utf8Bytes,
        handshake::derive_accept_key,
        protocol::{
            CloseFrame, Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

/// Octets of a message that goes, in one frame.
const PIECE: usize = 64 * 1024;
/// How long the other side may take for a piece.
const TAKEN_WITHIN: Duration = Duration::from_secs(60);
/// How long its goodbye is waited for, and how much is read meanwhile, so that it can hear ours.
const GOODBYE: Duration = Duration::from_secs(5);
const READ_AT_THE_END: u64 = 64 * 1024 * 1024;

/// What came.
#[derive(Debug)]
pub enum Heard {
    /// A message.
    Text(Utf8Bytes),
    /// A sign of life.
    Sign,
    /// It has said goodbye, or is gone.
    Gone,
    /// What breaks the rules: the conversation is over, and this says why.
    Fault(Farewell),
}

/// Why a conversation ends (RFC 6455 §7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// There is nothing more to say.
    Done,
    /// This node goes down.
    GoingAway,
    /// What came is no message of the protocol.
    Broken,
    /// Only text is understood.
    NotText,
    /// A text that is no UTF-8.
    NotUtf8,
    /// Whoever speaks may not any more.
    Refused,
    /// A message that is too long.
    TooLong,
    /// A message whose end did not come in time.
    TooSlow,
    /// Something that is needed is away: come again.
    TryAgain,
}

impl Farewell {
    /// Whether what came cannot be read on.
    const fn is_of_a_fault(self) -> bool {
        match self {
            Self::Broken | Self::NotUtf8 | Self::TooLong | Self::TooSlow | Self::NotText => true,
            Self::Done | Self::GoingAway | Self::Refused | Self::TryAgain => false,
        }
    }

    const fn code(self) -> CloseCode {
        match self {
            Self::Done => CloseCode::Normal,
            Self::GoingAway => CloseCode::Away,
            Self::Broken => CloseCode::Protocol,
            Self::NotText => CloseCode::Unsupported,
            Self::NotUtf8 => CloseCode::Invalid,
            Self::Refused | Self::TooSlow => CloseCode::Policy,
            Self::TooLong => CloseCode::Size,
            Self::TryAgain => CloseCode::Again,
        }
    }
}

/// A conversation that begins once its answer is sent.
pub struct Upgrading {
    upgrade: OnUpgrade,
    held: Arc<Held>,
    longest: usize,
}

impl fmt::Debug for Upgrading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upgrading")
    }
}

impl Exchange {
    /// Turns the exchange into a conversation in this subprotocol, with messages of at most so many octets: what to answer, and
    /// what begins then. An answer alone says what is wrong with the wish (RFC 6455 §4.2).
    ///
    /// # Errors
    /// The answer that refuses it.
    pub fn converse(&mut self, protocol: &'static str, longest: usize) -> Result<(Response, Upgrading), Box<Response>> {
        let headers = &self.head.headers;
        let wants = lists(headers, &CONNECTION, "upgrade") && lists(headers, &UPGRADE, "websocket");
        if !wants || self.head.version != Version::HTTP_11 {
            return Err(refused(StatusCode::UPGRADE_REQUIRED));
        }
        if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(refused(StatusCode::UPGRADE_REQUIRED));
        }
        let key = headers.get(SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
        let is_key = STANDARD.decode(key).is_ok_and(|octets| octets.len() == 16);
        // Words of a list that is compared as it is written.
        let is_spoken = tokens(headers, &SEC_WEBSOCKET_PROTOCOL).any(|offered| offered == protocol);
        let accept = HeaderValue::from_str(&derive_accept_key(key)).ok();
        let (true, true, Some(accept)) = (is_key, is_spoken, accept) else {
            return Err(refused(StatusCode::BAD_REQUEST));
        };
        let Some(upgrade) = self.head.extensions.remove::<OnUpgrade>() else {
            return Err(refused(StatusCode::UPGRADE_REQUIRED));
        };
        let mut response = http::Response::new(empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let answered = response.headers_mut();
        answered.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        answered.insert(UPGRADE, HeaderValue::from_static("websocket"));
        answered.insert(SEC_WEBSOCKET_ACCEPT, accept);
        answered.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        Ok((response, Upgrading { upgrade, held: Arc::clone(&self.held), longest }))
    }
}

fn refused(status: StatusCode) -> Box<Response> {
    let mut response = http::Response::new(empty());
    *response.status_mut() = status;
    if status == StatusCode::UPGRADE_REQUIRED {
        // RFC 9110 §15.5.22, RFC 6455 §4.4.
        response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    Box::new(response)
}

/// The words of a list.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|it| it.split(','))
        .map(str::trim)
}

fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    tokens(headers, name).any(|token| token.eq_ignore_ascii_case(word))
}

impl Upgrading {
    /// The conversation.
    ///
    /// # Errors
    /// The client was gone before it began.
    pub async fn begun(self) -> io::Result<Socket> {
        let upgraded = self.upgrade.await.map_err(io::Error::other)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(8 * 1024)
            .write_buffer_size(0)
            .max_write_buffer_size(PIECE.saturating_mul(2))
            .max_frame_size(Some(self.longest))
            .max_message_size(Some(self.longest));
        let stream =
            WebSocketStream::from_raw_socket(Followed::new(TokioIo::new(upgraded)), Role::Server, Some(config)).await;
        Ok(Socket { stream, _held: self.held })
    }
}

/// A conversation. As long as it is there it counts among the connections of its address, and a drain waits for it.
pub struct Socket {
    stream: WebSocketStream<Followed<TokioIo<Upgraded>>>,
    _held: Arc<Held>,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}

impl Socket {
    /// What comes next. May be dropped and asked again: nothing is lost.
    pub async fn hear(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Heard::Text(text),
            Some(Ok(Message::Binary(_))) => Heard::Fault(Farewell::NotText),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Heard::Sign,
            Some(Ok(Message::Close(_))) | None => Heard::Gone,
            Some(Err(error)) => match error {
                WireError::Utf8(_) => Heard::Fault(Farewell::NotUtf8),
                WireError::Capacity(_) => Heard::Fault(Farewell::TooLong),
                WireError::Protocol(_) | WireError::AttackAttempt => Heard::Fault(Farewell::Broken),
                WireError::ConnectionClosed
                | WireError::AlreadyClosed
                | WireError::Io(_)
                | WireError::Tls(_)
                | WireError::WriteBufferFull(_)
                | WireError::Url(_)
                | WireError::Http(_)
                | WireError::HttpFormat(_) => Heard::Gone,
            },
        }
    }

    /// When the message began of which the end has not come, as far as was read. Signs of life are none.
    pub fn begun(&self) -> Option<Instant> {
        self.stream.get_ref().frames.begun()
    }

    /// Counts a message that is under way from now on: it was not listened to.
    pub fn begin_anew(&mut self, now: Instant) {
        self.stream.get_mut().frames.begin_anew(now);
    }

    /// Says a text, however long, in pieces.
    ///
    /// # Errors
    /// `TimedOut` where a piece is not taken in time; else the connection is gone.
    pub async fn say(&mut self, text: &str) -> io::Result<()> {
        let octets = Bytes::copy_from_slice(text.as_bytes());
        let (mut rest, mut kind) = (octets, Data::Text);
        loop {
            let piece = rest.split_to(rest.len().min(PIECE));
            let is_last = rest.is_empty();
            self.send(Message::Frame(Frame::message(piece, OpCode::Data(kind), is_last))).await?;
            if is_last {
                return Ok(());
            }
            kind = Data::Continue;
        }
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub async fn ping(&mut self) -> io::Result<()> {
        self.send(Message::Ping(Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> io::Result<()> {
        let sent = timeout(TAKEN_WITHIN, self.stream.send(message)).await;
        sent.map_err(|_slow| io::Error::from(io::ErrorKind::TimedOut))?.map_err(io::Error::other)
    }

    /// Says goodbye, and waits a little for the other's.
    pub async fn leave(mut self, farewell: Farewell) {
        let frame = CloseFrame { code: farewell.code(), reason: Utf8Bytes::default() };
        let leaving = async {
            // Whoever is gone hears nothing.
            let _ = self.stream.close(Some(frame)).await;
            if farewell.is_of_a_fault() {
                // What comes is not understood any more; a client that is still sending would lose our goodbye with the connection.
                let _ = self.stream.get_mut().shutdown().await;
                let _ = copy(&mut self.stream.get_mut().take(READ_AT_THE_END), &mut sink()).await;
                return;
            }
            while let Some(Ok(message)) = self.stream.next().await {
                if message.is_close() {
                    break;
                }
            }
            // The connection is closed by its server first (RFC 6455 §7.1.1).
            let _ = self.stream.get_mut().shutdown().await;
        };
        let _ = timeout(GOODBYE, leaving).await;
    }
}
