//! Where each owner's tree is, as settings write it: `/srv/{institution}/{login}`.

use passerelle_model::Account;

/// Fills an owner in. Neither id can contain a separator or be `..` (they were parsed). In one pass, so that a login which
/// looks like a placeholder stays a login.
pub fn owner_path(written: &str, owner: &Account) -> String {
    let named = written.split("{login}").map(|text| text.replace("{institution}", owner.institution.as_str()));
    named.collect::<Vec<_>>().join(owner.id.as_str())
}

/// What stands around the placeholders; `None` where no login is named, so that all owners would have one tree, or a brace
/// belongs to no placeholder.
pub fn around_owner(written: &str) -> Option<String> {
    let rest = written.replace("{login}", "").replace("{institution}", "");
    (written.contains("{login}") && !rest.contains(['{', '}'])).then_some(rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};

    #[test]
    fn each_owner_has_a_tree() {
        let institution = InstitutionId::parse("garonne").unwrap();
        let owner = Account { institution, id: AccountId::parse("{institution}").unwrap() };
        assert_eq!(owner_path("/x/{institution}-{login}/y", &owner), "/x/garonne-{institution}/y");
        assert_eq!(around_owner("a/{institution}/{login}/b").as_deref(), Some("a///b"));
        for wrong in ["all", "{institution}", "{uid}/{login}", "{login}}"] {
            assert_eq!(around_owner(wrong), None, "{wrong}");
        }
    }
}
