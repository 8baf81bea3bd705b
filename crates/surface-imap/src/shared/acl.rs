//! Rights by IMAP (RFC 4314): on the gateway's grants. What a store grants itself stays visible beside them.
//!
//! The letters that stand for one of our rights go together, as LISTRIGHTS says. A grant on a mailbox holds for those below
//! it too.

use super::{access::told, command::Command, names::is_ours};
use crate::relay::{End, Relay};
use passerelle_core::{Authorized, Error, Lookup, Manage, Session};
use passerelle_model::{Grant, Grantee, GroupId, GroupRef, MailboxRef, Rights};
use passerelle_wire_imap::{decoded, quoted, words};

/// Our rights in the order of their letters.
const LETTERS: [(Rights, &str); 6] = [
    (Rights::LOOKUP, "l"),
    (Rights::READ, "r"),
    (Rights::EDIT, "sw"),
    (Rights::ADD, "ip"),
    (Rights::REMOVE, "te"),
    (Rights::MANAGE, "kxa"),
];
/// Everybody of the owner's institution.
const ANYONE: &[u8] = b"anyone";

/// The letters of what is held.
fn letters(rights: Rights) -> String {
    LETTERS.iter().filter(|(right, _)| rights.contains(*right)).map(|(_, letters)| *letters).collect()
}

/// Which of our rights some letters name, as places in [`LETTERS`]; `None` for a letter that is none. `c` and `d` are those of
/// RFC 2086 (RFC 4314 §2.1.1).
fn named(letters: &[u8]) -> Option<Vec<usize>> {
    let place = |letter: &u8| {
        let letter = match letter {
            b'c' => b'k',
            b'd' => b't',
            letter => *letter,
        };
        LETTERS.iter().position(|(_, of)| of.as_bytes().contains(&letter))
    };
    letters.iter().map(place).collect()
}

/// These rights, with what each implies.
fn rights(named: &[usize]) -> Rights {
    named.iter().filter_map(|at| LETTERS.get(*at)).fold(Rights::NONE, |held, (right, _)| held.union(*right))
}

/// What is left without these, and without what implies one of them: to lose reading is to lose changing, but not looking up.
fn without(had: Rights, gone: &[usize]) -> Rights {
    let lost = |right: Rights| gone.iter().filter_map(|at| LETTERS.get(*at)).any(|(of, _)| right.contains(*of));
    let left = LETTERS.iter().filter(|(right, _)| had.contains(*right) && !lost(*right));
    left.fold(Rights::NONE, |held, (right, _)| held.union(*right))
}

/// Who is meant: `anyone`, `$group`, an account as it is called to this person.
fn grantee(session: &Session, mailbox: &MailboxRef, identifier: &[u8]) -> Option<Grantee> {
    let home = &mailbox.owner.institution;
    if identifier.eq_ignore_ascii_case(ANYONE) {
        return Some(Grantee::Institution(home.clone()));
    }
    let text = std::str::from_utf8(identifier).ok()?;
    match text.strip_prefix('$') {
        Some(group) => {
            let id = GroupId::parse(group).ok()?;
            Some(Grantee::Group(GroupRef { institution: home.clone(), id }))
        }
        None => Some(Grantee::Account(session.account_named(text)?)),
    }
}

/// How a grantee is called; links have no name.
fn identifier(session: &Session, to: &Grantee) -> Option<String> {
    match to {
        Grantee::Account(account) => Some(session.name_of(account)),
        Grantee::Group(group) => Some(format!("${}", group.id)),
        Grantee::Institution(_) => Some(String::from_utf8_lossy(ANYONE).into_owned()),
        Grantee::Link(_) => None,
    }
}

impl Relay {
    /// The mailbox of this name, own or shared.
    async fn any_mailbox<R: passerelle_core::Right>(
        &self,
        session: &Session,
        name: &[u8],
    ) -> Result<Authorized<MailboxRef, R>, Error> {
        let mailbox = if is_ours(name) {
            super::names::shared(session, name, self.enabled.is_utf8())
        } else {
            let text = if self.enabled.is_utf8() { String::from_utf8(name.to_vec()).ok() } else { decoded(name) };
            text.and_then(|text| MailboxRef::parse(self.visitor.account().clone(), &text).ok())
        };
        session.open(mailbox.ok_or(Error::NotFound)?).await
    }

