//! What an upload holds until it is a part: gathered into blocks, however small the pieces that came, and bounded for all uploads
//! of the process together.

use crate::client::Pieces;
use bytes::{Bytes, BytesMut};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Octets of a block.
const BLOCK: usize = 64 * 1024;
/// Blocks that all uploads of the process hold together: 1 GiB.
const MOST_BLOCKS: usize = 16 * 1024;

static BLOCKS: Semaphore = Semaphore::const_new(MOST_BLOCKS);

/// Octets that wait.
pub(crate) struct Held {
    blocks: &'static Semaphore,
    full: Vec<Bytes>,
    filling: BytesMut,
    /// One for each block.
    places: Vec<SemaphorePermit<'static>>,
    length: u64,
}

impl Default for Held {
    fn default() -> Self {
        Self::within(&BLOCKS)
    }
}

impl Held {
    fn within(blocks: &'static Semaphore) -> Self {
        Self { blocks, full: Vec::new(), filling: BytesMut::new(), places: Vec::new(), length: 0 }
    }

    /// How many octets these are.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Takes more; `false` when the process holds as much as it may.
    pub(crate) fn take(&mut self, mut octets: &[u8]) -> bool {
        while !octets.is_empty() {
            let room = BLOCK.saturating_sub(self.filling.len());
            if room == 0 || self.places.len() == self.full.len() {
                let Ok(place) = self.blocks.try_acquire() else { return false };
                self.places.push(place);
                self.seal();
                self.filling = BytesMut::with_capacity(BLOCK);
                continue;
            }
            let (now, later) = octets.split_at(room.min(octets.len()));
            self.filling.extend_from_slice(now);
            self.length = self.length.saturating_add(u64::try_from(now.len()).unwrap_or(u64::MAX));
            octets = later;
        }
        true
    }

    fn seal(&mut self) {
        if !self.filling.is_empty() {
            self.full.push(std::mem::take(&mut self.filling).freeze());
        }
    }

    /// All of them, as the body of a request. They are held until [`Self::clear`].
    pub(crate) fn pieces(&mut self) -> Pieces {
        self.seal();
        Pieces::new(self.full.iter().cloned())
    }

    /// Holds nothing any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::within(self.blocks);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn tiny_pieces_become_blocks_and_all_uploads_are_bounded_together() {
        static FEW: Semaphore = Semaphore::const_new(3);
        let (mut one, mut other) = (Held::within(&FEW), Held::within(&FEW));
        for number in 0..BLOCK + 1 {
            assert!(one.take(&[u8::try_from(number % 251).unwrap()]));
        }
        assert_eq!((one.length(), one.places.len(), FEW.available_permits()), (65_537, 2, 1));
        assert!(other.take(&[1; BLOCK]) && !other.take(&[1]), "there is no more");
        drop(one.pieces());
        let sealed = one.full.concat();
        assert!(
            sealed.len() == BLOCK + 1
                && sealed.iter().zip(0..).all(|(octet, at): (&u8, usize)| usize::from(*octet) == at % 251)
        );
        assert!(!one.take(&[1]), "what was sealed is not written to");
        one.clear();
        assert_eq!((one.length(), FEW.available_permits()), (0, 2));
        drop(other);
        assert_eq!(FEW.available_permits(), 3);
    }
}
