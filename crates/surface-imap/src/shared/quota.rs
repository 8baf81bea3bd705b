//! GETQUOTAROOT (RFC 9208 §4.3) on a shared mailbox: how much room its owner has is told to who may add to it.

use super::command::{Command, line_of};
use crate::relay::{End, Relay};
use passerelle_core::{Error, Read};
use passerelle_model::Rights;
use passerelle_wire_imap::{Word, quoted, words};

impl Relay {
    /// GETQUOTAROOT. The root is named after the owner; the counts come with it.
    pub(crate) async fn quota_root(&mut self, command: &Command) -> Result<(), End> {
        let outcome = self.room(command).await;
        self.conclude(command, outcome)
    }

    async fn room(&mut self, command: &Command) -> Result<Vec<u8>, Error> {
        let handle = self.open_named::<Read>(command.text(0)).await?;
        let mut said = b"* QUOTAROOT ".to_vec();
        quoted(command.text(0), &mut said);
        if !handle.rights().contains(Rights::ADD) {
            // Who adds nothing needs no room, and the owner's is nobody else's to see.
            said.extend_from_slice(b"\r\n");
            return Ok(said);
        }
        let mut borrowed = self.reach_beside(&handle).await?;
        let side = borrowed.side();
        let name = side.name(handle.name()).ok_or(Error::NotFound)?;
        let answer = side.ask(&line_of(&[&b"GETQUOTAROOT"[..], &name])).await?;
        let refusal = side.refusal(&answer, &name).await;
        borrowed.give_back().await;
        if !answer.is_ok() && handle.home().is_external() {
            // It may know nothing of quota, and then there is no root.
            said.extend_from_slice(b"\r\n");
            return Ok(said);
        }
        if let Some(error) = refusal {
            return Err(error);
        }
        let rooms: Vec<Vec<u8>> = answer.untagged.iter().filter_map(|response| storage(response)).collect();
        let mut told = Vec::new();
        for (number, room) in rooms.iter().enumerate() {
            let mut root = Vec::new();
            quoted(&[owner_of(command.text(0)), format!("/{number}").as_bytes()].concat(), &mut root);
            said.push(b' ');
            said.extend_from_slice(&root);
            told.extend_from_slice(&[b"* QUOTA ", &root[..], b" ", room, b"\r\n"].concat());
        }
        said.extend_from_slice(b"\r\n");
        said.extend_from_slice(&told);
        Ok(said)
    }
}

/// `Other users/somebody` of `Other users/somebody/mailbox`.
fn owner_of(name: &[u8]) -> &[u8] {
    let end = name.iter().enumerate().filter(|(_, octet)| **octet == b'/').nth(1).map_or(name.len(), |(at, _)| at);
    name.get(..end).unwrap_or(name)
}

/// `quota-list` of a QUOTA response where it is of plain numbers: `(STORAGE 10 512)` (RFC 9208 §5.1).
fn storage(response: &[u8]) -> Option<Vec<u8>> {
    let told: Vec<Word> = words(response)?.into_iter().map(|placed| placed.word).collect();
    let list = told.get(3).filter(|_| told.get(1).is_some_and(|word| word.is("QUOTA")))?.list()?;
    let mut said = Vec::new();
    for resource in list.chunks(3) {
        let [kind, used, limit] = resource else { return None };
        let is_number = |word: &Word| {
            word.text().is_some_and(|text| !text.is_empty() && text.len() < 20 && text.iter().all(u8::is_ascii_digit))
        };
        let kind = kind.text().filter(|kind| {
            !kind.is_empty() && kind.iter().all(|octet| octet.is_ascii_alphabetic() || *octet == b'-')
        })?;
        if !is_number(used) || !is_number(limit) {
            return None;
        }
        said.push([kind, b" ", used.text()?, b" ", limit.text()?].concat());
    }
    Some([b"(", &said.join(&b' ')[..], b")"].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_a_store_tells_is_said_anew() {
        let told = |text: &str| storage(text.as_bytes()).map(|said| String::from_utf8(said).unwrap());
        assert_eq!(told("* QUOTA \"User quota\" (STORAGE 10 512)\r\n").as_deref(), Some("(STORAGE 10 512)"));
        assert_eq!(told("* QUOTA x (STORAGE 1 2 MESSAGE 3 4)\r\n").as_deref(), Some("(STORAGE 1 2 MESSAGE 3 4)"));
        assert_eq!(told("* QUOTA x ()\r\n").as_deref(), Some("()"));
        for odd in [
            "* QUOTAROOT x y\r\n",
            "* QUOTA x (STORAGE 1)\r\n",
            "* QUOTA x (STORAGE -1 2)\r\n",
            "* QUOTA x (\"a b\" 1 2)\r\n",
        ] {
            assert_eq!(told(odd), None, "{odd}");
        }
        assert_eq!(owner_of(b"Other users/u1@b.test/a/b"), b"Other users/u1@b.test");
    }
}
