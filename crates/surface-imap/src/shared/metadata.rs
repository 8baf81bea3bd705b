//! GETMETADATA and SETMETADATA (RFC 5464) on a shared mailbox: its shared annotations, never the owner's private ones.

use super::{
    command::{Command, line_of, say},
    simple::renamed,
};
use crate::relay::{End, Relay};
use passerelle_core::{Edit, Error, Read};
use passerelle_wire_imap::{Word, words};

/// Where annotations lie that everybody sees who may see the mailbox (RFC 5464 §3.2).
const SHARED: &[u8] = b"/shared";
/// What somebody else's private annotations are answered with (RFC 5464 §4.3).
const NO_PRIVATE: &str = "NO [METADATA NOPRIVATE] Only shared annotations can be had of somebody else's mailbox";

/// Which argument names the mailbox: options may stand before it, and servers take them behind it too.
pub(crate) fn place_of_mailbox(command: &Command) -> usize {
    usize::from(command.arguments().first().is_some_and(|placed| placed.word.list().is_some()))
}

impl Relay {
    /// `GETMETADATA [options] mailbox entries` (RFC 5464 §4.2).
    pub(crate) async fn get_metadata(&mut self, command: &Command) -> Result<(), End> {
        let outcome = self.annotations(command).await;
        self.answer_metadata(command, outcome)
    }

    /// `SETMETADATA mailbox (entry value ...)` (RFC 5464 §4.3).
    pub(crate) async fn set_metadata(&mut self, command: &Command) -> Result<(), End> {
        let outcome = self.annotate(command).await;
        self.answer_metadata(command, outcome)
    }

    fn answer_metadata(&mut self, command: &Command, outcome: Result<Vec<u8>, Refusal>) -> Result<(), End> {
        match outcome {
            Ok(untagged) => self.conclude(command, Ok(untagged)),
            Err(Refusal::Error(error)) => self.conclude(command, Err(error)),
            Err(Refusal::Private) => {
                self.say(command.tag(), NO_PRIVATE.as_bytes());
                Ok(())
            }
        }
    }

    async fn annotations(&mut self, command: &Command) -> Result<Vec<u8>, Refusal> {
        let at = place_of_mailbox(command);
        let handle = self.open_named::<Read>(command.text(at)).await?;
        let mut said: Vec<&Word> = command.arguments().iter().map(|placed| &placed.word).collect();
        said.remove(at);
        let (options, entries) = match said.as_slice() {
            [entries] => (Vec::new(), entries),
            [options, entries] => (read_options(options).ok_or_else(unreadable)?, entries),
            _ => return Err(unreadable().into()),
        };
        let mut asked = Vec::new();
        for entry in entries.list().unwrap_or(std::slice::from_ref(*entries)) {
            asked.push(shared_entry(entry)?);
        }
        let asked = [b"(", &asked.join(&b' ')[..], b")"].concat();
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        let answer = side.ask(&line_of(&[&b"GETMETADATA"[..], &options, &name, &asked])).await?;
        let refusal = side.refusal(&answer, &name).await;
        borrowed.give_back().await;
        if let Some(error) = refusal {
            return Err(error.into());
        }
        // What a store says unasked may be of the owner's own (RFC 5464 §4.4.2).
        let told = answer.untagged.iter().filter(|response| has_shared_only(response));
        Ok(told.filter_map(|response| renamed(response, "METADATA", &name, command.text(at))).flatten().collect())
    }

    async fn annotate(&mut self, command: &Command) -> Result<Vec<u8>, Refusal> {
        let handle = self.open_named::<Edit>(command.text(0)).await?;
        let [_, pairs] = command.arguments() else { return Err(unreadable().into()) };
        let pairs = pairs.word.list().filter(|pairs| !pairs.is_empty()).ok_or_else(unreadable)?;
        let mut said = Vec::new();
        for pair in pairs.chunks(2) {
            let [entry, value] = pair else { return Err(unreadable().into()) };
            said.push(shared_entry(entry)?);
            said.push(read_value(value).ok_or_else(unreadable)?);
        }
        let said = [b"(", &said.join(&b' ')[..], b")"].concat();
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        let answer = side.change(&line_of(&[&b"SETMETADATA"[..], &name, &said])).await?;
        let refusal = side.refusal(&answer, &name).await;
        borrowed.give_back().await;
        refusal.map_or(Ok(Vec::new()), |error| Err(error.into()))
    }
}

