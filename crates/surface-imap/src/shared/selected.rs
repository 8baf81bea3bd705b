//! Selecting a shared mailbox, and what is done inside it.

use super::{
    access::{answer, told},
    command::{Command, line_of, list_of_atoms, say},
    foreign::Home,
    side::{Selected, WHOLE_ANSWER, WHOLE_ANSWER_INSIDE},
};
use crate::relay::{End, Relay, With};
use passerelle_core::{Error, Read, ports::ExternalFault};
use passerelle_model::Rights;
use passerelle_wire_imap::{Stops, Word, sifted, sifted_answer};
use tokio::time::timeout;

/// What a client hears when its mailbox is taken from it.
const GONE: End = End { reason: "unshared", words: "The selected mailbox is not shared with you any more" };
/// The same of an account elsewhere.
const REMOVED: End = End { reason: "removed", words: "The account of the selected mailbox was removed" };

/// What a command in a mailbox needs; `None` for one that is none of these.
fn needs(verb: &str, command: &Command) -> Option<Rights> {
    Some(match verb {
        "CHECK" | "NOOP" | "IDLE" | "FETCH" | "UID FETCH" | "SEARCH" | "UID SEARCH" | "SORT" | "UID SORT"
        | "THREAD" | "UID THREAD" | "CANCELUPDATE" => Rights::READ,
        "STORE" | "UID STORE" => stores(command),
        "EXPUNGE" | "UID EXPUNGE" => Rights::REMOVE,
        _ => return None,
    })
}

/// `store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))` (RFC 9051 §9): to mark something
/// deleted is to remove it, everything else is to change it.
fn stores(command: &Command) -> Rights {
    let is_item = |word: &Word| {
        let text = String::from_utf8_lossy(word.text().unwrap_or_default()).to_ascii_uppercase();
        text.trim_start_matches(['+', '-']).starts_with("FLAGS")
    };
    let words = command.arguments().iter().map(|placed| &placed.word);
    let flags = words.skip_while(|word| !is_item(word)).skip(1);
    let flags = flags.flat_map(|word| word.list().map_or_else(|| vec![word], |list| list.iter().collect()));
    let is_deleted = |word: &&Word| word.is("\\Deleted");
    let (deleted, others): (Vec<_>, Vec<_>) = flags.partition(is_deleted);
    match (deleted.is_empty(), others.is_empty()) {
        (false, true) => Rights::REMOVE,
        (false, false) => Rights::REMOVE.union(Rights::EDIT),
        (true, _) => Rights::EDIT,
    }
}

impl Relay {
    /// SELECT and EXAMINE of a shared mailbox.
    pub(crate) async fn select(&mut self, command: &Command) -> Result<(), End> {
        if self.is_shared() {
            // The mailbox before is closed whatever comes (RFC 9051 §6.3.2).
            self.leave_shared().await;
            self.say_closed();
        } else {
            self.rest_own().await?;
        }
        match self.selected(command).await {
            Ok((said, early)) => {
                self.pipes.say(&said);
                self.pipes.pass_down(&early);
                Ok(())
            }
            Err(error) => {
                self.say(command.tag(), told(&error).as_bytes());
                Ok(())
            }
        }
    }

