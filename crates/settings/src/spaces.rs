//! `[spaces.<id>]`: file trees that are nobody's own, each with its store and with who may do what in it.

use crate::{Source, institution::parsed};
use passerelle_core::{Mount, SharedSpace, config::ConfigFault};
use passerelle_model::{Grant, Grantee, GroupId, GroupRef, InstitutionId, MountId, Rights};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;
use toml::Spanned;

/// Longest id of a space, in octets.
const LONGEST: usize = 64;

/// A space as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpaceTable {
    #[serde(default)]
    name: BTreeMap<String, String>,
    #[serde(default)]
    everybody: Vec<Spanned<String>>,
    #[serde(default)]
    groups: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    #[serde(rename = "store")]
    _store: IgnoredAny,
}

impl SpaceTable {
    /// Checks it.
    pub(crate) fn check(
        self,
        source: &Source,
        written: &Spanned<String>,
        institution: &InstitutionId,
    ) -> Result<SharedSpace, ConfigFault> {
        let id = parsed(source, written, MountId::parse)?;
        let at = written.span().start;
        if id.as_str() == Mount::HOME || id.as_str().len() > LONGEST {
            return Err(source.fault(
                at,
                format!("a space cannot be called {id}"),
                "give it another name, a shorter one",
            ));
        }
        let mut grants = Vec::new();
        if !self.everybody.is_empty() {
            let to = Grantee::Institution(institution.clone());
            grants.push(Grant { to, rights: rights(source, &self.everybody)?, until: None });
        }
        for (group, words) in &self.groups {
            let group = GroupRef { institution: institution.clone(), id: parsed(source, group, GroupId::parse)? };
            grants.push(Grant { to: Grantee::Group(group), rights: rights(source, words)?, until: None });
        }
        Ok(SharedSpace { id, name: self.name, grants })
    }
}

fn rights(source: &Source, words: &[Spanned<String>]) -> Result<Rights, ConfigFault> {
    words.iter().try_fold(Rights::NONE, |held, word| {
        let remedy = "write lookup, read, add, edit, remove or manage";
        let right = Rights::parse(word.get_ref()).map_err(|error| source.fault(word.span().start, error, remedy))?;
        Ok(held.union(right))
    })
}
