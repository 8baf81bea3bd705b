//! A small house for tests: two institutions with the same logins, which is where mistakes show.
//!
//! `garonne` (`a.test`) and `autan` (`b.test`) have each `u00001` to `u00009` with password `pw-<login>`; `u00003` and
//! `u00004` are in the group `staff` of their own institution. Owners of `autan` may share with people of `garonne`, not
//! the other way round: for what `garonne` owns, everybody of `autan` is a stranger. [`numbers`] says by what numbers a
//! file server knows them; the last one, `u00009`, has none.

use crate::memory_directory::{MemoryDirectory, MemoryPerson};
use passerelle_core::{
    Clock, Door, Errand, HouseParts, Institution, MarkingMemory, Mount, Operator, PasswordLimits, Passwords,
    PortalRules, Realm, Result, Session, SharedSpace, Tenant, Visit,
    ports::{
        CollectionStore, Directory, ExternalMail, Feeds, FileStore, Filters, MailStore, RemoteImages, SsoProvider,
        Submission, state::State,
    },
    seal::Sealer,
};
use passerelle_model::{
    Account, AccountId, CollectionFamily, Grant, Grantee, Group, GroupId, GroupRef, InstitutionId, Login, MountId,
    NodePath, NodeRef, PosixIds, RealmId, Rights, Secret, Timestamp,
};
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// People in each institution.
const PEOPLE: usize = 9;
/// The group that each institution has, and its members.
const STAFF: (&str, [&str; 2]) = ("staff", ["u00003", "u00004"]);

/// The origin of the portal that both institutions list.
pub const PORTAL: &str = "https://portal.test";
/// The proxy whose tickets both institutions take.
pub const PROXY: &str = "https://portal.test/proxy";

/// A house, opened.
#[derive(Clone)]
pub struct TestHouse {
    /// What a surface gets.
    pub door: Door,
    /// The State behind it, for arranging a test.
    pub state: Arc<dyn State>,
}

impl fmt::Debug for TestHouse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestHouse")
    }
}

/// A space: whose, its id, its store, and what its settings grant.
type Space = (&'static str, &'static str, Arc<dyn FileStore>, Vec<Grant>);

fn shared_space((_, id, _, grants): &Space) -> SharedSpace {
    SharedSpace { id: mount_id(id), name: BTreeMap::new(), grants: grants.clone() }
}

/// What the house is built of.
pub struct HouseBuilder {
    state: Arc<dyn State>,
    files: BTreeMap<&'static str, Arc<dyn FileStore>>,
    collections: BTreeMap<(&'static str, CollectionFamily), Arc<dyn CollectionStore>>,
    spaces: Vec<Space>,
    mail: BTreeMap<&'static str, Arc<dyn MailStore>>,
    external: BTreeMap<&'static str, Arc<dyn ExternalMail>>,
    images: BTreeMap<&'static str, Arc<dyn RemoteImages>>,
    feeds: BTreeMap<&'static str, Arc<dyn Feeds>>,
    filters: BTreeMap<&'static str, Arc<dyn Filters>>,
    submission: BTreeMap<&'static str, Arc<dyn Submission>>,
    providers: Vec<Arc<dyn SsoProvider>>,
    passwords: Passwords,
    clock: Clock,
}

impl fmt::Debug for HouseBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HouseBuilder")
    }
}

impl HouseBuilder {
    /// A house over this State, without stores, with the clock of the machine.
    pub fn new(state: Arc<dyn State>) -> Self {
        let (providers, passwords) = (Vec::new(), Passwords::Everywhere);
        Self {
            state,
            files: BTreeMap::new(),
            collections: BTreeMap::new(),
            spaces: Vec::new(),
            mail: BTreeMap::new(),
            external: BTreeMap::new(),
            images: BTreeMap::new(),
            feeds: BTreeMap::new(),
            filters: BTreeMap::new(),
            submission: BTreeMap::new(),
            providers,
            passwords,
            clock: now,
        }
    }

    /// Gives an institution (`garonne`, `autan`) a file store: the mount `home`.
    #[must_use]
    pub fn files(mut self, institution: &'static str, store: Arc<dyn FileStore>) -> Self {
        self.files.insert(institution, store);
        self
    }

    /// Gives an institution's people a way to calendars elsewhere.
    #[must_use]
    pub fn feeds(mut self, institution: &'static str, feeds: Arc<dyn Feeds>) -> Self {
        self.feeds.insert(institution, feeds);
        self
    }

    /// Gives an institution a store of calendars or of address books.
    #[must_use]
    pub fn collections(
        mut self,
        institution: &'static str,
        family: CollectionFamily,
        store: Arc<dyn CollectionStore>,
    ) -> Self {
        self.collections.insert((institution, family), store);
        self
    }

