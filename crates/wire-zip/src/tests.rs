//! What was written is read again, by the directory at its end as programs do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::*;
use proptest::prelude::*;

/// Members by name, with their contents; `None` for a folder.
type Members = Vec<(String, Option<Vec<u8>>)>;

fn number(octets: &[u8]) -> u64 {
    octets.iter().rev().fold(0, |sum, octet| (sum << 8) | u64::from(*octet))
}

fn read(archive: &[u8]) -> Members {
    let at = |place: usize, length: usize| number(&archive[place..place + length]);
    let index = |number: u64| usize::try_from(number).unwrap();
    let end = archive.len() - 22;
    assert_eq!(at(end, 4), 0x0605_4b50);
    let mut place = index(at(end + 16, 4));
    let mut members = Vec::new();
    for _ in 0..at(end + 10, 2) {
        assert_eq!(at(place, 4), 0x0201_4b50);
        let (name, extra) = (index(at(place + 28, 2)), index(at(place + 30, 2)));
        let header = index(at(place + 42, 4));
        let text = String::from_utf8(archive[place + 46..place + 46 + name].to_vec()).unwrap();
        let content = (!text.ends_with('/')).then(|| {
            let packed = header + 30 + name + index(at(header + 28, 2));
            // Where the sizes were not told before they are in ZIP64's field, behind the moment's.
            let field = place + 46 + name + 9 + 4;
            let is_long = at(place + 24, 4) == u64::from(u32::MAX);
            let (size, length) =
                if is_long { (at(field, 8), at(field + 8, 8)) } else { (at(place + 24, 4), at(place + 20, 4)) };
            let content = unpacked(&archive[packed..packed + index(length)]);
            assert_eq!(u64::try_from(content.len()).unwrap(), size);
            assert_eq!(u64::from(crc32fast::hash(&content)), at(place + 16, 4));
            content
        });
        members.push((text, content));
        place += 46 + name + extra;
    }
    assert_eq!(place, end);
    members
}

/// Stored blocks (RFC 1951 §3.2.4).
fn unpacked(mut blocks: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    loop {
        let length = usize::try_from(number(&blocks[1..3])).unwrap();
        assert_eq!(number(&blocks[1..3]) ^ number(&blocks[3..5]), 0xffff);
        content.extend(&blocks[5..5 + length]);
        if blocks[0] == 1 {
            assert_eq!(blocks.len(), 5 + length);
            return content;
        }
        blocks = &blocks[5 + length..];
    }
}

fn write(members: &Members, piece: usize, is_told: bool) -> Vec<u8> {
    let (mut archive, mut out) = (Archive::new(), Vec::new());
    for (name, content) in members {
        let Some(content) = content else {
            out.extend(archive.folder(name.trim_end_matches('/'), 1_795_478_400).unwrap());
            continue;
        };
        let size = is_told.then(|| u64::try_from(content.len()).unwrap());
        out.extend(archive.begin(name, size, -1).unwrap());
        for octets in content.chunks(piece) {
            out.extend(archive.block(octets).unwrap());
            out.extend(octets);
        }
        out.extend(archive.end().unwrap());
    }
    out.extend(archive.finish().unwrap());
    out
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        members in prop::collection::vec(("[a-zéش ]{1,9}(/[a-z]{1,5}){0,3}", prop::option::of(prop::collection::vec(any::<u8>(), 0..300))), 0..12),
        piece in 1..70_usize,
        is_told in any::<bool>(),
    ) {
        let members: Members = members
            .into_iter()
            .map(|(name, content)| if content.is_some() { (name, content) } else { (name + "/", None) })
            .collect();
        prop_assert_eq!(read(&write(&members, piece, is_told)), members);
    }
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".", "a\\..\\b", "C:a", "a\0", &"x".repeat(9000)] {
        assert_eq!(Archive::new().begin(name, Some(0), 0), Err(Fault::Name), "{name}");
        assert_eq!(Archive::new().folder(name, 0), Err(Fault::Name), "{name}");
    }
}

#[test]
fn a_content_is_as_long_as_was_said() {
    let begun = |size| {
        let mut archive = Archive::new();
        archive.begin("a", Some(size), 0).unwrap();
        archive
    };
    assert_eq!(begun(1).block(b"ab"), Err(Fault::Size));
    assert_eq!(begun(1).end(), Err(Fault::Size));
    assert_eq!(begun(1).begin("b", Some(0), 0), Err(Fault::Order));
    assert_eq!(begun(0).finish(), Err(Fault::Order));
    assert_eq!(Archive::new().block(b""), Err(Fault::Order));
    assert_eq!(begun(u64::MAX).block(&[0; LARGEST_BLOCK + 1]), Err(Fault::Size));
}

#[test]
fn members_are_counted() {
    let mut archive = Archive::new();
    for _ in 0..MOST_MEMBERS {
        archive.folder("a", 0).unwrap();
    }
    assert_eq!(archive.folder("a", 0), Err(Fault::TooMany));
    let mut archive = Archive::new();
    let long = "x".repeat(LONGEST_NAME);
    assert!((0..=LARGEST_DIRECTORY / LONGEST_NAME).any(|_| archive.folder(&long, 0) == Err(Fault::TooMany)));
}

#[test]
fn a_long_content_has_long_numbers() {
    let mut archive = Archive::new();
    let head = archive.begin("a", Some(5 << 30), 0).unwrap();
    assert_eq!(number(&head[18..26]), u64::MAX, "the sizes are elsewhere");
    // Sizes of 64 bits behind the content, and in the directory.
    archive.open.as_mut().unwrap().seen = 5 << 30;
    assert_eq!(archive.end().unwrap().len(), 5 + 8 + 16);
    archive.offset = 6 << 30;
    archive.folder("b", 0).unwrap();
    let end = archive.finish().unwrap();
    assert!(
        end.windows(4).any(|four| number(four) == 0x0606_4b50)
            && end.windows(4).any(|four| number(four) == 0x0706_4b50)
    );
}

#[test]
fn moments_as_dos_has_them() {
    for (seconds, date, time) in [
        (1_795_739_445, ((2026 - 1980) << 9) | (11 << 5) | 27, (30 << 5) | 22),
        (0, (1 << 5) | 1, 0),
        (i64::MAX, (127 << 9) | (12 << 5) | 31, (23 << 11) | (59 << 5) | 29),
    ] {
        let [one, two, three, four] = dos_time(seconds);
        assert_eq!((u16::from_le_bytes([three, four]), u16::from_le_bytes([one, two])), (date, time), "{seconds}");
    }
}
