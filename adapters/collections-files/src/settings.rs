//! The settings.

use passerelle_core::{
    CollectionFolder, Mount,
    config::{Block, ConfigFault},
    ports::{TRANSFER, TRANSFERS},
};
use passerelle_model::{CollectionFamily, NodePath};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The path of the folder in each owner's tree.
    folder: Option<String>,
}

/// The folder that the settings say, in everybody's own tree.
pub(crate) fn read(block: &Block, family: CollectionFamily, mounts: &[Mount]) -> Result<CollectionFolder, ConfigFault> {
    let Table { folder } = block.parse()?;
    let folder = folder.unwrap_or_else(|| named(family).to_owned());
    let wrong = |what: String| block.fault(what, "write the path of a folder, as in folder = \"Calendars\"");
    let path = NodePath::parse(&folder).map_err(|error| wrong(format!("folder {folder}: {error}")))?;
    let first = path.as_str().split('/').next().unwrap_or_default();
    if first == TRANSFERS || first.starts_with(TRANSFER) {
        return Err(wrong(format!("folder {folder}: uploads are kept there")));
    }
    let Some(home) = mounts.iter().find(|mount| mount.id.as_str() == Mount::HOME) else {
        return Err(block.fault("there are no files to keep them in", "add [files.home], or another kind"));
    };
    CollectionFolder::new(home.clone(), path)
        .ok_or_else(|| wrong("folder: a whole tree is no place for them".to_owned()))
}

/// How the folder is called by itself.
const fn named(family: CollectionFamily) -> &'static str {
    match family {
        CollectionFamily::Calendars => "Calendars",
        CollectionFamily::Contacts => "Contacts",
    }
}
