//! Sharing as programs ask for it in their own words: `share` of Apple's servers (caldav-sharing) and `DAV:share-resource`, which came of it
//! (draft-pot-webdav-resource-sharing-04). Both name people by their addresses or principals and change their grants; nobody else's.
//!
//! Whoever is named has it at once, in their own home, without an invitation to accept. What neither has a word for, such as busy times
//! alone, is told by `DAV:acl` only.

use super::{At, open};
use crate::{
    Body,
    acl::{Of, href_of},
    call::Call,
    error::{Answer, Refusal, bare},
    method::{acl::grantee, xml},
    place::Place,
    principal,
    props::{Ask, Live},
    xml::{CALDAV, CALENDAR_SERVER, CARDDAV, Element, Writer},
};
use http::StatusCode;
use passerelle_core::{
    Error, Manage, SeenCollection,
    ports::{Telling, state::Granted},
};
use passerelle_model::{CollectionRef, Grant, Grantee, Rights};

/// Most people that one request may name.
const MOST_NAMED: usize = 100;
/// What the word for reading and writing means here.
const WRITES: Rights = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);

/// What is to become of somebody's grant.
struct Change {
    /// `mailto:` and an address, or a principal.
    href: String,
    /// What they may do from now on; nothing to take it back.
    rights: Rights,
}

/// Changes with whom a collection is shared.
pub(super) async fn post(call: &Call, at: &At, body: &mut Body) -> Answer {
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let changes = read(&root)?;
    let handle = open::<Manage>(call, at).await?;
    handle.look(Telling::Facts).await?;
    let of = Of::Collection(handle.target());
    let mut wanted = Vec::new();
    for Change { href, rights } in changes {
        wanted.extend(whom(call, of, &href).await?.map(|to| (to, rights)));
    }
    // One by one: what somebody else gives or takes back meanwhile is not undone by a list that is older.
    let known = handle.own_grants().await?;
    for (to, rights) in wanted {
        let before = known.iter().map(|it| &it.grant).find(|grant| grant.to == to);
        if rights.is_empty() {
            handle.unshare(&to).await?;
            continue;
        }
        // There is no word for more than writing: who has more is told back as who writes, and keeps it.
        if rights == WRITES && before.is_some_and(|grant| grant.rights.contains(Rights::MANAGE)) {
            continue;
        }
        let until = before.and_then(|grant| grant.until).filter(|until| call.session.now() < *until);
        match handle.share(&Grant { to, rights, until }).await {
            // The same as for who is not there: who has an address elsewhere is not told to whoever asks.
            Err(Error::Forbidden | Error::Invalid { .. }) => return Err(unknown()),
            shared => shared?,
        }
    }
    Ok(bare(StatusCode::OK))
}

/// Whom a program means; `None` for the owner, who has everything already.
async fn whom(call: &Call, of: Of<'_>, href: &str) -> Answer<Option<Grantee>> {
    let Some(address) = href.strip_prefix("mailto:") else { return grantee(call, of, href) };
    let account = call.session.calendar_user(address).await?.ok_or_else(unknown)?.inbox.0;
    Ok((of.owner().as_ref() != Some(&account)).then_some(Grantee::Account(account)))
}

fn unknown() -> Refusal {
    Refusal::Condition(StatusCode::FORBIDDEN, "recognized-principal")
}

fn read(root: &Element) -> Answer<Vec<Change>> {
    let bad = || Refusal::Status(StatusCode::BAD_REQUEST);
    let changes: Option<Vec<Change>> = if root.is_in(CALENDAR_SERVER, "share") {
        let of_people = |it: &&Element| it.is_in(CALENDAR_SERVER, "set") || it.is_in(CALENDAR_SERVER, "remove");
        root.children.iter().filter(of_people).map(of_apple).collect()
    } else if root.is("share-resource") {
        root.children.iter().filter(|it| it.is("sharee")).map(of_draft).collect()
    } else {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into());
    };
    let changes = changes.filter(|all| !all.is_empty()).ok_or_else(bad)?;
    if changes.len() > MOST_NAMED {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "limited-number-of-aces"));
    }
    Ok(changes)
}

