//! A connection that is logged in as somebody: commands go out together and are answered in their order (RFC 9051 §5.5), each
//! answer within the store's deadline, no answer in memory whole but small ones.

use crate::{
    connect::{Wire, is_ok},
    kept::Keeping,
    login::{code, log_in},
    settings::Store,
};
use bytes::Bytes;
use passerelle_core::{
    Actor, Cause, Delegation, Error, Permit, Result, Right, Tie,
    ports::{ClientFacts, MailboxFacts},
};
use passerelle_model::Account;
use passerelle_wire_imap::encoded;
use std::{io, sync::Arc, time::Duration};
use tokio::{task::yield_now, time::timeout};

/// Longest response that is read whole, in octets: the header lines, the structure or the flags of a message, never its
/// content.
pub(crate) const LONGEST_RESPONSE: usize = 4 * 1024 * 1024;
/// Largest piece of a content, in octets.
pub(crate) const PIECE: usize = 32 * 1024;
/// How long a connection may take to say that it is clean; it is not kept then.
const CLEAN_WITHIN: Duration = Duration::from_secs(2);
/// Longest line before and behind a content, in octets.
const LONGEST_LINE: usize = 16 * 1024;

/// A connection past log-in.
pub(crate) struct Imap {
    pub(crate) store: Arc<Store>,
    pub(crate) wire: Wire,
    /// What the store announced after log-in.
    capabilities: Vec<String>,
    /// The last command's number.
    tag: u32,
    /// Whether all commands were answered to their ends, so that another may be sent.
    pub(crate) at_rest: bool,
    /// Whether QRESYNC was enabled, which holds for as long as the connection does.
    pub(crate) enabled: bool,
    /// Whether a mailbox is open.
    pub(crate) selected: bool,
    /// The one that is open on a kept connection.
    pub(crate) open: Option<Examined>,
    /// For whom it may be kept.
    keeping: Option<Keeping>,
}

/// A mailbox that was only looked into and can be caught up with, on a connection that enabled QRESYNC.
pub(crate) struct Examined {
    /// Its name as a quoted string.
    pub(crate) mailbox: String,
    pub(crate) facts: MailboxFacts,
}

/// Whose mail is opened, by whom, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) owner: &'a Account,
    pub(crate) actor: &'a Actor,
    pub(crate) delegation: &'a Delegation,
    /// When what is kept of it has to go.
    pub(crate) tie: Option<&'a Arc<Tie>>,
}

impl<'a> Who<'a> {
    /// Of a permit on something of this owner's.
    pub(crate) fn of<T, R: Right>(permit: &'a Permit<T, R>, owner: &'a Account) -> Self {
        Self { owner, actor: permit.actor(), delegation: permit.delegation(), tie: permit.tie() }
    }
}

impl Imap {
    /// A connection logged in as the owner, with no mailbox open: one that was kept for the same person, or a new one. `client` is
    /// told to the store at log-in, so that a connection which told one is nobody's afterwards.
    pub(crate) async fn of(store: &Arc<Store>, who: Who<'_>, client: Option<&ClientFacts>) -> Result<Self> {
        let keeping = if client.is_none() { store.kept.keeping(store, who) } else { None };
        if let Some(keeping) = &keeping {
            while let Some(mut kept) = store.kept.take(keeping, None) {
                if kept.is_quiet().await && kept.is_clean().await {
                    return Ok(kept);
                }
            }
        }
        Self::new(store, who, client, keeping).await
    }

    /// The same for a mailbox, which may be open on it already ([`Self::open`]).
    pub(crate) async fn of_mailbox(
        store: &Arc<Store>,
        who: Who<'_>,
        mailbox: &str,
        client: Option<&ClientFacts>,
    ) -> Result<Self> {
        let keeping = if client.is_none() { store.kept.keeping(store, who) } else { None };
        let name = store.delimiter.get().map(|delimiter| wire_name(mailbox, *delimiter)).transpose()?;
        if let Some(keeping) = &keeping {
            while let Some(mut kept) = store.kept.take(keeping, name.as_deref()) {
                if kept.is_quiet().await {
                    return Ok(kept);
                }
            }
        }
        Self::new(store, who, client, keeping).await
    }

    /// A new connection in the place of this one.
    pub(crate) async fn anew(self, who: Who<'_>) -> Result<Self> {
        let store = Arc::clone(&self.store);
        Self::new(&store, who, None, self.keeping).await
    }

