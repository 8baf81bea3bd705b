//! What changes a mailbox: flags (RFC 9051 §6.4.6), and removal by UID (RFC 4315 §2.1).

use super::{Mode, OpenedImap};
use crate::connect::is_ok;
use passerelle_core::{
    Error, Result,
    ports::{Flag, FlagChange},
};

/// Longest set of UIDs in one command, in octets (RFC 7162 §4: at least 8,192 octets of a line are taken).
const LONGEST_SET: usize = 4_000;

pub(super) async fn flag(opened: &mut OpenedImap, uids: &[u32], change: &FlagChange) -> Result<()> {
    let (sign, flags) = match change {
        FlagChange::Set(flags) => ('+', flags),
        FlagChange::Clear(flags) => ('-', flags),
    };
    if flags.is_empty() || uids.is_empty() {
        return Ok(());
    }
    let flags = flags.iter().map(Flag::as_str).collect::<Vec<_>>().join(" ");
    to_change(opened).await?;
    for set in sets(uids) {
        plain(opened, "changing flags", &format!("UID STORE {set} {sign}FLAGS.SILENT ({flags})")).await?;
    }
    Ok(())
}

pub(super) async fn remove(opened: &mut OpenedImap, uids: &[u32]) -> Result<()> {
    if uids.is_empty() {
        return Ok(());
    }
    if !opened.facts.removes {
        return Err(Error::Unsupported { what: "removing single messages (UIDPLUS)" });
    }
    to_change(opened).await?;
    let sets = sets(uids);
    // All are marked before the first one goes: a refusal leaves everything there.
    for set in &sets {
        plain(opened, "marking messages", &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")).await?;
    }
    for set in &sets {
        plain(opened, "removing messages", &format!("UID EXPUNGE {set}")).await?;
    }
    let mut left = 0_usize;
    for set in &sets {
        let words = opened
            .imap
            .converse(&format!("UID SEARCH UID {set}"), |response| {
                left = left.saturating_add(found(response));
                Ok(())
            })
            .await?;
        if !is_ok(&words, "") {
            return Err(opened.imap.refused("looking whether messages are gone", &words));
        }
    }
    if left > 0 {
        return Err(opened.imap.failed("removing messages", format!("the store said OK and has kept {left} of them")));
    }
    Ok(())
}

pub(super) async fn to_change(opened: &mut OpenedImap) -> Result<()> {
    if opened.mode != Mode::Changing {
        opened.enter(Mode::Changing, None).await?;
    }
    Ok(())
}

async fn plain(opened: &mut OpenedImap, doing: &'static str, command: &str) -> Result<()> {
    let words = opened.imap.converse(command, |_| Ok(())).await?;
    if is_ok(&words, "") { Ok(()) } else { Err(opened.imap.refused(doing, &words)) }
}

/// How many messages `* SEARCH 1 2 3` names (RFC 9051 §7.3.4).
fn found(response: &[u8]) -> usize {
    let Some(numbers) = response.strip_prefix(b"* SEARCH") else { return 0 };
    numbers.split(|octet| octet.is_ascii_whitespace()).filter(|number| !number.is_empty()).count()
}

/// UIDs as one set of ranges, however long.
pub(super) fn set(uids: &[u32]) -> String {
    sets_of(uids, usize::MAX).pop().unwrap_or_default()
}

/// UIDs as sets of ranges, `1:3,7`, each short enough for a command.
pub(super) fn sets(uids: &[u32]) -> Vec<String> {
    sets_of(uids, LONGEST_SET)
}

fn sets_of(uids: &[u32], longest: usize) -> Vec<String> {
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in sorted {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    let mut sets: Vec<String> = Vec::new();
    for (first, last) in ranges {
        let range = if first == last { first.to_string() } else { format!("{first}:{last}") };
        match sets.last_mut() {
            Some(set) if set.len().saturating_add(range.len()) < longest => {
                set.push(',');
                set.push_str(&range);
            }
            _ => sets.push(range),
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(sets(&[]), [""; 0]);
        assert_eq!(sets(&[7, 1, 2, 3, 2]), ["1:3,7"]);
        assert_eq!(sets(&[u32::MAX, u32::MAX - 1]), ["4294967294:4294967295"]);
        let odd: Vec<u32> = (0..5_000).map(|it| it * 2 + 1).collect();
        let sets = sets(&odd);
        assert!(sets.len() > 1 && sets.iter().all(|set| set.len() <= LONGEST_SET));
        assert_eq!(sets.iter().map(|set| set.split(',').count()).sum::<usize>(), odd.len());
    }

    #[test]
    fn what_a_search_finds() {
        assert_eq!((found(b"* SEARCH\r\n"), found(b"* SEARCH 1 22\r\n"), found(b"* 3 EXISTS\r\n")), (0, 2, 0));
    }
}
