//! What is given of a file, a folder or a calendar, and to whom, in words that pages and programs carry: the one place for both.

use passerelle_core::{
    Authorized, Error, LinkUse, Linkable, Manage, Result, Session, ports::state::Granted, ports::state::Link,
};
use passerelle_model::{Account, AccountId, Grantee, GroupId, GroupRef, InstitutionId, Rights, Timestamp};

/// What people may be given, the least first.
pub(crate) const GIVEN: [(&str, Rights); 4] = [
    ("read", LinkUse::Read.rights()),
    ("upload", LinkUse::Upload.rights()),
    ("write", LinkUse::Write.rights()),
    ("manage", Rights::MANAGE),
];

/// What a word gives.
pub(crate) fn rights(word: &str) -> Option<Rights> {
    GIVEN.into_iter().find(|(known, _)| *known == word).map(|(_, rights)| rights)
}

/// The word for rights; `None` when there is none.
pub(crate) fn word(rights: Rights) -> Option<&'static str> {
    GIVEN.into_iter().find(|(_, known)| *known == rights).map(|(word, _)| word)
}

/// Who is meant by what somebody typed; `None` when nobody is, or it cannot be told who. An empty `at` is at home.
pub(crate) async fn named(session: &Session, kind: &str, who: &str, at: &str) -> Result<Option<Grantee>> {
    let own = session.institution()?.id.clone();
    let at = if at.is_empty() { own.clone() } else { InstitutionId::parse(at).map_err(Error::invalid)? };
    Ok(match kind {
        "person" => session.person_named(who, &at).await?.map(Grantee::Account),
        "group" => GroupId::parse(who).ok().map(|id| Grantee::Group(GroupRef { institution: at, id })),
        "everybody" => Some(Grantee::Institution(own)),
        _ => None,
    })
}

/// A grantee as it is carried; links are handled by their ids.
pub(crate) fn written(to: &Grantee) -> Option<String> {
    match to {
        Grantee::Account(account) => Some(format!("person/{}/{}", account.institution, account.id)),
        Grantee::Group(group) => Some(format!("group/{}/{}", group.institution, group.id)),
        Grantee::Institution(id) => Some(format!("everybody/{id}/")),
        Grantee::Link(_) => None,
    }
}

/// The reverse of [`written`].
pub(crate) fn read(text: &str) -> Option<Grantee> {
    let (kind, rest) = text.split_once('/')?;
    let (institution, id) = rest.split_once('/')?;
    let institution = InstitutionId::parse(institution).ok()?;
    match kind {
        "person" => Some(Grantee::Account(Account { institution, id: AccountId::parse(id).ok()? })),
        "group" => Some(Grantee::Group(GroupRef { institution, id: GroupId::parse(id).ok()? })),
        "everybody" => Some(Grantee::Institution(institution)),
        _ => None,
    }
}

/// A link to a place, as who manages it sees it.
pub(crate) struct KeptLink {
    pub(crate) link: Link,
    /// What it gives; `None` when its grant was taken away.
    pub(crate) rights: Option<Rights>,
    /// Whether it has ended, or was used as often as it may be.
    pub(crate) is_over: bool,
    pub(crate) standing: Standing,
}

/// Whether a link leads here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Stands,
    /// Whoever made it may not share this any more.
    Fallen,
    /// Cannot be said now.
    Unknown,
}

/// The links to a place whose grants these are.
pub(crate) async fn links<T: Linkable>(
    place: &Authorized<T, Manage>,
    grants: &[Granted],
    now: Timestamp,
) -> Result<Vec<KeptLink>> {
    let mut kept = Vec::new();
    for link in place.links().await? {
        let standing = match place.link_stands(&link).await {
            Ok(true) => Standing::Stands,
            Ok(false) => Standing::Fallen,
            // Whoever could say of its maker is away: the other links, and the way to remove this one, stay.
            Err(Error::Unavailable { .. }) => Standing::Unknown,
            Err(error) => return Err(error),
        };
        let its = grants.iter().find(|it| it.grant.to == Grantee::Link(link.id.clone()));
        let is_over = link.until.is_some_and(|until| until <= now)
            || link.most_downloads.is_some_and(|most| link.downloads >= most);
        kept.push(KeptLink { rights: its.map(|it| it.grant.rights), is_over, standing, link });
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn grantees_come_back_as_they_went() {
        for text in ["person/garonne/u00001", "group/autan/staff", "everybody/garonne/"] {
            assert_eq!(written(&read(text).unwrap()).as_deref(), Some(text));
        }
        for text in ["", "person", "person/garonne", "link/garonne/x", "person//u1"] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn words_come_back_as_they_went() {
        for (text, _) in GIVEN {
            assert_eq!(word(rights(text).unwrap()), Some(text));
        }
        assert_eq!((rights("all"), word(Rights::LOOKUP)), (None, None));
    }
}
