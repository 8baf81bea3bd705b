//! Whether a message of a conversation is under way. The reader joins a message of its frames and tells nothing of one that is not
//! whole, so that what has come is followed beside it: heads are read, payloads counted, nothing is kept.
//!
//! ```text
//! frame = FIN rsv opcode  MASK length7  [length16 / length64]  [key]  payload     (RFC 6455 §5.2)
//! ```

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// Where in a frame one is, and since when a message is under way.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: Vec<u8>,
    /// Octets of the payload that are still to come.
    left: u64,
    /// Whether a message ends with this frame.
    ends: bool,
    begun: Option<Instant>,
}

impl Frames {
    /// When the message began of which the end has not come.
    pub(super) const fn begun(&self) -> Option<Instant> {
        self.begun
    }

    /// Counts a message that is under way from now on.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.begun = self.begun.map(|_| now);
    }

    fn follow(&mut self, mut octets: &[u8], now: Instant) {
        while let Some((octet, rest)) = octets.split_first() {
            if self.left > 0 {
                let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(octets.len());
                self.left = self.left.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
                octets = octets.get(taken..).unwrap_or_default();
            } else {
                self.head.push(*octet);
                octets = rest;
                // Of a message, as against a sign of life (§5.5): it has begun, however slowly the rest of its head comes.
                if self.head.len() == 1 && octet & 0x0f < 8 {
                    self.begun.get_or_insert(now);
                }
                let Some(length) = payload(&self.head) else { continue };
                let first = self.head.first().copied().unwrap_or_default();
                self.ends = first & 0x80 != 0 && first & 0x0f < 8;
                self.left = length;
                self.head.clear();
            }
            if self.left == 0 && self.ends {
                self.begun = None;
            }
        }
    }
}

/// The length of a payload, once its head is whole.
fn payload(head: &[u8]) -> Option<u64> {
    let second = head.get(1)?;
    let (more, short) = match second & 0x7f {
        126 => (2, 0),
        127 => (8, 0),
        short => (0, u64::from(short)),
    };
    let key = if second & 0x80 == 0 { 0 } else { 4 };
    if head.len() < 2 + more + key {
        return None;
    }
    let long = head.get(2..2 + more)?;
    Some(long.iter().fold(short, |length, octet| length << 8 | u64::from(*octet)))
}

/// A stream whose frames are followed as they are read.
#[derive(Debug)]
pub(super) struct Followed<S> {
    inner: S,
    pub(super) frames: Frames,
}

impl<S> Followed<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, frames: Frames::default() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Followed<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        let read = Pin::new(&mut this.inner).poll_read(cx, into);
        this.frames.follow(into.filled().get(before..).unwrap_or_default(), Instant::now());
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Followed<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(first: u8, length: usize) -> Vec<u8> {
        let octets = u64::try_from(length).unwrap_or_default().to_be_bytes();
        let mut frame = match length {
            0..126 => vec![first, 0x80 | octets[7]],
            126..65_536 => vec![first, 0x80 | 126, octets[6], octets[7]],
            _ => [&[first, 0x80 | 127][..], &octets].concat(),
        };
        frame.extend([0; 4]);
        frame.resize(frame.len() + length, b'x');
        frame
    }

    const TEXT: u8 = 0x81;
    const FIRST: u8 = 0x01;
    const MIDDLE: u8 = 0x00;
    const LAST: u8 = 0x80;
    const PING: u8 = 0x89;

    /// Whether a message is under way behind these octets, in whichever pieces they come.
    #[track_caller]
    fn check(octets: &[u8], is_under_way: bool) {
        for size in [1, 2, 7, octets.len()] {
            let mut frames = Frames::default();
            let now = Instant::now();
            for piece in octets.chunks(size.max(1)) {
                frames.follow(piece, now);
            }
            assert_eq!(frames.begun().is_some(), is_under_way, "in pieces of {size}");
        }
    }

    #[test]
    fn a_message_is_under_way_until_its_last_frame_is_whole() {
        for length in [0, 1, 125, 126, 65_535, 65_536, 70_000] {
            let whole = frame(TEXT, length);
            check(&whole, false);
            check(whole.split_at(whole.len() - 1).0, true);
            check(&[whole.clone(), frame(PING, 3), whole.clone()].concat(), false);
            check(&[whole, vec![FIRST]].concat(), true);
        }
        check(&[], false);
        check(&frame(PING, 100), false);
        check(frame(PING, 100).split_at(50).0, false);
        check(&frame(FIRST, 10), true);
        check(&[frame(FIRST, 10), frame(MIDDLE, 200), frame(PING, 4)].concat(), true);
        check(&[frame(FIRST, 10), frame(PING, 4), frame(LAST, 0)].concat(), false);
        check(&[frame(FIRST, 0), frame(LAST, 5)].concat(), false);
    }

    #[test]
    fn signs_and_pieces_begin_nothing_anew() {
        let (mut frames, begun) = (Frames::default(), Instant::now());
        let later = begun + Duration::from_secs(9);
        frames.follow(&frame(FIRST, 10), begun);
        frames.follow(&frame(PING, 4), later);
        frames.follow(&frame(MIDDLE, 1), later);
        assert_eq!(frames.begun(), Some(begun));
        frames.begin_anew(later);
        assert_eq!(frames.begun(), Some(later));
        frames.follow(&frame(LAST, 1), later);
        frames.begin_anew(later);
        assert_eq!(frames.begun(), None);
    }
}
