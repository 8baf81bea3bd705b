//! Everything that is in force at one moment, replaced as a whole when the settings change. Private to the gate: a
//! surface can hold a `Door` for weeks and never see a back-end.

use crate::{
    Clock, Error, Institution, Look, MarkingMemory, Realm, Result, SharedSpace, Tenant, Tool,
    authorized::Waiting,
    collection_news::News,
    elsewhere::WithFeeds,
    examinations::Examinations,
    held_kinds::HeldKinds,
    indexes::Indexes,
    items::Items,
    listings::Listings,
    marking::Budget,
    overlay::{self, Values},
    ports::{
        CollectionStore, Directory, Health,
        state::{OverlayValue, State},
    },
    seal::Sealer,
    sending_rates::SendingRates,
    spans::{SpanOf, Spans},
    watch::Withdrawn,
};
use moka::sync::Cache;
use passerelle_model::{
    Account, AccountId, CollectionFamily, GroupRef, InstitutionId, Login, MountId, Person, RealmId,
};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
    time::Duration,
};
use tokio::sync::Mutex;

/// What the gateway hands over: the settings, understood and built.
pub struct HouseParts {
    /// The realms.
    pub realms: Vec<Realm>,
    /// The institutions with their back-ends.
    pub tenants: Vec<Tenant>,
    /// Where a bare login belongs when no host says so.
    pub default_institution: Option<InstitutionId>,
    /// Seals sessions.
    pub sealer: Sealer,
    /// What wrong passwords meet.
    pub passwords: PasswordLimits,
    /// How much memory messages may take that wait for marks.
    pub marking: MarkingMemory,
    /// From when to when an item of a calendar is.
    pub span_of: SpanOf,
}

/// What wrong passwords meet, beside what is said at [`crate::FREE_TRIES`].
#[derive(Debug, Clone, Copy)]
pub struct PasswordLimits {
    /// How long a refusal takes at least.
    pub refusal: Duration,
    /// Most of one address in [`crate::ADDRESS_WINDOW`], whoever it tries to be, before it has to wait.
    pub wrong_per_address: u32,
}

impl PasswordLimits {
    /// Nothing: for tests.
    pub const NONE: Self = Self { refusal: Duration::ZERO, wrong_per_address: u32::MAX };
}

impl fmt::Debug for HouseParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HouseParts").field("tenants", &self.tenants).finish_non_exhaustive()
    }
}

/// The parts, indexed.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) realms: Arc<HashMap<RealmId, Realm>>,
    /// The institutions as they are in force: with what was changed at run time, and without the stores of tools that are
    /// switched off.
    pub(crate) tenants: HashMap<InstitutionId, Tenant>,
    /// The institutions as the files have them.
    filed: Arc<HashMap<InstitutionId, Tenant>>,
    /// What was changed at run time.
    values: Values,
    default_institution: Option<InstitutionId>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) passwords: PasswordLimits,
    pub(crate) state: Arc<dyn State>,
    pub(crate) withdrawn: Arc<Withdrawn>,
    pub(crate) clock: Clock,
    /// Writers of one place on this node, in a row before the lease that all nodes share.
    pub(crate) rows: Rows,
    pub(crate) marking: MarkingMemory,
    /// What of it is taken, in the whole process.
    pub(crate) budget: Arc<Budget>,
    /// What waits of uploads in parts.
    pub(crate) waiting: Arc<Waiting>,
    /// What was sent in the last hour.
    pub(crate) sent: Arc<SendingRates>,
    /// What was examined a moment ago.
    pub(crate) examinations: Arc<Examinations>,
    /// Items of collections that were read lately.
    pub(crate) items: Items,
    /// What is in collections whose stores tell changes.
    pub(crate) listings: Listings,
    /// When items of calendars are.
    pub(crate) spans: Spans,
    /// Indexes of folders and collections.
    pub(crate) indexes: Indexes,
    pub(crate) span_of: SpanOf,
    /// Which kinds of components calendars hold.
    pub(crate) held_kinds: HeldKinds,
    /// Who changes collections here.
    pub(crate) news: News,
}

