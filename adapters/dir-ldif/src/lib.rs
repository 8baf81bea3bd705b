//! A directory in an LDIF file (RFC 2849): for trying the gateway out, and for the few who have no LDAP server.
//!
//! Read whole with the settings, and again only with them. The file is only ever read. Groups are static
//! (`memberOf`, `groupOfNames`, `groupOfUniqueNames`, `posixGroup`) or dynamic (`groupOfURLs`).

mod directory;
mod password;
mod person;
mod tree;

use directory::LdifDirectory;
use passerelle_core::{
    DirectoryFactory,
    config::{Block, ConfigFault},
    ports::Directory,
};
use passerelle_wire_ldif::{Wrong, parse};
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc};

/// Largest file, in octets: a hundred thousand people.
pub const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// The kind `ldif`: `file`, and `base` where only a part of the file is meant.
pub const FACTORY: DirectoryFactory = DirectoryFactory { kind: "ldif", build };

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The file, from the folder of the settings.
    file: PathBuf,
    /// Entries elsewhere in the tree are left out.
    #[serde(default)]
    base: String,
}

fn build(block: &Block) -> Result<Arc<dyn Directory>, ConfigFault> {
    Ok(Arc::new(open(block)?))
}

fn open(block: &Block) -> Result<LdifDirectory, ConfigFault> {
    let settings: Settings = block.parse()?;
    let base = passerelle_wire_filter::Dn::parse(&settings.base)
        .map_err(|error| block.fault(format_args!("base: {error}"), "write it as in `dc=example,dc=org`"))?;
    let file = block.resolve(&settings.file);
    let unread = |error: std::io::Error| {
        block.fault(format_args!("reading {}: {error}", file.display()), "name an LDIF file that the gateway may read")
    };
    let length = std::fs::metadata(&file).map_err(unread)?.len();
    if length > LARGEST_FILE {
        return Err(block.fault(
            format_args!("{} is larger than 256 MiB", file.display()),
            "use an LDAP server and the kind `ldap`",
        ));
    }
    let octets = std::fs::read(&file).map_err(unread)?;
    let at = |wrong: Wrong| ConfigFault {
        file: file.clone(),
        line: wrong.line,
        what: wrong.what,
        remedy: "correct the LDIF file".to_owned(),
    };
    let records = parse(&octets).map_err(at)?;
    let tree = tree::Tree::grow(records, &base).map_err(at)?;
    Ok(LdifDirectory::new(format!("{} ({})", block.name(), file.display()), tree))
}
