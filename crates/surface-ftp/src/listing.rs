//! LIST, NLST and MLSD (RFC 959 §4.1.3, RFC 3659 §7): lines as the store tells its entries, batch by batch. A listing that the
//! store breaks off is cut, so that no client takes a part for the whole and deletes at home what is missing.

use crate::{
    data::DataStream,
    transfer::Cut,
    tree::{self, Seen},
};
use futures::StreamExt;
use passerelle_core::{
    Error, Lookup, Read, Result, Session,
    ports::{Node, NodeKind, NodeStream},
};
use passerelle_model::{NodeRef, Rights, Timestamp};
use passerelle_wire_ftp::{Entry, Facts, Kind, May, TreePath};
use std::borrow::Cow;

/// How a line is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// As `ls -l`.
    Long(Timestamp),
    /// Names only.
    Names,
    /// Facts.
    Facts(Facts),
}

/// A listing that may be read, before the first line of it.
pub(crate) enum Listing {
    /// Lines that are known already.
    Known(Vec<u8>),
    /// A folder of a store, whose rights hold for what is in it.
    Folder(NodeStream, Rights),
}

/// Opens what is to be listed.
pub(crate) async fn open(session: &Session, path: &TreePath, form: Form) -> Result<Listing> {
    let mut lines = Vec::new();
    match tree::look(session, path).await? {
        Seen::Top => {
            for owner in session.trees().await? {
                form.line(&folder(&session.name_of(&owner)), &mut lines);
            }
        }
        Seen::Passage(node, names) => passing(session, &node, &names, form, &mut lines).await?,
        Seen::Node(handle, node) if node.kind == NodeKind::File => {
            // RFC 3659 §7.2: MLSD is for folders.
            if matches!(form, Form::Facts(_)) {
                return Err(Error::invalid("a file is not listed"));
            }
            form.line(&entry(handle.target().path.name().unwrap_or_default(), &node, handle.rights()), &mut lines);
        }
        Seen::Node(handle, _) => {
            let folder = session.open_seen::<Read>(handle.target()).await?;
            return Ok(Listing::Folder(folder.list().await?, folder.rights()));
        }
    }
    Ok(Listing::Known(lines))
}

/// Sends it; the octets that went out.
pub(crate) async fn send(mut data: DataStream, listing: Listing, form: Form) -> Result<u64, Cut> {
    match listing {
        Listing::Known(lines) => data.write(&lines).await.map_err(Cut::Client)?,
        Listing::Folder(mut nodes, rights) => {
            let mut lines = Vec::new();
            while let Some(batch) = nodes.next().await {
                for node in batch.map_err(Cut::Store)? {
                    form.line(&entry(&node.name, &node, rights), &mut lines);
                }
                data.write(&lines).await.map_err(Cut::Client)?;
                lines.clear();
            }
        }
    }
    data.finish().await.map_err(Cut::Client)
}

/// What leads on in a folder that is shown only because something below it is shared.
async fn passing(
    session: &Session,
    node: &NodeRef,
    names: &std::collections::BTreeSet<String>,
    form: Form,
    lines: &mut Vec<u8>,
) -> Result<()> {
    for name in names {
        let Ok(path) = node.path.join(name) else { continue };
        match session.open::<NodeRef, Lookup>(NodeRef { path, ..node.clone() }).await {
            Err(Error::NotFound) => form.line(&folder(name), lines),
            Err(error) => return Err(error),
            Ok(handle) => match handle.stat().await {
                // What was shared is gone; so it is not here.
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
                Ok(node) => form.line(&entry(name, &node, handle.rights()), lines),
            },
        }
    }
    Ok(())
}

/// A file or folder, as these rights show it.
pub(crate) fn entry<'a>(name: &'a str, node: &Node, rights: Rights) -> Entry<'a> {
    Entry {
        name,
        kind: if node.kind == NodeKind::Folder { Kind::Folder } else { Kind::File },
        size: node.size,
        modified: Some(node.modified.seconds),
        may: May {
            read: rights.contains(Rights::READ),
            add: rights.contains(Rights::ADD),
            edit: rights.contains(Rights::EDIT),
            remove: rights.contains(Rights::REMOVE),
        },
    }
}

/// A folder of which there is nothing but its name.
pub(crate) fn folder(name: &str) -> Entry<'_> {
    let may = May { read: true, ..May::default() };
    Entry { name, kind: Kind::Folder, size: 0, modified: None, may }
}

impl Form {
    fn line(self, entry: &Entry<'_>, lines: &mut Vec<u8>) {
        // A name that was made past the gateway may hold the end of a line. It is shown, as `ls` does, and cannot be said.
        let name: Cow<'_, str> = if entry.name.contains(char::is_control) {
            entry.name.replace(char::is_control, "?").into()
        } else {
            entry.name.into()
        };
        let shown = Entry { name: &name, ..entry.clone() };
        let line = match self {
            Self::Long(now) => shown.long_line(now.0),
            Self::Names => name.into_owned(),
            Self::Facts(facts) => facts.line(&shown),
        };
        lines.extend_from_slice(line.as_bytes());
        lines.extend_from_slice(b"\r\n");
    }
}