/// What this node remembers whatever the settings are.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) rows: Rows,
    pub(crate) budget: Arc<Budget>,
    pub(crate) waiting: Arc<Waiting>,
    /// What was sent in the last hour.
    pub(crate) sent: Arc<SendingRates>,
    pub(crate) examinations: Arc<Examinations>,
    pub(crate) items: Items,
    pub(crate) listings: Listings,
    pub(crate) spans: Spans,
    pub(crate) indexes: Indexes,
    pub(crate) held_kinds: HeldKinds,
    pub(crate) news: News,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            rows: rows(),
            budget: Arc::default(),
            waiting: Arc::default(),
            sent: Arc::default(),
            examinations: Arc::default(),
            items: Items::default(),
            listings: Listings::default(),
            spans: Spans::default(),
            indexes: Indexes::default(),
            held_kinds: HeldKinds::default(),
            news: News::default(),
        }
    }
}

/// Where somebody signs on: a realm, and the institution, where a host or a domain says which.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'h> {
    pub(crate) realm: &'h Realm,
    pub(crate) institution: Option<&'h Institution>,
}

/// Why an entry is no institution's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stray {
    /// None of them takes it.
    Nowhere,
    /// Several do.
    Several,
}

/// Those who write to a place of a name, one after the other. What is not used for a minute is forgotten.
pub(crate) type Rows = Cache<String, Arc<Mutex<()>>>;

/// Most rows kept.
const MOST_ROWS: u64 = 10_000;
const ROW_IDLE: Duration = Duration::from_secs(60);

/// No rows yet.
fn rows() -> Rows {
    Cache::builder().max_capacity(MOST_ROWS).time_to_idle(ROW_IDLE).build()
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.tenants.keys()).finish()
    }
}

impl House {
    pub(crate) fn new(
        parts: HouseParts,
        values: &Values,
        state: Arc<dyn State>,
        withdrawn: Arc<Withdrawn>,
        clock: Clock,
        Remembered { rows, budget, waiting, sent, examinations, items, listings, spans, indexes, held_kinds, news }: Remembered,
    ) -> Self {
        let filed: HashMap<_, _> = parts.tenants.into_iter().map(|tenant| (tenant.facts.id.clone(), tenant)).collect();
        let house = Self {
            realms: Arc::new(parts.realms.into_iter().map(|realm| (realm.id.clone(), realm)).collect()),
            tenants: HashMap::new(),
            filed: Arc::new(filed),
            values: Values::new(),
            default_institution: parts.default_institution,
            sealer: Arc::new(parts.sealer),
            passwords: parts.passwords,
            state,
            withdrawn,
            clock,
            rows,
            marking: parts.marking,
            budget,
            waiting,
            sent,
            examinations,
            items,
            listings,
            spans,
            indexes,
            span_of: parts.span_of,
            held_kinds,
            news,
        };
        house.with_values(values)
    }

    /// What this node remembers, for the next house.
    pub(crate) fn remembered(&self) -> Remembered {
        Remembered {
            rows: self.rows.clone(),
            budget: Arc::clone(&self.budget),
            waiting: Arc::clone(&self.waiting),
            sent: Arc::clone(&self.sent),
            examinations: Arc::clone(&self.examinations),
            items: self.items.clone(),
            listings: self.listings.clone(),
            spans: self.spans.clone(),
            indexes: self.indexes.clone(),
            held_kinds: self.held_kinds.clone(),
            news: self.news.clone(),
        }
    }

    /// This house with newer values of State for some institutions. What is none of its institutions is left out.
    pub(crate) fn with_values(&self, newer: &Values) -> Self {
        let mut house = self.clone();
        house.values.extend(newer.iter().map(|(id, values)| (id.clone(), Arc::clone(values))));
        house.values.retain(|id, _| self.filed.contains_key(id));
        for (id, tenant) in self.filed.iter() {
            if newer.contains_key(id) || !self.tenants.contains_key(id) {
                let values = house.values.get(id).map_or(&[][..], |values| values);
                house.tenants.insert(id.clone(), in_force(tenant, values));
            }
        }
        house
    }

    /// What of these institutions was changed at run time, and which of them are not known yet.
    pub(crate) fn values_of(&self, tenants: &[Tenant]) -> (Values, Vec<InstitutionId>) {
        let (mut known, mut unknown) = (Values::new(), Vec::new());
        for id in tenants.iter().map(|tenant| &tenant.facts.id) {
            match self.values.get(id) {
                Some(values) => drop(known.insert(id.clone(), Arc::clone(values))),
                None => unknown.push(id.clone()),
            }
        }
        (known, unknown)
    }