    /// Logs in.
    async fn new(
        store: &Arc<Store>,
        who: Who<'_>,
        client: Option<&ClientFacts>,
        keeping: Option<Keeping>,
    ) -> Result<Self> {
        let relay = log_in(store, who.owner, who.actor, who.delegation, client).await?;
        Ok(Self {
            store: Arc::clone(store),
            wire: Wire { stream: relay.stream, early: relay.early },
            capabilities: relay.capabilities.split(' ').map(str::to_ascii_uppercase).collect(),
            tag: 0,
            at_rest: true,
            enabled: false,
            selected: false,
            open: None,
            keeping,
        })
    }

    /// Whether a kept connection still is one: the store has not hung up on it, and has said nothing unasked. What is
    /// open on it is known since it was kept.
    async fn is_quiet(&mut self) -> bool {
        // What has come is known once the runtime has looked, and no time is given for more to come.
        yield_now().await;
        let come = timeout(Duration::ZERO, self.wire.some(1)).await;
        come.is_err() && self.wire.early.is_empty()
    }

    /// Whether no mailbox is open any more and nothing is outstanding: the store itself has to say so.
    async fn is_clean(&mut self) -> bool {
        if !self.at_rest || !self.wire.early.is_empty() {
            return false;
        }
        self.open = None;
        if self.selected {
            // CLOSE would remove what is marked (RFC 9051 §6.4.1).
            if !self.has("UNSELECT") {
                return false;
            }
            let said = timeout(CLEAN_WITHIN, self.converse("UNSELECT", |_| Ok(()))).await;
            self.selected = !said.is_ok_and(|said| said.is_ok_and(|words| is_ok(&words, "")));
        }
        !self.selected && self.wire.early.is_empty()
    }

