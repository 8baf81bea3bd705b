//! Writing: to a hidden file beside the old one, which is renamed over it in one step.

use crate::{
    fault::{fault, parent_fault},
    link::Link,
    meta,
    place::Place,
    settings::Settings,
    tree,
};
use bytes::Bytes;
use passerelle_core::{
    Error, Result,
    ports::{Fut, Node, Precondition, Upload},
};
use smb2::{ErrorKind, FileWriter, RenameOptions, client::stream::open_file_writer_exclusive};
use std::sync::Arc;

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    New,
    Replace,
}

/// A write under way; nothing of it is left when dropped.
pub(crate) struct Writing {
    settings: Arc<Settings>,
    link: Arc<Link>,
    place: Place,
    purpose: Purpose,
    hidden: String,
    writer: Option<FileWriter>,
    /// Whether the hidden file is still there.
    kept: bool,
}

/// Begins.
pub(crate) async fn begin(
    settings: &Arc<Settings>,
    link: &Arc<Link>,
    place: Place,
    purpose: Purpose,
    length: Option<u64>,
) -> Result<Writing> {
    let place = place.below_root()?;
    place.check_root(settings, link).await?;
    match (purpose, place.look(settings, link).await) {
        (Purpose::New, Err(Error::NotFound)) => {}
        (Purpose::New, Ok(_)) => return Err(Error::Conflict),
        (Purpose::Replace, Ok((info, _))) if info.is_directory => return Err(Error::invalid("this is a folder")),
        (Purpose::Replace, Ok(_)) => {}
        (_, Err(error)) => return Err(error),
    }
    if let Some(length) = length.filter(|length| *length > 0) {
        let room = link.tree.fs_info(&mut link.connection()).await;
        let room = room.map_err(|error| fault(&settings.name, "asking for room", error))?;
        if length > room.free_bytes {
            return Err(Error::OverQuota);
        }
    }
    let hidden = place.beside()?;
    let opened = open_file_writer_exclusive(Arc::clone(&link.tree), link.connection(), &hidden).await;
    let writer = opened.map_err(|error| parent_fault(&settings.name, "beginning a file", error))?;
    let (settings, link, writer) = (Arc::clone(settings), Arc::clone(link), Some(writer));
    Ok(Writing { settings, link, place, purpose, hidden, writer, kept: true })
}

impl Writing {
    async fn publish(mut self, when: &Precondition) -> Result<Node> {
        let told = |error| fault(&self.settings.name, "finishing a file", error);
        if let Some(writer) = self.writer.take() {
            writer.finish().await.map_err(told)?;
        }
        let now = match self.place.look(&self.settings, &self.link).await {
            Ok((info, identity)) => Some(meta::node(&self.place.name, &info, identity)?),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        if !when.holds(now.as_ref()) {
            return Err(Error::Conflict);
        }
        let mut connection = self.link.connection();
        let options = RenameOptions::new().replace_if_exists(self.purpose == Purpose::Replace);
        match self.link.tree.rename_with(&mut connection, &self.hidden, &self.place.path, options).await {
            Ok(()) => {}
            // Somebody has it open, and the protocol has no step that replaces an open file (MS-FSA §2.1.5.15.11).
            Err(error) if self.purpose == Purpose::Replace && is_open(&error) => {
                let put = async || {
                    let mut connection = self.link.connection();
                    self.link.tree.rename(&mut connection, &self.hidden, &self.place.path).await
                };
                tree::instead_of(&self.settings, &self.link, &self.place, false, put).await?;
            }
            Err(error) => return Err(told(error)),
        }
        self.kept = false;
        let found = self.link.tree.stat_with_identity(&mut connection, &self.place.path).await;
        let (info, identity) = found.map_err(told)?;
        meta::node(&self.place.name, &info, identity)
    }
}

/// How servers say that a file is open.
fn is_open(error: &smb2::Error) -> bool {
    matches!(error.kind(), ErrorKind::AccessDenied | ErrorKind::SharingViolation)
}

impl Upload for Writing {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        Box::pin(async move {
            let Some(writer) = &mut self.writer else { return Err(Error::internal("writing", "after the end")) };
            writer.write_chunk(&piece).await.map_err(|error| fault(&self.settings.name, "writing", error))
        })
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(self.publish(when))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.kept {
            return;
        }
        let (writer, link, hidden) = (self.writer.take(), Arc::clone(&self.link), std::mem::take(&mut self.hidden));
        let name = self.settings.name.clone();
        // Off a runtime the process is going down; the next listing passes over what is left.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Some(writer) = writer {
                // Closed or not: what counts is that its file goes.
                let _ = writer.abort().await;
            }
            if let Err(error) = link.tree.delete_file(&mut link.connection(), &hidden).await {
                tracing::debug!(store = name, %error, "a file that was not finished is left, hidden");
            }
        });
    }
}
