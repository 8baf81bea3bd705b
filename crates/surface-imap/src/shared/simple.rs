//! Commands on one shared mailbox, from whichever mailbox is selected.

use super::{access::told, command::Command, names::is_ours, selected::refused};
use crate::relay::{End, Relay, With};
use passerelle_core::{Add, Allows, Authorized, Error, Lookup, Manage, Read};
use passerelle_model::{MailboxRef, Rights};
use passerelle_wire_imap::{Boundary, Stopped, Stops, Word, decoded, words};

impl Relay {
    /// ENABLE (RFC 5161): what the own store enables is enabled in the others too.
    pub(crate) async fn enable(&mut self, command: &Command) -> Result<(), End> {
        if self.is_shared() {
            // RFC 5161 §3.1: in the authenticated state only.
            self.say(command.tag(), b"BAD A mailbox is selected");
            return Ok(());
        }
        let answer = self.ask_own(command.tag(), &command.line()).await?;
        for response in &answer.untagged {
            let told = words(response).unwrap_or_default();
            if told.get(1).is_some_and(|placed| placed.word.is("ENABLED")) {
                told.iter().skip(2).filter_map(|placed| placed.word.text()).for_each(|word| self.enabled.note(word));
            }
        }
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
    fn conclude(&mut self, command: &Command, outcome: Result<Vec<u8>, Error>) -> Result<(), End> {
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
        let mailbox = handle.target().name.clone();
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(&mailbox).ok_or(Error::NotFound)?;
        let asked = side.ask(&command.with(0, &name)).await?;
        borrowed.give_back().await;
        if !asked.is_ok() {
            return Err(refused(&asked.tagged));
        }
        let mut said = Vec::new();
        for response in &asked.untagged {
            said.extend_from_slice(&renamed(response, "STATUS", command.text(0)));
        }
        Ok(said)
    }

    /// APPEND (RFC 9051 §6.3.12): the message passes to the owner's store as it comes.
    pub(crate) async fn append(&mut self, command: &Command) -> Result<(), End> {
        match self.appended(command).await {
            Ok((name, rights)) => {
                self.with = With::Side;
                self.pipes.once = true;
                self.adding = Some(rights);
                // The other store is open in its owner's name: nothing but this one command may reach it.
                self.pipes.stop(Stops::Always);
                self.pipes.let_pass(command.renamed(0, &name))?;
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
        let words = words(&part.text).unwrap_or_default();
        let rights = self.adding.unwrap_or(Rights::NONE);
        let is_message = part.boundary != Boundary::Message;
        if is_message && may_append(words.iter().map(|placed| &placed.word), rights).is_ok() {
            self.pipes.go_on(part)?;
            return Ok(());
        }
        // The store has the message before already, and must not be told that this was all.
        Err(End { reason: "append", words: "A message like this may not be put there" })
    }

    /// Whether it may be appended: the mailbox's name in its store, and what may be done in it.
    async fn appended(&mut self, command: &Command) -> Result<(Vec<u8>, Rights), Error> {
        let handle = self.open_named::<Add>(command.text(0)).await?;
        let rights = handle.rights();
        may_append(command.arguments().iter().skip(1).map(|placed| &placed.word), rights)?;
        if self.is_shared() && self.side.as_ref().is_some_and(|side| side.owner != handle.target().owner) {
            // The selected mailbox is in one owner's store and the message is for another's: one at a time.
            return Err(Error::Unsupported { what: "APPEND to a third store" });
        }
        let side = self.reach(&handle).await?;
        Ok((side.name(&handle.target().name).ok_or(Error::NotFound)?, rights))
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
        let outcome = self.at_side::<Manage>(command, 0).await.map(|_| Vec::new());
        self.conclude(command, outcome)
    }

    /// Runs a command on one shared mailbox in its owner's store.
    async fn at_side<R>(&mut self, command: &Command, at: usize) -> Result<Authorized<MailboxRef, R>, Error>
    where
        R: Allows<Lookup>,
    {
        let handle = self.open_named::<R>(command.text(at)).await?;
        let mailbox = handle.target().name.clone();
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(&mailbox).ok_or(Error::NotFound)?;
        let asked = side.ask(&command.with(at, &name)).await?;
        borrowed.give_back().await;
        if asked.is_ok() { Ok(handle) } else { Err(refused(&asked.tagged)) }
    }

    /// The client's own mailbox of this name, to be changed.
    pub(super) async fn own_mailbox(&self, name: &[u8]) -> Result<Authorized<MailboxRef, Manage>, Error> {
        let session = self.session().await?;
        let owner = self.visitor.account().clone();
        let text = if self.enabled.is_utf8() { String::from_utf8(name.to_vec()).ok() } else { decoded(name) };
        let mailbox = text.and_then(|name| MailboxRef::parse(owner, &name).ok()).ok_or(Error::NotFound)?;
        session.open(mailbox).await
    }

    /// DELETE: what was granted on a mailbox ends with it.
    pub(crate) async fn delete(&mut self, command: &Command) -> Result<(), End> {
        if is_ours(command.text(0)) {
            let outcome = match self.at_side::<Manage>(command, 0).await {
                Ok(handle) => handle.was_deleted().await.map(|()| Vec::new()),
                Err(error) => Err(error),
            };
            return self.conclude(command, outcome);
        }
        let handle = match self.own_mailbox(command.text(0)).await {
            Ok(handle) => handle,
            Err(error) => return self.conclude(command, Err(error)),
        };
        let answer = self.ask_own(command.tag(), &command.line_again()).await?;
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
        let (from, to) = (is_ours(command.text(0)), is_ours(command.text(1)));
        if from || to {
            let outcome = self.renamed_shared(command, from && to).await;
            return self.conclude(command, outcome);
        }
        let handles = match (self.own_mailbox(command.text(0)).await, self.own_mailbox(command.text(1)).await) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(error), _) | (_, Err(error)) => return self.conclude(command, Err(error)),
        };
        let answer = self.ask_own(command.tag(), &command.line_again()).await?;
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
        if from.target().owner != to.target().owner {
            return Err(Error::Unsupported { what: "renaming between stores" });
        }
        let mut borrowed = self.reach_beside(&from).await?;
        let side = borrowed.side();
        let old = side.name(&from.target().name).ok_or(Error::NotFound)?;
        let new = side.name(&to.target().name).ok_or(Error::NotFound)?;
        let asked = side.ask(&[b"RENAME ", &old[..], b" ", &new].concat()).await?;
        borrowed.give_back().await;
        if !asked.is_ok() {
            return Err(refused(&asked.tagged));
        }
        if from.target().name != "INBOX" {
            from.was_renamed(&to).await?;
        }
        Ok(Vec::new())
    }

    /// GETQUOTAROOT: the quota is the owner's, and nobody else's to see (RFC 9208 §4.3).
    pub(crate) async fn quota_root(&mut self, command: &Command) -> Result<(), End> {
        let outcome = self.open_named::<Read>(command.text(0)).await.map(|_| {
            let mut said = b"* QUOTAROOT ".to_vec();
            passerelle_wire_imap::quoted(command.text(0), &mut said);
            said.extend_from_slice(b"\r\n");
            said
        });
        self.conclude(command, outcome)
    }
}

/// `append-message = [SP "(" [flag *(SP flag)] ")"] [SP date-time] SP literal` (RFC 3502 §6, RFC 9051 §9): nothing else may
/// pass. CATENATE (RFC 4469) would read by its URLs from anywhere in the owner's mail.
fn may_append<'w>(words: impl Iterator<Item = &'w Word>, rights: Rights) -> Result<(), Error> {
    let mut words = words.peekable();
    if let Some(flags) = words.next_if(|word| word.list().is_some()).and_then(Word::list) {
        // Flags are changes: who may only add adds without.
        let deleted = flags.iter().any(|flag| flag.is("\\Deleted"));
        if !flags.is_empty() && !rights.contains(Rights::EDIT) || deleted && !rights.contains(Rights::REMOVE) {
            return Err(Error::Forbidden);
        }
    }
    words.next_if(|word| matches!(word, Word::Text(_)));
    // `UTF8 (~{9}` (RFC 6855 §4) and whatever there will be.
    if words.next().is_some() { Err(Error::Unsupported { what: "this form of APPEND" }) } else { Ok(()) }
}

/// A response about a mailbox with the mailbox's name as this client knows it; as it is, if it is another.
fn renamed(response: &[u8], kind: &str, name: &[u8]) -> Vec<u8> {
    let Some(told) = words(response).filter(|words| words.get(1).is_some_and(|placed| placed.word.is(kind))) else {
        return Vec::new();
    };
    let Some(place) = told.get(2).map(|placed| placed.place.clone()) else { return Vec::new() };
    let mut said = response.get(..place.start).unwrap_or_default().to_vec();
    passerelle_wire_imap::quoted(name, &mut said);
    said.extend_from_slice(response.get(place.end..).unwrap_or_default());
    said
}
