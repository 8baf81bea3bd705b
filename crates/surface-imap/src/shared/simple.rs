//! Commands on one shared mailbox, from whichever mailbox is selected.

use super::{
    access::told,
    command::{Command, line_of, list_of_atoms},
    foreign::Foreign,
    selected::refused,
};
use crate::relay::{End, Relay, With};
use passerelle_core::{Add, Allows, Authorized, Error, Lookup, Manage, Read};
use passerelle_model::{MailboxRef, Rights};
use passerelle_wire_imap::{Boundary, Stopped, Stops, Word, command_words, decoded, is_plain_command, sifted, words};

impl Relay {
    /// ENABLE (RFC 5161): what the own store enables is enabled in the others too.
    pub(crate) async fn enable(&mut self, command: &Command) -> Result<(), End> {
        if self.is_shared() {
            // RFC 5161 §3.1: in the authenticated state only.
            self.say(command.tag(), b"BAD A mailbox is selected");
            return Ok(());
        }
        let answer = self.ask_own(command.tag(), &command.line()).await?;
        self.enabled.note_response(&answer);
        self.hand_on(command, &answer);
        Ok(())
    }

    /// NOTIFY (RFC 5465) is the own store's, about its own mailboxes.
    pub(crate) async fn notify(&mut self, command: &Command) -> Result<(), End> {
        if self.is_shared() {
            // RFC 5465 §5: a server need not serve every set.
            self.say(command.tag(), b"NO [CANNOT] There are no notices while a shared mailbox is selected");
            return Ok(());
        }
        let answer = self.ask_own(command.tag(), &command.line()).await?;
        if answer.is_ok() {
            self.notified = !command.text(0).eq_ignore_ascii_case(b"NONE");
        }
        self.hand_on(command, &answer);
        Ok(())
    }

    /// The own store's whole answer, as it is.
    pub(crate) fn hand_on(&mut self, command: &Command, answer: &super::ask::Answer) {
        self.pipes.say(&answer.untagged.concat());
        self.pipes.say(&[command.tag(), b" ", &answer.tagged].concat());
    }

    /// What was done, or why not.
    pub(crate) fn conclude(&mut self, command: &Command, outcome: Result<Vec<u8>, Error>) -> Result<(), End> {
        match outcome {
            Ok(untagged) => {
                self.pipes.say(&untagged);
                self.say(command.tag(), b"OK done");
            }
            Err(error) => self.say(command.tag(), told(&error).as_bytes()),
        }
        Ok(())
    }

    /// STATUS (RFC 9051 §6.3.11).
    pub(crate) async fn status(&mut self, command: &Command) -> Result<(), End> {
        let outcome = self.counts(command).await;
        self.conclude(command, outcome)
    }

    async fn counts(&mut self, command: &Command) -> Result<Vec<u8>, Error> {
        let handle = self.open_named::<Read>(command.text(0)).await?;
        let is_external = handle.home().is_external();
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        let items = match command.arguments() {
            [_, items] => list_of_atoms(&items.word).ok_or_else(|| Error::invalid("items of STATUS"))?,
            _ => return Err(Error::invalid("words behind STATUS")),
        };
        let is_selected = side.selected.is_some();
        let asked = side.ask(&line_of(&[&b"STATUS"[..], &name, &items])).await?;
        borrowed.give_back().await;
        let mut said = Vec::new();
        for response in &asked.untagged {
            match renamed(response, "STATUS", command.text(0)) {
                // Only numbers, from there.
                Some(counts) if is_external => said.extend_from_slice(&numbers_only(&counts)),
                None if is_selected && is_external => {
                    said.extend_from_slice(&sifted(std::slice::from_ref(response)));
                }
                Some(counts) => said.extend_from_slice(&counts),
                // What the store says of the mailbox that the client has selected there.
                None if is_selected => said.extend_from_slice(response),
                None => {}
            }
        }
        if asked.is_ok() { Ok(said) } else { Err(refused(&asked.tagged)) }
    }

