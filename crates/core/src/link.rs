//! Share links at the door: from a token to a session that opens what the link leads to, a file, a folder or a calendar, and nothing else.
//!
//! A token is 26 base32 characters of 130 random bits. State holds its SHA-256, mixed with the epoch: neither a dump nor a
//! restored database revives a link. A link's password is chosen by people, so it is kept by a slow hash; a browser that has
//! shown it keeps a proof instead, which ends when the password or the link does.

use crate::{
    Actor, Delegation, Door, Error, LONGEST_PASSWORD, Manage, Result, Session, Strength, Tool,
    actor::LinkHolder,
    door::{find, principal},
    house::House,
    ports::state::{Link, LinkPassword},
    seal::{self, Purpose},
};
use aws_lc_rs::pbkdf2;
use passerelle_model::{
    Account, CollectionFamily, CollectionRef, Login, MountId, NodePath, NodeRef, ResourceKind, Secret, Target,
};
use std::{net::IpAddr, num::NonZeroU32, sync::Arc};

/// Characters of a token.
pub(crate) const TOKEN: usize = 26;
/// Rounds of PBKDF2-HMAC-SHA256, as OWASP's password storage page asks for.
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).expect("it is not zero");
const SALT: usize = 16;

/// Who comes by a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkVisit<'a> {
    /// The token of the address.
    pub token: &'a str,
    /// The link's password, if one was typed.
    pub password: Option<&'a Secret>,
    /// What the browser was given when it was typed before.
    pub proof: Option<&'a str>,
    /// The client's address, behind a balancer too.
    pub from: IpAddr,
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkRoot {
    /// A file, or a folder with all that is in it.
    Node(NodeRef),
    /// A calendar.
    Calendar(CollectionRef),
}

impl LinkRoot {
    /// Whose it is.
    pub const fn owner(&self) -> &Account {
        match self {
            Self::Node(node) => &node.owner,
            Self::Calendar(calendar) => &calendar.owner,
        }
    }

    /// The file or folder; `None` for a calendar.
    pub const fn node(&self) -> Option<&NodeRef> {
        match self {
            Self::Node(node) => Some(node),
            Self::Calendar(_) => None,
        }
    }

    /// The tool that it is opened with.
    pub(crate) const fn tool(&self) -> Tool {
        match self {
            Self::Node(_) => Tool::Files,
            Self::Calendar(_) => Tool::Calendars,
        }
    }

    /// What a link that is kept leads to.
    fn of(target: &Target) -> Option<Self> {
        if target.kind != ResourceKind::Calendar {
            return root_of(target).map(Self::Node);
        }
        let owner = Account { institution: target.institution.clone(), id: target.owner.clone()? };
        CollectionRef::parse(owner, CollectionFamily::Calendars, &target.path).ok().map(Self::Calendar)
    }

