//! `DAV:acl` (RFC 3744 §5.5): our grants, told and read. Only grants: nobody is ever denied what another line gives.

use crate::{
    call::Call,
    collections::At,
    error::{Answer, Refusal},
    place::{Place, Who},
    privilege::{self, About, Wanted},
    xml::{Element, Writer},
};
use http::StatusCode;
use passerelle_core::ports::state::Granted;
use passerelle_model::{Account, CollectionRef, Grant, Grantee, NodeRef, Rights, Target, Timestamp};

/// Most lines that a client may set on one resource.
const MOST_ACES: usize = 100;

/// `DAV:acl-restrictions` (RFC 3744 §5.6).
pub(crate) const RESTRICTIONS: &str = "<D:acl-restrictions><D:grant-only/><D:no-invert/></D:acl-restrictions>";

/// A line that a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ace {
    /// The URL of whoever it is for.
    pub(crate) principal: String,
    /// What they may do.
    pub(crate) rights: Rights,
}

/// How a grantee's principal is called in a URL.
pub(crate) fn href_of(call: &Call, to: &Grantee) -> String {
    let who = match to {
        Grantee::Account(account) => Who::Account(call.session.name_of(account)),
        Grantee::Group(group) => Who::Group(group.clone()),
        Grantee::Institution(institution) => Who::Institution(institution.clone()),
        Grantee::Link(link) => Who::Link(link.clone()),
    };
    Place::Principal(who).href()
}

/// What an access list is of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of<'a> {
    /// A file or folder.
    Node(&'a NodeRef),
    /// A calendar or an address book.
    Collection(&'a CollectionRef),
}

impl Of<'_> {
    fn target(self) -> Target {
        match self {
            Self::Node(node) => node.target(),
            Self::Collection(at) => at.target(),
        }
    }

    /// Whose it is; nobody's in a space.
    pub(crate) fn owner(self) -> Option<Account> {
        match self {
            Self::Node(node) => node.owner.id.space().is_none().then(|| node.owner.clone()),
            Self::Collection(at) => Some(at.owner.clone()),
        }
    }

    /// The URL of what a grant from above is on.
    fn above(self, call: &Call, path: &str) -> String {
        match self {
            Self::Node(node) => call.place_in(node, path) + "/",
            // Above a collection there is its owner's home.
            Self::Collection(at) => At::Home { family: at.family, account: call.session.name_of(&at.owner) }.href(),
        }
    }
}

/// Writes `DAV:acl` of a place from the grants on it and above it. What has ended is not told.
///
/// The owner's own line is protected; in a space, which has no owner, what the settings say. So are the lines of links, which
/// are made and withdrawn elsewhere: they lead on to whoever holds the link.
pub(crate) fn write(call: &Call, of: Of<'_>, granted: &[Granted], now: Timestamp) -> String {
    let mut xml = Writer::default();
    xml.raw("<D:acl>");
    if of.owner().is_some() {
        xml.raw("<D:ace><D:principal><D:property><D:owner/></D:property></D:principal>");
        xml.raw("<D:grant><D:privilege><D:all/></D:privilege></D:grant><D:protected/></D:ace>");
    }
    if let Of::Node(node) = of {
        for grant in call.session.settled_on(node) {
            open_ace(&mut xml, call, &grant);
            xml.raw("<D:protected/></D:ace>");
        }
    }
    let here = of.target();
    for Granted { target, grant } in granted {
        let sees = grant.rights.contains(Rights::LOOKUP) || grant.rights.contains(Rights::FREEBUSY);
        if grant.until.is_some_and(|until| until <= now) || !sees {
            continue;
        }
        open_ace(&mut xml, call, grant);
        if matches!(grant.to, Grantee::Link(_)) {
            xml.raw("<D:protected/>");
        }
        if target.path != here.path {
            xml.raw("<D:inherited><D:href>").raw(&of.above(call, &target.path)).raw("</D:href></D:inherited>");
        }
        xml.raw("</D:ace>");
    }
    xml.raw("</D:acl>");
    String::from_utf8(xml.finish()).unwrap_or_default()
}

/// The beginning of a line: who, and what they may do.
fn open_ace(xml: &mut Writer, call: &Call, grant: &Grant) {
    xml.raw("<D:ace><D:principal><D:href>").raw(&href_of(call, &grant.to)).raw("</D:href></D:principal><D:grant>");
    for word in privilege::granted(grant.rights) {
        xml.raw("<D:privilege><").raw(word).raw("/></D:privilege>");
    }
    xml.raw("</D:grant>");
}

