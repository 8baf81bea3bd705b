//! Both directions, each inverse to the other, and what is no message.

use super::*;
use crate::{hands::Taken, meta::Stat};
use passerelle_core::ports::Space;
use passerelle_model::PosixIds;
use proptest::prelude::*;
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use std::path::PathBuf;

fn name(text: &str) -> Name {
    Name::parse(text.as_bytes()).unwrap()
}

fn names() -> impl Strategy<Value = Name> {
    prop::collection::vec(any::<u8>(), 1..=255).prop_filter_map("a name", |octets| Name::parse(&octets).ok())
}

fn paths() -> impl Strategy<Value = PathBuf> {
    "[a-zA-Z/. é]{0,300}".prop_map(PathBuf::from)
}

fn times() -> impl Strategy<Value = FileTime> {
    (any::<i64>(), any::<u32>()).prop_map(|(seconds, nanos)| FileTime { seconds, nanos })
}

fn modes() -> impl Strategy<Value = Mode> {
    (0..0o1000_u32).prop_map(Mode::from_raw_mode)
}

fn ids() -> impl Strategy<Value = PosixIds> {
    (any::<u32>(), any::<u32>(), prop::collection::vec(any::<u32>(), 0..=PosixIds::MOST_GROUPS))
        .prop_map(|(uid, gid, groups)| PosixIds { uid, gid, groups })
}

fn ways() -> impl Strategy<Value = OFlags> {
    let ways = [
        OFlags::PATH | OFlags::DIRECTORY,
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW,
        OFlags::CREATE | OFlags::EXCL | OFlags::RDWR,
        OFlags::TMPFILE | OFlags::RDWR,
        OFlags::WRONLY,
    ];
    prop::sample::select(ways.to_vec())
}

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        (ids(), paths()).prop_map(|(ids, root)| Request::Begin { ids, root }),
        Just(Request::Examine),
        any::<bool>().prop_map(|make| Request::Root { make }),
        (paths(), ways(), modes(), any::<bool>()).prop_map(|(path, flags, mode, same_device)| Request::Open(Opening {
            path,
            flags,
            mode,
            same_device
        })),
        (names(), modes()).prop_map(|(name, mode)| Request::MakeFolder { name, mode }),
        names().prop_map(|name| Request::Link { name }),
        (names(), names(), prop::sample::select(vec![Taken::Refuse, Taken::Replace]))
            .prop_map(|(old, new, taken)| Request::Rename { old, new, taken }),
        names().prop_map(Request::Unlink),
        names().prop_map(Request::RemoveFolder),
        prop::collection::vec(names(), 0..=MOST_NAMES).prop_map(Request::Stat),
        Just(Request::Room),
        (prop::option::of(names()), times()).prop_map(|(own, at)| Request::Stamp { own, at }),
        (prop::option::of(names()), names()).prop_map(|(own, old)| Request::Keep { own, old }),
    ]
}

fn errnos() -> impl Strategy<Value = Errno> {
    (1..4096_i32).prop_map(Errno::from_raw_os_error)
}

fn stats() -> impl Strategy<Value = Stat> {
    (any::<u16>(), any::<[u64; 3]>(), times(), times(), prop::option::of(times())).prop_map(
        |(mode, [inode, device, size], modified, changed, made)| Stat {
            mode,
            inode,
            device,
            size,
            modified,
            changed,
            made,
        },
    )
}

fn answers() -> impl Strategy<Value = Answer> {
    let declined = [Declined::Ids, Declined::Place, Declined::File, Declined::Garbled];
    prop_oneof![
        Just(Answer::Done),
        Just(Answer::Opened),
        prop::collection::vec(prop::result::maybe_ok(stats(), errnos()), 0..=MOST_NAMES).prop_map(Answer::Stats),
        any::<[u64; 2]>().prop_map(|[available, used]| Answer::Room(Space { available, used })),
        (any::<u32>(), any::<bool>(), prop::collection::vec(paths(), 0..=4))
            .prop_map(|(lowest_uid, makes_roots, below)| Answer::Examined(Examined { lowest_uid, makes_roots, below })),
        errnos().prop_map(Answer::Failed),
        prop::sample::select(declined.to_vec()).prop_map(Answer::Declined),
    ]
}