    /// Tells what is under way which tools are off now, and whoever waits which settings are in force.
    pub(crate) fn announce(&self) {
        let off: HashSet<_> = self
            .facts()
            .flat_map(|facts| {
                Tool::ALL.into_iter().filter(|tool| !facts.tools.has(*tool)).map(move |tool| (facts, tool))
            })
            .map(|(facts, tool)| (facts.id.clone(), tool))
            .collect();
        self.withdrawn.switched_off(off);
        self.withdrawn.settings.tell(self.facts().map(|facts| (facts.id.clone(), facts.version)).collect());
    }

    /// An institution as its file has it.
    pub(crate) fn filed(&self, id: &InstitutionId) -> Result<&Institution> {
        self.filed.get(id).map(|tenant| tenant.facts.as_ref()).ok_or(Error::NotFound)
    }

    pub(crate) fn tenant(&self, id: &InstitutionId) -> Result<&Tenant> {
        self.tenants.get(id).ok_or(Error::NotFound)
    }

    /// The store of an institution's collections of a family; of its calendars with those from elsewhere.
    pub(crate) fn collections(
        &self,
        id: &InstitutionId,
        family: CollectionFamily,
    ) -> Result<Option<Arc<dyn CollectionStore>>> {
        let with_feeds = match family {
            CollectionFamily::Calendars => self.with_feeds(id)?,
            CollectionFamily::Contacts => None,
        };
        Ok(match with_feeds {
            Some(with_feeds) => Some(with_feeds),
            None => self.tenant(id)?.collections(family).cloned(),
        })
    }

    /// An institution's calendars with those from elsewhere, where it has both.
    pub(crate) fn with_feeds(&self, id: &InstitutionId) -> Result<Option<Arc<WithFeeds>>> {
        let tenant = self.tenant(id)?;
        let (Some(own), Some(feeds)) = (&tenant.calendars, &tenant.feeds) else { return Ok(None) };
        let (own, feeds) = (Arc::clone(own), Arc::clone(feeds));
        let (state, sealer) = (Arc::clone(&self.state), Arc::clone(&self.sealer));
        Ok(Some(Arc::new(WithFeeds { own, feeds, state, sealer })))
    }

    /// The directory that knows an institution's people.
    pub(crate) fn directory(&self, id: &InstitutionId) -> Result<&Arc<dyn Directory>> {
        Ok(&self.realm_of(id)?.directory)
    }

    /// The realm that signs an institution's people on.
    pub(crate) fn realm_of(&self, id: &InstitutionId) -> Result<&Realm> {
        self.realms
            .get(&self.tenant(id)?.facts.realm)
            .ok_or_else(|| Error::internal("finding a realm", "an institution names a realm that is not there"))
    }

