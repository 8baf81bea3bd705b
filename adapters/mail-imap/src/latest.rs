//! One look at a mailbox, on a connection of its own: counts, the last envelopes, the room (RFC 9051 §6.3.11, §6.3.3, §6.4.5;
//! RFC 9208 §4.1.2). EXAMINE and ENVELOPE leave everything as it is: nothing becomes `\Seen` or loses `\Recent`.

use crate::{
    connect::is_ok,
    envelope,
    imap::{Imap, Who},
    settings::Store,
    status::parse,
};
use passerelle_core::{
    Permit, Read, Result,
    ports::{Latest, MailRoom},
};
use passerelle_model::MailboxRef;
use std::sync::Arc;

/// Most messages of one look.
const MOST_HEADERS: u32 = 50;

pub(crate) async fn latest(store: &Arc<Store>, at: &Permit<MailboxRef, Read>, count: u32) -> Result<Latest> {
    let who = Who::of(at, &at.target().owner);
    let mut imap = Imap::of(store, who, None).await?;
    let mailbox = imap.name(&at.target().name).await?;
    // One round trip for all three: no answer depends on another (RFC 9051 §5.5).
    let mut commands = vec![format!("STATUS {mailbox} (MESSAGES UNSEEN)"), format!("EXAMINE {mailbox}")];
    if imap.has("QUOTA") {
        commands.push(format!("GETQUOTAROOT {mailbox}"));
    }
    let (mut status, mut exists, mut uid_validity, mut room) = (None, None, None, None);
    let number = |line: &str, before: &str, behind: &str| {
        line.strip_prefix(before)?.split_once(behind).map(|(number, _)| number)?.parse::<u32>().ok()
    };
    imap.selected = true;
    let answers = imap
        .converse_all(&commands, |_, response| {
            let line = String::from_utf8_lossy(response);
            status = parse(response).or(status);
            exists = number(&line, "* ", " EXISTS").or(exists);
            uid_validity = number(&line, "* OK [UIDVALIDITY ", "]").or(uid_validity);
            // A store that will not tell the room tells the rest.
            room = room.or_else(|| storage(line.trim_end()));
            Ok(())
        })
        .await?;
    if let Some(words) = answers.iter().take(2).find(|words| !is_ok(words, "")) {
        return Err(imap.not_there("looking at a mailbox", words));
    }
    let (Some(status), Some(exists), Some(uid_validity)) = (status, exists, uid_validity) else {
        return Err(imap.failed("looking at a mailbox", "the store says no counts, EXISTS or UIDVALIDITY"));
    };
    let mut latest = Latest { status, uid_validity, headers: Vec::new(), unreadable: 0, room };
    let count = count.min(MOST_HEADERS);
    if exists > 0 && count > 0 {
        let first = exists.saturating_sub(count).saturating_add(1);
        let command = format!("FETCH {first}:{exists} (UID FLAGS INTERNALDATE ENVELOPE)");
        let words = imap
            .converse(&command, |response| {
                match envelope::header(response) {
                    envelope::Read::Header(header) => latest.headers.push(header),
                    envelope::Read::Other => {}
                    envelope::Read::Unreadable => latest.unreadable = latest.unreadable.saturating_add(1),
                }
                Ok(())
            })
            .await?;
        if !is_ok(&words, "") {
            return Err(imap.refused("looking at messages", &words));
        }
        latest.headers.sort_by_key(|header| std::cmp::Reverse(header.uid));
    }
    imap.leave().await;
    Ok(latest)
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
