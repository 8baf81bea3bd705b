//! Commands before log-in, one at a time, within bounds.

use imap_codec::{
    AuthenticateDataCodec, CommandCodec,
    fragmentizer::{FragmentInfo, Fragmentizer},
    imap_types::{auth::AuthenticateData, command::Command, core::LiteralMode},
};
use imap_types::ToStatic;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest command before log-in, literals included, in octets: a token with many groups in it has 8 KiB, in base64 11.
pub(crate) const LONGEST_COMMAND: u32 = 12 * 1024;

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// A command.
    Command(Box<Command<'static>>),
    /// No command; the tag if there was one.
    Garbage(Option<String>),
    /// A literal or line that is too long; the tag if there was one. `over` says that its octets are on their way, so that
    /// the connection cannot go on.
    TooLong {
        /// The command's tag.
        tag: Option<String>,
        /// Whether nothing sensible can follow.
        over: bool,
    },
    /// The client is gone.
    Gone,
}

/// The client's half-understood octets.
pub(crate) struct Incoming {
    fragments: Fragmentizer,
    /// Octets that came and were not handed to the fragmentizer: it gets a line at a time, because it gives nothing back,
    /// and what comes behind a log-in belongs to the relay.
    waiting: Vec<u8>,
    /// Octets of the current command, to stop an endless one before it is read to its end.
    taken: u32,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { fragments: Fragmentizer::new(LONGEST_COMMAND), waiting: Vec::new(), taken: 0 }
    }
}

impl Incoming {
    /// The next command. Answers synchronising literals with a continuation (RFC 9051 §4.3).
    pub(crate) async fn command<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> io::Result<Came> {
        match self.message(stream).await? {
            Step::Whole => {
                let decoded = self.fragments.decode_message(&CommandCodec::default());
                Ok(match decoded {
                    Ok(command) => Came::Command(Box::new(command.to_static())),
                    Err(_) => Came::Garbage(self.tag()),
                })
            }
            Step::TooLong { tag, over } => Ok(Came::TooLong { tag, over }),
            Step::Gone => Ok(Came::Gone),
        }
    }

    /// The next line of a SASL exchange; `None` when it is no base64, or a cancellation (RFC 9051 §6.2.2).
    pub(crate) async fn sasl<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> io::Result<Option<Vec<u8>>> {
        match self.message(stream).await? {
            Step::Whole => {
                let decoded = self.fragments.decode_message(&AuthenticateDataCodec::default());
                Ok(match decoded {
                    Ok(AuthenticateData::Continue(secret)) => Some(secret.declassify().to_vec()),
                    Ok(AuthenticateData::Cancel) | Err(_) => None,
                })
            }
            Step::TooLong { .. } => Ok(None),
            Step::Gone => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Whether octets are waiting that were not asked for: what came in clear before TLS must be thrown away, and a client
    /// that sends before it is told to, is wrong (RFC 9051 §11.1).
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What came behind the last command.
    pub(crate) fn into_rest(self) -> Vec<u8> {
        self.waiting
    }

    fn tag(&self) -> Option<String> {
        self.fragments.decode_tag().map(|tag| tag.as_ref().to_owned())
    }

    async fn message<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> io::Result<Step> {
        loop {
            let Some(fragment) = self.fragments.progress() else {
                if self.taken > LONGEST_COMMAND {
                    return Ok(Step::TooLong { tag: self.tag(), over: true });
                }
                if self.waiting.is_empty() {
                    let mut piece = [0; 2048];
                    let length = stream.read(&mut piece).await?;
                    if length == 0 {
                        return Ok(Step::Gone);
                    }
                    self.waiting.extend_from_slice(piece.get(..length).unwrap_or_default());
                }
                let line = self.waiting.iter().position(|octet| *octet == b'\n');
                let length = line.map_or(self.waiting.len(), |end| end.saturating_add(1));
                self.taken = self.taken.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
                let line: Vec<u8> = self.waiting.drain(..length).collect();
                self.fragments.enqueue_bytes(&line);
                continue;
            };
            if let FragmentInfo::Line { announcement: Some(literal), .. } = fragment {
                let fits = literal.length <= LONGEST_COMMAND;
                match literal.mode {
                    LiteralMode::Sync if fits => {
                        stream.write_all(b"+ Go on\r\n").await?;
                        stream.flush().await?;
                    }
                    // Nothing was sent yet: the client gets its answer and may go on.
                    LiteralMode::Sync => {
                        let tag = self.tag();
                        self.fragments.skip_message();
                        self.taken = 0;
                        return Ok(Step::TooLong { over: tag.is_none(), tag });
                    }
                    LiteralMode::NonSync if fits => {}
                    LiteralMode::NonSync => return Ok(Step::TooLong { tag: self.tag(), over: true }),
                }
            }
            if self.fragments.is_message_complete() {
                self.taken = 0;
                return Ok(if self.fragments.is_max_message_size_exceeded() {
                    Step::TooLong { tag: self.tag(), over: false }
                } else {
                    Step::Whole
                });
            }
        }
    }
}

enum Step {
    Whole,
    TooLong { tag: Option<String>, over: bool },
    Gone,
}
