//! PROPFIND (RFC 4918 §9.1). The answer begins before the listing is read to its end, and memory holds one batch of it. A
//! listing that fails midway breaks the connection: a client must not take half of a folder for the whole.

use super::xml;
use crate::{
    Body,
    call::{Call, Depth},
    error::{Answer, Refusal, bare, note},
    guard,
    place::{Place, encode},
    props::{Ask, Kind, Setting, Thing, response},
    xml::{MEDIA_TYPE, Writer},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use passerelle_core::{
    Authorized, Error, Lookup, Read, Right,
    ports::{
        Node, NodeKind, NodeStream, Space,
        state::{Lock, LockDepth, Property},
    },
};
use passerelle_model::{Account, NodePath, NodeRef, Rights};
use passerelle_net::http::{Response, body_of, stream_of};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// About how many octets a resource takes in the answer.
const EACH: usize = 800;
const END: &str = "</D:multistatus>\n";

/// Describes what is at a place, and what is in it.
pub(super) async fn propfind(call: Call, body: &mut Body) -> Answer {
    let depth = call.depth(Depth::Infinity)?;
    let ask = match xml(body).await? {
        None => Ask::All(Vec::new()),
        Some(root) => Ask::read(&root).ok_or(StatusCode::BAD_REQUEST)?,
    };
    if depth == Depth::Infinity {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "propfind-finite-depth"));
    }
    let inside = depth == Depth::One;
    match &call.place {
        Place::Root => top(&call, &ask, inside),
        Place::Files => accounts(&call, &ask, inside).await,
        Place::Principals => principals(&call, &ask, inside),
        Place::Principal(account) if call.is_known(account) => principal(&call, &ask),
        Place::Principal(_) | Place::Nowhere => Err(Error::NotFound.into()),
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

/// A file or folder.
async fn files(call: Call, handle: Authorized<NodeRef, Lookup>, account: &str, ask: Ask, inside: bool) -> Answer {
    let node = handle.stat().await?;
    let place = handle.target().clone();
    guard::judge_if(&call, Some(&node)).await?;
    let locks = if ask.needs_locks() { handle.locks().await? } else { Vec::new() };
    let dead = if ask.needs_dead() { handle.properties().await? } else { Vec::new() };
    let space = if ask.needs_space() && node.kind == NodeKind::Folder { space(&handle).await? } else { None };
    let at = setting(&call, Some(&place.owner), handle.rights(), space, &handle);
    let rooted = with_roots(&call, &place, &locks);
    let name = place.path.name().unwrap_or(account);
    let mut href = call.place.href();
    if node.kind == NodeKind::Folder && !href.ends_with('/') {
        href.push('/');
    }
    let mut xml = Writer::begin("D:multistatus");
    let thing = Thing { name, node: Some(&node), kind: node.kind.into(), locks: &rooted, dead: &dead };
    response(&mut xml, &href, None, &ask, &at, &thing);
    if !inside || node.kind == NodeKind::File {
        return Ok(whole(xml));
    }
    let folder = call.open::<Read>(&place).await?;
    let listing = folder.list().await?;
    let below = if ask.needs_locks() { folder.locks_below().await? } else { Vec::new() };
    let properties = if ask.needs_dead() { folder.properties_inside().await? } else { Vec::new() };
    let parts = Listing::new(call, &place, ask, at, href, locks, below, properties);
    Ok(streamed(xml, listing, parts))
}

/// What describing the members of a folder needs, known before the first of them.
struct Listing {
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
}

impl Listing {
    #[allow(clippy::too_many_arguments, reason = "it only keeps them")]
    fn new(
        call: Call,
        place: &NodeRef,
        ask: Ask,
        at: Setting,
        href: String,
        here: Vec<Lock>,
        below: Vec<Lock>,
        properties: Vec<(String, Property)>,
    ) -> Self {
        let mut locks: HashMap<String, Vec<Lock>> = HashMap::new();
        let member = |path: &str| {
            let path = NodePath::parse(path).ok()?;
            (path.parent().as_ref() == Some(&place.path)).then(|| path.name().map(str::to_owned)).flatten()
        };
        for lock in below {
            if let Some(name) = member(&lock.target.path) {
                locks.entry(name).or_default().push(lock);
            }
        }
        let mut dead: HashMap<String, Vec<Property>> = HashMap::new();
        for (path, property) in properties {
            if let Some(name) = member(&path) {
                dead.entry(name).or_default().push(property);
            }
        }
        let above = here.into_iter().filter(|lock| lock.depth == LockDepth::Infinity).collect();
        Self { call, place: place.clone(), ask, at, href, above, locks, dead }
    }

    fn describe(&self, xml: &mut Writer, nodes: &[Node]) {
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
            let thing = Thing { name: &node.name, node: Some(node), kind: node.kind.into(), locks, dead };
            response(xml, &self.href, Some(&node.name), &self.ask, &self.at, &thing);
        }
    }
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
    collection(&mut xml, &href, None, node.path.name().unwrap_or(account), ask, &at);
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
    let dead = if ask.needs_dead() { handle.properties().await? } else { Vec::new() };
    let at = setting(call, Some(&place.owner), handle.rights(), None, handle);
    let rooted = with_roots(call, place, &locks);
    let thing = Thing { name, node: Some(&node), kind: node.kind.into(), locks: &rooted, dead: &dead };
    response(xml, href, Some(name), ask, &at, &thing);
    Ok(())
}

