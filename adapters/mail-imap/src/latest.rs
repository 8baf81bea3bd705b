//! One look at a mailbox, on a connection of its own: counts, the last envelopes, the room (RFC 9051 §6.3.11, §6.3.3, §6.4.5;
//! RFC 9208 §4.1.2). EXAMINE and ENVELOPE leave everything as it is: nothing becomes `\Seen` or loses `\Recent`.

use crate::{
    connect::{Wire, is_ok},
    envelope,
    login::log_in,
    settings::Store,
    status::{parse, quoted},
};
use passerelle_core::{
    Error, Permit, Read, Result,
    ports::{Latest, MailRoom},
};
use passerelle_model::MailboxRef;
use std::io;
use tokio::time::timeout;

/// Most messages of one look.
const MOST_HEADERS: u32 = 50;
/// Longest response, in octets: an envelope with many recipients has some 20 KiB.
const LONGEST_RESPONSE: usize = 256 * 1024;
/// Longest answer to one command, in octets.
const LONGEST_ANSWER: usize = 1024 * 1024;

pub(crate) async fn latest(store: &Store, at: &Permit<MailboxRef, Read>, count: u32) -> Result<Latest> {
    let mailbox = quoted(&at.target().name)?;
    let relay = log_in(store, &at.target().owner, at.actor(), at.delegation(), None).await?;
    let has_quota = relay.capabilities.split(' ').any(|word| word.eq_ignore_ascii_case("QUOTA"));
    let wire = Wire { stream: relay.stream, early: relay.early };
    let looked = look(wire, &mailbox, count.min(MOST_HEADERS), has_quota);
    let failed = |cause: passerelle_core::Cause| Error::unavailable(&store.name, "looking at a mailbox", cause);
    match timeout(store.deadline, looked).await {
        Ok(Ok(Ok(latest))) => Ok(latest),
        Ok(Ok(Err(answer))) if answer.to_ascii_uppercase().starts_with("NO") => Err(Error::NotFound),
        Ok(Ok(Err(answer))) => Err(failed(format!("the store answered {answer}").into())),
        Ok(Err(error)) => Err(failed(error.into())),
        Err(slow) => Err(failed(slow.into())),
    }
}

/// What the store says, or its words to a command that it refused.
async fn look(mut wire: Wire, mailbox: &str, count: u32, has_quota: bool) -> io::Result<Result<Latest, String>> {
    // One round trip for all three: no answer depends on another (RFC 9051 §5.5).
    let quota = if has_quota { format!("r GETQUOTAROOT {mailbox}\r\n") } else { String::new() };
    wire.send(format!("t STATUS {mailbox} (MESSAGES UNSEEN)\r\n{quota}e EXAMINE {mailbox}\r\n").as_bytes()).await?;
    let counted = answer(&mut wire, "t").await?;
    let room = if has_quota { answer(&mut wire, "r").await? } else { Answer::default() };
    let examined = answer(&mut wire, "e").await?;
    for answer in [&counted, &examined] {
        if !is_ok(&answer.tagged, answer.tag()) {
            return Ok(Err(answer.words().to_owned()));
        }
    }
    let told = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("the store says no {what}"));
    let status = counted.lines().find(|line| line.starts_with("* STATUS ")).and_then(parse);
    let status = status.ok_or_else(|| told("counts"))?;
    let number = |line: &str, before: &str, behind: &str| {
        line.strip_prefix(before)?.split_once(behind).map(|(number, _)| number)?.parse::<u32>().ok()
    };
    let exists = examined.lines().find_map(|line| number(line, "* ", " EXISTS")).ok_or_else(|| told("EXISTS"))?;
    let uid_validity = examined.lines().find_map(|line| number(line, "* OK [UIDVALIDITY ", "]"));
    let uid_validity = uid_validity.ok_or_else(|| told("UIDVALIDITY"))?;
    let mut latest = Latest {
        status,
        uid_validity,
        headers: Vec::new(),
        unreadable: 0,
        // A store that will not tell the room tells the rest.
        room: room.lines().find_map(storage),
    };
    if exists > 0 && count > 0 {
        let first = exists.saturating_sub(count).saturating_add(1);
        wire.send(format!("f FETCH {first}:{exists} (UID FLAGS INTERNALDATE ENVELOPE)\r\n").as_bytes()).await?;
        let fetched = answer(&mut wire, "f").await?;
        if !is_ok(&fetched.tagged, "f") {
            return Ok(Err(fetched.words().to_owned()));
        }
        for response in &fetched.untagged {
            match envelope::header(response) {
                envelope::Read::Header(header) => latest.headers.push(header),
                envelope::Read::Other => {}
                envelope::Read::Unreadable => latest.unreadable = latest.unreadable.saturating_add(1),
            }
        }
        latest.headers.sort_by_key(|header| std::cmp::Reverse(header.uid));
    }
    // The connection is ours alone and the answers are in: whether the goodbye arrives changes nothing.
    let _ = wire.send(b"q LOGOUT\r\n").await;
    Ok(Ok(latest))
}

/// What came up to a command's tagged answer.
#[derive(Default)]
struct Answer {
    untagged: Vec<Vec<u8>>,
    tagged: String,
}

impl Answer {
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.untagged.iter().filter_map(|response| std::str::from_utf8(response).ok()).map(str::trim_end)
    }

    fn tag(&self) -> &str {
        self.tagged.split(' ').next().unwrap_or_default()
    }

    fn words(&self) -> &str {
        self.tagged.split_once(' ').map_or("", |(_, words)| words)
    }
}

async fn answer(wire: &mut Wire, tag: &str) -> io::Result<Answer> {
    let mut answer = Answer::default();
    let mut octets = 0_usize;
    loop {
        let response = wire.response(LONGEST_RESPONSE).await?;
        let is_tagged = response.strip_prefix(tag.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '));
        if is_tagged || response.starts_with(b"* BYE") {
            answer.tagged = String::from_utf8_lossy(&response).trim_end().to_owned();
            return Ok(answer);
        }
        octets = octets.saturating_add(response.len());
        if octets > LONGEST_ANSWER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer without end"));
        }
        answer.untagged.push(response);
    }
}

/// `* QUOTA "User quota" (STORAGE 10 512)`, in units of 1024 octets (RFC 9208 §4.2.1, §5.1).
fn storage(line: &str) -> Option<MailRoom> {
    let (_, items) = line.strip_prefix("* QUOTA ")?.rsplit_once('(')?;
    let words: Vec<&str> = items.trim_end_matches(')').split_ascii_whitespace().collect();
    let at = words.iter().position(|word| word.eq_ignore_ascii_case("STORAGE"))?;
    let number = |behind: usize| words.get(at.checked_add(behind)?)?.parse::<u64>().ok()?.checked_mul(1024);
    Some(MailRoom { used: number(1)?, limit: number(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room() {
        let expected = Some(MailRoom { used: 10_240, limit: 524_288 });
        assert_eq!(storage("* QUOTA \"User (quota)\" (STORAGE 10 512)"), expected);
        assert_eq!(storage("* QUOTA \"\" (MESSAGE 1 2 storage 10 512)"), expected);
        assert_eq!(storage("* QUOTA \"\" ()"), None);
        assert_eq!(storage("* QUOTAROOT INBOX \"User quota\""), None);
        assert_eq!(storage("* QUOTA \"\" (STORAGE 10 -1)"), None);
    }
}
