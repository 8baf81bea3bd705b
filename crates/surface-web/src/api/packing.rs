//! What leaves as one file, made while it is sent: the places that such a file takes, and a ZIP archive of whatever comes.
//!
//! A member that cannot be read to its end breaks the transport: an archive is whole, or it is none. Held is the directory at its
//! end, which is bounded; contents pass in pieces.

use super::attached;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::HeaderValue;
use passerelle_core::{Error, Result, Session, ports::ByteStream};
use passerelle_model::Account;
use passerelle_net::http::{Response, stream_of};
use passerelle_wire_zip::{Archive, Fault, LARGEST_BLOCK};
use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// How many archives are sent at once, over the process; and to one person.
const AT_ONCE: usize = 16;
const OF_ONE: usize = 2;
/// When whoever is turned away may try again, in seconds.
const RETRY: u64 = 30;

/// The archives that are being sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Archives(Arc<Mutex<HashMap<Account, usize>>>);

impl Archives {
    pub(super) fn turn(&self, account: &Account) -> Result<Turn> {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = people.values().sum::<usize>();
        let own = people.get(account).copied().unwrap_or_default();
        if own >= OF_ONE || all >= AT_ONCE {
            return Err(Error::TooMany { seconds: RETRY });
        }
        people.insert(account.clone(), own.saturating_add(1));
        Ok(Turn { archives: self.clone(), account: account.clone() })
    }
}

/// A place among them, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    archives: Archives,
    account: Account,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut people = self.archives.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = people.get_mut(&self.account) {
            *own = own.saturating_sub(1);
        }
        people.retain(|_, own| *own > 0);
    }
}

/// What an archive takes next.
pub(super) enum Member {
    /// A folder, by its name in the archive.
    Folder { name: String, seconds: i64 },
    /// A file. `size` is `None` where it is known only when all of it has come.
    File { name: String, seconds: i64, size: Option<u64>, content: ByteStream },
}

/// All that an archive takes, in order; each is opened when its turn comes.
pub(super) type Members = Pin<Box<dyn Stream<Item = Result<Member>> + Send>>;

/// An answer that is saved as a file, for as long as what it was opened for is in force. It takes a place until it is sent.
pub(super) fn sent(session: Session, octets: ByteStream, turn: Turn, name: &str, kind: &'static str) -> Response {
    let held = (session, octets, turn);
    let octets = stream::try_unfold(held, async |(session, mut octets, turn)| {
        session.check_in_force()?;
        Ok::<_, Error>(octets.next().await.transpose()?.map(|piece| (piece, (session, octets, turn))))
    });
    let mut response = http::Response::new(stream_of(Box::pin(octets)));
    attached(&mut response, name, HeaderValue::from_static(kind));
    response
}

/// The octets of an archive with these members.
pub(super) fn packed(members: Members) -> ByteStream {
    let packing = Packing { members, zip: Some(Archive::new()), content: None };
    Box::pin(stream::try_unfold(packing, async |mut it| Ok(it.next().await?.map(|octets| (octets, it)))))
}

struct Packing {
    members: Members,
    /// Until it is ended.
    zip: Option<Archive>,
    /// The content that is being sent, and what of it has come and waits.
    content: Option<(ByteStream, Bytes)>,
}

impl Packing {
    /// The next octets of the archive; `None` when it is whole.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some((content, rest)) = &mut self.content {
            if rest.is_empty() {
                match content.next().await {
                    Some(piece) => *rest = piece?,
                    None => {
                        self.content = None;
                        return Ok(Some(self.zip()?.end().map_err(broken)?.into()));
                    }
                }
            }
            let block = rest.split_to(rest.len().min(LARGEST_BLOCK));
            if block.is_empty() {
                return Ok(Some(block));
            }
            let mut out = Vec::with_capacity(block.len().saturating_add(5));
            out.extend(self.zip()?.block(&block).map_err(broken)?);
            out.extend_from_slice(&block);
            return Ok(Some(out.into()));
        }
        let header = match self.members.next().await.transpose()? {
            None => return self.zip.take().map(|zip| Ok(zip.finish().map_err(broken)?.into())).transpose(),
            Some(Member::Folder { name, seconds }) => self.zip()?.folder(&name, seconds).map_err(broken)?,
            Some(Member::File { name, seconds, size, content }) => {
                self.content = Some((content, Bytes::new()));
                self.zip()?.begin(&name, size, seconds).map_err(broken)?
            }
        };
        Ok(Some(header.into()))
    }

    fn zip(&mut self) -> Result<&mut Archive> {
        self.zip.as_mut().ok_or_else(|| Error::internal("writing an archive", Fault::Order))
    }
}

/// A name as programs unpack it everywhere: what separates folders or drives on some systems leads nowhere, and a name that was
/// changed for it has a number, so that it is not another's.
pub(super) fn in_archive(name: &str, number: usize) -> String {
    let is_odd = |c: char| matches!(c, '\\' | ':') || c.is_control();
    if matches!(name, "." | "..") {
        return format!("_ ({number})");
    }
    if !name.contains(is_odd) {
        return name.to_owned();
    }
    format!("{} ({number})", name.replace(is_odd, "_"))
}

pub(super) fn broken(fault: Fault) -> Error {
    match fault {
        Fault::TooMany => Error::invalid(fault),
        // A file that was written meanwhile is not as long as it was when it was opened.
        Fault::Size => Error::Conflict,
        Fault::Name | Fault::Order => Error::internal("writing an archive", fault),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};

    #[test]
    fn names_lead_nowhere() {
        for (name, expected) in [
            ("a.txt", "a.txt"),
            ("été ش", "été ش"),
            ("..\\..\\evil", ".._.._evil (7)"),
            ("C:evil", "C_evil (7)"),
            ("a\nb", "a_b (7)"),
            ("..", "_ (7)"),
        ] {
            assert_eq!(in_archive(name, 7), expected);
        }
    }

    #[test]
    fn two_of_each_and_a_place_comes_back() {
        let account = |id: &str| Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse(id).unwrap(),
        };
        let archives = Archives::default();
        let first = archives.turn(&account("a")).unwrap();
        let _second = archives.turn(&account("a")).unwrap();
        assert!(matches!(archives.turn(&account("a")), Err(Error::TooMany { .. })));
        let _other = archives.turn(&account("b")).unwrap();
        drop(first);
        assert!(archives.turn(&account("a")).is_ok());
    }
}