    /// Whether somebody may share it.
    async fn is_managed(&self, by: &Session) -> Result<bool> {
        let managed = match self {
            Self::Node(node) => by.open::<_, Manage>(node.clone()).await.map(drop),
            Self::Calendar(calendar) => by.open::<_, Manage>(calendar.clone()).await.map(drop),
        };
        match managed {
            Ok(()) => Ok(true),
            Err(Error::NotFound | Error::Forbidden | Error::Unauthenticated) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Door {
    /// Lets the holder of a share link in.
    ///
    /// # Errors
    /// `NotFound` for an unknown, ended or withdrawn link alike, where links are switched off, when the owner was locked, and when
    /// whoever made it may not share the place any more;
    /// `Unauthenticated` where a password is wanted, or it is another; `TooMany` for who guesses.
    pub async fn enter_link(&self, visit: LinkVisit<'_>) -> Result<Session> {
        let house = self.house.load_full();
        let hash = token_hash(&house, visit.token);
        let link = house.state.link_by_token(&hash).await?.ok_or(Error::NotFound)?;
        let (root, now) = (LinkRoot::of(&link.target).ok_or(Error::NotFound)?, (house.clock)());
        let facts = &house.tenant(&root.owner().institution).map_err(|_| Error::NotFound)?.facts;
        let offered = facts.tools.has(Tool::Links) && facts.tools.has(root.tool());
        let is_there = house.space(root.owner()).is_some() || find(&house, root.owner()).await?.is_some();
        if !offered
            || !is_there
            || link.until.is_some_and(|until| now >= until)
            || !stands(&house, &link, &root).await?
        {
            return Err(Error::NotFound);
        }
        let proof = proof_of(&house, &link);
        if let Some(kept) = &link.password {
            let shown = |shown: &str| {
                house.sealer.mac_holds(Purpose::LinkPassword, house.state.epoch(), &facts_of(&link), shown)
            };
            if !visit.proof.is_some_and(shown) {
                let typed = visit.password.ok_or(Error::Unauthenticated)?;
                self.refuse_slowly(self.link_password(&house, &link, *kept, typed, visit.from)).await?;
            }
        }
        let Link { id, label, until, most_downloads, made_by, .. } = link;
        let maker = (made_by != *root.owner()).then_some(made_by);
        let holder = LinkHolder { id, root, maker, label, since: now, until, counted: most_downloads.is_some(), proof };
        Ok(Session::of_link(holder, house))
    }

    /// Checks a link's password as any other is checked: slowly for who guesses, quickly for who was right a moment ago.
    async fn link_password(
        &self,
        house: &Arc<House>,
        link: &Link,
        kept: LinkPassword,
        typed: &Secret,
        from: IpAddr,
    ) -> Result<()> {
        if typed.expose().is_empty() || typed.expose().len() > LONGEST_PASSWORD {
            return Err(Error::Unauthenticated);
        }
        let key = self.process_mac(&[b"link", link.id.as_str().as_bytes(), &kept, typed.expose()]);
        if self.link_passwords.contains_key(&key) {
            return Ok(());
        }
        let realm = &house.realm_of(&link.target.institution)?.id;
        // No login has a space, so that no link is counted as somebody.
        let named = Login::parse(format!("link {}", link.id).as_bytes()).map_err(Error::invalid)?;
        let attempt = self.throttle.admit(from, realm, &named, typed, house.passwords.wrong_per_address).await?;
        if holds(kept, typed.clone()).await? {
            self.throttle.right(&attempt);
            self.link_passwords.insert(key, ());
            Ok(())
        } else {
            self.throttle.wrong(&attempt);
            Err(Error::Unauthenticated)
        }
    }
}

/// Whether a link's maker may share the place now: the owner, or whoever manages it. Asked at each visit, as a grant is.
pub(crate) async fn stands(house: &Arc<House>, link: &Link, root: &LinkRoot) -> Result<bool> {
    if link.made_by == *root.owner() {
        return Ok(true);
    }
    let Some(person) = find(house, &link.made_by).await? else { return Ok(false) };
    let maker = principal(link.made_by.clone(), person, Strength::Password, Delegation::None, (house.clock)());
    let maker = Session { actor: Arc::new(Actor::Person(Box::new(maker))), house: Arc::clone(house), web: None };
    root.is_managed(&maker).await
}

/// What a browser keeps that has shown the password.
fn proof_of(house: &House, link: &Link) -> String {
    match link.password {
        Some(_) => house.sealer.mac(Purpose::LinkPassword, house.state.epoch(), &facts_of(link)),
        None => String::new(),
    }
}

fn facts_of(link: &Link) -> Vec<u8> {
    let password = link.password.as_ref().map_or(&[][..], |password| password);
    [link.id.as_str().as_bytes(), &[0], &link.token_hash, password].concat()
}

/// What State holds of a token.
pub(crate) fn token_hash(house: &House, token: &str) -> [u8; 32] {
    seal::sha256(&[house.state.epoch().as_slice(), token.as_bytes()].concat())
}

/// Where a link leads, when that is a file or folder.
pub(crate) fn root_of(target: &Target) -> Option<NodeRef> {
    let owner = Account { institution: target.institution.clone(), id: target.owner.clone()? };
    (target.kind == ResourceKind::Node).then_some(())?;
    Some(NodeRef { owner, mount: MountId::parse(&target.tree).ok()?, path: NodePath::parse(&target.path).ok()? })
}

/// Makes what is kept of a password. Slow: it runs where it holds nobody up.
pub(crate) async fn hash(password: Secret) -> Result<LinkPassword> {
    let salt = seal::random::<SALT>()?;
    let derived = derive(salt, password).await?;
    let mut kept = [0; 48];
    kept.iter_mut().zip(salt.iter().chain(&derived)).for_each(|(to, from)| *to = *from);
    Ok(kept)
}

async fn holds(kept: LinkPassword, typed: Secret) -> Result<bool> {
    let Some((salt, expected)) = kept.split_first_chunk::<SALT>() else { return Ok(false) };
    let derived = derive(*salt, typed).await?;
    Ok(subtle::ConstantTimeEq::ct_eq(derived.as_slice(), expected).into())
}

async fn derive(salt: [u8; SALT], password: Secret) -> Result<[u8; 32]> {
    let derive = move || {
        let mut derived = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, password.expose(), &mut derived);
        derived
    };
    tokio::task::spawn_blocking(derive).await.map_err(|error| Error::internal("hashing a password", error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn the_password_that_was_set_and_no_other() {
        let kept = hash(Secret::new("été")).await.unwrap();
        assert!(holds(kept, Secret::new("été")).await.unwrap());
        assert!(!holds(kept, Secret::new("ete")).await.unwrap());
        assert_ne!(kept, hash(Secret::new("été")).await.unwrap(), "each has its own salt");
    }
}