    /// What a host name leads to, or the default institution.
    pub(crate) fn at_host(&self, host: Option<&str>) -> Option<Place<'_>> {
        let served = host.and_then(|host| self.served_at(host));
        served.or_else(|| self.place_of(&self.tenants.get(self.default_institution.as_ref()?)?.facts))
    }

    /// What a host name leads to that the settings give to an institution or to a realm (RFC 9110 §7.2: the port is not
    /// part of it).
    pub(crate) fn served_at(&self, host: &str) -> Option<Place<'_>> {
        let host = host.rsplit_once(':').map_or(host, |(name, _port)| name).trim_end_matches('.');
        // A host below an institution's name (imap.a.test) is that institution's too, as its certificate is.
        std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, above)| above)).find_map(|name| {
            let is = |ours: &String| ours.eq_ignore_ascii_case(name);
            let own = self.facts().find(|facts| facts.hosts.iter().chain(&facts.mail_domains).any(is));
            let shared = || self.realms.values().find(|realm| realm.front.iter().flat_map(|it| &it.hosts).any(is));
            match own {
                Some(facts) => self.place_of(facts),
                None => shared().map(|realm| Place { realm, institution: None }),
            }
        })
    }

    /// The realm whose own host this is, or an institution's of it, and no name below it.
    pub(crate) fn has_host(&self, host: &str) -> Option<&Realm> {
        let host = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        let is = |ours: &String| ours.eq_ignore_ascii_case(host);
        let own = self.facts().find(|facts| facts.hosts.iter().any(is));
        let shared = || self.realms.values().find(|realm| realm.front.iter().flat_map(|it| &it.hosts).any(is));
        own.and_then(|facts| self.realms.get(&facts.realm)).or_else(shared)
    }

    fn place_of<'h>(&'h self, facts: &'h Institution) -> Option<Place<'h>> {
        Some(Place { realm: self.realms.get(&facts.realm)?, institution: Some(facts) })
    }

    /// How a host looks before anybody has signed on.
    pub(crate) fn look_at(&self, host: Option<&str>) -> Option<Look> {
        let Place { realm, institution } = self.at_host(host)?;
        match institution {
            Some(facts) => self.look(&facts.id),
            None => realm.front.clone().map(Look::Shared),
        }
    }

    /// How an institution looks, at a host of its realm.
    pub(crate) fn look_of(&self, host: Option<&str>, id: &str) -> Option<Look> {
        let id = InstitutionId::parse(id).ok()?;
        (self.at_host(host)?.realm.id == self.tenants.get(&id)?.facts.realm).then(|| self.look(&id))?
    }

    /// How an institution looks.
    pub(crate) fn look(&self, id: &InstitutionId) -> Option<Look> {
        self.tenants.get(id).map(|tenant| Look::Own(Arc::clone(&tenant.facts)))
    }

    /// The institution of a mail domain.
    pub(crate) fn at_domain(&self, domain: &str) -> Option<&Institution> {
        self.facts().find(|facts| facts.mail_domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain)))
    }

    /// Where a login signs on: by its domain, else by the host it came to.
    pub(crate) fn sign_on_place(&self, login: &Login, host: Option<&str>) -> Option<Place<'_>> {
        match login.domain() {
            Some(domain) => self.place_of(self.at_domain(domain)?),
            None => self.at_host(host),
        }
    }

    /// The one institution of a realm that an entry belongs to; none or two is a refusal.
    pub(crate) fn institution_of(&self, realm: &RealmId, person: &Person) -> Result<&Institution, Stray> {
        // What spaces are called by is no person's login.
        let is_person = person.account.space().is_none();
        let includes = |facts: &&Institution| facts.realm == *realm && facts.membership.includes(facts, person);
        let mut theirs = self.facts().filter(|facts| is_person && includes(facts));
        match (theirs.next(), theirs.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(Stray::Nowhere),
            (Some(_), Some(_)) => Err(Stray::Several),
        }
    }

    /// Whether an entry is this institution's, and no other's of the realm.
    pub(crate) fn is_of(&self, facts: &Institution, person: &Person) -> bool {
        self.institution_of(&facts.realm, person).is_ok_and(|theirs| theirs.id == facts.id)
    }

    /// Whether people of `home` count as members of a gateway group: it is their own institution's, or of one that agreed to
    /// share with theirs, now.
    pub(crate) fn may_join(&self, group: &GroupRef, home: &InstitutionId) -> bool {
        group.institution == *home
            || self.tenants.get(&group.institution).is_some_and(|of| of.facts.shares_with.contains(home))
    }

    /// The person with those static groups only that are their institution's. The directory knows the realm's.
    pub(crate) async fn at_home(&self, facts: &Institution, mut person: Person) -> Result<Person> {
        person.groups.retain(|group| !group.is_of_gateway());
        if let Some(within) = facts.groups_within()
            && !person.groups.is_empty()
        {
            let named = std::mem::take(&mut person.groups);
            person.groups = self.directory(&facts.id)?.belongs(&person, Some(within), &named).await?;
        }
        Ok(person)
    }

    /// An account as paths and interfaces name it: `login` at home, `login@domain` anywhere.
    pub(crate) fn account_named(&self, name: &str, home: &InstitutionId) -> Option<Account> {
        let (id, institution) = match name.rsplit_once('@') {
            Some((id, domain)) => (id, &self.at_domain(domain)?.id),
            None => (name, home),
        };
        Some(Account { institution: institution.clone(), id: AccountId::parse(id).ok()? })
    }

    /// An account by `login@domain` only.
    pub(crate) fn account_wholly_named(&self, name: &str) -> Option<Account> {
        let (id, domain) = name.rsplit_once('@')?;
        Some(Account { institution: self.at_domain(domain)?.id.clone(), id: AccountId::parse(id).ok()? })
    }

    /// `login@domain`, wherever the reader is.
    pub(crate) fn whole_name_of(&self, account: &Account) -> String {
        let domain = self.tenants.get(&account.institution).and_then(|tenant| tenant.facts.mail_domains.first());
        domain.map_or_else(|| account.id.to_string(), |domain| format!("{}@{domain}", account.id))
    }

    /// How an account is named to somebody of `home`: the reverse of [`Self::account_named`].
    pub(crate) fn name_of(&self, account: &Account, home: &InstitutionId) -> String {
        let domain = || self.tenants.get(&account.institution)?.facts.mail_domains.first();
        match domain() {
            Some(domain) if account.institution != *home => format!("{}@{domain}", account.id),
            _ => account.id.to_string(),
        }
    }

    /// The file tree of an owner; `None` where the institution has none of it.
    pub(crate) fn tree_of(&self, owner: &Account) -> Option<&MountId> {
        Some(&self.tenants.get(&owner.institution)?.tree_of(&owner.id)?.id)
    }

    /// All spaces, each with the owner that it stands for.
    pub(crate) fn spaces(&self) -> impl Iterator<Item = (Account, &SharedSpace)> {
        self.facts().flat_map(|facts| {
            facts
                .spaces
                .iter()
                .map(|space| (Account { institution: facts.id.clone(), id: AccountId::of_space(&space.id) }, space))
        })
    }

    /// The space that an owner of files stands for.
    pub(crate) fn space(&self, owner: &Account) -> Option<&SharedSpace> {
        let id = owner.id.space()?;
        self.tenants.get(&owner.institution)?.facts.spaces.iter().find(|space| space.id.as_str() == id)
    }

    /// Every back-end with the institution it serves.
    pub(crate) fn back_ends(&self) -> Vec<(Option<InstitutionId>, Arc<dyn Health>)> {
        let mut all: Vec<(Option<InstitutionId>, Arc<dyn Health>)> = vec![(None, Arc::clone(&self.state) as _)];
        for tenant in self.tenants.values() {
            let id = &tenant.facts.id;
            let realm = self.realms.get(&tenant.facts.realm);
            let directory = realm.map(|it| Arc::clone(&it.directory) as Arc<dyn Health>);
            let providers = realm.iter().flat_map(|it| &it.providers).map(|it| Arc::clone(it) as Arc<dyn Health>);
            let mail = tenant.mail.iter().map(|it| Arc::clone(it) as Arc<dyn Health>);
            let filters = tenant.filters.iter().map(|it| Arc::clone(it) as Arc<dyn Health>);
            let submission = tenant.submission.iter().map(|it| Arc::clone(it) as Arc<dyn Health>);
            let scanners = tenant.scanners.iter().map(|it| Arc::clone(&it.scanner) as Arc<dyn Health>);
            let files = tenant.mounts.iter().map(|it| Arc::clone(&it.store) as Arc<dyn Health>);
            let images = tenant.images.iter().map(|it| Arc::clone(it) as Arc<dyn Health>);
            let collections =
                tenant.calendars.iter().chain(&tenant.contacts).map(|it| Arc::clone(it) as Arc<dyn Health>);
            let of_mail = mail.chain(filters).chain(images).chain(submission).chain(scanners);
            let theirs = directory.into_iter().chain(providers).chain(of_mail).chain(files).chain(collections);
            all.extend(theirs.map(|it| (Some(id.clone()), it)));
        }
        all.sort_by(|a, b| (&a.0, a.1.name()).cmp(&(&b.0, b.1.name())));
        all
    }

    fn facts(&self) -> impl Iterator<Item = &Institution> {
        self.tenants.values().map(|tenant| tenant.facts.as_ref())
    }
}