    /// MYRIGHTS (RFC 4314 §3.5) in one's own account elsewhere: all, but for a program that may only read.
    pub(crate) async fn rights_elsewhere(&mut self, command: &Command) -> Result<(), End> {
        let outcome = self.open_named::<Lookup>(command.text(0)).await.map(|handle| {
            let mut said = b"* MYRIGHTS ".to_vec();
            quoted(command.text(0), &mut said);
            // Nobody else is let in there: there is no right to hand on.
            let rights = letters(handle.rights()).replace('a', "");
            said.extend_from_slice(format!(" {rights}\r\n").as_bytes());
            said
        });
        self.answer_acl(command, outcome);
        Ok(())
    }

    /// Whether the own store has this mailbox.
    async fn check_own(&mut self, command: &Command) -> Result<bool, End> {
        if is_ours(command.text(0)) {
            return Ok(true);
        }
        let mut asked = b"STATUS ".to_vec();
        quoted(command.text(0), &mut asked);
        asked.extend_from_slice(b" (UIDNEXT)");
        Ok(self.ask_own(b"s", &asked).await?.is_ok())
    }

    fn answer_acl(&mut self, command: &Command, outcome: Result<Vec<u8>, Error>) {
        match outcome {
            Ok(untagged) => {
                self.pipes.say(&untagged);
                self.say(command.tag(), b"OK done");
            }
            Err(error) => self.say(command.tag(), told(&error).as_bytes()),
        }
    }

    /// GETACL (RFC 4314 §3.3).
    pub(crate) async fn get_acl(&mut self, command: &Command) -> Result<(), End> {
        if !self.check_own(command).await? {
            self.answer_acl(command, Err(Error::NotFound));
            return Ok(());
        }
        let mut rows = match self.granted(command).await {
            Ok(rows) => rows,
            Err(error) => {
                self.answer_acl(command, Err(error));
                return Ok(());
            }
        };
        if !is_ours(command.text(0)) {
            let mut asked = b"GETACL ".to_vec();
            quoted(command.text(0), &mut asked);
            // A store without ACL says BAD, and has nothing to tell.
            for response in self.ask_own(b"s", &asked).await?.untagged {
                let told = words(&response).unwrap_or_default();
                if told.get(1).is_some_and(|placed| placed.word.is("ACL")) {
                    let mut texts = told.iter().skip(3).filter_map(|placed| placed.word.text().map(<[u8]>::to_vec));
                    while let (Some(who), Some(letters)) = (texts.next(), texts.next()) {
                        rows.push((who, letters));
                    }
                }
            }
        }
        let mut said = b"* ACL ".to_vec();
        quoted(command.text(0), &mut said);
        for (who, letters) in rows {
            said.push(b' ');
            quoted(&who, &mut said);
            said.push(b' ');
            said.extend_from_slice(&letters);
        }
        said.extend_from_slice(b"\r\n");
        self.answer_acl(command, Ok(said));
        Ok(())
    }

    /// What the gateway grants on a mailbox itself and above it, for who manages it.
    async fn granted(&self, command: &Command) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Error> {
        let session = self.session().await?;
        let handle = self.any_mailbox::<Manage>(&session, command.text(0)).await?;
        let mut rows = Vec::new();
        for granted in handle.grants().await? {
            if let Some(who) = identifier(&session, &granted.grant.to) {
                rows.push((who.into_bytes(), letters(granted.grant.rights).into_bytes()));
            }
        }
        Ok(rows)
    }

    /// SETACL and DELETEACL (RFC 4314 §3.1, §3.2).
    pub(crate) async fn set_acl(&mut self, command: &Command) -> Result<(), End> {
        if !self.check_own(command).await? {
            self.answer_acl(command, Err(Error::NotFound));
            return Ok(());
        }
        let is_set = command.verb() == "SETACL";
        let wanted = if is_set { change(command.text(2)) } else { Some((None, Vec::new())) };
        let Some(wanted) = wanted else {
            // RFC 4314 §3.1: a right that is not known is BAD.
            self.say(command.tag(), b"BAD There is no such right");
            return Ok(());
        };
        let outcome = self.change_grant(command, wanted).await;
        let is_done = outcome.is_ok();
        // A read-only program got no further than the gate.
        if !is_set && is_done && !is_ours(command.text(0)) {
            // What the store itself grants to this one ends too, where it grants at all.
            self.ask_own(b"s", &command.line()).await?;
        }
        self.answer_acl(command, outcome.map(|()| Vec::new()));
        Ok(())
    }

