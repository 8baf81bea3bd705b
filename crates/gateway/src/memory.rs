//! What the allocator does with large buffers.
//!
//! glibc takes every block from 128 KiB on from the kernel anew and gives it back at once, so that each of its pages is a
//! page fault and a page of zeros: for a piece of a file that costs more than copying it several times. Its threshold rises to the size
//! of the largest such block that was ever given back, and what it keeps for later to twice that (mallopt(3),
//! `M_MMAP_THRESHOLD`); so one block of the right size is taken and given back before anything else is done.

use std::hint::black_box;

/// Blocks up to this size, in octets, are kept and used again; of what is free at the end of a heap twice that is kept, and the
/// rest given back.
const REUSED: usize = 4 * 1024 * 1024;

/// Lets blocks up to [`REUSED`] be used again. None of its memory is touched. Other allocators than glibc's take no notice.
pub(crate) fn reuse_large_blocks() {
    drop(black_box(Vec::<u8>::with_capacity(REUSED)));
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    /// Page faults of this process that took no disk, the tenth value of `/proc/self/stat` (proc(5)).
    fn faults() -> u64 {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        stat.rsplit_once(") ").unwrap().1.split(' ').nth(7).unwrap().parse().unwrap()
    }

    /// Page faults of a hundred pieces of a file, each in as many blocks at once as the SMB client library moves it through.
    fn faults_of_pieces() -> u64 {
        const PIECE: usize = 512 * 1024;
        let before = faults();
        for number in 0..100_u8 {
            let blocks: Vec<Vec<u8>> = (0..7).map(|_| vec![number | 1; PIECE]).collect();
            drop(black_box(blocks));
        }
        faults() - before
    }

    #[test]
    fn pieces_of_files_cost_no_page_faults_again() {
        reuse_large_blocks();
        let again = faults_of_pieces();
        // Fresh blocks would be 128 faults each.
        assert!(again < 100 * 7 * 128 / 10, "{again} faults");
    }
}