/// A tenant with the values of State over its file's. A tool that is off has no store, so that every surface finds none.
fn in_force(filed: &Tenant, values: &[OverlayValue]) -> Tenant {
    let facts = overlay::apply(&filed.facts, values);
    let mail = filed.mail.clone().filter(|_| facts.tools.has(Tool::Mail));
    let filters = filed.filters.clone().filter(|_| facts.tools.has(Tool::Mail));
    let submission = filed.submission.clone().filter(|_| facts.tools.has(Tool::Mail));
    let mounts = if facts.tools.has(Tool::Files) { filed.mounts.clone() } else { Vec::new() };
    let external = filed.external.clone().filter(|_| facts.tools.has(Tool::Mail));
    let images = filed.images.clone().filter(|_| facts.tools.has(Tool::Mail));
    let calendars = filed.calendars.clone().filter(|_| facts.tools.has(Tool::Calendars));
    let contacts = filed.contacts.clone().filter(|_| facts.tools.has(Tool::Contacts));
    let feeds = filed.feeds.clone().filter(|_| facts.tools.has(Tool::Calendars));
    let scanners = filed.scanners.clone();
    let facts = Arc::new(facts);
    Tenant { facts, mail, external, images, filters, submission, scanners, mounts, calendars, contacts, feeds }
}
