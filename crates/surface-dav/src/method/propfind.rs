//! PROPFIND (RFC 4918 §9.1). The answer begins before the listing is read to its end, and memory holds one batch of it. A
//! listing that fails midway breaks the connection: a client must not take half of a folder for the whole.

use super::xml;
use crate::{
    Body,
    acl::{self, Of},
    call::{Call, Depth},
    error::{Answer, Refusal, bare, note},
    guard,
    place::{Place, encode},
    principal::{self, Shown},
    props::{Ask, Setting, Thing, response},
    xml::{MEDIA_TYPE, Writer},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use passerelle_core::{
    Authorized, Error, Lookup, Manage, Read, Right,
    ports::{
        Node, NodeKind, NodeStream, Space,
        state::{Granted, Lock, LockDepth, Property},
    },
};
use passerelle_model::{Account, NodePath, NodeRef, Rights};
use passerelle_net::http::{Response, body_of, stream_of};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// About how many octets a resource takes in the answer.
const EACH: usize = 800;
pub(crate) const END: &str = "</D:multistatus>\n";

/// Describes what is at a place, and what is in it.
pub(super) async fn propfind(call: Call, body: &mut Body) -> Answer {
    let depth = call.depth(Depth::Infinity)?;
    let ask = asked(body).await?;
    if depth == Depth::Infinity {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "propfind-finite-depth"));
    }
    let inside = depth == Depth::One;
    match &call.place {
        Place::Top => named(&call, &ask, inside, "/", &["dav"]),
        Place::Root => named(
            &call,
            &ask,
            inside,
            "/dav/",
            &["calendars", "contacts", "directory", "files", "principals", "scheduling"],
        ),
        Place::Files => accounts(&call, &ask, inside).await,
        Place::Principals => principals(&call, &ask, inside),
        Place::Principal(who) => {
            let shown = principal::shown(&call, who).await?.ok_or(Error::NotFound)?;
            Ok(described(&call, &ask, std::slice::from_ref(&shown)))
        }
        Place::Collections(_) | Place::Trays(_) | Place::Directory(_) | Place::Upload { .. } | Place::Nowhere => {
            Err(Error::NotFound.into())
        }
        Place::Node { account: root, .. } | Place::Linked { token: root, .. } => {
            let account = root.clone();
            let node = call.node()?;
            match call.session.open::<NodeRef, Lookup>(node.clone()).await {
                Err(Error::NotFound) => {
                    let names = call.passage(&node).await?;
                    if names.is_empty() {
                        Err(Error::NotFound.into())
                    } else {
                        passing(&call, &node, &ask, &names, inside).await
                    }
                }
                opened => files(call, opened?, &account, ask, inside).await,
            }
        }
    }
}

/// What a body asks for; without one, for all (RFC 4918 §9.1).
pub(crate) async fn asked(body: &mut Body) -> Answer<Ask> {
    Ok(match xml(body).await? {
        None => Ask::All(Vec::new()),
        Some(root) => Ask::read(&root).ok_or(StatusCode::BAD_REQUEST)?,
    })
}

/// A file or folder.
async fn files(call: Call, handle: Authorized<NodeRef, Lookup>, account: &str, ask: Ask, inside: bool) -> Answer {
    let node = handle.stat().await?;
    let place = handle.target().clone();
    guard::judge_if(&call, Some(&node)).await?;
    let locks = if ask.needs_locks() { handle.locks().await? } else { Vec::new() };
    let dead = if ask.needs_dead() { seen_properties(&handle).await? } else { Vec::new() };
    // The room is that of all that its owner has: no business of who holds a link.
    let tells_space = node.kind == NodeKind::Folder && call.session.link().is_none();
    let space = if ask.needs_space() && tells_space { space(&handle).await? } else { None };
    let at = setting(&call, Some(&place.owner), handle.rights(), space, &handle);
    let rooted = with_roots(&call, &place, &locks);
    let called = call.session.space_name(&place.owner, "").filter(|_| place.path.is_root());
    let name = called.as_deref().or(place.path.name()).unwrap_or(account);
    let mut href = call.place.href();
    if node.kind == NodeKind::Folder && !href.ends_with('/') {
        href.push('/');
    }
    let mut xml = Writer::begin("D:multistatus");
    let granted = granted(&call, &ask, &handle).await?;
    let list = granted.as_ref().map(|granted| acl::write(&call, Of::Node(&place), granted, at.now));
    let token = sync_token(&call, &ask, &handle, &node).await?;
    let thing = Thing {
        locks: &rooted,
        dead: &dead,
        acl: list.as_deref(),
        sync_token: token.as_deref(),
        ..Thing::node(name, &node)
    };
    let is_listed = inside && node.kind == NodeKind::Folder;
    if shows_itself(&at, is_listed) {
        response(&mut xml, &href, None, &ask, &at, &thing);
    }
    if !is_listed {
        return Ok(whole(xml));
    }
    let folder = call.open::<Read>(&place).await?;
    let listing = folder.list().await?;
    let parts = Listing::gather(call, &folder, ask, at, href, locks, granted).await?;
    Ok(streamed(xml, listing, parts))
}

