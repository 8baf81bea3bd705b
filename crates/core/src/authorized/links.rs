//! Share links to a file, a folder or a calendar: made, listed and withdrawn by whoever manages it.

use crate::{
    Allows, Authorized, Error, LONGEST_PASSWORD, LinkRoot, Manage, Result, Session, Shareable, Tool, WEB_SESSION,
    link::{self, root_of},
    ports::{
        Telling,
        state::{Granted, Link, Revocation},
    },
    seal,
};
use passerelle_model::{
    CollectionFamily, CollectionRef, Grant, Grantee, LinkId, NodeRef, ResourceKind, Rights, Secret, Timestamp,
};
use std::future::Future;

/// Most links to one file, folder or calendar.
pub const MOST_LINKS_TO_ONE: usize = 50;
/// Longest name of a link, in characters.
pub const LONGEST_LINK_LABEL: usize = 80;
/// Shortest password of a link, in octets.
pub const SHORTEST_LINK_PASSWORD: usize = 8;
/// Characters of a link's id.
const ID: usize = 12;
/// In seconds.
const DAY: i64 = 86_400;

/// What a link lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkUse {
    /// See when a calendar makes busy, and nothing else of it.
    Busy,
    /// See and read.
    Read,
    /// Put something new in, and see nothing of what is there.
    Upload,
    /// See, read, put in, change and take out.
    Write,
}

impl LinkUse {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Busy, Self::Read, Self::Upload, Self::Write];
    /// Those of links to files and folders.
    pub const OF_FILES: [Self; 3] = [Self::Read, Self::Upload, Self::Write];
    /// Those of links to calendars.
    pub const OF_CALENDARS: [Self; 2] = [Self::Busy, Self::Read];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Read => "read",
            Self::Upload => "upload",
            Self::Write => "write",
        }
    }

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// The rights that it grants.
    pub const fn rights(self) -> Rights {
        match self {
            Self::Busy => Rights::FREEBUSY,
            Self::Read => Rights::READ,
            Self::Upload => Rights::ADD,
            Self::Write => Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE),
        }
    }

    /// What rights amount to; `None` when they are none of these.
    pub fn of(rights: Rights) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.rights() == rights)
    }
}

/// A link to be made.
#[derive(Debug)]
pub struct NewLink {
    /// What its maker calls it; may be empty.
    pub label: String,
    /// What it is for.
    pub what: LinkUse,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// Its password.
    pub password: Option<Secret>,
    /// How often files may be read through it; calendars are read again and again, and not counted.
    pub most_downloads: Option<u32>,
}

/// A link that was made.
#[derive(Debug)]
pub struct MadeLink {
    /// As it is kept.
    pub link: Link,
    /// Its token, which is shown now and kept nowhere.
    pub token: Secret,
}

/// What links can lead to.
pub trait Linkable: Shareable {
    /// What a link to such a thing may be for.
    const USES: &'static [LinkUse];

    /// What a link to it leads to; `None` for what no link can lead to.
    #[doc(hidden)]
    fn root(&self) -> Option<LinkRoot>;

    /// Looks whether it is there.
    #[doc(hidden)]
    fn find<R: Allows<Manage>>(handle: &Authorized<Self, R>) -> impl Future<Output = Result<()>> + Send
    where
        Self: Sized;
}

impl Linkable for NodeRef {
    const USES: &'static [LinkUse] = &LinkUse::OF_FILES;

    fn root(&self) -> Option<LinkRoot> {
        Some(LinkRoot::Node(self.clone()))
    }

    async fn find<R: Allows<Manage>>(handle: &Authorized<Self, R>) -> Result<()> {
        handle.port.stat(&handle.permit.narrow::<Manage>().narrow()).await.map(drop)
    }
}

impl Linkable for CollectionRef {
    const USES: &'static [LinkUse] = &LinkUse::OF_CALENDARS;

