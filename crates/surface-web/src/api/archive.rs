//! `GET /api/zip`: a folder with all that is in it, as one ZIP archive that is made while it is sent.
//!
//! Each folder and file is opened through the gate when its turn comes. Held are the names that wait, which are bounded.

use super::{
    Answer, Call,
    packing::{Member, Members, broken, in_archive, packed, sent},
};
use futures::{StreamExt, stream};
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{ByteRange, NodeKind},
};
use passerelle_model::NodeRef;
use passerelle_wire_zip::Fault;

/// Most names of one archive that wait for their turn.
const MOST_WAITING: usize = 50_000;
/// Most octets of theirs, in the archive and in the store.
const MOST_WAITING_OCTETS: usize = 8 * 1024 * 1024;

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
    // What cannot be listed is told before the first octet.
    let members = folder_members(call.session.clone(), &root, "").await?;
    Ok(sent(call.session, packed(members), turn, &format!("{name}.zip"), "application/zip"))
}

/// All that is in a folder, below this name in the archive; the folder itself is listed at once.
pub(super) async fn folder_members(session: Session, folder: &NodeRef, name: &str) -> Result<Members> {
    let mut walk = Walk { session, waiting: Vec::new(), octets: 0, members: 0 };
    walk.enter(folder, name).await?;
    Ok(Box::pin(stream::try_unfold(walk, async |mut walk| Ok(walk.next().await?.map(|member| (member, walk))))))
}

/// A way through a folder.
struct Walk {
    session: Session,
    /// What comes next, the last first: where, what, and its name in the archive.
    waiting: Vec<Waiting>,
    /// The octets of the names that wait.
    octets: usize,
    members: usize,
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
    async fn next(&mut self) -> Result<Option<Member>> {
        let Some(next) = self.waiting.pop() else { return Ok(None) };
        self.octets = self.octets.saturating_sub(next.octets());
        let Waiting { at, kind, name, seconds } = next;
        match kind {
            NodeKind::Folder => {
                self.enter(&at, &name).await?;
                Ok(Some(Member::Folder { name, seconds }))
            }
            NodeKind::File => {
                let file = self.session.open::<_, Read>(at).await?.open().await?;
                let (size, seconds) = (Some(file.node().size), file.node().modified.seconds);
                Ok(Some(Member::File { name, seconds, size, content: file.stream(ByteRange::Full) }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_wait_are_bounded() {
        assert!(may_wait(MOST_WAITING, MOST_WAITING_OCTETS).is_ok());
        assert!(matches!(may_wait(MOST_WAITING + 1, 0), Err(Error::Invalid { .. })));
        assert!(matches!(may_wait(1, MOST_WAITING_OCTETS + 1), Err(Error::Invalid { .. })));
    }
}