    /// APPEND (RFC 9051 §6.3.12): the message passes to the owner's store as it comes.
    pub(crate) async fn append(&mut self, command: &Command) -> Result<(), End> {
        if !command.goes_on() || !is_plain_command(&[command.tag(), b" APPEND\r\n"].concat()) {
            self.refuse(command, "BAD A mailbox and a message are meant");
            return Ok(());
        }
        let handle = match self.open_named::<Add>(command.text(0)).await {
            Ok(handle) if handle.screened().is_some() => return self.append_screened(command, &handle, None).await,
            handle => handle,
        };
        match self.appended(command, handle).await {
            Ok((head, rights)) => {
                self.pipes.once = true;
                self.turn_to(With::Side);
                self.adding = Some(rights);
                // The other store is open in its owner's name: nothing but this one command may reach it.
                self.pipes.stop(Stops::Always);
                let text = [command.tag(), b" ", &head, b"\r\n"].concat();
                self.pipes.let_pass(Stopped { text, ..command.stopped.clone() })?;
                self.pipes.look_between();
            }
            Err(error) => {
                let said = [command.tag(), b" ", told(&error).as_bytes(), b"\r\n"].concat();
                self.pipes.refuse(command.stopped.boundary, said);
            }
        }
        Ok(())
    }

    /// What follows a message in an APPEND: another one (RFC 3502), to be judged as the first.
    pub(crate) fn append_more(&mut self, part: &Stopped) -> Result<(), End> {
        // The store has the message before already, and must not be told that this was all.
        let no = End { reason: "append", words: "A message like this may not be put there" };
        let rights = self.adding.unwrap_or(Rights::NONE);
        let Some(words) = command_words(&part.text) else { return Err(no) };
        let words: Vec<&Word> = words.iter().map(|placed| &placed.word).collect();
        match message(&words, part, rights) {
            Ok(message) => {
                let text = [b" ", &message[..], b"\r\n"].concat();
                self.pipes.go_on(&Stopped { text, ..part.clone() })?;
                Ok(())
            }
            Err(_) => Err(no),
        }
    }

    /// Whether it may be appended: the line for its store, and what may be done in it.
    async fn appended(
        &mut self,
        command: &Command,
        handle: Result<Foreign<Add>, Error>,
    ) -> Result<(Vec<u8>, Rights), Error> {
        let handle = handle?;
        let rights = handle.rights();
        let words: Vec<&Word> = command.arguments().iter().skip(1).map(|placed| &placed.word).collect();
        let message = message(&words, &command.stopped, rights)?;
        if self.is_shared() && self.side.as_ref().is_some_and(|side| side.home != handle.home()) {
            // The selected mailbox is in one owner's store and the message is for another's: one at a time.
            return Err(Error::Unsupported { what: "APPEND to a third store" });
        }
        let side = self.reach(&handle).await?;
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        if command.stopped.text.ends_with(b"+}\r\n") && !side.takes_literals_unasked {
            return Err(Error::Unsupported { what: "literals that do not wait" });
        }
        Ok((line_of(&[&b"APPEND"[..], &name, &message]), rights))
    }

    /// SUBSCRIBE and UNSUBSCRIBE: what is shared is always subscribed to.
    pub(crate) async fn subscribe(&mut self, command: &Command) -> Result<(), End> {
        let outcome = match self.open_named::<Lookup>(command.text(0)).await {
            Ok(_) if command.verb() == "SUBSCRIBE" => Ok(Vec::new()),
            Ok(_) => Err(Error::Unsupported { what: "unsubscribing from a shared mailbox" }),
            Err(error) => Err(error),
        };
        self.conclude(command, outcome)
    }

    /// CREATE below something that one manages.
    pub(crate) async fn create(&mut self, command: &Command) -> Result<(), End> {
        let outcome = match self.at_side::<Manage>(command, b"CREATE").await {
            Ok(handle) => handle.was_made().await.map(|()| Vec::new()),
            Err(error) => Err(error),
        };
        self.conclude(command, outcome)
    }

    /// Runs a command on one shared mailbox in its owner's store, which has no other words.
    async fn at_side<R>(&mut self, command: &Command, verb: &[u8]) -> Result<Foreign<R>, Error>
    where
        R: Allows<Lookup>,
    {
        let handle = self.open_named::<R>(command.text(0)).await?;
        if command.arguments().len() != 1 {
            return Err(Error::Unsupported { what: "parameters here" });
        }
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        let asked = side.ask(&line_of(&[verb, &name])).await?;
        borrowed.give_back().await;
        if asked.is_ok() { Ok(handle) } else { Err(refused(&asked.tagged)) }
    }