    /// Whether the store announced this, in capital letters.
    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|it| it == capability)
    }

    /// The value of a capability such as `APPENDLIMIT=35651584`.
    pub(crate) fn number_of(&self, capability: &str) -> Option<u64> {
        self.capabilities.iter().find_map(|it| it.strip_prefix(capability)?.strip_prefix('=')?.parse().ok())
    }

    /// Whether a literal of so many octets may follow its announcement at once (RFC 7888 §5).
    pub(crate) fn takes_at_once(&self, octets: u64) -> bool {
        self.has("LITERAL+") || octets <= 4096 && (self.has("LITERAL-") || self.has("IMAP4REV2"))
    }

    /// A mailbox's name as the store has it: modified UTF-7 in quotes, with the store's own delimiter.
    ///
    /// # Errors
    /// `Invalid` for a name that this store cannot have.
    pub(crate) async fn name(&mut self, name: &str) -> Result<String> {
        let delimiter = self.delimiter().await?;
        wire_name(name, delimiter)
    }

    /// What stands between the levels of names; asked for once of each store.
    pub(crate) async fn delimiter(&mut self) -> Result<Option<char>> {
        if let Some(known) = self.store.delimiter.get() {
            return Ok(*known);
        }
        let mut found = None;
        let words = self
            .converse("LIST \"\" \"\"", |response| {
                found = crate::tree::listed(response).map(|it| it.delimiter).or(found);
                Ok(())
            })
            .await?;
        match found {
            Some(delimiter) if is_ok(&words, "") => Ok(*self.store.delimiter.get_or_init(|| delimiter)),
            _ => Err(self.failed("asking for the delimiter of names", format!("the store answered{words}"))),
        }
    }

    /// A back-end's failure at something.
    pub(crate) fn failed(&self, doing: &'static str, cause: impl Into<Cause>) -> Error {
        Error::unavailable(&self.store.name, doing, cause)
    }

    /// What a refusal of a command is; `words` as ` NO [NOPERM] ...`.
    pub(crate) fn refused(&self, doing: &'static str, words: &str) -> Error {
        let has = |name: &str| code(words, name).is_some();
        // RFC 5530 §3: the store's own rights stand behind ours as a second lock.
        if has("NOPERM") {
            Error::Forbidden
        } else if has("OVERQUOTA") {
            Error::OverQuota
        } else {
            self.failed(doing, format!("the store answered{words}"))
        }
    }

    /// What a refusal to touch a mailbox is. One that the store hides and one that is not there are alike.
    pub(crate) fn not_there(&self, doing: &'static str, words: &str) -> Error {
        let passing = ["UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN", "LIMIT"];
        if words.starts_with(" NO") && !passing.iter().any(|it| code(words, it).is_some()) {
            return Error::NotFound;
        }
        self.failed(doing, format!("the store answered{words}"))
    }

    /// A number for the next command. Until its answer is in, the connection is not at rest.
    pub(crate) fn next_tag(&mut self) -> Result<String> {
        if !self.at_rest {
            return Err(self.failed("going on", "the store's last answer was not read to its end"));
        }
        self.at_rest = false;
        self.tag = self.tag.wrapping_add(1);
        Ok(format!("p{}", self.tag))
    }

    /// Sends octets within the deadline.
    pub(crate) async fn send(&mut self, octets: &[u8]) -> Result<()> {
        match timeout(self.store.deadline, self.wire.send(octets)).await {
            Ok(sent) => sent.map_err(|error| self.failed("asking the store", error)),
            Err(slow) => Err(self.failed("asking the store", slow)),
        }
    }

    /// Sends a command; its tag.
    pub(crate) async fn begin(&mut self, command: &str) -> Result<String> {
        let tag = self.next_tag()?;
        self.send(format!("{tag} {command}\r\n").as_bytes()).await?;
        Ok(tag)
    }

    /// The next response, whole; a store that says BYE is gone.
    pub(crate) async fn response(&mut self) -> Result<Vec<u8>> {
        let response = match timeout(self.store.deadline, self.wire.response(LONGEST_RESPONSE)).await {
            Ok(came) => came.map_err(|error| self.failed("reading an answer", error))?,
            Err(slow) => return Err(self.failed("reading an answer", slow)),
        };
        if is_goodbye(&response) {
            return Err(self.failed("reading an answer", said(&response)));
        }
        Ok(response)
    }

    /// Sends a command and hands each untagged response over as it comes. What the store says behind the tag, as ` OK ...`.
    pub(crate) async fn converse(
        &mut self,
        command: &str,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<String> {
        let mut answers = self.converse_all(&[command.to_owned()], |_, response| each(response)).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Sends commands together and hands each untagged response over with the number of the command that is being answered.
    /// None may depend on another's answer; what the store says behind each tag.
    pub(crate) async fn converse_all(
        &mut self,
        commands: &[String],
        mut each: impl FnMut(usize, &[u8]) -> io::Result<()>,
    ) -> Result<Vec<String>> {
        let tag = self.next_tag()?;
        let mut octets = String::new();
        for (number, command) in commands.iter().enumerate() {
            octets.push_str(&format!("{tag}.{number} {command}\r\n"));
        }
        self.send(octets.as_bytes()).await?;
        let mut answers = Vec::with_capacity(commands.len());
        while answers.len() < commands.len() {
            let response = self.response().await?;
            if let Some(words) = tagged(&response, &format!("{tag}.{}", answers.len())) {
                answers.push(words);
            } else {
                each(answers.len(), &response).map_err(|error| self.failed("reading an answer", error))?;
            }
        }
        self.at_rest = true;
        Ok(answers)
    }

    /// Sends a command whose literals wait to be asked for, and hands each untagged response over. A piece that is not the last
    /// ends with a literal's announcement.
    pub(crate) async fn converse_in_pieces(
        &mut self,
        verb: &str,
        pieces: &[Vec<u8>],
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<String> {
        let tag = self.next_tag()?;
        let mut octets = format!("{tag} {verb}").into_bytes();
        let mut pieces = pieces.iter().peekable();
        loop {
            if let Some(piece) = pieces.next() {
                octets.extend_from_slice(piece);
            }
            let waits = pieces.peek().is_some();
            if !waits {
                octets.extend_from_slice(b"\r\n");
            }
            self.send(&octets).await?;
            octets.clear();
            loop {
                let response = self.response().await?;
                if let Some(words) = tagged(&response, &tag) {
                    self.at_rest = true;
                    return Ok(words);
                }
                if waits && response.starts_with(b"+") {
                    break;
                }
                each(&response).map_err(|error| self.failed("reading an answer", error))?;
            }
        }
    }

    /// The next line, with its end.
    pub(crate) async fn line(&mut self) -> Result<Vec<u8>> {
        match timeout(self.store.deadline, self.wire.raw_line(LONGEST_LINE)).await {
            Ok(line) => line.map_err(|error| self.failed("reading a message", error)),
            Err(slow) => Err(self.failed("reading a message", slow)),
        }
    }

    /// The next octets of a content.
    pub(crate) async fn piece(&mut self, most: usize) -> Result<Bytes> {
        match timeout(self.store.deadline, self.wire.some(most)).await {
            Ok(Ok(piece)) if piece.is_empty() => {
                Err(self.failed("reading a message", io::Error::from(io::ErrorKind::UnexpectedEof)))
            }
            Ok(piece) => piece.map_err(|error| self.failed("reading a message", error)),
            Err(slow) => Err(self.failed("reading a message", slow)),
        }
    }

    /// Reads past a literal that was not asked for.
    pub(crate) async fn skip(&mut self, mut left: usize) -> Result<()> {
        while left > 0 {
            left = left.saturating_sub(self.piece(left.min(PIECE)).await?.len());
        }
        Ok(())
    }

    /// Is done with it: it is kept for the same person's next request, or says goodbye.
    pub(crate) async fn leave(mut self) {
        let Some(keeping) = self.keeping.take() else { return self.part().await };
        let is_at_rest = self.at_rest && self.wire.early.is_empty();
        if is_at_rest && (self.open.is_some() || self.is_clean().await) {
            keeping.keep(self);
        } else {
            self.part().await;
        }
    }

    /// Says goodbye. The connection is ours alone and the answers are in: whether it arrives changes nothing.
    pub(crate) async fn part(mut self) {
        // What is in the middle of an answer hears none.
        if !self.at_rest {
            return;
        }
        let _ = timeout(self.store.deadline, self.wire.send(b"q LOGOUT\r\n")).await;
    }

    /// For whom it is kept from now on.
    pub(crate) fn kept_for(self, keeping: Keeping) -> Self {
        Self { keeping: Some(keeping), ..self }
    }
}

/// What stands behind the tag, with the space before it.
pub(crate) fn tagged(response: &[u8], tag: &str) -> Option<String> {
    let words = response.strip_prefix(tag.as_bytes())?;
    words.starts_with(b" ").then(|| said(words))
}

/// `* BYE`
pub(crate) fn is_goodbye(response: &[u8]) -> bool {
    response.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"* BYE"))
}

