//! Copies and moves within a store (RFC 9051 §6.4.7, RFC 6851, RFC 4315 §3).

use super::{OpenedImap, change};
use crate::{connect::is_ok, login::code};
use passerelle_core::{
    Error, Result,
    ports::{Copied, MOST_LISTED},
};
use passerelle_wire_imap::results;

pub(super) async fn copy(opened: &mut OpenedImap, to: &str, uids: &[u32]) -> Result<Copied> {
    transfer(opened, "COPY", to, uids).await
}

pub(super) async fn relocate(opened: &mut OpenedImap, to: &str, uids: &[u32]) -> Result<Copied> {
    if uids.is_empty() {
        return Ok(Copied::default());
    }
    if opened.imap.has("MOVE") || opened.imap.has("IMAP4REV2") {
        change::to_change(opened).await?;
        return transfer(opened, "MOVE", to, uids).await;
    }
    if !opened.facts.removes {
        return Err(Error::Unsupported { what: "moving single messages (MOVE or UIDPLUS)" });
    }
    // Whoever cannot change this mailbox copies nothing either.
    change::to_change(opened).await?;
    let copied = transfer(opened, "COPY", to, uids).await?;
    change::remove(opened, uids).await?;
    Ok(copied)
}

async fn transfer(opened: &mut OpenedImap, verb: &str, to: &str, uids: &[u32]) -> Result<Copied> {
    let name = opened.imap.name(to).await?;
    let mut copied = Copied::default();
    for set in change::sets(uids) {
        let mut told = None;
        let command = format!("UID {verb} {set} {name}");
        let words = opened
            .imap
            .converse(&command, |response| {
                // RFC 6851 §4.3: MOVE tells where before it removes.
                told = places(&String::from_utf8_lossy(response)).or(told.take());
                Ok(())
            })
            .await?;
        if !is_ok(&words, "") {
            let missing = code(&words, "TRYCREATE").is_some() || code(&words, "NONEXISTENT").is_some();
            return Err(if missing { Error::NotFound } else { opened.imap.refused("copying messages", &words) });
        }
        if let Some((validity, pairs)) = places(&words).or(told) {
            copied.places.get_or_insert((validity, Vec::new())).1.extend(pairs);
        }
    }
    Ok(copied)
}

/// `[COPYUID 38505 304,319:320 3956:3958]`
fn places(words: &str) -> Option<(u32, Vec<(u32, u32)>)> {
    let mut told = code(words, "COPYUID ")?.split(' ');
    let (validity, from, to) = (told.next()?.parse().ok()?, numbers(told.next()?)?, numbers(told.next()?)?);
    (from.len() == to.len()).then(|| (validity, from.into_iter().zip(to).collect()))
}

/// A set as numbers, by the way in which a search tells one.
fn numbers(set: &str) -> Option<Vec<u32>> {
    let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
    results(format!("* ESEARCH UID ALL {set}\r\n").as_bytes(), most)?.numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_copies_are() {
        let expected = Some((38505, vec![(304, 3956), (319, 3957), (320, 3958)]));
        assert_eq!(places(" OK [COPYUID 38505 304,319:320 3956:3958] Done"), expected);
        assert_eq!(places("* OK [COPYUID 38505 304,319:320 3956:3958] Done"), expected);
        for odd in [" OK done", " OK [COPYUID 1 2:3 4] x", " OK [COPYUID 1 1:4000000000 1:4000000000] x"] {
            assert_eq!(places(odd), None, "{odd}");
        }
    }
}