    /// One calendar: all that somebody has would take in what they make later, an address book is other people's data, and what others
    /// publish is theirs to publish.
    fn root(&self) -> Option<LinkRoot> {
        let is_calendar =
            self.family == CollectionFamily::Calendars && !self.is_all() && crate::Resource::may_be_shared(self);
        is_calendar.then(|| LinkRoot::Calendar(self.clone()))
    }

    async fn find<R: Allows<Manage>>(handle: &Authorized<Self, R>) -> Result<()> {
        handle.port.look(&handle.permit.narrow::<Manage>().narrow(), Telling::Facts).await.map(drop)
    }
}

impl<T: Linkable, R: Allows<Manage>> Authorized<T, R> {
    /// Whether links are made here.
    pub fn offers_links(&self) -> bool {
        let tenant = self.house.tenant(self.target().institution());
        self.target().root().is_some() && tenant.is_ok_and(|tenant| tenant.facts.tools.has(Tool::Links))
    }

    /// The longest life of a link here, in days.
    pub fn longest_link_days(&self) -> Option<u32> {
        self.house.tenant(self.target().institution()).ok()?.facts.limits.link_days
    }

    /// The links that lead to this very place.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn links(&self) -> Result<Vec<Link>> {
        self.house.state.links_to(&self.target().target()).await
    }

    /// Makes a link to this place. An end that the institution allows at most is put to one that has none, or a later one.
    ///
    /// # Errors
    /// `Unsupported` where links are switched off; `NotFound` when nothing is here; `OverQuota` when there are too many;
    /// `Invalid` for a name, password, end or number that cannot be; `Forbidden` for a link's holder.
    pub async fn make_link(&self, new: NewLink) -> Result<MadeLink> {
        let made_by = self.permit.actor().account().ok_or(Error::Forbidden)?.clone();
        if !self.offers_links() {
            return Err(Error::Unsupported { what: "links" });
        }
        let now = (self.house.clock)();
        let NewLink { label, what, until, password, most_downloads } = new;
        check(label.trim(), until, password.as_ref(), most_downloads, now)?;
        if !T::USES.contains(&what) {
            return Err(Error::invalid("no link to this is for that"));
        }
        if most_downloads.is_some() && self.target().root().is_some_and(|root| root.node().is_none()) {
            return Err(Error::invalid("a calendar's readers are not counted"));
        }
        T::find(self).await?;
        if self.links().await?.len() >= MOST_LINKS_TO_ONE {
            return Err(Error::OverQuota);
        }
        let allowed = self.longest_link_days().map(|days| now.plus(i64::from(days).saturating_mul(DAY)));
        let token = seal::letters::<{ link::TOKEN }>()?;
        let id = LinkId::parse(&seal::letters::<ID>()?).map_err(|error| Error::internal("drawing an id", error))?;
        let target = self.target().target();
        let mut kept = Link::new(id, target, made_by, link::token_hash(&self.house, &token));
        label.trim().clone_into(&mut kept.label);
        kept.until = until.into_iter().chain(allowed).min();
        kept.most_downloads = most_downloads;
        if let Some(password) = password {
            kept.password = Some(link::hash(password).await?);
        }
        // The link first: a grant to a link that is not there would stay for ever, a link without a grant opens nothing.
        self.house.state.add_link(&kept).await?;
        let grant = Grant { to: Grantee::Link(kept.id.clone()), rights: what.rights(), until: kept.until };
        if let Err(error) = self.house.state.set_grant(&kept.target, &grant).await {
            self.house.state.remove_link(&kept.id).await?;
            return Err(error);
        }
        Ok(MadeLink { link: kept, token: Secret::new(token.as_bytes()) })
    }

    /// Whether a link to this place leads here: not if whoever made it may not share it any more.
    ///
    /// # Errors
    /// `Unavailable` when the directory or State cannot say.
    pub async fn link_stands(&self, link: &Link) -> Result<bool> {
        match self.target().root() {
            Some(root) => link::stands(&self.house, link, &root).await,
            None => Ok(false),
        }
    }

    /// Takes a link to this place over from whoever made it: from now on it holds for as long as the actor may share the place.
    /// `false` when there is none of that id here.
    ///
    /// # Errors
    /// `Forbidden` for a link's holder; `Unavailable` when State cannot be written.
    pub async fn take_link(&self, id: &LinkId) -> Result<bool> {
        let heir = self.permit.actor().account().ok_or(Error::Forbidden)?;
        if self.links().await?.iter().all(|link| link.id != *id) {
            return Ok(false);
        }
        self.house.state.take_link(id, heir).await
    }

    /// Withdraws a link to this place, and what is under way through it; `false` when there is none of that id here.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written; then it may still lead here.
    pub async fn remove_link(&self, id: &LinkId) -> Result<bool> {
        if self.links().await?.iter().all(|link| link.id != *id) {
            return Ok(false);
        }
        // First what is under way: were it last, and failed, nobody could end it any more.
        let expires = (self.house.clock)().plus(WEB_SESSION);
        let revocation = Revocation::Session { id: visits_by(id), expires };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        self.house.state.remove_link(id).await
    }
}