    /// The client's own mailbox of this name, to be changed.
    pub(crate) async fn own_mailbox(&self, name: &[u8]) -> Result<Authorized<MailboxRef, Manage>, Error> {
        let session = self.session().await?;
        let owner = self.visitor.account().clone();
        let text = if self.enabled.is_utf8() { String::from_utf8(name.to_vec()).ok() } else { decoded(name) };
        let mailbox = text.and_then(|name| MailboxRef::parse(owner, &name).ok()).ok_or(Error::NotFound)?;
        session.open(mailbox).await
    }

    /// DELETE: what was granted on a mailbox ends with it.
    pub(crate) async fn delete(&mut self, command: &Command) -> Result<(), End> {
        if self.is_foreign(command.text(0)) {
            let outcome = match self.at_side::<Manage>(command, b"DELETE").await {
                Ok(handle) => handle.was_deleted().await.map(|()| Vec::new()),
                Err(error) => Err(error),
            };
            return self.conclude(command, outcome);
        }
        let handle = match self.own_mailbox(command.text(0)).await {
            Ok(handle) => handle,
            Err(error) => return self.conclude(command, Err(error)),
        };
        let answer = self.ask_own(command.tag(), &command.line()).await?;
        if answer.is_ok()
            && let Err(error) = handle.was_deleted().await
        {
            return self.conclude(command, Err(error));
        }
        self.hand_on(command, &answer);
        Ok(())
    }

    /// RENAME: what was granted on a mailbox goes along.
    pub(crate) async fn rename(&mut self, command: &Command) -> Result<(), End> {
        let (from, to) = (self.is_foreign(command.text(0)), self.is_foreign(command.text(1)));
        if from || to {
            let outcome = self.renamed_shared(command, from && to).await;
            return self.conclude(command, outcome);
        }
        let handles = match (self.own_mailbox(command.text(0)).await, self.own_mailbox(command.text(1)).await) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(error), _) | (_, Err(error)) => return self.conclude(command, Err(error)),
        };
        let answer = self.ask_own(command.tag(), &command.line()).await?;
        // RENAME of INBOX moves its messages and leaves it there, with what is granted on it (RFC 9051 §6.3.6).
        if answer.is_ok()
            && handles.0.target().name != "INBOX"
            && let Err(error) = handles.0.was_renamed(&handles.1).await
        {
            return self.conclude(command, Err(error));
        }
        self.hand_on(command, &answer);
        Ok(())
    }

    async fn renamed_shared(&mut self, command: &Command, both: bool) -> Result<Vec<u8>, Error> {
        if !both {
            return Err(Error::Unsupported { what: "renaming between stores" });
        }
        let from = self.open_named::<Manage>(command.text(0)).await?;
        let to = self.open_named::<Manage>(command.text(1)).await?;
        if from.home() != to.home() {
            return Err(Error::Unsupported { what: "renaming between stores" });
        }
        let mut borrowed = self.reach_beside(&from).await?;
        let side = borrowed.side();
        let old = side.name(from.name()).ok_or(Error::NotFound)?;
        let new = side.name(to.name()).ok_or(Error::NotFound)?;
        let asked = side.ask(&[b"RENAME ", &old[..], b" ", &new].concat()).await?;
        borrowed.give_back().await;
        if !asked.is_ok() {
            return Err(refused(&asked.tagged));
        }
        if from.name() != "INBOX" {
            from.was_renamed(&to).await?;
        }
        Ok(Vec::new())
    }
}

