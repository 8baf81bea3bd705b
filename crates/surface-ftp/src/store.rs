//! STOR, STOU and APPE (RFC 959 §4.1.3). What was there stays until the end of what is sent was seen; then it is replaced in one
//! step, and the right to do so is asked for again. APPE writes the old content and what is added to it anew, under the
//! condition that nobody changed it meanwhile.

use crate::{data::DataStream, transfer::Cut, tree};
use futures::StreamExt;
use passerelle_core::{
    Add, Edit, Result, Session,
    ports::{ByteRange, ByteStream, NodeKind, Precondition, Upload},
    seal,
};
use passerelle_model::NodeRef;
use passerelle_wire_ftp::{Reply, TreePath};
use std::time::Duration;
use tokio::time::sleep;

/// How long the control connection has to live on behind the end of data in clear. A client that is killed closes both at
/// the same moment, and the order in which that arrives is nobody's.
const LIVES_ON: Duration = Duration::from_millis(100);

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// In place of what is there.
    Whole,
    /// Behind what is there.
    Behind,
}

/// An upload that may begin.
pub(crate) struct Begun {
    upload: Box<dyn Upload>,
    /// What stands before what is sent.
    before: Option<ByteStream>,
    when: Precondition,
    node: NodeRef,
    is_new: bool,
}

impl Begun {
    /// The name in its folder.
    pub(crate) fn name(&self) -> &str {
        self.node.path.name().unwrap_or_default()
    }
}

/// Octets that came, and were seen to be all.
pub(crate) struct Received {
    begun: Begun,
    octets: u64,
    data: DataStream,
}

/// Begins to write a file, of about as many octets as were announced; `Err` within is a refusal of the protocol's own.
pub(crate) async fn begin(
    session: &Session,
    path: &TreePath,
    way: Way,
    announced: Option<u64>,
) -> Result<Result<Begun, Reply>> {
    let node = tree::changed(session, path)?;
    let seen = session.look_at_node(&node).await?;
    if node.path.is_root() || seen.as_ref().is_some_and(|seen| seen.kind == NodeKind::Folder) {
        return Ok(Err(Reply::new(553, "That is a folder")));
    }
    if seen.is_none() {
        let handle = session.open_seen::<Add>(&node).await?;
        if let Some(octets) = announced {
            handle.check_fits(octets).await?;
        }
        let upload = handle.create(None).await?;
        return Ok(Ok(Begun { upload, before: None, when: Precondition::None, node, is_new: true }));
    }
    let handle = session.open_seen::<Edit>(&node).await?;
    if let Some(octets) = announced {
        handle.check_fits(octets).await?;
    }
    let (before, when) = match way {
        Way::Whole => (None, Precondition::None),
        Way::Behind => {
            let content = handle.open().await?;
            let when = Precondition::Matches(vec![content.node().etag.as_str().to_owned()]);
            (Some(content.stream(ByteRange::Full)), when)
        }
    };
    let upload = handle.replace(None).await?;
    Ok(Ok(Begun { upload, before, when, node, is_new: false }))
}

/// Receives what is sent, to its end. Dropped before, it leaves what was there.
pub(crate) async fn receive(mut data: DataStream, mut begun: Begun) -> Result<Received, Cut> {
    if let Some(mut before) = begun.before.take() {
        while let Some(piece) = before.next().await {
            begun.upload.write(piece.map_err(Cut::Store)?).await.map_err(Cut::Store)?;
        }
    }
    while let Some(piece) = data.read().await.map_err(Cut::Client)? {
        begun.upload.write(piece).await.map_err(Cut::Store)?;
    }
    if !data.tells_its_end() {
        sleep(LIVES_ON).await;
    }
    Ok(Received { octets: data.octets(), begun, data })
}

/// Makes it visible; the octets that came.
pub(crate) async fn commit(session: &Session, received: Received) -> Result<u64> {
    let Received { begun, octets, data } = received;
    let Begun { upload, when, node, is_new, before: _ } = begun;
    // An upload can take hours; what was withdrawn meanwhile does not write.
    if is_new {
        session.open::<NodeRef, Add>(node).await?;
    } else {
        session.open::<NodeRef, Edit>(node).await?;
    }
    upload.commit(&when).await?;
    // The client has said its end, and the answer is on the control connection: how this one closes does not matter.
    let _ = data.finish().await;
    Ok(octets)
}

/// A name that nothing has.
pub(crate) fn unique_name() -> Result<String> {
    let number = u128::from_be_bytes(seal::random()?);
    Ok(format!("upload-{number:032x}"))
}

/// Something that would have to be written in the middle of a file.
pub(crate) fn refuse_offset() -> Reply {
    // RFC 3659 §5.3. What was cut has left nothing to go on from.
    Reply::new(554, "An upload begins at its beginning: what was cut has left nothing")
}
