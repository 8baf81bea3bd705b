//! The reports of RFC 3744 §9: finding people and groups, and whoever an access list names.
//!
//! A search asks the directory of the person's own institution, through the gate: whoever may not read it finds nobody, and
//! nobody finds who asked not to be listed. It is bounded: beyond [`MOST_FOUND`] the answer says that there were more.

use super::propfind::{described, plain_setting, whole};
use crate::{
    acl,
    call::Call,
    error::{Answer, Refusal, with_xml},
    place::Place,
    principal::{self, Shown},
    props::{Ask, Thing, response},
    xml::{Element, Writer},
};
use http::StatusCode;
use passerelle_core::{Error, MOST_FOUND, Manage};
use passerelle_model::{Grantee, NodeRef};

/// Most terms of one search.
const MOST_TERMS: usize = 8;

/// One term: what is looked for in what.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    names: bool,
    mails: bool,
    text: String,
}

impl Term {
    /// `DAV:property-search` (RFC 3744 §9.4); `None` for what is no term.
    fn read(element: &Element) -> Option<Self> {
        let text = element.child("match")?.text.trim().to_lowercase();
        let (mut names, mut mails) = (false, false);
        for property in &element.child("prop")?.children {
            names |= property.is("displayname");
            // Clients of calendars ask for the address of mail by either name.
            mails |= property.is("alternate-URI-set") || property.name.name == "email-address";
        }
        Some(Self { names, mails, text })
    }

    fn holds(&self, found: &Shown) -> bool {
        let within = |text: &str| text.to_lowercase().contains(&self.text);
        (self.names && (within(&found.name) || within(&found.id)))
            || (self.mails && found.mails.iter().any(|mail| within(mail)))
    }
}

/// `DAV:principal-property-search` (RFC 3744 §9.4)
pub(super) async fn search(call: &Call, root: &Element) -> Answer {
    let terms: Option<Vec<Term>> =
        root.children.iter().filter(|child| child.is("property-search")).map(Term::read).collect();
    let terms = terms.filter(|terms| !terms.is_empty() && terms.len() <= MOST_TERMS).ok_or(StatusCode::BAD_REQUEST)?;
    let any = root.is_marked("test", "anyof");
    let home = call.session.principal()?.account().institution.clone();
    let (mut found, mut more): (Vec<Shown>, bool) = (Vec::new(), false);
    if let Some(directory) = principal::directory(call, &home).await? {
        // Where all must hold the longest one finds fewest; where any may, each is asked.
        let longest = terms.iter().max_by_key(|term| term.text.chars().count());
        for term in terms.iter().filter(|term| any || Some(*term) == longest) {
            let page = match directory.find_people(&term.text, MOST_FOUND).await {
                // Too little to look for: that would list everybody.
                Err(Error::Invalid { .. }) => return Err(too_many()),
                page => page?,
            };
            more |= page.more;
            found.extend(page.people.iter().map(|it| principal::person(call, &home, it)));
            if term.names {
                let groups = directory.find_groups(&term.text, MOST_FOUND).await?;
                more |= groups.len() >= MOST_FOUND;
                found.extend(groups.into_iter().map(|it| principal::group(&home, it)));
            }
        }
    }
    found.retain(
        |it| if any { terms.iter().any(|term| term.holds(it)) } else { terms.iter().all(|term| term.holds(it)) },
    );
    found.sort_by(|one, other| one.href.cmp(&other.href));
    found.dedup();
    more |= found.len() > MOST_FOUND;
    found.truncate(MOST_FOUND);
    let (mut xml, at, ask) = (Writer::begin("D:multistatus"), plain_setting(call, None), Ask::of(root.child("prop")));
    for shown in &found {
        response(&mut xml, &shown.href, None, &ask, &at, &Thing::principal(shown));
    }
    if more {
        // RFC 3744 §9.4 has a whole answer or none; this way, of RFC 6578 §3.6, whoever completes a name sees some of many.
        xml.raw("<D:response><D:href>")
            .raw(&call.place.href())
            .raw("</D:href><D:status>HTTP/1.1 507 Insufficient Storage");
        xml.raw("</D:status><D:error><D:number-of-matches-within-limits/></D:error></D:response>\n");
    }
    Ok(whole(xml))
}

fn too_many() -> Refusal {
    Refusal::Condition(StatusCode::FORBIDDEN, "number-of-matches-within-limits")
}

/// `DAV:principal-match` (RFC 3744 §9.3) for oneself; a match by a property of a file is for what has none of these trees.
pub(super) fn matching(call: &Call, root: &Element) -> Answer {
    if root.child("self").is_none() {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let me = if call.place == Place::Principals { vec![principal::me(call)?] } else { Vec::new() };
    Ok(described(call, &Ask::of(root.child("prop")), &me))
}

/// `DAV:principal-search-property-set` (RFC 3744 §9.5)
pub(super) fn searchable() -> passerelle_net::http::Response {
    let mut xml = Writer::begin("D:principal-search-property-set");
    for (property, what) in [
        ("<D:displayname/>", "Name"),
        ("<D:alternate-URI-set/>", "Address of mail"),
        ("<X:email-address xmlns:X=\"http://sabredav.org/ns\"/>", "Address of mail"),
    ] {
        xml.raw("<D:principal-search-property><D:prop>").raw(property).raw("</D:prop><D:description xml:lang=\"en\">");
        xml.raw(what).raw("</D:description></D:principal-search-property>");
    }
    xml.raw("</D:principal-search-property-set>\n");
    with_xml(StatusCode::OK, xml.finish())
}

/// `DAV:acl-principal-prop-set` (RFC 3744 §9.2): those whom the access list names and the directory lets see.
pub(super) async fn of_acl(call: &Call, node: &NodeRef, root: &Element) -> Answer {
    let granted = call.open::<Manage>(node).await?.grants().await?;
    let mut hrefs: Vec<String> = vec![acl::href_of(call, &Grantee::Account(node.owner.clone()))];
    hrefs.extend(granted.iter().map(|granted| acl::href_of(call, &granted.grant.to)));
    hrefs.sort();
    hrefs.dedup();
    hrefs.truncate(MOST_FOUND);
    let mut found = Vec::new();
    for href in hrefs {
        if let Ok(Place::Principal(who)) = Place::parse(&href) {
            found.extend(principal::shown(call, &who).await?);
        }
    }
    Ok(described(call, &Ask::of(root.child("prop")), &found))
}