/// A response as text, without its end.
pub(crate) fn said(response: &[u8]) -> String {
    String::from_utf8_lossy(response).trim_end().to_owned()
}

/// A name with `/` between its levels, as this store writes it.
fn wire_name(name: &str, delimiter: Option<char>) -> Result<String> {
    let refused = || Error::invalid("this mailbox name cannot be asked for");
    if name.is_empty() || name.contains(char::is_control) {
        return Err(refused());
    }
    let name = match delimiter {
        Some('/') => name.to_owned(),
        Some(other) if !name.contains(other) => name.replace('/', &other.to_string()),
        None if !name.contains('/') => name.to_owned(),
        Some(_) | None => return Err(refused()),
    };
    let mut quoted = Vec::new();
    passerelle_wire_imap::quoted(&encoded(&name), &mut quoted);
    String::from_utf8(quoted).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        assert_eq!(tagged(b"p1 OK done\r\n", "p1").as_deref(), Some(" OK done"));
        assert_eq!(tagged(b"p12 OK done\r\n", "p1"), None);
        assert_eq!(tagged(b"* OK done\r\n", "p1"), None);
        assert!(is_ok(" OK done", "") && !is_ok(" NO [NOPERM] no", ""));
    }

    #[track_caller]
    fn check(name: &str, delimiter: Option<char>, expected: Option<&str>) {
        assert_eq!(wire_name(name, delimiter).ok().as_deref(), expected, "{name}");
    }

    #[test]
    fn names() {
        check("Élèves/R&D", Some('/'), Some("\"&AMk-l&AOg-ves/R&-D\""));
        check("a/b", Some('.'), Some("\"a.b\""));
        check("a.b", Some('.'), None);
        check("a/b", None, None);
        check("a \"b\\", Some('/'), Some("\"a \\\"b\\\\\""));
        check("a\r\nt LOGOUT", Some('/'), None);
        check("", Some('/'), None);
    }
}