/// The token of a folder, for who may list it and asked. One with more than an index holds has none.
async fn sync_token(
    call: &Call,
    ask: &Ask,
    handle: &Authorized<NodeRef, Lookup>,
    node: &Node,
) -> Answer<Option<String>> {
    if !ask.needs_sync_token() || node.kind == NodeKind::File || !handle.rights().contains(Rights::READ) {
        return Ok(None);
    }
    match call.open::<Read>(handle.target()).await?.sync_token().await {
        Err(Error::OverQuota) => Ok(None),
        told => Ok(Some(told?)),
    }
}

/// What describing the members of a folder needs, known before the first of them.
pub(super) struct Listing {
    call: Call,
    place: NodeRef,
    ask: Ask,
    at: Setting,
    href: String,
    /// Locks that reach every member from above.
    above: Vec<Lock>,
    /// Locks and dead properties of members, by name.
    locks: HashMap<String, Vec<Lock>>,
    dead: HashMap<String, Vec<Property>>,
    /// For who may read them and asked.
    grants: Option<Grants>,
}

/// The grants of a folder's members.
struct Grants {
    /// Those that reach every member from above.
    above: Vec<Granted>,
    /// Those of members, by name.
    inside: BTreeMap<String, Vec<Granted>>,
}

impl Listing {
    /// Asks State what hangs on the members. `locks` are those in force on the folder; `granted` what is granted there, for who
    /// manages it.
    pub(super) async fn gather(
        call: Call,
        folder: &Authorized<NodeRef, Read>,
        ask: Ask,
        at: Setting,
        href: String,
        locks: Vec<Lock>,
        granted: Option<Vec<Granted>>,
    ) -> Answer<Self> {
        let place = folder.target().clone();
        let below = if ask.needs_locks() { folder.locks_below().await? } else { Vec::new() };
        let properties = if ask.needs_dead() { folder.properties_inside().await? } else { Vec::new() };
        let grants = match granted {
            Some(above) => Some(Grants { above, inside: call.open::<Manage>(&place).await?.grants_inside().await? }),
            None => None,
        };
        let above = locks.into_iter().filter(|lock| lock.depth == LockDepth::Infinity).collect();
        let mut parts = Self { call, place, ask, at, href, above, locks: HashMap::new(), dead: HashMap::new(), grants };
        for lock in below {
            if let Some(name) = parts.member(&lock.target.path) {
                parts.locks.entry(name).or_default().push(lock);
            }
        }
        for (path, property) in properties {
            if let Some(name) = parts.member(&path) {
                parts.dead.entry(name).or_default().push(property);
            }
        }
        Ok(parts)
    }

    /// The name of the member at a path, if it is one.
    fn member(&self, path: &str) -> Option<String> {
        let path = NodePath::parse(path).ok()?;
        (path.parent().as_ref() == Some(&self.place.path)).then(|| path.name().map(str::to_owned)).flatten()
    }

    pub(super) fn describe(&self, xml: &mut Writer, nodes: &[Node]) {
        let above = with_roots(&self.call, &self.place, &self.above);
        for node in nodes {
            let own = self.locks.get(&node.name);
            let all: Vec<(&Lock, String)>;
            let locks = match own {
                None => above.as_slice(),
                Some(own) => {
                    all = above.iter().cloned().chain(with_roots(&self.call, &self.place, own)).collect();
                    all.as_slice()
                }
            };
            let dead = self.dead.get(&node.name).map_or(&[][..], Vec::as_slice);
            let list = self.acl(&node.name);
            let thing = Thing { locks, dead, acl: list.as_deref(), ..Thing::node(&node.name, node) };
            response(xml, &self.href, Some(&node.name), &self.ask, &self.at, &thing);
        }
    }
}