/// `append-message = [SP "(" [flag *(SP flag)] ")"] [SP date-time] SP literal` (RFC 3502 §6, RFC 9051 §9), said again: nothing
/// else may pass. CATENATE (RFC 4469) would read by its URLs from anywhere in the owner's mail; a line that a store does not
/// understand would make it take the message for commands.
pub(super) fn message(words: &[&Word], stopped: &Stopped, rights: Rights) -> Result<Vec<u8>, Error> {
    const UNSUPPORTED: Error = Error::Unsupported { what: "this form of APPEND" };
    let text = stopped.text.strip_suffix(b"\r\n").ok_or(UNSUPPORTED)?;
    let literal = text.iter().rposition(|octet| *octet == b'{').and_then(|at| text.get(at..)).unwrap_or_default();
    let number = literal.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).ok_or(UNSUPPORTED)?;
    let number = number.strip_suffix(b"+").unwrap_or(number);
    let is_number = !number.is_empty() && number.len() <= 10 && number.iter().all(u8::is_ascii_digit);
    let is_apart = text.strip_suffix(literal).is_some_and(|before| before.ends_with(b" "));
    if stopped.boundary == Boundary::Message || !is_number || !is_apart {
        return Err(UNSUPPORTED);
    }
    let (flags, rest) = match words {
        [flags @ Word::List(_), rest @ ..] => (Some(*flags), rest),
        rest => (None, rest),
    };
    let flags = match flags {
        Some(list) => {
            let all = list.list().unwrap_or_default();
            // Flags are changes: who may only add adds without.
            let deleted = all.iter().any(|flag| flag.is("\\Deleted"));
            if !all.is_empty() && !rights.contains(Rights::EDIT) || deleted && !rights.contains(Rights::REMOVE) {
                return Err(Error::Forbidden);
            }
            if all.iter().any(|flag| flag.list().is_some()) {
                return Err(UNSUPPORTED);
            }
            list_of_atoms(list).ok_or(UNSUPPORTED)?
        }
        None => Vec::new(),
    };
    let date = match rest {
        [] => Vec::new(),
        [Word::Text(date)] if is_date(date) => [b"\"", &date[..], b"\""].concat(),
        _ => return Err(UNSUPPORTED),
    };
    Ok(line_of(&[&flags, &date, literal]))
}

/// `date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE` (RFC 9051 §9).
pub(super) fn is_date(text: &[u8]) -> bool {
    const FORM: &[u8] = b"00-aaa-0000 00:00:00 +0000";
    text.len() == FORM.len()
        && text.iter().zip(FORM).enumerate().all(|(at, (octet, form))| match form {
            b'0' => octet.is_ascii_digit() || at == 0 && *octet == b' ',
            b'a' => octet.is_ascii_alphabetic(),
            b'+' => matches!(octet, b'+' | b'-'),
            form => octet == form,
        })
}

/// `* STATUS name (MESSAGES 3)` of a server elsewhere, if it is that and nothing more.
fn numbers_only(response: &[u8]) -> Vec<u8> {
    let told = words(response).unwrap_or_default();
    let items = told.get(3).and_then(|placed| list_of_atoms(&placed.word));
    match (told.len(), told.get(2), items) {
        (4, Some(name), Some(items)) => {
            let mut said = b"* STATUS ".to_vec();
            name.word.write(&mut said);
            said.extend_from_slice(&[b" ", &items[..], b"\r\n"].concat());
            said
        }
        _ => Vec::new(),
    }
}

/// A response about a mailbox with the mailbox's name as this client knows it; `None` if it is another.
pub(super) fn renamed(response: &[u8], kind: &str, name: &[u8]) -> Option<Vec<u8>> {
    let told = words(response).filter(|words| words.get(1).is_some_and(|placed| placed.word.is(kind)))?;
    let place = told.get(2)?.place.clone();
    let mut said = response.get(..place.start)?.to_vec();
    passerelle_wire_imap::quoted(name, &mut said);
    said.extend_from_slice(response.get(place.end..)?);
    Some(said)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let stopped = Stopped { text: format!("{text}\r\n").into_bytes(), boundary: Boundary::Follows, is_part: true };
        // What cannot be read is refused before.
        let Some(words) = command_words(&stopped.text) else { return assert_eq!(expected, None, "{text}") };
        let words: Vec<&Word> = words.iter().map(|placed| &placed.word).collect();
        let said = message(&words, &stopped, Rights::MANAGE).ok();
        assert_eq!(said.map(|said| String::from_utf8(said).unwrap()).as_deref(), expected, "{text}");
    }

    #[test]
    fn one_message_and_nothing_else() {
        check(" {3+}", Some("{3+}"));
        check(
            " (\\Seen $Junk) \" 1-Nov-2026 10:00:00 +0100\" {3}",
            Some("(\\Seen $Junk) \" 1-Nov-2026 10:00:00 +0100\" {3}"),
        );
        for odd in [
            "{3+}",
            " x{3+}",
            " ~{3+}",
            " x {3+}",
            " (\"a\") {3+}",
            " ((a)) {3+}",
            " \"today\" {3+}",
            " {99999999999}",
            " CATENATE (URL \"/x\" TEXT {3+}",
            "",
        ] {
            check(odd, None);
        }
    }
}
