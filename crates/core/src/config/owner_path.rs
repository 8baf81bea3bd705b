//! Where each owner's tree is, as settings write it: `/srv/{institution}/{login}`.

use super::Block;
use passerelle_model::Account;

/// Fills an owner in. Neither id can contain a separator or be `..` (they were parsed). In one pass, so that a login which
/// looks like a placeholder stays a login.
pub fn owner_path(written: &str, owner: &Account) -> String {
    let named = written.split("{login}").map(|text| text.replace("{institution}", owner.institution.as_str()));
    named.collect::<Vec<_>>().join(owner.id.as_str())
}

/// What stands around the placeholders; `None` where a brace belongs to none of them, or no login is named, so that all owners
/// would have one tree. In a space there is no login to name.
pub fn around_owner(block: &Block, written: &str) -> Option<String> {
    let rest = written.replace("{login}", "").replace("{institution}", "");
    (written.contains("{login}") != block.is_space() && !rest.contains(['{', '}'])).then_some(rest)
}

/// What is wrong with a path that [`around_owner`] refuses.
pub fn not_around_owner(block: &Block) -> &'static str {
    if block.is_space() {
        "in a space the path has no {login}, and may have {institution}"
    } else {
        "the path must have {login}, and may have {institution}: all owners would have one tree"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};
    use std::path::Path;

    #[test]
    fn each_owner_has_a_tree() {
        let institution = InstitutionId::parse("garonne").unwrap();
        let owner = Account { institution, id: AccountId::parse("{institution}").unwrap() };
        assert_eq!(owner_path("/x/{institution}-{login}/y", &owner), "/x/garonne-{institution}/y");
        let homes = Block::from_text("garonne.files.home", Path::new("x.toml"), "");
        assert_eq!(around_owner(&homes, "a/{institution}/{login}/b").as_deref(), Some("a///b"));
        for wrong in ["all", "{institution}", "{uid}/{login}", "{login}}"] {
            assert_eq!(around_owner(&homes, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_space_has_one() {
        let space = Block::from_text("garonne.spaces.all", Path::new("x.toml"), "").of_space();
        assert_eq!(around_owner(&space, "a/{institution}").as_deref(), Some("a/"));
        assert_eq!(around_owner(&space, "a/{login}"), None);
    }
}