impl Listing {
    /// `DAV:acl` of a member.
    fn acl(&self, name: &str) -> Option<String> {
        let Grants { above, inside } = self.grants.as_ref()?;
        let place = NodeRef { path: self.place.path.join(name).ok()?, ..self.place.clone() };
        let granted: Vec<Granted> = inside.get(name).into_iter().flatten().chain(above).cloned().collect();
        Some(acl::write(&self.call, Of::Node(&place), &granted, self.at.now))
    }
}

/// The grants on a place and above it, for who manages it; asked for only when they are wanted.
pub(super) async fn granted(
    call: &Call,
    ask: &Ask,
    handle: &Authorized<NodeRef, Lookup>,
) -> Answer<Option<Vec<Granted>>> {
    if !ask.needs_acl() || !handle.rights().contains(Rights::MANAGE) {
        return Ok(None);
    }
    Ok(Some(call.open::<Manage>(handle.target()).await?.grants().await?))
}

fn streamed(head: Writer, listing: NodeStream, parts: Listing) -> Response {
    enum Stage {
        Head(Writer, NodeStream),
        Members(NodeStream),
        End,
    }
    let parts = Arc::new(parts);
    let body = stream::unfold(Stage::Head(head, listing), move |stage| {
        let parts = Arc::clone(&parts);
        async move {
            let (mut xml, mut listing) = match stage {
                Stage::Head(head, listing) => (head, listing),
                Stage::Members(listing) => (Writer::default(), listing),
                Stage::End => return None,
            };
            match listing.next().await {
                Some(Ok(nodes)) => {
                    if xml.is_empty() {
                        xml = Writer::with_capacity(nodes.len() * EACH);
                    }
                    parts.describe(&mut xml, &nodes);
                    Some((Ok(Bytes::from(xml.finish())), Stage::Members(listing)))
                }
                None => {
                    xml.raw(END);
                    Some((Ok(Bytes::from(xml.finish())), Stage::End))
                }
                Some(Err(error)) => {
                    note(&error, &parts.call.id);
                    Some((Err(error), Stage::End))
                }
            }
        }
    });
    let mut response = multistatus();
    *response.body_mut() = stream_of(Box::pin(body));
    response
}

/// A folder that is shown only because something below it is shared.
async fn passing(call: &Call, node: &NodeRef, ask: &Ask, names: &BTreeSet<String>, inside: bool) -> Answer {
    let (Place::Node { account, .. } | Place::Linked { token: account, .. }) = &call.place else {
        return Err(Error::NotFound.into());
    };
    let mut xml = Writer::begin("D:multistatus");
    let mut href = call.place.href();
    if !href.ends_with('/') {
        href.push('/');
    }
    let at = plain_setting(call, Some(&node.owner));
    if shows_itself(&at, inside) {
        collection(&mut xml, &href, None, node.path.name().unwrap_or(account), ask, &at);
    }
    for name in names.iter().filter(|_| inside) {
        let Ok(path) = node.path.join(name) else { continue };
        let child = NodeRef { path, ..node.clone() };
        match call.session.open::<NodeRef, Lookup>(child).await {
            Err(Error::NotFound) => collection(&mut xml, &href, Some(name), name, ask, &at),
            Err(error) => return Err(error.into()),
            Ok(handle) => member(call, &mut xml, &href, name, ask, &handle).await?,
        }
    }
    Ok(whole(xml))
}

/// Something shared, in the listing of a folder that is not.
async fn member(
    call: &Call,
    xml: &mut Writer,
    href: &str,
    name: &str,
    ask: &Ask,
    handle: &Authorized<NodeRef, Lookup>,
) -> Answer<()> {
    let node = match handle.stat().await {
        // What was shared is gone; so it is not here.
        Err(Error::NotFound) => return Ok(()),
        looked => looked?,
    };
    let place = handle.target();
    let locks = if ask.needs_locks() { handle.locks().await? } else { Vec::new() };
    let dead = if ask.needs_dead() { seen_properties(handle).await? } else { Vec::new() };
    let at = setting(call, Some(&place.owner), handle.rights(), None, handle);
    let rooted = with_roots(call, place, &locks);
    let granted = granted(call, ask, handle).await?;
    let list = granted.map(|granted| acl::write(call, Of::Node(place), &granted, at.now));
    let thing = Thing { locks: &rooted, dead: &dead, acl: list.as_deref(), ..Thing::node(name, &node) };
    response(xml, href, Some(name), ask, &at, &thing);
    Ok(())
}

