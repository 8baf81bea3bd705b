//! Mailboxes that others share, through plain IMAP: the namespace `Other users/`, whichever stores they lie in.
//!
//! A command that names one of them is opened through the gate and run on a connection of its own to the owner's store
//! ([`side`]). The client's own store rests meanwhile. Each command opens anew, so that a right that was withdrawn ends
//! there; what is under way then ends with a goodbye. Whoever may not look up hears what one hears of a mailbox that is
//! not there.

mod access;
mod acl;
mod appending;
mod ask;
mod command;
mod elsewhere;
mod foreign;
mod listing;
mod metadata;
mod names;
mod quota;
mod route;
mod selected;
mod side;
mod simple;
mod transfer;

pub(crate) use access::told;
pub(crate) use appending::{Appending, Part, answer_of};
pub(crate) use ask::{Wire, log_out as hang_up};
pub(crate) use command::Command;
pub(crate) use foreign::{Foreign, Home};
pub(crate) use names::{EXTERNAL, NAMESPACE};
pub(crate) use side::Side;

/// What a client has enabled (RFC 5161), and has to be enabled in every store that it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Enabled(u8);

impl Enabled {
    const KNOWN: [(&str, u8); 4] = [("CONDSTORE", 1), ("QRESYNC", 2), ("IMAP4REV2", 4), ("UTF8=ACCEPT", 8)];

    /// With this extension, where it is one that a store has to know of.
    fn note(&mut self, word: &[u8]) {
        for (name, bit) in Self::KNOWN {
            if word.eq_ignore_ascii_case(name.as_bytes()) {
                self.0 |= bit;
            }
        }
    }

    /// With what `* ENABLED ...` says.
    fn note_response(&mut self, answer: &ask::Answer) {
        for response in &answer.untagged {
            let told = passerelle_wire_imap::words(response).unwrap_or_default();
            if told.get(1).is_some_and(|placed| placed.word.is("ENABLED")) {
                told.iter().skip(2).filter_map(|placed| placed.word.text()).for_each(|word| self.note(word));
            }
        }
    }

    fn words(self) -> String {
        let on = Self::KNOWN.iter().filter(|(_, bit)| self.0 & bit != 0);
        on.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
    }

    /// Whether the client waits for CLOSED between two mailboxes (RFC 7162 §3.2.11, RFC 9051 §7.1).
    const fn wants_closed(self) -> bool {
        self.0 & (2 | 4) != 0
    }

    /// Whether names are UTF-8 and no longer modified UTF-7 (RFC 6855 §3, RFC 9051 §5.1).
    const fn is_utf8(self) -> bool {
        self.0 & (4 | 8) != 0
    }
}