/// What somebody has given to others at one place.
#[derive(Debug)]
pub struct Shared {
    /// The place.
    pub node: NodeRef,
    /// To whom, people and groups; those that have ended too.
    pub grants: Vec<Grant>,
    /// By links.
    pub links: Vec<Link>,
}

impl Session {
    /// What this person shares of their own files, place by place in the order of their paths. Whether the places are still
    /// there has to be looked up: what was removed behind the gateway's back keeps its grants until its owner takes them away.
    ///
    /// # Errors
    /// `Forbidden` for a link; `Unavailable` when State cannot say.
    pub async fn shared_by_me(&self) -> Result<Vec<Shared>> {
        let me = self.principal()?.account().clone();
        let mut places: Vec<Shared> = Vec::new();
        let mut granted = self.house.state.granted_by(&me).await?;
        granted.retain(|it| it.target.kind == ResourceKind::Node && !matches!(it.grant.to, Grantee::Link(_)));
        granted.sort_by(|one, other| one.target.cmp(&other.target));
        for Granted { target, grant } in granted {
            let Some(node) = root_of(&target) else { continue };
            match places.last_mut() {
                Some(place) if place.node == node => place.grants.push(grant),
                _ => places.push(Shared { node, grants: vec![grant], links: Vec::new() }),
            }
        }
        for link in self.house.state.links_of(&me).await? {
            let Some(node) = root_of(&link.target) else { continue };
            match places.iter_mut().find(|place| place.node == node) {
                Some(place) => place.links.push(link),
                None => places.push(Shared { node, grants: Vec::new(), links: vec![link] }),
            }
        }
        places.sort_by_key(|one| one.node.target());
        Ok(places)
    }
}

/// The id under which what is open by a link can be withdrawn.
pub(crate) fn visits_by(link: &LinkId) -> [u8; 16] {
    seal::id_of("share link", link.as_str())
}

fn check(
    label: &str,
    until: Option<Timestamp>,
    password: Option<&Secret>,
    most_downloads: Option<u32>,
    now: Timestamp,
) -> Result<()> {
    if label.chars().count() > LONGEST_LINK_LABEL || label.contains(char::is_control) {
        return Err(Error::invalid("a link's name has at most 80 characters"));
    }
    if until.is_some_and(|until| until <= now) {
        return Err(Error::invalid("the end is past"));
    }
    if password.is_some_and(|it| !(SHORTEST_LINK_PASSWORD..=LONGEST_PASSWORD).contains(&it.expose().len())) {
        return Err(Error::invalid("a link's password has at least 8 characters"));
    }
    if most_downloads == Some(0) {
        return Err(Error::invalid("a link is for one download at least"));
    }
    Ok(())
}
