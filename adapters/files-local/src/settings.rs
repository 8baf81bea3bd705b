//! The adapter's own settings.

use passerelle_core::config::{Block, ConfigFault, around_owner, not_around_owner};
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};

/// Checked settings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) path: Template,
    /// Whether an owner's root folder is made when it is missing.
    pub(crate) create: bool,
    /// Whether content and folder are on the disk before a write is acknowledged.
    pub(crate) fsync: bool,
    /// Where the helper listens that acts as the owners; without it the service's account acts.
    pub(crate) helper: Option<PathBuf>,
}

/// `/srv/homes/{login}`: where an owner's tree is.
#[derive(Debug, Clone)]
pub(crate) struct Template(String);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: PathBuf,
    #[serde(default)]
    create: bool,
    #[serde(default = "yes")]
    fsync: bool,
    #[serde(default)]
    act_as: ActAs,
    hands: Option<PathBuf>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ActAs {
    #[default]
    Service,
    Owner,
}

const fn yes() -> bool {
    true
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let written: Written = block.parse()?;
        let path = match written.act_as {
            ActAs::Service => block.resolve(&written.path),
            // The helper takes no detours, and knows nothing of where the settings are.
            ActAs::Owner => std::path::absolute(block.resolve(&written.path))
                .map_err(|error| block.fault(format!("path: {error}"), "write it from the root on"))?,
        };
        let helper = match (written.act_as, written.hands) {
            (ActAs::Service, None) => None,
            (ActAs::Owner, Some(helper)) => Some(block.resolve(&helper)),
            (ActAs::Service, Some(_)) => {
                return Err(block.fault("hands is for act_as = \"owner\" only", "leave it out, or add act_as"));
            }
            (ActAs::Owner, None) => {
                return Err(block.fault(
                    "act_as = \"owner\" needs a helper",
                    "write hands = \"/run/passerelle/hands.sock\", and start `passerelle hands` there",
                ));
            }
        };
        if helper.is_some() && path.components().any(|part| part == Component::ParentDir) {
            return Err(block.fault("path has .. in it", "write it from the root on"));
        }
        let text = path.to_str().ok_or_else(|| block.fault("path is not UTF-8", "name another folder"))?;
        let template = Template(text.to_owned());
        template.check(block)?;
        if helper.is_some() && block.is_space() {
            return Err(block.fault("a space has no owner to act as", "leave out act_as and hands"));
        }
        Ok(Self { path: template, create: written.create, fsync: written.fsync, helper })
    }
}

impl Template {
    fn check(&self, block: &Block) -> Result<(), ConfigFault> {
        let sample = "write path = \"/srv/homes/{login}\", in a space without {login}";
        around_owner(block, &self.0).map(drop).ok_or_else(|| block.fault(not_around_owner(block), sample))
    }

    /// The root of an owner's tree. Neither id can contain a separator or be `..` (they were parsed).
    pub(crate) fn root(&self, institution: &str, login: &str) -> PathBuf {
        // In one pass, so that an id which looks like a placeholder stays an id.
        let mut root = String::with_capacity(self.0.len() + login.len() + institution.len());
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            root.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            root.push_str(if name == "login" { login } else { institution });
            rest = after;
        }
        root.push_str(rest);
        PathBuf::from(root)
    }

    /// The deepest folder that does not depend on the owner.
    pub(crate) fn base(&self) -> &Path {
        let fixed = self.0.split('{').next().unwrap_or_default();
        Path::new(fixed.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn read(text: &str) -> Result<Settings, ConfigFault> {
        Settings::read(&Block::from_text("garonne.files", Path::new("/etc/passerelle/x.toml"), text))
    }

    #[test]
    fn a_tree_for_each_owner() {
        let settings = read("path = \"/srv/{institution}/homes/{login}/files\"").unwrap();
        assert_eq!(settings.path.root("garonne", "u1"), Path::new("/srv/garonne/homes/u1/files"));
        assert_eq!(settings.path.root("garonne", "{institution}"), Path::new("/srv/garonne/homes/{institution}/files"));
        assert_eq!(settings.path.base(), Path::new("/srv"));
        assert!(settings.fsync && !settings.create);
        assert_eq!(
            read("path = \"homes/{login}\"").unwrap().path.root("g", "u1"),
            Path::new("/etc/passerelle/homes/u1")
        );
    }

    #[test]
    fn a_helper_acts_as_the_owner() {
        let settings = read("path = \"/srv/homes/{login}\"\nact_as = \"owner\"\nhands = \"/run/hands\"").unwrap();
        assert_eq!(settings.helper.as_deref(), Some(Path::new("/run/hands")));
        assert_eq!(read("path = \"/srv/homes/{login}\"\nact_as = \"service\"").unwrap().helper, None);
    }

    #[test]
    fn what_cannot_be_is_said() {
        for (text, said) in [
            ("path = \"/srv/homes\"", "{login}"),
            ("path = \"/srv/{uid}/{login}\"", "{login}"),
            ("path = \"/srv/{login}\"\nact_as = \"owner\"", "needs a helper"),
            ("path = \"/srv/{login}\"\nhands = \"/run/x\"", "only"),
            ("path = \"/srv/{login}\"\nact_as = \"root\"", "root"),
            ("path = \"../{login}\"\nact_as = \"owner\"\nhands = \"/run/x\"", ".."),
            ("path = \"/srv/{login}\"\nfsnyc = true", "fsnyc"),
        ] {
            assert!(read(text).unwrap_err().to_string().contains(said), "{text}");
        }
    }
}
