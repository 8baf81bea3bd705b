//! Links to calendars: what their holders open, and who makes them.

use crate::{Client, OWNER, READER, Site};
use passerelle_core::{
    Add, Edit, Errand, Error, FreeBusy, LinkUse, LinkVisit, Lookup, MadeLink, Manage, NewLink, Read, Remove, Result,
    Session,
};
use passerelle_model::{CollectionFamily, CollectionRef, Grant, Grantee, NodeRef, Rights, Timestamp};
use passerelle_testkit::house::{account, node, now};
use std::net::{IpAddr, Ipv4Addr};

fn calendar(name: &str) -> CollectionRef {
    CollectionRef::parse(account(OWNER), CollectionFamily::Calendars, name).unwrap()
}

fn new(what: LinkUse) -> NewLink {
    NewLink { label: String::new(), what, until: None, password: None, most_downloads: None }
}

async fn make(site: &Site, at: CollectionRef, new: NewLink) -> Result<MadeLink> {
    let session = site.server.house.login(OWNER, Errand::Web).await?;
    session.open::<_, Manage>(at).await?.make_link(new).await
}

async fn enter(site: &Site, made: &MadeLink) -> Result<Session> {
    let token = made.token.expose_str().unwrap();
    let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
    site.server.house.door.enter_link(LinkVisit { token, password: None, proof: None, from }).await
}

/// What a session opens of a calendar: by each right.
async fn opens(session: &Session, at: &CollectionRef) -> [bool; 7] {
    [
        session.open::<_, FreeBusy>(at.clone()).await.is_ok(),
        session.open::<_, Lookup>(at.clone()).await.is_ok(),
        session.open::<_, Read>(at.clone()).await.is_ok(),
        session.open::<_, Add>(at.clone()).await.is_ok(),
        session.open::<_, Edit>(at.clone()).await.is_ok(),
        session.open::<_, Remove>(at.clone()).await.is_ok(),
        session.open::<_, Manage>(at.clone()).await.is_ok(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_its_calendar_by_its_right_and_nothing_else() {
    let site = Site::start().await;
    crate::collections::arrange(&site).await;
    for (what, expected) in [
        (LinkUse::Busy, [true, false, false, false, false, false, false]),
        (LinkUse::Read, [true, true, true, false, false, false, false]),
    ] {
        let made = make(&site, calendar("shared"), new(what)).await.unwrap();
        let holder = enter(&site, &made).await.unwrap();
        assert_eq!(opens(&holder, &calendar("shared")).await, expected, "{what:?}");
        for other in [
            calendar("private"),
            CollectionRef::all_of(account(OWNER), CollectionFamily::Calendars),
            CollectionRef::parse(account(OWNER), CollectionFamily::Contacts, "shared").unwrap(),
            CollectionRef::parse(account(READER), CollectionFamily::Calendars, "shared").unwrap(),
        ] {
            assert_eq!(opens(&holder, &other).await, [false; 7], "{what:?} {other:?}");
        }
        assert!(matches!(holder.open::<NodeRef, Lookup>(node(OWNER, "shared")).await, Err(Error::NotFound)));
        assert!(matches!(holder.principal(), Err(Error::Forbidden)));
        assert!(holder.link().unwrap().root().node().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_link_leads_to() {
    let site = Site::start().await;
    crate::collections::arrange(&site).await;
    let book = CollectionRef::parse(account(OWNER), CollectionFamily::Contacts, "shared").unwrap();
    let all = CollectionRef::all_of(account(OWNER), CollectionFamily::Calendars);
    for at in [book, all] {
        assert!(matches!(make(&site, at.clone(), new(LinkUse::Read)).await, Err(Error::Unsupported { .. })), "{at:?}");
    }
    assert!(matches!(make(&site, calendar("missing"), new(LinkUse::Read)).await, Err(Error::NotFound)));
    for what in [LinkUse::Upload, LinkUse::Write] {
        assert!(matches!(make(&site, calendar("shared"), new(what)).await, Err(Error::Invalid { .. })), "{what:?}");
    }
    let counted = NewLink { most_downloads: Some(1), ..new(LinkUse::Read) };
    assert!(matches!(make(&site, calendar("shared"), counted).await, Err(Error::Invalid { .. })));
    // Times of a folder are none.
    let owner = site.server.house.login(OWNER, Errand::Web).await.unwrap();
    let folder = owner.open::<_, Manage>(node(OWNER, "")).await.unwrap();
    assert!(matches!(folder.make_link(new(LinkUse::Busy)).await, Err(Error::Invalid { .. })));
}

/// Ended, with its grant ended, of a maker who may not share it any more, guessed, and another's: all answer alike.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_leads_nowhere_is_as_what_never_was() {
    let site = Site::start().await;
    crate::collections::arrange(&site).await;
    let state = &site.server.house.state;
    let client = Client::new(site.server.address, None);
    let ask = async |token: &str, more: &str| {
        let reply = client.send("GET", &format!("/s/{token}{more}"), &[], "").await;
        (reply.status, reply.body)
    };
    let token = |made: &MadeLink| made.token.expose_str().unwrap().to_owned();
    let good = make(&site, calendar("shared"), new(LinkUse::Read)).await.unwrap();
    assert_eq!(ask(&token(&good), "/calendar.ics").await.0, 200);
    assert_eq!(ask(&token(&good), "").await.0, 200);

    let ended = make(&site, calendar("shared"), new(LinkUse::Read)).await.unwrap();
    let mut kept = ended.link.clone();
    state.remove_link(&kept.id).await.unwrap();
    kept.until = Some(Timestamp(now().0 - 1));
    state.add_link(&kept).await.unwrap();
    let right = Grant { to: Grantee::Link(kept.id.clone()), rights: Rights::READ, until: None };
    state.set_grant(&kept.target, &right).await.unwrap();

    let stripped = make(&site, calendar("shared"), new(LinkUse::Read)).await.unwrap();
    state.remove_grant(&stripped.link.target, &Grantee::Link(stripped.link.id.clone())).await.unwrap();

    let fallen = make(&site, calendar("shared"), new(LinkUse::Read)).await.unwrap();
    assert!(state.take_link(&fallen.link.id, &account(READER)).await.unwrap());

    let owner = site.server.house.login(OWNER, Errand::Web).await.unwrap();
    site.write(OWNER, "shared/f", "content");
    let files =
        owner.open::<_, Manage>(node(OWNER, "shared")).await.unwrap().make_link(new(LinkUse::Read)).await.unwrap();
    assert_eq!(ask(&token(&files), "/calendar.ics").await.0, 404, "a folder is no calendar");
    assert_eq!(ask(&token(&good), "/files/").await.0, 404, "a calendar is no folder");
    assert_eq!(ask(&token(&good), "/feed.xml").await.0, 404);
    assert_eq!(ask(&token(&good), "/preview").await.0, 404);

    let never = "a".repeat(26);
    for more in ["", "/calendar.ics"] {
        let expected = ask(&never, more).await;
        assert_eq!(expected.0, 404);
        for (what, made) in [("ended", &ended), ("without a right", &stripped), ("fallen", &fallen)] {
            assert_eq!(ask(&token(made), more).await, expected, "{what} {more}");
        }
    }
}