/// `/dav/`
fn top(call: &Call, ask: &Ask, inside: bool) -> Answer {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    collection(&mut xml, "/dav/", None, "dav", ask, &at);
    for name in ["files", "principals"].into_iter().filter(|_| inside) {
        collection(&mut xml, "/dav/", Some(name), name, ask, &at);
    }
    Ok(whole(xml))
}

/// `/dav/files/`: one's own, and whoever shared something.
async fn accounts(call: &Call, ask: &Ask, inside: bool) -> Answer {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    let href = Place::Files.href();
    collection(&mut xml, &href, None, "files", ask, &at);
    if inside {
        let me = call.session.principal()?.account().clone();
        let mut owners: BTreeSet<Account> = BTreeSet::new();
        for granted in call.session.shared_with_me().await? {
            let (institution, owner) = (granted.target.institution, granted.target.owner);
            owners.extend(owner.map(|id| Account { institution, id }));
        }
        owners.remove(&me);
        for owner in std::iter::once(&me).chain(&owners).filter(|owner| call.session.home_of(owner).is_some()) {
            let name = call.session.name_of(owner);
            collection(&mut xml, &href, Some(&name), &name, ask, &plain_setting(call, Some(owner)));
        }
    }
    Ok(whole(xml))
}

/// `/dav/principals/`: one's own.
fn principals(call: &Call, ask: &Ask, inside: bool) -> Answer {
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, None));
    collection(&mut xml, &Place::Principals.href(), None, "principals", ask, &at);
    if inside {
        own_principal(call, &mut xml, ask)?;
    }
    Ok(whole(xml))
}

/// `/dav/principals/<account>/`
fn principal(call: &Call, ask: &Ask) -> Answer {
    let mut xml = Writer::begin("D:multistatus");
    own_principal(call, &mut xml, ask)?;
    Ok(whole(xml))
}

fn own_principal(call: &Call, xml: &mut Writer, ask: &Ask) -> Answer<()> {
    let person = call.session.principal()?.person();
    let at = plain_setting(call, None);
    let thing = Thing { name: &person.display_name, node: None, kind: Kind::Principal, locks: &[], dead: &[] };
    response(xml, &at.me, None, ask, &at, &thing);
    Ok(())
}

/// A collection of which there is nothing but its name.
fn collection(xml: &mut Writer, folder: &str, segment: Option<&str>, name: &str, ask: &Ask, at: &Setting) {
    let thing = Thing { name, node: None, kind: Kind::Folder, locks: &[], dead: &[] };
    response(xml, folder, segment, ask, at, &thing);
}

fn with_roots<'l>(call: &Call, place: &NodeRef, locks: &'l [Lock]) -> Vec<(&'l Lock, String)> {
    locks.iter().map(|lock| (lock, guard::root_of(call, place, lock))).collect()
}

async fn space(handle: &Authorized<NodeRef, Lookup>) -> Answer<Option<Space>> {
    match handle.space().await {
        Err(Error::Unsupported { .. }) => Ok(None),
        known => Ok(Some(known?)),
    }
}

fn setting<R: Right>(
    call: &Call,
    owner: Option<&Account>,
    rights: Rights,
    space: Option<Space>,
    handle: &Authorized<NodeRef, R>,
) -> Setting {
    Setting { rights, space, now: handle.now(), ..plain_setting(call, owner) }
}

fn plain_setting(call: &Call, owner: Option<&Account>) -> Setting {
    let href = |account: &Account| format!("/dav/principals/{}/", encode(&call.session.name_of(account)));
    Setting {
        me: call.me().map(href).unwrap_or_default(),
        // Whoever holds a link is not told whose it is by their login.
        owner: owner.filter(|_| call.me().is_some()).map(href),
        rights: Rights::READ,
        space: None,
        now: passerelle_model::Timestamp(0),
    }
}

fn whole(mut xml: Writer) -> Response {
    xml.raw(END);
    let mut response = multistatus();
    *response.body_mut() = body_of(xml.finish());
    response
}

fn multistatus() -> Response {
    let mut response = bare(StatusCode::MULTI_STATUS);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}