/// Reads the body of the ACL method. Lines that are marked as protected or inherited come from us and are sent back; they
/// stay as they are. `None` stands for no body at all of this kind.
///
/// # Errors
/// The precondition of RFC 3744 §8.1.1 that does not hold.
pub(crate) fn read(root: &Element, about: About) -> Answer<Vec<Ace>> {
    if !root.is("acl") {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let lines = root.children.iter().filter(|child| child.is("ace"));
    let set = lines.filter(|line| line.child("protected").is_none() && line.child("inherited").is_none());
    let aces = set.filter_map(|line| ace(line, about).transpose()).collect::<Answer<Vec<Ace>>>()?;
    if aces.len() > MOST_ACES { refused("limited-number-of-aces") } else { Ok(aces) }
}

/// One line; `None` for the owner's, who has everything already.
fn ace(line: &Element, about: About) -> Answer<Option<Ace>> {
    if line.child("invert").is_some() {
        return refused("no-invert");
    }
    if line.child("deny").is_some() {
        return refused("grant-only");
    }
    let bad = || Refusal::Status(StatusCode::BAD_REQUEST);
    let principal = line.child("principal").ok_or_else(bad)?;
    let grant = line.child("grant").ok_or_else(bad)?;
    let mut rights = Rights::NONE;
    let mut reads = false;
    for privilege in grant.children.iter().filter(|child| child.is("privilege")) {
        let [privilege] = privilege.children.as_slice() else { return Err(bad()) };
        match privilege::wanted(&privilege.name, about) {
            Wanted::Rights(wanted) => {
                rights = rights.union(wanted);
                reads |= privilege.is("read") || privilege.is("all");
            }
            Wanted::Abstract => return refused("no-abstract"),
            Wanted::Unknown => return refused("not-supported-privilege"),
        }
    }
    if rights.is_empty() {
        return Err(bad());
    }
    // Who may change a file may read it here. That is not given to somebody for whom nobody asked it.
    if rights.contains(Rights::READ) && !reads {
        return Err(Refusal::Condition(StatusCode::CONFLICT, "no-ace-conflict"));
    }
    if let Some(href) = principal.child("href") {
        return Ok(Some(Ace { principal: href.text.trim_ascii().to_owned(), rights }));
    }
    match principal.child("property") {
        Some(property) if property.child("owner").is_some() => Ok(None),
        // RFC 3744 §5.5.1: `all`, `authenticated`, `unauthenticated`, `self`: nothing here is for whoever comes along.
        _ => refused("allowed-principal"),
    }
}

fn refused<T>(condition: &'static str) -> Answer<T> {
    Err(Refusal::Condition(StatusCode::FORBIDDEN, condition))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use crate::xml::parse;
    use proptest::prelude::*;

    fn body(aces: &str) -> Element {
        parse(format!("<D:acl xmlns:D='DAV:'>{aces}</D:acl>").as_bytes()).unwrap()
    }

    fn line(principal: &str, words: &[&str]) -> String {
        let words: String = words.iter().map(|word| format!("<D:privilege><D:{word}/></D:privilege>")).collect();
        format!("<D:ace><D:principal>{principal}</D:principal><D:grant>{words}</D:grant></D:ace>")
    }

    const SOMEBODY: &str = "<D:href> /dav/principals/u2/ </D:href>";

    #[test]
    fn what_is_set() {
        let told_back = line(SOMEBODY, &["all"]).replace("</D:ace>", "<D:protected/></D:ace>");
        let inherited =
            line(SOMEBODY, &["all"]).replace("</D:ace>", "<D:inherited><D:href>/</D:href></D:inherited></D:ace>");
        let owner = line("<D:property><D:owner/></D:property>", &["all"]);
        let both = line(SOMEBODY, &["read", "write"]);
        let aces = read(&body(&[told_back, inherited, owner, both].concat()), About::Things).unwrap();
        let rights = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
        assert_eq!(aces, [Ace { principal: "/dav/principals/u2/".into(), rights }]);
        assert_eq!(read(&body(""), About::Things).unwrap(), []);
        let drop_box = read(&body(&line(SOMEBODY, &["bind"])), About::Things).unwrap();
        assert_eq!(drop_box.first().unwrap().rights, Rights::ADD);
    }

    #[test]
    fn what_is_refused() {
        let href = SOMEBODY;
        let deny = line(href, &["read"]).replace("D:grant", "D:deny");
        let invert = line(href, &["read"]).replace("D:principal>", "D:invert>");
        let busy = line(href, &["read"]).replace("D:read", "C:read-free-busy xmlns:C='urn:ietf:params:xml:ns:caldav'");
        for (aces, condition) in [
            (deny, "grant-only"),
            (invert, "no-invert"),
            (line(href, &["read", "read-acl"]), "no-abstract"),
            (line(href, &["unlock"]), "not-supported-privilege"),
            (busy.clone(), "not-supported-privilege"),
            (line(href, &["write"]), "no-ace-conflict"),
            (line(href, &["write-content"]), "no-ace-conflict"),
            (line("<D:all/>", &["read"]), "allowed-principal"),
            (line("<D:authenticated/>", &["read"]), "allowed-principal"),
            (line("<D:unauthenticated/>", &["read"]), "allowed-principal"),
            (line("<D:self/>", &["read"]), "allowed-principal"),
            (line(href, &["read"]).repeat(101), "limited-number-of-aces"),
        ] {
            match read(&body(&aces), About::Things) {
                Err(Refusal::Condition(_, name)) => assert_eq!(name, condition, "{aces}"),
                other => panic!("{aces}: {other:?}"),
            }
        }
        // When somebody is busy is said of calendars alone.
        assert_eq!(
            read(&body(&busy), About::Times).unwrap().first().unwrap().rights,
            Rights::FREEBUSY.union(Rights::LOOKUP)
        );
        for bad in ["<D:ace/>", &line(href, &[]), "<D:ace><D:principal/><D:grant><D:privilege/></D:grant></D:ace>"] {
            assert!(matches!(read(&body(bad), About::Things), Err(Refusal::Status(StatusCode::BAD_REQUEST))), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(names in proptest::collection::vec("(ace|principal|grant|deny|privilege|href|all|read|/)", 0..20)) {
            let xml: String = names.iter().map(|name| if name == "/" { String::new() } else { format!("<D:{name}>") })
                .chain(names.iter().rev().filter(|name| *name != "/").map(|name| format!("</D:{name}>"))).collect();
            let _ = read(&body(&xml), About::Things);
        }
    }
}