    /// Gives an institution a space that its settings let these see.
    #[must_use]
    pub fn space(
        mut self,
        institution: &'static str,
        id: &'static str,
        store: Arc<dyn FileStore>,
        grants: Vec<Grant>,
    ) -> Self {
        self.spaces.push((institution, id, store, grants));
        self
    }

    /// Gives an institution a mail store.
    #[must_use]
    pub fn mail(mut self, institution: &'static str, store: Arc<dyn MailStore>) -> Self {
        self.mail.insert(institution, store);
        self
    }

    /// Gives an institution a way to mail accounts elsewhere.
    #[must_use]
    pub fn external(mut self, institution: &'static str, way: Arc<dyn ExternalMail>) -> Self {
        self.external.insert(institution, way);
        self
    }

    /// Gives an institution a way to pictures elsewhere.
    #[must_use]
    pub fn images(mut self, institution: &'static str, way: Arc<dyn RemoteImages>) -> Self {
        self.images.insert(institution, way);
        self
    }

    /// Gives an institution a store of filter scripts.
    #[must_use]
    pub fn filters(mut self, institution: &'static str, store: Arc<dyn Filters>) -> Self {
        self.filters.insert(institution, store);
        self
    }

    /// Gives an institution an MTA.
    #[must_use]
    pub fn submission(mut self, institution: &'static str, mta: Arc<dyn Submission>) -> Self {
        self.submission.insert(institution, mta);
        self
    }

    /// Gives both realms a provider to sign on at.
    #[must_use]
    pub fn provider(mut self, provider: Arc<dyn SsoProvider>) -> Self {
        self.providers.push(provider);
        self
    }

    /// Says where both realms take passwords.
    #[must_use]
    pub fn passwords(mut self, passwords: Passwords) -> Self {
        self.passwords = passwords;
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the house.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be read.
    pub async fn open(self) -> Result<TestHouse> {
        let door = Door::new(self.parts()?, Arc::clone(&self.state), self.clock).await?;
        Ok(TestHouse { door, state: self.state })
    }

    /// The operator of the same house, at a job.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn operator(&self, job: &'static str) -> Result<Operator> {
        Operator::new(self.parts()?, Arc::clone(&self.state), self.clock, job).await
    }

    fn parts(&self) -> Result<HouseParts> {
        let sealer = Sealer::new(&[Secret::new([7; 32])])?;
        let tenants = vec![
            self.tenant("garonne", "a.test", "Garonne University", &[]),
            self.tenant("autan", "b.test", "Autan University", &["garonne"]),
        ];
        let realms = [("garonne", "a.test"), ("autan", "b.test")].map(|(id, domain)| Realm {
            providers: self.providers.clone(),
            passwords: self.passwords,
            ..Realm::of_passwords(realm(id), directory(domain))
        });
        Ok(HouseParts {
            realms: realms.into(),
            tenants,
            default_institution: Some(institution("garonne")),
            sealer,
            passwords: PasswordLimits::NONE,
            marking: MarkingMemory::default(),
            span_of: |_| None,
        })
    }

    fn tenant(&self, id: &'static str, domain: &str, name: &str, shares_with: &[&str]) -> Tenant {
        let facts = Institution {
            name: BTreeMap::from([("en".to_owned(), name.to_owned())]),
            hosts: vec![format!("{id}.localhost")],
            mail_domains: vec![domain.to_owned()],
            administrators: vec![account_id("u00001")],
            shares_with: shares_with.iter().map(|other| institution(other)).collect(),
            spaces: self.spaces.iter().filter(|(of, ..)| *of == id).map(shared_space).collect(),
            portals: vec![PORTAL.to_owned()],
            portal: PortalRules { proxies: vec![vec![PROXY.to_owned()]], ..PortalRules::default() },
            ..Institution::new(institution(id), realm(id))
        };
        let home = self.files.get(id).map(|store| Mount { id: home(), store: Arc::clone(store) });
        let spaces = self.spaces.iter().filter(|(of, ..)| *of == id);
        let trees = spaces.clone().map(|(_, space, store, _)| Mount { id: mount_id(space), store: Arc::clone(store) });
        Tenant {
            facts: facts.into(),
            mail: self.mail.get(id).cloned(),
            external: self.external.get(id).cloned(),
            images: self.images.get(id).cloned(),
            filters: self.filters.get(id).cloned(),
            submission: self.submission.get(id).cloned(),
            scanners: Vec::new(),
            mounts: home.into_iter().chain(trees).collect(),
            calendars: self.collections.get(&(id, CollectionFamily::Calendars)).cloned(),
            contacts: self.collections.get(&(id, CollectionFamily::Contacts)).cloned(),
            feeds: self.feeds.get(id).cloned(),
        }
    }
}

