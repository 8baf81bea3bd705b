//! Buffers for reading, used again: a fresh one costs a page fault for each 4 KiB, which is more than the copy itself.

use bytes::Bytes;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Size of a buffer, in octets: what one read takes at most.
pub(crate) const CHUNK: usize = 512 * 1024;
/// Most buffers kept for later: 8 MiB for a store.
const MOST_KEPT: usize = 16;
/// Up to this size a fresh allocation is cheaper than a borrowed large one.
const SMALL: usize = 32 * 1024;

/// The spare buffers of a store.
#[derive(Clone, Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl fmt::Debug for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buffers")
    }
}

/// A buffer on loan; it goes back when the last reader of its octets is done.
pub(crate) struct Loan {
    octets: Vec<u8>,
    used: usize,
    home: Option<Buffers>,
}

impl Buffers {
    /// A buffer for so many octets, at most [`CHUNK`].
    pub(crate) fn lend(&self, wanted: usize) -> Loan {
        if wanted <= SMALL {
            return Loan { octets: vec![0; wanted], used: 0, home: None };
        }
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Loan { octets: spare.unwrap_or_else(|| vec![0; CHUNK]), used: wanted.min(CHUNK), home: Some(self.clone()) }
    }
}

impl Loan {
    /// Where to read into.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        let size = if self.home.is_some() { self.used } else { self.octets.len() };
        self.octets.get_mut(..size).unwrap_or_default()
    }

    /// The first octets of it, without copying.
    pub(crate) fn filled(mut self, length: usize) -> Bytes {
        self.used = length.min(self.octets.len());
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Loan {
    fn as_ref(&self) -> &[u8] {
        self.octets.get(..self.used).unwrap_or_default()
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(Buffers(spare)) = self.home.take() else { return };
        let mut spare = spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MOST_KEPT {
            spare.push(std::mem::take(&mut self.octets));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_buffer_comes_back_and_shows_no_old_octets() {
        let buffers = Buffers::default();
        let mut loan = buffers.lend(CHUNK);
        loan.room().fill(7);
        drop(loan.filled(CHUNK));
        assert_eq!(buffers.0.lock().unwrap().len(), 1);
        let mut again = buffers.lend(SMALL + 1);
        again.room().get_mut(..3).unwrap().copy_from_slice(b"abc");
        assert_eq!(again.filled(3), Bytes::from_static(b"abc"));
        assert_eq!(buffers.lend(10).room().len(), 10);
    }
}
