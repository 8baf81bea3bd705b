//! Where a stopped command goes.

use super::{access::told, command::Command, metadata::place_of_mailbox};
use crate::{
    relay::{End, Relay, With},
    screened::NO_MESSAGE,
};
use passerelle_core::Error;
use passerelle_wire_imap::{Boundary, Stopped, Untraceable, literal_length};
use std::time::Duration;

/// How long the own store may rest while a shared mailbox is selected, before it is spoken to: stores end what is silent
/// for 30 minutes (RFC 9051 §5.4).
const OWN_RESTS: Duration = Duration::from_secs(600);

impl From<Untraceable> for End {
    fn from(_: Untraceable) -> Self {
        Self { reason: "broken", words: "This conversation cannot be followed" }
    }
}

impl Relay {
    /// Deals with the command that has stopped. All that came before it is answered.
    pub(crate) async fn route(&mut self) -> Result<(), End> {
        let Some(stopped) = self.pipes.take_stopped() else { return Ok(()) };
        if literal_length(&stopped.text).zip(self.offer.largest).is_some_and(|(length, largest)| length > largest) {
            return self.refuse_size(&stopped);
        }
        if stopped.is_part {
            return self.append_more(&stopped);
        }
        if self.pipes.once {
            self.come_back();
        }
        if self.is_shared() && self.own_used.elapsed() > OWN_RESTS {
            self.ask_own(b"n", b"NOOP").await?;
        }
        let command = match Command::read(stopped) {
            Ok(command) => command,
            // Its values stand in a list that goes on behind them.
            Err(stopped) if goes_on_as(&stopped, b"SETMETADATA") => {
                self.pipes.gather(stopped);
                return Ok(());
            }
            Err(stopped) => return self.pass_unread(stopped),
        };
        let verb = command.verb();
        let screens = self.door.screens(&self.visitor);
        if screens && matches!(verb.as_str(), "REPLACE" | "UID REPLACE") {
            self.refuse(&command, NO_MESSAGE);
            return Ok(());
        }
        // The message behind APPEND is not for us to look at; every other literal is part of a name.
        if command.goes_on() && (verb != "APPEND" || command.arguments().is_empty()) {
            self.pipes.gather(command.stopped);
            return Ok(());
        }
        if !command.is_sayable() {
            self.refuse(&command, "BAD A word of this command has a line's end in it");
            return Ok(());
        }
        let named = |at: usize| self.is_foreign(command.text(at));
        match verb.as_str() {
            "NAMESPACE" => self.namespace(&command).await,
            "LIST" | "LSUB" | "XLIST" => self.list(&command).await,
            "ENABLE" => self.enable(&command).await,
            "NOTIFY" => self.notify(&command).await,
            "SELECT" | "EXAMINE" if named(0) => self.select(&command).await,
            "SELECT" | "EXAMINE" => self.select_own(&command).await,
            "STATUS" if named(0) => self.status(&command).await,
            "APPEND" if named(0) => self.append(&command).await,
            "APPEND" if screens => self.append_own(&command).await,
            "COPY" | "MOVE" | "UID COPY" | "UID MOVE" if named(1) || self.is_shared() => self.transfer(&command).await,
            "SUBSCRIBE" | "UNSUBSCRIBE" if named(0) => self.subscribe(&command).await,
            "CREATE" if named(0) => self.create(&command).await,
            "DELETE" => self.delete(&command).await,
            "RENAME" => self.rename(&command).await,
            "MYRIGHTS" if self.is_elsewhere(command.text(0)) => self.rights_elsewhere(&command).await,
            "GETACL" | "SETACL" | "DELETEACL" | "LISTRIGHTS" | "GETMETADATA" | "SETMETADATA"
                if self.is_elsewhere(command.text(0)) || self.is_elsewhere(command.text(1)) =>
            {
                self.refuse(&command, told(&Error::Unsupported { what: "rights and annotations elsewhere" }));
                Ok(())
            }
            "GETACL" => self.get_acl(&command).await,
            "SETACL" | "DELETEACL" => self.set_acl(&command).await,
            "LISTRIGHTS" => self.list_rights(&command).await,
            "MYRIGHTS" => self.my_rights(&command).await,
            "GETQUOTAROOT" if named(0) => self.quota_root(&command).await,
            "GETMETADATA" if named(place_of_mailbox(&command)) => self.get_metadata(&command).await,
            "SETMETADATA" if named(0) => self.set_metadata(&command).await,
            _ if self.is_shared() => self.in_shared(command, &verb).await,
            _ => self.pass_own(&command),
        }
    }

    /// Whether a shared mailbox is selected.
    pub(crate) fn is_shared(&self) -> bool {
        self.side.as_ref().is_some_and(|side| side.selected.is_some())
    }

    /// A message that is too large to be read (RFC 7889 §4). One that does not wait to be let come can only be escaped.
    fn refuse_size(&mut self, stopped: &Stopped) -> Result<(), End> {
        if stopped.boundary != Boundary::Waits || stopped.is_part {
            return Err(End { reason: "too large", words: "[TOOBIG] This is larger than a message may be" });
        }
        let said = [tag_of(stopped), &b" NO [TOOBIG] This is larger than a message may be\r\n"[..]].concat();
        self.pipes.refuse(stopped.boundary, said);
        Ok(())
    }

    /// A line that is no command: the own store says so where it is at hand. With a literal in it, the store might take that
    /// for commands, which nobody has judged.
    fn pass_unread(&mut self, stopped: Stopped) -> Result<(), End> {
        let has_literal = stopped.text.iter().filter(|octet| **octet == b'\n').count() > 1;
        // Nor may an APPEND pass that nobody has looked at.
        if !self.is_shared() && !has_literal && !self.door.screens(&self.visitor) {
            self.pipes.let_pass(stopped)?;
            return Ok(());
        }
        let said = [tag_of(&stopped), b" BAD This is no command\r\n"].concat();
        self.pipes.refuse(stopped.boundary, said);
        Ok(())
    }

    /// Lets a command pass to the client's own store.
    pub(crate) fn pass_own(&mut self, command: &Command) -> Result<(), End> {
        if self.is_shared() {
            self.pipes.once = true;
            self.turn_to(With::Own);
            self.own_used = tokio::time::Instant::now();
        }
        self.pipes.let_pass(command.in_one_line())?;
        Ok(())
    }

    /// Answers a command that is not done.
    pub(crate) fn refuse(&mut self, command: &Command, answer: &str) {
        let said = [command.tag(), b" ", answer.as_bytes(), b"\r\n"].concat();
        self.pipes.refuse(command.stopped.boundary, said);
    }
}

/// Whether a command with this verb has a literal to come.
fn goes_on_as(stopped: &Stopped, verb: &[u8]) -> bool {
    let said = stopped.text.split(|octet| *octet == b' ').nth(1).unwrap_or_default();
    stopped.boundary != Boundary::Message && said.eq_ignore_ascii_case(verb)
}

/// What an answer to it begins with.
fn tag_of(stopped: &Stopped) -> &[u8] {
    let tag = stopped.text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    if tag.is_empty() { b"*" } else { tag }
}