/// A collection above the files, of which there is nothing but what it holds.
pub(crate) fn named(call: &Call, ask: &Ask, inside: bool, href: &str, names: &[&str]) -> Answer {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    if shows_itself(&at, inside) {
        collection(&mut xml, href, None, href.trim_matches('/'), ask, &at);
    }
    for name in names.iter().filter(|_| inside) {
        collection(&mut xml, href, Some(name), name, ask, &at);
    }
    Ok(whole(xml))
}

/// `/dav/files/`: one's own, and whoever shared something.
async fn accounts(call: &Call, ask: &Ask, inside: bool) -> Answer {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    let href = Place::Files.href();
    if shows_itself(&at, inside) {
        collection(&mut xml, &href, None, "files", ask, &at);
    }
    if inside {
        for owner in call.session.trees().await? {
            let (name, called) = (call.session.name_of(&owner), call.session.space_name(&owner, ""));
            let called = called.as_deref().unwrap_or(&name);
            collection(&mut xml, &href, Some(&name), called, ask, &plain_setting(call, Some(&owner)));
        }
    }
    Ok(whole(xml))
}

/// `/dav/principals/`: one's own. Others are found by a search.
fn principals(call: &Call, ask: &Ask, inside: bool) -> Answer {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    if shows_itself(&at, inside) {
        collection(&mut xml, &Place::Principals.href(), None, "principals", ask, &at);
    }
    if inside {
        let shown = principal::me(call)?;
        response(&mut xml, &shown.href, None, ask, &at, &Thing::principal(&shown));
    }
    Ok(whole(xml))
}

/// An answer about principals.
pub(super) fn described(call: &Call, ask: &Ask, principals: &[Shown]) -> Response {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    for shown in principals {
        response(&mut xml, &shown.href, None, ask, &at, &Thing::principal(shown));
    }
    whole(xml)
}

/// Whether a collection is told beside its members (RFC 8144 §4).
pub(crate) const fn shows_itself(at: &Setting, inside: bool) -> bool {
    !inside || !at.preferences.without_root
}

/// A collection of which there is nothing but its name.
pub(crate) fn collection(xml: &mut Writer, folder: &str, segment: Option<&str>, name: &str, ask: &Ask, at: &Setting) {
    response(xml, folder, segment, ask, at, &Thing::collection(name));
}

fn with_roots<'l>(call: &Call, place: &NodeRef, locks: &'l [Lock]) -> Vec<(&'l Lock, String)> {
    locks.iter().map(|lock| (lock, guard::root_of(call, place, lock))).collect()
}

/// The dead properties, for who may read: they tell of the content, a checksum of all of it.
async fn seen_properties(handle: &Authorized<NodeRef, Lookup>) -> Answer<Vec<Property>> {
    if handle.rights().contains(Rights::READ) { Ok(handle.properties().await?) } else { Ok(Vec::new()) }
}

async fn space(handle: &Authorized<NodeRef, Lookup>) -> Answer<Option<Space>> {
    match handle.space().await {
        Err(Error::Unsupported { .. }) => Ok(None),
        known => Ok(Some(known?)),
    }
}

pub(super) fn setting<R: Right>(
    call: &Call,
    owner: Option<&Account>,
    rights: Rights,
    space: Option<Space>,
    handle: &Authorized<NodeRef, R>,
) -> Setting {
    Setting { rights, space, now: handle.now(), ..plain_setting(call, owner) }
}

pub(crate) fn plain_setting(call: &Call, owner: Option<&Account>) -> Setting {
    let href = |account: &Account| format!("/dav/principals/{}/", encode(&call.session.name_of(account)));
    Setting {
        me: call.me().map(href).unwrap_or_default(),
        // Whoever holds a link is not told whose it is by their login, and what is in a space is nobody's.
        owner: owner.filter(|owner| call.me().is_some() && owner.id.space().is_none()).map(href),
        rights: Rights::READ,
        space: None,
        now: passerelle_model::Timestamp(0),
        preferences: call.preferences(),
    }
}

pub(crate) fn whole(mut xml: Writer) -> Response {
    xml.raw(END);
    let mut response = multistatus();
    *response.body_mut() = body_of(xml.finish());
    response
}

pub(crate) fn multistatus() -> Response {
    let mut response = bare(StatusCode::MULTI_STATUS);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}