proptest! {
    #[test]
    fn requests_come_back(request in requests()) {
        let octets = request.encode();
        prop_assert!(octets.len() <= LONGEST_REQUEST, "{}", octets.len());
        prop_assert!(request.descriptors() <= MOST_DESCRIPTORS);
        prop_assert_eq!(Request::decode(&octets), Ok(request));
    }

    #[test]
    fn answers_come_back(answer in answers()) {
        let octets = answer.encode();
        prop_assert!(octets.len() <= LONGEST_ANSWER, "{}", octets.len());
        prop_assert_eq!(Answer::decode(&octets), Ok(answer));
    }

    /// What decodes is exactly one message: octet for octet what it would be encoded to.
    #[test]
    fn any_octets_are_one_message_or_none(octets in prop::collection::vec(any::<u8>(), 0..600), op in 0..16_u8) {
        for octets in [octets.clone(), [&[VERSION, op], octets.as_slice()].concat()] {
            if let Ok(request) = Request::decode(&octets) {
                prop_assert_eq!(request.encode(), octets.clone());
            }
            if let Ok(answer) = Answer::decode(&octets) {
                prop_assert_eq!(answer.encode(), octets);
            }
        }
    }

    #[test]
    fn a_cut_or_longer_message_is_none(request in requests(), cut in any::<prop::sample::Index>()) {
        let octets = request.encode();
        prop_assert_eq!(Request::decode(&octets[..cut.index(octets.len())]), Err(Garbled));
        prop_assert_eq!(Request::decode(&[octets.as_slice(), &[0]].concat()), Err(Garbled));
    }
}

#[test]
fn names_are_one_part() {
    for text in ["", ".", "..", "a/b", "/", "a\0", &"x".repeat(256)] {
        assert_eq!(Name::parse(text.as_bytes()), Err(Garbled), "{text:?}");
    }
    for octets in [&b"a"[..], b"...", b"\xff\n", b".~passerelle-00", &[b'x'; 255]] {
        assert_eq!(Name::parse(octets).unwrap().octets(), octets);
    }
}

#[test]
fn what_nobody_here_would_ask_for_is_not_understood() {
    let opening = |flags, mode: u32| {
        let mode = Mode::from_raw_mode(mode);
        Request::decode(&Request::Open(Opening { path: "f".into(), flags, mode, same_device: false }).encode())
    };
    assert!(opening(OFlags::RDONLY, 0).is_ok());
    for flags in [OFlags::TRUNC, OFlags::APPEND, OFlags::NOATIME, OFlags::DIRECT, OFlags::ASYNC, OFlags::SYNC] {
        assert_eq!(opening(flags, 0), Err(Garbled), "{flags:?}");
    }
    assert_eq!(opening(OFlags::CREATE, 0o4755), Err(Garbled), "set-user-id");
    assert_eq!(
        Request::decode(&Request::MakeFolder { name: name("d"), mode: Mode::from_raw_mode(0o2777) }.encode()),
        Err(Garbled)
    );
    let mut other = Request::Examine.encode();
    other[0] = VERSION + 1;
    assert_eq!(Request::decode(&other), Err(Garbled), "another version");
    assert_eq!(Request::decode(&[VERSION, 14]), Err(Garbled), "an operation that does not exist");
    // 1,025 groups, 257 names: one more than there may be.
    let groups = [&[VERSION, 1][..], &[0; 8], &1025_u16.to_le_bytes(), &[0; 4 * 1025], &[0, 0]].concat();
    assert_eq!(Request::decode(&groups), Err(Garbled));
    let many = [&[VERSION, 10][..], &257_u16.to_le_bytes(), &[1, b'a'].repeat(257)].concat();
    assert_eq!(Request::decode(&many), Err(Garbled));
    let long = [&[VERSION, 4][..], &[0; 9], &4097_u16.to_le_bytes(), &[b'a'; 4097]].concat();
    assert_eq!(Request::decode(&long), Err(Garbled));
}