    /// Selects it in its owner's store: what the client hears.
    async fn selected(&mut self, command: &Command) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let handle = self.open_named::<Read>(command.text(0)).await?;
        let writable = handle.rights().contains(Rights::EDIT) && command.verb() == "SELECT";
        let home = handle.home();
        let owner = match &home {
            Home::Owner(owner) => owner.clone(),
            Home::External(account) => account.owner.clone(),
        };
        let changes = self.door.grant_changes(owner);
        let place = handle.place();
        let side = self.reach(&handle).await?;
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        let parameters = match command.arguments() {
            [_] => Vec::new(),
            [_, parameters] => list_of_atoms(&parameters.word).ok_or_else(|| Error::invalid("parameters of SELECT"))?,
            _ => return Err(Error::invalid("words behind SELECT")),
        };
        // What a server elsewhere does not know is not asked of it: it would refuse the mailbox.
        let knows = side.knows_changes || !home.is_external();
        let parameters = if knows { parameters } else { Vec::new() };
        let verb: &[u8] = if writable { b"SELECT" } else { b"EXAMINE" };
        let answer = side.ask(&line_of(&[verb, &name, &parameters])).await?;
        if let Some(error) = side.refusal(&answer, &name).await {
            return Err(error);
        }
        side.selected = Some(Selected { place, writable, changes });
        let early = side.take_early();
        self.turn_to(With::Side);
        self.pipes.stop(Stops::Always);
        self.own_used = tokio::time::Instant::now();
        let (mut said, tagged) = match home {
            Home::Owner(_) => (answer.untagged.concat(), answer.tagged),
            Home::External(_) => (sifted(&answer.untagged), sifted_answer(&answer.tagged)),
        };
        if !knows && command.arguments().len() > 1 {
            // RFC 7162 §3.1.2.2: whoever asked for changes hears that there are none here.
            said.extend_from_slice(b"* OK [NOMODSEQ] No changes are numbered here\r\n");
        }
        said.extend_from_slice(&[command.tag(), b" ", &tagged].concat());
        Ok((said, early))
    }

    /// SELECT and EXAMINE of the client's own, which go to its own store.
    pub(crate) async fn select_own(&mut self, command: &Command) -> Result<(), End> {
        if self.is_shared() {
            self.leave_shared().await;
            self.say_closed();
        }
        self.pipes.let_pass(command.in_one_line())?;
        Ok(())
    }

    fn say_closed(&mut self) {
        if self.enabled.wants_closed() {
            self.pipes.say(b"* OK [CLOSED] The mailbox before is closed\r\n");
        }
    }

    /// Brings the own store to rest: nothing selected, no notices.
    async fn rest_own(&mut self) -> Result<(), End> {
        // A store without UNSELECT (RFC 3691), or with nothing selected, says BAD, and that is as good.
        let closed = self.ask_own(b"u", b"UNSELECT").await?;
        if closed.is_ok() {
            self.say_closed();
        }
        if std::mem::take(&mut self.notified) {
            self.ask_own(b"u", b"NOTIFY NONE").await?;
            // RFC 5465 §5.8: whoever wants notices has to ask again.
            self.pipes.say(b"* OK [NOTIFICATIONOVERFLOW] No notices while a shared mailbox is selected\r\n");
        }
        Ok(())
    }

    /// Back to the client's own store. The connection to the other stays for a while: the next may need it.
    pub(crate) async fn leave_shared(&mut self) {
        self.unselect_side().await;
        self.turn_to(With::Own);
        self.pipes.stop(Stops::Naming(self.namespaces));
    }

    async fn unselect_side(&mut self) {
        let Some(side) = &mut self.side else { return };
        if side.selected.take().is_none() {
            return;
        }
        if side.broken.is_some() {
            self.drop_side().await;
            return;
        }
        match side.ask(b"UNSELECT").await {
            Ok(answer) if answer.is_ok() => {}
            // Whatever state it is in: another client's command must not meet it.
            Ok(_) | Err(_) => self.drop_side().await,
        }
    }

    /// A command while a shared mailbox is selected.
    pub(crate) async fn in_shared(&mut self, command: Command, verb: &str) -> Result<(), End> {
        let held = match self.held().await {
            Ok(held) => held,
            Err(Error::NotFound | Error::Forbidden) => return Err(self.gone()),
            Err(error) => {
                self.refuse(&command, told(&error));
                return Ok(());
            }
        };
        match verb {
            "CLOSE" | "UNSELECT" => {
                // RFC 9051 §6.4.1: CLOSE removes what is marked, for who may remove.
                if verb == "CLOSE"
                    && held.contains(Rights::REMOVE)
                    && let Some(side) = &mut self.side
                    && let Err(error) = side.ask(b"EXPUNGE").await
                {
                    if side.home.is_external() {
                        self.leave_shared().await;
                        self.say(command.tag(), told(&error).as_bytes());
                        return Ok(());
                    }
                    self.say(command.tag(), told(&error).as_bytes());
                    return Err(End { reason: "side", words: "The mail store does not answer" });
                }
                self.leave_shared().await;
                self.say(command.tag(), b"OK done");
                Ok(())
            }
            "LOGOUT" => {
                self.drop_side().await;
                self.pipes.stop(Stops::Naming(self.namespaces));
                self.pipes.let_pass(command.stopped)?;
                Ok(())
            }
            _ => match needs(verb, &command) {
                Some(_) if let Some(fault) = self.side.as_ref().and_then(|side| side.broken) => {
                    self.refuse(&command, told(&Error::of_external(fault)));
                    Ok(())
                }
                Some(needed) if held.contains(needed) && verb.ends_with("SEARCH") && !command.is_plain() => {
                    self.search(&command).await
                }
                // What goes to another's store has to mean there what it means here.
                Some(_) if !command.is_plain() => {
                    self.refuse(&command, "BAD This is not taken in a shared mailbox");
                    Ok(())
                }
                Some(needed) if held.contains(needed) => {
                    self.turn_to(With::Side);
                    if let Some(side) = &mut self.side {
                        side.used = tokio::time::Instant::now();
                    }
                    self.pipes.let_pass(command.stopped)?;
                    Ok(())
                }
                Some(_) => {
                    self.refuse(&command, answer(&Error::Forbidden));
                    Ok(())
                }
                // What does not concern the selected mailbox is a matter of the own store, in which nothing is selected.
                None => self.pass_own(&command),
            },
        }
    }

    /// What the client may do in the selected mailbox, now.
    pub(crate) async fn held(&mut self) -> Result<Rights, Error> {
        let selected = self.side.as_ref().and_then(|side| side.selected.as_ref()).ok_or(Error::NotFound)?;
        let (place, writable) = (selected.place.clone(), selected.writable);
        let handle = self.open_again(&place).await?;
        // Opened so that it can be changed, and that was withdrawn: the client has to open it anew.
        if writable && !handle.rights().contains(Rights::EDIT) {
            return Err(Error::Forbidden);
        }
        // In a mailbox that was opened to be read, nothing can be changed.
        Ok(if writable { handle.rights() } else { handle.rights().both(Rights::READ) })
    }

    /// SEARCH with literals: each waits for the store (RFC 9051 §4.3), so that none can be taken for commands.
    async fn search(&mut self, command: &Command) -> Result<(), End> {
        let Some(side) = &mut self.side else { return Err(self.gone()) };
        let is_quotable = |word: &Word| !matches!(word, Word::Text(text) if !text.is_ascii());
        let mut parts: Vec<(Vec<u8>, &[u8])> = vec![(b"p".to_vec(), &[])];
        let verb = command.verb().into_bytes();
        let words = command.arguments().iter().map(|placed| &placed.word);
        for (number, word) in words.enumerate() {
            let Some((line, _)) = parts.last_mut() else { break };
            line.push(b' ');
            if number == 0 {
                line.extend_from_slice(&[&verb[..], b" "].concat());
            }
            match word {
                Word::Text(text) if !is_quotable(word) => {
                    line.extend_from_slice(format!("{{{}}}", text.len()).as_bytes());
                    if let Some((_, literal)) = parts.last_mut() {
                        *literal = text;
                    }
                    parts.push((Vec::new(), &[]));
                }
                // A list is of keys: strings in it are quoted, and none of them has a line's end.
                word => say(word, line),
            }
        }
        let is_external = side.home.is_external();
        let whole = if is_external { WHOLE_ANSWER } else { WHOLE_ANSWER_INSIDE };
        let asked = timeout(whole, side.wire().ask_in_parts(b"p", &parts)).await;
        let asked = asked.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        let early = side.take_early();
        match asked {
            Ok(mut answer) if is_external => {
                answer.untagged = vec![sifted(&answer.untagged)];
                answer.tagged = sifted_answer(&answer.tagged);
                self.hand_on(command, &answer);
            }
            Ok(answer) => self.hand_on(command, &answer),
            Err(error) if is_external => {
                let fault = super::side::fault_of(&error);
                side.broken = Some(fault);
                self.say(command.tag(), told(&Error::of_external(fault)).as_bytes());
                return Ok(());
            }
            Err(_) => return Err(End { reason: "side", words: "The mail store does not answer" }),
        }
        self.pipes.pass_down(&early);
        Ok(())
    }

    /// Opens the selected mailbox anew: the grants have changed, or some time has passed.
    pub(crate) async fn look_again(&mut self) -> Result<(), End> {
        if let Some(side) = &mut self.side {
            side.used = tokio::time::Instant::now();
        }
        match self.held().await {
            Ok(_) => Ok(()),
            Err(Error::NotFound | Error::Forbidden | Error::Unauthenticated) => Err(self.gone()),
            // What cannot be known now holds until the next look; the next command fails by itself.
            Err(error) => {
                told(&error);
                Ok(())
            }
        }
    }

    /// What the client hears when its mailbox is taken from it.
    fn gone(&self) -> End {
        if self.side.as_ref().is_some_and(|side| side.home.is_external()) { REMOVED } else { GONE }
    }

    /// Some time has passed.
    pub(crate) async fn look_around(&mut self) -> Result<(), End> {
        if self.pipes.due().is_some_and(|due| due <= tokio::time::Instant::now()) {
            return self.lose_side(ExternalFault::Slow);
        }
        match &self.side {
            Some(side) if side.next_look() > tokio::time::Instant::now() => Ok(()),
            Some(side) if side.selected.is_some() => self.look_again().await,
            // Nobody has needed it for a while; a command may just be passing to it.
            Some(_) if self.with == With::Own => {
                self.drop_side().await;
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// What a store's refusal means, by its code (RFC 5530 §3). Its words go nowhere.
pub(crate) fn refused(tagged: &[u8]) -> Error {
    let said = String::from_utf8_lossy(tagged).to_ascii_uppercase();
    let code = said.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(code, _)| code);
    match code.split(' ').next().unwrap_or_default() {
        code @ ("UNAVAILABLE" | "SERVERBUG" | "INUSE" | "CONTACTADMIN") => {
            Error::unavailable("the owner's mail store", "doing something with a shared mailbox", code.to_owned())
        }
        "OVERQUOTA" => Error::OverQuota,
        "LIMIT" => Error::TooMany { seconds: 60 },
        "ALREADYEXISTS" => Error::Conflict,
        "NONEXISTENT" | "TRYCREATE" | "NOPERM" => Error::NotFound,
        // Programs throw away what they have of a mailbox that they hear is not there.
        _ => Error::invalid("a mail store refuses it"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_wire_imap::{Boundary, Stopped};

    #[track_caller]
    fn check(line: &str, expected: Option<Rights>) {
        let text = format!("a {line}\r\n").into_bytes();
        let command = Command::read(Stopped { text, boundary: Boundary::Message, is_part: false }).ok().unwrap();
        assert_eq!(needs(&command.verb(), &command), expected, "{line}");
    }

    #[test]
    fn what_commands_need() {
        check("uid fetch 1 (BODY[])", Some(Rights::READ));
        check("STORE 1 +FLAGS (\\Seen)", Some(Rights::EDIT));
        check("STORE 1 +FLAGS.SILENT \\deleted", Some(Rights::REMOVE));
        check("UID STORE 1 (UNCHANGEDSINCE 9) FLAGS (\\Seen \\Deleted)", Some(Rights::REMOVE.union(Rights::EDIT)));
        check("STORE 1 FLAGS ()", Some(Rights::EDIT));
        check("STORE 1", Some(Rights::EDIT));
        check("UID EXPUNGE 1", Some(Rights::REMOVE));
        // Everything else goes to the own store, where nothing is selected.
        for other in ["UID REPLACE 1 x", "GETQUOTA x", "X-UNKNOWN", "ESEARCH IN (mailboxes \"x\") ALL"] {
            check(other, None);
        }
    }
}