impl TestHouse {
    /// Signs somebody on by their whole address, `u00001@a.test`.
    ///
    /// # Errors
    /// As [`Door::login`].
    pub async fn login(&self, address: &str, errand: Errand) -> Result<Session> {
        let login = Login::parse(address.as_bytes()).map_err(passerelle_core::Error::invalid)?;
        let password = Secret::new(format!("pw-{}", login.local()));
        self.door.login(&login, &password, visit(errand)).await
    }

    /// Grants rights on a place in somebody's files, as their owner would.
    ///
    /// # Errors
    /// As State says.
    pub async fn grant(&self, owner: &str, path: &str, to: Grantee, rights: Rights) -> Result<()> {
        self.state.set_grant(&node(owner, path).target(), &Grant { to, rights, until: None }).await
    }
}

/// Somebody who comes from this machine, by no name of ours.
pub const fn visit(errand: Errand) -> Visit<'static> {
    Visit { host: None, from: IpAddr::V4(Ipv4Addr::LOCALHOST), errand }
}

/// An account by its whole address, `u00001@a.test`.
///
/// # Panics
/// When it is none of this house's.
#[allow(clippy::panic, reason = "a test may panic")]
pub fn account(address: &str) -> Account {
    match address.rsplit_once('@') {
        Some((login, "a.test")) => Account { institution: institution("garonne"), id: account_id(login) },
        Some((login, "b.test")) => Account { institution: institution("autan"), id: account_id(login) },
        _ => panic!("{address} is nobody of this house"),
    }
}

/// The Unix account of somebody of this house, by their whole address; the last one of each institution has none. All
/// numbers of an institution are in a thousand of their own, far from those of a real system.
///
/// # Panics
/// When the address is nobody's.
#[allow(clippy::panic, reason = "a test may panic")]
pub fn numbers(address: &str) -> Option<PosixIds> {
    let first = match address.rsplit_once('@') {
        Some((_, "a.test")) => 61_000,
        Some((_, "b.test")) => 62_000,
        _ => panic!("{address} is nobody of this house"),
    };
    let login = address.get(..6)?;
    let number: u32 = login.get(1..)?.parse().ok()?;
    let has_some = usize::try_from(number).is_ok_and(|number| number < PEOPLE);
    let staff = STAFF.1.contains(&login).then_some(first + 500);
    has_some.then(|| PosixIds::new(first + number, first).with_groups(staff))
}

/// A place in somebody's files.
///
/// # Panics
/// When the path is none.
#[allow(clippy::expect_used, reason = "a test may panic")]
pub fn node(owner: &str, path: &str) -> NodeRef {
    NodeRef { owner: account(owner), mount: home(), path: NodePath::parse(path).expect("a path") }
}

/// One account as grantee.
pub fn to_account(address: &str) -> Grantee {
    Grantee::Account(account(address))
}

/// The group `staff` of an institution as grantee.
pub fn to_staff(of: &str) -> Grantee {
    Grantee::Group(GroupRef { institution: institution(of), id: group_id(STAFF.0) })
}

/// Everybody of an institution as grantee.
pub fn to_institution(of: &str) -> Grantee {
    Grantee::Institution(institution(of))
}

/// The clock of the machine.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn directory(domain: &str) -> Arc<dyn Directory> {
    let people = (1..=PEOPLE).map(|number| {
        let login = format!("u{number:05}");
        let groups: &[&str] = if STAFF.1.contains(&login.as_str()) { &[STAFF.0] } else { &[] };
        let mut one = MemoryPerson::new(&login, domain, groups);
        one.person.posix = numbers(&format!("{login}@{domain}"));
        one
    });
    let staff = Group { id: group_id(STAFF.0), description: "Staff".to_owned(), mail: None, dynamic: false };
    Arc::new(MemoryDirectory::new(people.collect(), vec![staff]))
}

#[allow(clippy::expect_used, reason = "a test may panic")]
fn institution(id: &str) -> InstitutionId {
    InstitutionId::parse(id).expect("an institution")
}

#[allow(clippy::expect_used, reason = "a test may panic")]
fn realm(id: &str) -> RealmId {
    RealmId::parse(id).expect("a realm")
}

#[allow(clippy::expect_used, reason = "a test may panic")]
fn account_id(id: &str) -> AccountId {
    AccountId::parse(id).expect("a login")
}

#[allow(clippy::expect_used, reason = "a test may panic")]
fn group_id(id: &str) -> GroupId {
    GroupId::parse(id).expect("a group")
}

#[allow(clippy::expect_used, reason = "a test may panic")]
fn mount_id(text: &str) -> MountId {
    MountId::parse(text).expect("a mount")
}

fn home() -> MountId {
    mount_id(Mount::HOME)
}
