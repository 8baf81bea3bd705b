//! `[mount]`: which number of this machine's accounts is whom, for `passerelle mount`.

use crate::Source;
use passerelle_core::config::ConfigFault;
use serde::Deserialize;
use std::{collections::BTreeSet, path::PathBuf};
use toml::Spanned;

/// Largest file of names, in octets.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Whom the mount acts for.
#[derive(Debug, Clone, Default)]
pub struct Mount {
    /// A number of this machine's accounts (uid), and `login@domain`.
    pub users: Vec<(u32, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MountTable {
    users: Spanned<PathBuf>,
}

impl MountTable {
    /// Reads the file of names: a number and a name on each line, `#` begins a remark.
    pub(crate) fn check(&self, source: &Source) -> Result<Mount, ConfigFault> {
        let file = source.existing(&self.users)?;
        let fault = |line: usize, what: &str, remedy: &str| ConfigFault {
            file: file.clone(),
            line,
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        };
        let is_large = std::fs::metadata(&file).is_ok_and(|meta| meta.len() > LARGEST);
        let text = if is_large { None } else { std::fs::read_to_string(&file).ok() };
        let text =
            text.ok_or_else(|| fault(1, "it cannot be read as text", "write a number and a name on each line"))?;
        let (mut users, mut known) = (Vec::new(), BTreeSet::new());
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let user = line.split_once(char::is_whitespace).and_then(|(number, name)| {
                let name = name.trim();
                let is_name = name.contains('@') && !name.contains(char::is_whitespace);
                Some((number.parse::<u32>().ok()?, is_name.then(|| name.to_owned())?))
            });
            let remedy = "write the number of an account and login@domain: 10001 u00001@a.test";
            let user = user.ok_or_else(|| fault(index.saturating_add(1), "that is no number and a name", remedy))?;
            if !known.insert(user.0) {
                return Err(fault(index.saturating_add(1), "that number is somebody already", "name each number once"));
            }
            users.push(user);
        }
        Ok(Mount { users })
    }
}