fn of_apple(one: &Element) -> Option<Change> {
    let has = |word: &str| one.child_in(CALENDAR_SERVER, word).is_some();
    let rights = match (one.is_in(CALENDAR_SERVER, "remove"), has("read"), has("read-write")) {
        (true, false, false) => Rights::NONE,
        (false, true, false) => Rights::READ,
        (false, false, true) => WRITES,
        _ => return None,
    };
    Some(Change { href: href(one)?, rights })
}

fn of_draft(one: &Element) -> Option<Change> {
    let access = one.child("share-access")?;
    let rights = match access.children.as_slice() {
        [word] if word.is("no-access") => Rights::NONE,
        [word] if word.is("read") => Rights::READ,
        [word] if word.is("read-write") => WRITES,
        _ => return None,
    };
    Some(Change { href: href(one)?, rights })
}

fn href(one: &Element) -> Option<String> {
    one.child("href").map(|it| it.text.trim_ascii().to_owned()).filter(|href| !href.is_empty())
}

/// With whom a collection is shared, as far as whoever asks may know it.
#[derive(Debug)]
pub(crate) struct Shares {
    /// Whether it is theirs.
    is_owner: bool,
    /// Whether they may change what is in it.
    writes: bool,
    /// Whether they may share it.
    manages: bool,
    /// The owner's principal.
    owner: String,
    /// With whom; nobody for who does not manage it.
    people: Vec<Named>,
}

/// Somebody with whom it is shared.
#[derive(Debug)]
struct Named {
    /// Their principal.
    href: String,
    /// What they are called.
    name: String,
    /// Whether they may change what is in it.
    writes: bool,
}

/// What there is to tell of sharing, for who asked.
pub(super) async fn told(call: &Call, ask: &Ask, seen: &SeenCollection) -> Answer<Option<Shares>> {
    let all = [Live::InviteOfApple, Live::Invite, Live::ShareAccess, Live::SharingModes];
    if !all.into_iter().any(|one| ask.asks_for(one)) {
        return Ok(None);
    }
    let manages = seen.rights.contains(Rights::MANAGE);
    let mut people = Vec::new();
    if manages {
        let handle = call.session.open::<CollectionRef, Manage>(seen.at.clone()).await?;
        let now = call.session.now();
        let in_force = |grant: &Grant| grant.until.is_none_or(|until| now < until);
        for Granted { grant, .. } in handle.own_grants().await? {
            let is_link = matches!(grant.to, Grantee::Link(_));
            if is_link || !grant.rights.contains(Rights::READ) || !in_force(&grant) || people.len() >= MOST_NAMED {
                continue;
            }
            let href = href_of(call, &grant.to);
            let shown = match Place::parse(&href) {
                Ok(Place::Principal(who)) => principal::shown(call, &who).await?,
                _ => None,
            };
            let name = shown.map_or_else(|| href.clone(), |shown| shown.name);
            people.push(Named { href, name, writes: grant.rights.contains(Rights::EDIT) });
        }
    }
    Ok(Some(Shares {
        is_owner: call.me() == Some(&seen.at.owner),
        writes: seen.rights.contains(Rights::EDIT),
        manages,
        people,
        owner: href_of(call, &Grantee::Account(seen.at.owner.clone())),
    }))
}