/// `* METADATA mailbox (entry value ...)` of shared annotations and no others.
fn has_shared_only(response: &[u8]) -> bool {
    let told = words(response).unwrap_or_default();
    let pairs = told.get(3).and_then(|placed| placed.word.list()).unwrap_or_default();
    !pairs.is_empty() && pairs.chunks(2).all(|pair| pair.first().is_some_and(|entry| shared_entry(entry).is_ok()))
}

/// Why there is no answer.
enum Refusal {
    Error(Error),
    /// It asks for what is the owner's alone.
    Private,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

fn unreadable() -> Error {
    Error::invalid("words of METADATA")
}

/// `entry = astring` below `/shared`, without the characters that may not be in one (RFC 5464 §3.1).
fn shared_entry(word: &Word) -> Result<Vec<u8>, Refusal> {
    let entry = word.text().unwrap_or_default();
    let is_plain =
        |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'/' | b'.' | b'-' | b'_' | b':' | b'+');
    if !entry.iter().all(is_plain) || entry.is_empty() {
        return Err(unreadable().into());
    }
    let below = entry.get(..SHARED.len()).filter(|root| root.eq_ignore_ascii_case(SHARED));
    match below.and_then(|_| entry.get(SHARED.len()..)) {
        Some(rest) if rest.is_empty() || rest.starts_with(b"/") => Ok(entry.to_vec()),
        _ => Err(Refusal::Private),
    }
}

/// `MAXSIZE number` and `DEPTH 0 / 1 / infinity` (RFC 5464 §4.2.1, §4.2.2).
fn read_options(word: &Word) -> Option<Vec<u8>> {
    let words = word.list()?;
    for pair in words.chunks(2) {
        let [name, value] = pair else { return None };
        let value = value.text()?;
        let is_number = !value.is_empty() && value.len() <= 10 && value.iter().all(u8::is_ascii_digit);
        let depth = value.eq_ignore_ascii_case(b"infinity") || value == b"0" || value == b"1";
        if !(name.is("MAXSIZE") && is_number || name.is("DEPTH") && depth) {
            return None;
        }
    }
    let mut said = Vec::new();
    say(word, &mut said);
    Some(said)
}

/// `value = nstring`, of one line.
fn read_value(word: &Word) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    match word {
        Word::Atom(_) if word.is("NIL") => said.extend_from_slice(b"NIL"),
        Word::Atom(_) | Word::List(_) => return None,
        Word::Text(text) if text.iter().all(|octet| matches!(octet, b' '..=b'~')) => say(word, &mut said),
        Word::Text(_) => return None,
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn atom(text: &str) -> Word {
        Word::Atom(text.as_bytes().to_vec())
    }

    #[test]
    fn entries_are_shared_ones() {
        for good in ["/shared", "/shared/comment", "/SHARED/vendor/x.y"] {
            assert_eq!(shared_entry(&atom(good)).ok().unwrap(), good.as_bytes());
        }
        for private in ["/private/comment", "/sharedness", "comment", "/private/../shared"] {
            assert!(matches!(shared_entry(&atom(private)), Err(Refusal::Private)), "{private}");
        }
        for odd in ["", "/shared/*", "/shared/%", "/shared/a b", "/shared/\"", "/shared/é"] {
            assert!(matches!(shared_entry(&atom(odd)), Err(Refusal::Error(_))), "{odd}");
        }
    }

    #[test]
    fn nothing_private_is_told_on() {
        assert!(has_shared_only(b"* METADATA x (/shared/comment \"a\" /shared/b NIL)\r\n"));
        for other in ["(/shared/a \"x\" /private/b \"y\")", "/private/a", "/shared/a", "()"] {
            assert!(!has_shared_only(format!("* METADATA x {other}\r\n").as_bytes()), "{other}");
        }
    }

    #[test]
    fn options_and_values() {
        let list = |words: &[&str]| Word::List(words.iter().copied().map(atom).collect());
        assert_eq!(read_options(&list(&["DEPTH", "infinity", "MAXSIZE", "9"])).unwrap(), b"(DEPTH infinity MAXSIZE 9)");
        for odd in [&["DEPTH", "2"][..], &["MAXSIZE"], &["MAXSIZE", "x"], &["X", "1"]] {
            assert_eq!(read_options(&list(odd)), None, "{odd:?}");
        }
        assert_eq!(read_value(&Word::Text(b"a \"b\"".to_vec())).unwrap(), b"\"a \\\"b\\\"\"");
        assert_eq!(read_value(&atom("nil")).unwrap(), b"NIL");
        assert_eq!(read_value(&atom("{3}")), None);
        assert_eq!(read_value(&Word::Text("é".as_bytes().to_vec())), None);
    }
}
