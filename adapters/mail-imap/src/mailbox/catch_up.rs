//! What a mailbox that is open already has come to, in a few short questions, where to open it anew would cost the store a look
//! at every message.

use super::OpenedImap;
use crate::{
    connect::is_ok,
    tree::{counted, status_items},
};
use passerelle_core::{Result, ports::MailboxFacts};
use std::io;

impl OpenedImap {
    /// Brings the open mailbox up to date, and its facts; with `since` a count of changes the store tells what has changed (RFC
    /// 7162 §3.2.6), which is handed over. Whether it can be gone on with; else it has to be opened anew.
    ///
    /// The counts are asked for between two NOOPs: what they tell of is in the open mailbox when it is looked into, of whatever a
    /// store counts that is not (RFC 9051 §6.3.11 leaves it to the store).
    pub(super) async fn catch_up(
        &mut self,
        since: Option<u64>,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<bool> {
        if !self.resyncs {
            return Ok(false);
        }
        let status = format!("STATUS {} ({})", self.mailbox, status_items(&self.imap));
        let mut commands = vec!["NOOP".to_owned(), status, "NOOP".to_owned()];
        commands.extend(since.map(|modseq| format!("UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE {modseq} VANISHED)")));
        let mut counts = None;
        // One after the other: of what is sent together Dovecot answers STATUS first, by what it knew before.
        for command in commands {
            let words = self
                .imap
                .converse(&command, |response| {
                    counts = counted(response).map(|(_, counts)| counts).or(counts.take());
                    each(response)
                })
                .await?;
            if !is_ok(&words, "") {
                return Ok(false);
            }
        }
        let Some(counts) = counts else { return Ok(false) };
        if counts.uid_validity != self.facts.uid_validity || counts.highest_modseq.is_none() {
            return Ok(false);
        }
        self.facts = MailboxFacts {
            exists: counts.messages,
            uid_next: counts.uid_next,
            highest_modseq: counts.highest_modseq,
            ..self.facts
        };
        Ok(true)
    }
}