impl Shares {
    /// Writes a property of sharing; `false` for any other.
    pub(crate) fn write(&self, xml: &mut Writer, one: Live, is_calendar: bool) -> bool {
        match one {
            // What kind of a thing it is besides (caldav-sharing §5.2).
            Live::ResourceType => {
                let (name, namespace) = if is_calendar { ("calendar", CALDAV) } else { ("addressbook", CARDDAV) };
                xml.raw("<D:resourcetype><D:collection/><C:").raw(name).raw(" xmlns:C=\"").raw(namespace).raw("\"/>");
                if !self.is_owner || !self.people.is_empty() {
                    xml.raw(if self.is_owner { "<S:shared-owner xmlns:S=\"" } else { "<S:shared xmlns:S=\"" });
                    xml.raw(CALENDAR_SERVER).raw("\"/>");
                }
                xml.raw("</D:resourcetype>");
            }
            Live::InviteOfApple => {
                xml.raw("<S:invite xmlns:S=\"").raw(CALENDAR_SERVER).raw("\"><S:organizer><D:href>").raw(&self.owner);
                xml.raw("</D:href></S:organizer>");
                for Named { href, name, writes } in &self.people {
                    xml.raw("<S:user><D:href>").raw(href).raw("</D:href><S:common-name>").text(name);
                    xml.raw("</S:common-name><S:invite-accepted/><S:access><S:");
                    xml.raw(access(*writes)).raw("/></S:access></S:user>");
                }
                xml.raw("</S:invite>");
            }
            Live::SharingModes => {
                xml.raw("<S:allowed-sharing-modes xmlns:S=\"").raw(CALENDAR_SERVER).raw("\">");
                xml.raw(if self.manages { "<S:can-be-shared/>" } else { "" }).raw("</S:allowed-sharing-modes>");
            }
            Live::Invite => {
                xml.raw("<D:invite>");
                for Named { href, name, writes } in &self.people {
                    xml.raw("<D:sharee><D:href>").raw(href).raw("</D:href><D:invite-accepted/><D:share-access><D:");
                    xml.raw(access(*writes)).raw("/></D:share-access><D:prop><D:displayname>").text(name);
                    xml.raw("</D:displayname></D:prop></D:sharee>");
                }
                xml.raw("</D:invite>");
            }
            Live::ShareAccess => {
                let own = match (self.is_owner, self.people.is_empty()) {
                    (true, true) => "not-shared",
                    (true, false) => "shared-owner",
                    (false, _) => access(self.writes),
                };
                xml.raw("<D:share-access><D:").raw(own).raw("/></D:share-access>");
            }
            _ => return false,
        }
        true
    }
}

fn access(writes: bool) -> &'static str {
    if writes { "read-write" } else { "read" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use crate::xml::parse;

    fn changes(body: &str) -> Answer<Vec<(String, Rights)>> {
        let all = read(&parse(body.as_bytes()).unwrap())?;
        Ok(all.into_iter().map(|it| (it.href, it.rights)).collect())
    }

    #[test]
    fn what_programs_say() {
        let apple = "<S:share xmlns:D='DAV:' xmlns:S='http://calendarserver.org/ns/'><S:set><D:href>mailto:a@x.test</D:href><S:common-name>A</S:common-name>\
            <S:summary>Ours</S:summary><S:read-write/></S:set><S:set><D:href> /dav/principals/b/ </D:href><S:read/></S:set>\
            <S:remove><D:href>mailto:c@x.test</D:href></S:remove></S:share>";
        let draft = "<D:share-resource xmlns:D='DAV:'><D:sharee><D:href>mailto:a@x.test</D:href><D:share-access><D:read-write/></D:share-access></D:sharee>\
            <D:sharee><D:href>/dav/principals/b/</D:href><D:share-access><D:read/></D:share-access></D:sharee>\
            <D:sharee><D:href>mailto:c@x.test</D:href><D:share-access><D:no-access/></D:share-access></D:sharee></D:share-resource>";
        for body in [apple, draft] {
            let all = changes(body).unwrap();
            let (a, b) = ("mailto:a@x.test".to_owned(), "/dav/principals/b/".to_owned());
            assert_eq!(all, [(a, WRITES), (b, Rights::READ), ("mailto:c@x.test".to_owned(), Rights::NONE)]);
        }
    }

    #[test]
    fn what_is_no_change() {
        let apple = |inside: &str| {
            format!("<S:share xmlns:D='DAV:' xmlns:S='http://calendarserver.org/ns/'>{inside}</S:share>")
        };
        let who = "<D:href>mailto:a@x.test</D:href>";
        for inside in [
            String::new(),
            format!("<S:set>{who}</S:set>"),
            format!("<S:set>{who}<S:read/><S:read-write/></S:set>"),
            format!("<S:remove>{who}<S:read/></S:remove>"),
            "<S:set><S:read/></S:set>".to_owned(),
            "<S:set><D:href> </D:href><S:read/></S:set>".to_owned(),
        ] {
            assert!(matches!(changes(&apple(&inside)), Err(Refusal::Status(StatusCode::BAD_REQUEST))), "{inside}");
        }
        let many = apple(&format!("<S:set>{who}<S:read/></S:set>").repeat(MOST_NAMED + 1));
        assert!(matches!(changes(&many), Err(Refusal::Condition(StatusCode::FORBIDDEN, "limited-number-of-aces"))));
        let other = changes("<D:propfind xmlns:D='DAV:'/>");
        assert!(matches!(other, Err(Refusal::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE))));
    }
}
