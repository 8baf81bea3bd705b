//! `GET /api/zip`: a folder with all that is in it, as one ZIP archive that is made while it is sent.
//!
//! Each folder and file is opened through the gate when its turn comes. One that cannot be opened or read to its end breaks the
//! transport: an archive is whole, or it is none. Held are the names that wait and the directory at the archive's end, both
//! bounded; contents pass in pieces.

use super::{Answer, Call, attached};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::HeaderValue;
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{ByteRange, ByteStream, NodeKind},
};
use passerelle_model::{Account, NodeRef};
use passerelle_net::http::{Response, stream_of};
use passerelle_wire_zip::{Archive, Fault, LARGEST_BLOCK};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many archives are sent at once, over the process; and to one person.
const AT_ONCE: usize = 16;
const OF_ONE: usize = 2;
/// When whoever is turned away may try again, in seconds.
const RETRY: u64 = 30;
/// Most names of one archive that wait for their turn.
const MOST_WAITING: usize = 50_000;
/// Most octets of theirs, in the archive and in the store.
const MOST_WAITING_OCTETS: usize = 8 * 1024 * 1024;

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

pub(super) async fn archive(call: Call<'_>) -> Answer {
    let root = call.place()?;
    let turn = call.web.archives.turn(call.session.principal()?.account())?;
    let folder = call.session.open::<_, Read>(root.clone()).await?;
    if folder.stat().await?.kind != NodeKind::Folder {
        return Err(Error::invalid("this is no folder").into());
    }
    let name = match root.path.name() {
        Some(name) => name.to_owned(),
        None => call.session.space_name(&root.owner, call.face.language).unwrap_or_else(|| call.face.say("files")),
    };
    let mut walk = Walk::new(call.session, turn);
    // What cannot be listed is told before the first octet.
    walk.enter(&root, "").await?;
    let octets = stream::try_unfold(walk, async |mut walk| Ok(walk.next().await?.map(|octets| (octets, walk))));
    let mut response: Response = http::Response::new(stream_of(Box::pin(octets)));
    attached(&mut response, &format!("{name}.zip"), HeaderValue::from_static("application/zip"));
    Ok(response)
}

/// A way through a folder.
struct Walk {
    session: Session,
    zip: Option<Archive>,
    /// What comes next, the last first: where, what, and its name in the archive.
    waiting: Vec<Waiting>,
    /// The octets of the names that wait.
    octets: usize,
    /// The content that is being sent, and what of it has come and waits.
    content: Option<(ByteStream, Bytes)>,
    members: usize,
    _turn: Turn,
}

struct Waiting {
    at: NodeRef,
    kind: NodeKind,
    name: String,
    seconds: i64,
}

impl Waiting {
    fn octets(&self) -> usize {
        self.name.len().saturating_add(self.at.path.as_str().len())
    }
}

impl Walk {
    fn new(session: Session, turn: Turn) -> Self {
        Self {
            session,
            zip: Some(Archive::new()),
            waiting: Vec::new(),
            octets: 0,
            content: None,
            members: 0,
            _turn: turn,
        }
    }

    /// The next octets of the archive; `None` when it is whole.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        self.session.check_in_force()?;
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
        let Some(next) = self.waiting.pop() else {
            return self.zip.take().map(|zip| Ok(zip.finish().map_err(broken)?.into())).transpose();
        };
        self.octets = self.octets.saturating_sub(next.octets());
        let Waiting { at, kind, name, seconds } = next;
        match kind {
            NodeKind::Folder => {
                let header = self.zip()?.folder(&name, seconds).map_err(broken)?;
                self.enter(&at, &name).await?;
                Ok(Some(header.into()))
            }
            NodeKind::File => {
                let content = self.session.open::<_, Read>(at).await?.open().await?;
                let (size, seconds) = (content.node().size, content.node().modified.seconds);
                let header = self.zip()?.begin(&name, size, seconds).map_err(broken)?;
                self.content = Some((content.stream(ByteRange::Full), Bytes::new()));
                Ok(Some(header.into()))
            }
        }
    }

    /// Puts what is in a folder where its turn comes next.
    async fn enter(&mut self, folder: &NodeRef, name: &str) -> Result<()> {
        let mut batches = self.session.open::<_, Read>(folder.clone()).await?.list().await?;
        let mut found = Vec::new();
        while let Some(batch) = batches.next().await {
            for node in batch? {
                // What no path can be is not reached by one, and is in no archive.
                let Ok(path) = folder.path.join(&node.name) else { continue };
                self.members = self.members.saturating_add(1);
                let own = in_archive(&node.name, self.members);
                let name = if name.is_empty() { own } else { format!("{name}/{own}") };
                let next = Waiting {
                    at: NodeRef { path, ..folder.clone() },
                    kind: node.kind,
                    name,
                    seconds: node.modified.seconds,
                };
                self.octets = self.octets.saturating_add(next.octets());
                found.push(next);
                may_wait(self.waiting.len().saturating_add(found.len()), self.octets)?;
            }
        }
        found.sort_by(|one, other| other.name.cmp(&one.name));
        self.waiting.append(&mut found);
        Ok(())
    }

    fn zip(&mut self) -> Result<&mut Archive> {
        self.zip.as_mut().ok_or_else(|| Error::internal("writing an archive", Fault::Order))
    }
}

/// Whether so many names, of so many octets, may wait. What is too much breaks the transport, and the log has the reason.
fn may_wait(names: usize, octets: usize) -> Result<()> {
    if names > MOST_WAITING {
        return Err(broken(Fault::TooMany));
    }
    if octets > MOST_WAITING_OCTETS {
        return Err(Error::invalid("the names of an archive that wait for their turn take 8 MiB"));
    }
    Ok(())
}

/// A name as programs unpack it everywhere: what separates folders or drives on some systems leads nowhere, and a name that was
/// changed for it has a number, so that it is not another's.
fn in_archive(name: &str, number: usize) -> String {
    let is_odd = |c: char| matches!(c, '\\' | ':') || c.is_control();
    if !name.contains(is_odd) {
        return name.to_owned();
    }
    format!("{} ({number})", name.replace(is_odd, "_"))
}

fn broken(fault: Fault) -> Error {
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
        ] {
            assert_eq!(in_archive(name, 7), expected);
        }
    }

    #[test]
    fn names_that_wait_are_bounded() {
        assert!(may_wait(MOST_WAITING, MOST_WAITING_OCTETS).is_ok());
        assert!(matches!(may_wait(MOST_WAITING + 1, 0), Err(Error::Invalid { .. })));
        assert!(matches!(may_wait(1, MOST_WAITING_OCTETS + 1), Err(Error::Invalid { .. })));
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