    async fn change_grant(&self, command: &Command, (sign, wanted): (Option<char>, Vec<usize>)) -> Result<(), Error> {
        let session = self.session().await?;
        let handle = self.any_mailbox::<Manage>(&session, command.text(0)).await?;
        let to = grantee(&session, handle.target(), command.text(1));
        let to = to.ok_or_else(|| Error::invalid("the identifier names nobody"))?;
        let target = handle.target().target();
        let before =
            handle.grants().await?.into_iter().find(|granted| granted.target == target && granted.grant.to == to);
        let (had, until) = before.map_or((Rights::NONE, None), |granted| (granted.grant.rights, granted.grant.until));
        let left = match sign {
            Some('+') => had.union(rights(&wanted)),
            Some(_) => without(had, &wanted),
            None => rights(&wanted),
        };
        if left.is_empty() {
            handle.unshare(&to).await.map(drop)
        } else {
            handle.share(&Grant { to, rights: left, until }).await
        }
    }

    /// LISTRIGHTS (RFC 4314 §3.7): nothing is always granted, and which letters go together.
    pub(crate) async fn list_rights(&mut self, command: &Command) -> Result<(), End> {
        if !self.check_own(command).await? {
            self.answer_acl(command, Err(Error::NotFound));
            return Ok(());
        }
        let outcome = match self.session().await {
            Ok(session) => self.any_mailbox::<Manage>(&session, command.text(0)).await.map(drop),
            Err(error) => Err(error),
        };
        let said = outcome.map(|()| {
            let mut said = b"* LISTRIGHTS ".to_vec();
            quoted(command.text(0), &mut said);
            said.push(b' ');
            quoted(command.text(1), &mut said);
            said.extend_from_slice(b" \"\"");
            for (_, letters) in LETTERS {
                said.extend_from_slice(format!(" {letters}").as_bytes());
            }
            said.extend_from_slice(b"\r\n");
            said
        });
        self.answer_acl(command, said);
        Ok(())
    }

    /// MYRIGHTS (RFC 4314 §3.8): of one's own the store knows, where it knows of rights.
    pub(crate) async fn my_rights(&mut self, command: &Command) -> Result<(), End> {
        if !is_ours(command.text(0)) {
            let answer = self.ask_own(command.tag(), &command.line()).await?;
            if !answer.tagged.starts_with(b"BAD") {
                self.hand_on(command, &answer);
                return Ok(());
            }
            if !self.check_own(command).await? {
                self.answer_acl(command, Err(Error::NotFound));
                return Ok(());
            }
        }
        let outcome = match self.session().await {
            Ok(session) => self.any_mailbox::<Lookup>(&session, command.text(0)).await.map(|it| it.rights()),
            Err(error) => Err(error),
        };
        let said = outcome.map(|held| {
            // To remove is to mark first, and what may not be changed cannot be marked.
            let held = if held.contains(Rights::EDIT) { held } else { without(held, &named(b"t").unwrap_or_default()) };
            let mut said = b"* MYRIGHTS ".to_vec();
            quoted(command.text(0), &mut said);
            said.extend_from_slice(format!(" {}\r\n", letters(held)).as_bytes());
            said
        });
        self.answer_acl(command, said);
        Ok(())
    }
}

/// `mod-rights = +rights / -rights / rights` (RFC 4314 §4).
fn change(text: &[u8]) -> Option<(Option<char>, Vec<usize>)> {
    match text.split_first() {
        Some((b'+', rest)) => Some((Some('+'), named(rest)?)),
        Some((b'-', rest)) => Some((Some('-'), named(rest)?)),
        _ => Some((None, named(text)?)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn letters_stand_for_rights() {
        for (said, told) in
            [("lr", "lr"), ("r", "lr"), ("lrs", "lrsw"), ("lrswipkxtea", "lrswiptekxa"), ("d", "lte"), ("", "")]
        {
            assert_eq!(letters(rights(&named(said.as_bytes()).unwrap())), told, "{said}");
        }
        assert_eq!(named(b"lz"), None);
    }

    #[test]
    fn what_is_lost() {
        let had = Rights::EDIT.union(Rights::ADD);
        for (gone, left) in [("r", "lip"), ("w", "lrip"), ("l", ""), ("i", "lrsw")] {
            assert_eq!(letters(without(had, &named(gone.as_bytes()).unwrap())), left, "-{gone}");
        }
    }

    #[test]
    fn changes() {
        assert_eq!(change(b"+r"), Some((Some('+'), vec![1])));
        assert_eq!(change(b"-kx"), Some((Some('-'), vec![5, 5])));
        assert_eq!(change(b""), Some((None, vec![])));
        assert_eq!(change(b"+?"), None);
    }
}
