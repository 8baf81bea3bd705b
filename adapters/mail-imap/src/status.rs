//! `STATUS` on a connection of its own (RFC 9051 §6.3.11).

use crate::{
    connect::{Wire, is_ok},
    login::log_in,
    settings::Store,
};
use passerelle_core::{Error, Permit, Read, Result, ports::MailboxStatus};
use passerelle_model::MailboxRef;
use tokio::time::timeout;

pub(crate) async fn status(store: &Store, at: &Permit<MailboxRef, Read>) -> Result<MailboxStatus> {
    let mailbox = quoted(&at.target().name)?;
    let relay = log_in(store, &at.target().owner, at.actor(), at.delegation(), None).await?;
    let mut wire = Wire { stream: relay.stream, early: relay.early };
    let asked = async {
        wire.send(format!("t STATUS {mailbox} (MESSAGES UNSEEN)\r\n").as_bytes()).await?;
        let mut counts = None;
        loop {
            let line = wire.line().await?;
            if line.starts_with("* STATUS ") {
                counts = parse(&line);
            } else if line.starts_with("t ") {
                // The connection is ours alone and the answer is in: whether the goodbye arrives changes nothing.
                let _ = wire.send(b"q LOGOUT\r\n").await;
                return Ok::<_, std::io::Error>((line, counts));
            }
        }
    };
    let failed = |cause: passerelle_core::Cause| Error::unavailable(&store.name, "STATUS", cause);
    let (answer, counts) = match timeout(store.deadline, asked).await {
        Ok(answered) => answered.map_err(|error| failed(error.into()))?,
        Err(slow) => return Err(failed(slow.into())),
    };
    match counts {
        Some(counts) if is_ok(&answer, "t") => Ok(counts),
        _ if answer.contains("NO [NONEXISTENT]") || answer.starts_with("t NO") => Err(Error::NotFound),
        _ => Err(failed(format!("the store answered {answer}").into())),
    }
}

/// `quoted` of RFC 9051 §9; names that need a literal are not asked for here.
pub(crate) fn quoted(name: &str) -> Result<String> {
    if !name.is_ascii() || name.contains(|c: char| c.is_control()) {
        return Err(Error::invalid("this mailbox name cannot be asked for"));
    }
    Ok(format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// `* STATUS "INBOX" (MESSAGES 12 UNSEEN 3)`
pub(crate) fn parse(line: &str) -> Option<MailboxStatus> {
    let (_, items) = line.rsplit_once('(')?;
    let words: Vec<&str> = items.trim_end_matches(')').split_ascii_whitespace().collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| word.eq_ignore_ascii_case(name))?;
        words.get(at.checked_add(1)?)?.parse().ok()
    };
    Some(MailboxStatus { messages: value("MESSAGES")?, unseen: value("UNSEEN")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let expected = Some(MailboxStatus { messages: 12, unseen: 3 });
        assert_eq!(parse("* STATUS \"a (b)\" (MESSAGES 12 UNSEEN 3)"), expected);
        assert_eq!(parse("* STATUS INBOX (UNSEEN 3 MESSAGES 12)"), expected);
        assert_eq!(parse("* STATUS INBOX (MESSAGES 12)"), None);
    }
}
