//! What a client sees of a maildrop: messages by ascending UID, with marks that last as long as the connection.

use super::session::Listed;
use passerelle_core::ports::Numbered;

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) uid: u32,
    pub(crate) size: u64,
    /// Its number in the session that is open, or was last.
    pub(crate) number: u32,
    pub(crate) seen: bool,
    pub(crate) deleted: bool,
}

impl Message {
    /// `(\Seen \Deleted)`
    pub(crate) fn flags(&self) -> String {
        let flags = [(self.seen, "\\Seen"), (self.deleted, "\\Deleted")];
        let set: Vec<&str> = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).collect();
        format!("({})", set.join(" "))
    }
}

/// The messages of one look, by UID.
pub(crate) fn looked(listed: &[Listed], numbered: &Numbered) -> Vec<Message> {
    let message = |(listed, uid): (&Listed, &u32)| Message {
        uid: *uid,
        size: listed.size,
        number: listed.number,
        seen: false,
        deleted: false,
    };
    let mut all: Vec<Message> = listed.iter().zip(&numbered.uids).map(message).collect();
    all.sort_by_key(|message| message.uid);
    all
}

/// Brings what the client was told up to what is there; what it has to hear.
pub(crate) fn renewed(view: &mut Vec<Message>, there: &[Message]) -> Vec<String> {
    let mut said = Vec::new();
    let mut at = 1_usize;
    view.retain_mut(|message| {
        let now = there.binary_search_by_key(&message.uid, |it| it.uid).ok().and_then(|place| there.get(place));
        match now {
            Some(now) => {
                message.number = now.number;
                at = at.saturating_add(1);
            }
            None => said.push(format!("* {at} EXPUNGE\r\n")),
        }
        now.is_some()
    });
    let last = view.last().map_or(0, |message| message.uid);
    let before = view.len();
    view.extend(there.iter().filter(|message| message.uid > last));
    if view.len() != before {
        said.push(format!("* {} EXISTS\r\n", view.len()));
    }
    said
}

/// The places in `view` that a set names: `2,4:7,9:*` (RFC 9051 §9, sequence-set); `None` for what is no set.
pub(crate) fn named(view: &[Message], set: &[u8], by_uid: bool) -> Option<Vec<usize>> {
    /// Most parts of a set.
    const MOST_PARTS: usize = 10_000;
    let largest = match by_uid {
        true => view.last().map_or(0, |message| message.uid),
        false => u32::try_from(view.len()).unwrap_or(u32::MAX),
    };
    let number = |text: &str| match text {
        "*" => Some(largest),
        digits if digits.bytes().all(|octet| octet.is_ascii_digit()) => digits.parse().ok().filter(|it| *it > 0),
        _ => None,
    };
    let mut chosen = vec![false; view.len()];
    for (count, part) in std::str::from_utf8(set).ok()?.split(',').enumerate() {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if count >= MOST_PARTS {
            return None;
        }
        let (from, to) = (first.min(last), first.max(last));
        let (from, to) = match by_uid {
            true => (view.partition_point(|it| it.uid < from), view.partition_point(|it| it.uid <= to)),
            false => (index(from.saturating_sub(1)), index(to).min(view.len())),
        };
        if let Some(part) = chosen.get_mut(from..to) {
            part.fill(true);
        }
    }
    Some(chosen.iter().enumerate().filter(|(_, is_it)| **is_it).map(|(place, _)| place).collect())
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn of(uids: &[u32]) -> Vec<Message> {
        uids.iter().map(|uid| Message { uid: *uid, size: 1, number: *uid, seen: false, deleted: false }).collect()
    }

    #[test]
    fn what_changed_is_told_in_order() {
        let mut view = of(&[1, 2, 5, 9]);
        let said = renewed(&mut view, &of(&[1, 9, 10, 12]));
        assert_eq!(said, ["* 2 EXPUNGE\r\n", "* 2 EXPUNGE\r\n", "* 4 EXISTS\r\n"]);
        assert_eq!(view, of(&[1, 9, 10, 12]));
        assert!(renewed(&mut view, &of(&[1, 9, 10, 12])).is_empty());
    }

    #[test]
    fn sets() {
        let view = of(&[3, 5, 9]);
        for (set, by_uid, expected) in [
            ("1", false, Some(vec![0])),
            ("2:*", false, Some(vec![1, 2])),
            ("4:*", true, Some(vec![1, 2])),
            ("100:*", true, Some(vec![2])),
            ("9,3", true, Some(vec![0, 2])),
            ("7", false, Some(vec![])),
            ("0", false, None),
            ("1:", false, None),
            ("a", true, None),
            ("+1", true, None),
        ] {
            assert_eq!(named(&view, set.as_bytes(), by_uid), expected, "{set}");
        }
        assert_eq!(named(&[], b"1:*", true), Some(vec![]));
    }
}
