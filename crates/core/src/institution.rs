//! What the settings say of an institution and of the realm that signs its people on.

use crate::{
    DeliveryRules, Errand, Image, UidlFormat,
    ports::{
        Abilities, CollectionStore, Directory, ExternalMail, Feeds, FileStore, Filters, MailStore, RemoteImages,
        Scanner, SsoProvider, Submission,
    },
};
use passerelle_model::{AccountId, CollectionFamily, Grant, InstitutionId, MountId, Person, RealmId};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// An institution's own facts: who it is and how it looks.
#[derive(Debug, Clone)]
pub struct Institution {
    /// Its id.
    pub id: InstitutionId,
    /// Its name, by language (`fr`, `en`).
    pub name: BTreeMap<String, String>,
    /// The host names it is reached by, in lower case.
    pub hosts: Vec<String>,
    /// The mail domains whose logins belong here, in lower case.
    pub mail_domains: Vec<String>,
    /// The realm that signs its people on.
    pub realm: RealmId,
    /// Which entries of the realm are its people.
    pub membership: Membership,
    /// The distinguished name that its groups lie below, where the settings say one.
    pub groups_below: Option<String>,
    /// Who administers it.
    pub administrators: Vec<AccountId>,
    /// The institutions that its people may share with.
    pub shares_with: Vec<InstitutionId>,
    /// Its look.
    pub branding: Branding,
    /// The origins of the portals that may show its pages in a frame, and ask from their own pages: `https://ent.univ.fr`.
    pub portals: Vec<String>,
    /// What portals' servers may ask.
    pub portal: PortalRules,
    /// How POP3 names messages.
    pub uidl_format: UidlFormat,
    /// How its people send mail.
    pub sending: SendingRules,
    /// What its people's invitations may do.
    pub scheduling: SchedulingRules,
    /// How mail to its people is delivered through the gateway, where it is.
    pub delivery: Option<Arc<DeliveryRules>>,
    /// What its scanners do.
    pub scanning: ScanningRules,
    /// Which tools its people have.
    pub tools: Tools,
    /// What its people may take up.
    pub limits: Allowances,
    /// Its file trees that are nobody's own.
    pub spaces: Vec<SharedSpace>,
    /// Settings that nobody may change at run time, by their dotted names; a group (`limits`) stands for all in it.
    pub fixed: Vec<String>,
    /// The change at run time that these facts are as of; 0 is none.
    pub version: u64,
}

impl Institution {
    /// An institution without hosts, domains or a name, which all people of a realm belong to: what settings are read into.
    pub fn new(id: InstitutionId, realm: RealmId) -> Self {
        Self {
            id,
            name: BTreeMap::new(),
            hosts: Vec::new(),
            mail_domains: Vec::new(),
            realm,
            membership: Membership::Whole,
            administrators: Vec::new(),
            groups_below: None,
            shares_with: Vec::new(),
            branding: Branding::default(),
            portals: Vec::new(),
            portal: PortalRules::default(),
            uidl_format: UidlFormat::default(),
            sending: SendingRules::default(),
            scheduling: SchedulingRules::default(),
            delivery: None,
            scanning: ScanningRules::default(),
            tools: Tools::default(),
            limits: Allowances::default(),
            spaces: Vec::new(),
            fixed: Vec::new(),
            version: 0,
        }
    }

    /// The name in a language, or in any.
    pub fn name_in(&self, language: &str) -> &str {
        self.name.get(language).or_else(|| self.name.values().next()).map_or(self.id.as_str(), String::as_str)
    }

    /// The distinguished name that its groups lie below; `None` where the realm's groups are common to its institutions.
    /// Whose people lie below a name has its groups there too, unless the settings say otherwise.
    pub fn groups_within(&self) -> Option<&str> {
        match (&self.groups_below, &self.membership) {
            (Some(base), _) | (None, Membership::Below(base)) => Some(base),
            (None, Membership::Whole | Membership::Establishment(_) | Membership::MailDomain) => None,
        }
    }
}

/// A file tree that is nobody's own: a course's, a service's. Its owner is called by [`AccountId::of_space`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedSpace {
    /// Its id.
    pub id: MountId,
    /// Its name, by language (`fr`, `en`).
    pub name: BTreeMap<String, String>,
    /// Who may do what in all of it; what State grants adds to that.
    pub grants: Vec<Grant>,
}

impl SharedSpace {
    /// The name in a language, or in any.
    pub fn name_in(&self, language: &str) -> &str {
        self.name.get(language).or_else(|| self.name.values().next()).map_or(self.id.as_str(), String::as_str)
    }
}

/// What pages show of whoever they are of.
#[derive(Debug, Clone)]
pub enum Look {
    /// An institution's own.
    Own(Arc<Institution>),
    /// That of a host that several institutions share, before anybody has signed on.
    Shared(Arc<Front>),
}

impl Look {
    /// The institution, where it is known.
    pub fn institution(&self) -> Option<&Institution> {
        match self {
            Self::Own(facts) => Some(facts),
            Self::Shared(_) => None,
        }
    }

    /// The name, by language.
    pub fn name(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Own(facts) => &facts.name,
            Self::Shared(front) => &front.name,
        }
    }

    /// The name in a language, or in any.
    pub fn name_in(&self, language: &str) -> &str {
        let name = self.name().get(language).or_else(|| self.name().values().next());
        name.map_or_else(|| self.institution().map_or("", |facts| facts.id.as_str()), String::as_str)
    }

    /// Colours, images, texts, links, languages.
    pub fn branding(&self) -> &Branding {
        match self {
            Self::Own(facts) => &facts.branding,
            Self::Shared(front) => &front.branding,
        }
    }

    /// The origins of the portals that may frame what is shown and ask from their own pages.
    pub fn portals(&self) -> &[String] {
        match self {
            Self::Own(facts) => &facts.portals,
            Self::Shared(front) => &front.portals,
        }
    }
}

/// The hosts that several institutions of a realm share, and how they look before somebody has signed on.
#[derive(Debug, Clone)]
pub struct Front {
    /// The host names, in lower case.
    pub hosts: Vec<String>,
    /// The name, by language.
    pub name: BTreeMap<String, String>,
    /// Its look.
    pub branding: Branding,
    /// The origins of the portals that may frame its pages and ask from their own.
    pub portals: Vec<String>,
}

/// What portals' servers may ask, and how often a store is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalRules {
    /// The chains of CAS proxies that are believed, each as the protocol orders it: the one that we spoke with first. None
    /// by default.
    pub proxies: Vec<Vec<String>>,
    /// For how long what was seen is told again, in seconds.
    pub cache_seconds: i64,
    /// How many headers are told.
    pub headers: u32,
}

impl Default for PortalRules {
    fn default() -> Self {
        Self { proxies: Vec::new(), cache_seconds: 120, headers: 5 }
    }
}

/// How people of an institution send mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingRules {
    /// Whether the authors that a message names (`From`, `Sender`) must be ones that the person may send as (RFC 6409 §6.1).
    pub check_from: bool,
    /// Whether the trace tells the client's address and name to whoever reads the message.
    pub show_client: bool,
    /// Largest message, in octets; `None` leaves it to the MTA.
    pub largest: Option<u64>,
    /// Most recipients of one message.
    pub recipients: u32,
    /// Whether messages are sent that a scanner cannot say anything of.
    pub without_scanner: bool,
    /// Most messages of an account in an hour, on each node.
    pub messages_per_hour: u32,
    /// Most recipients of an account in an hour, on each node.
    pub recipients_per_hour: u32,
}

impl SendingRules {
    /// What an MTA can, within what the institution lets.
    pub(crate) fn limit(&self, abilities: Abilities) -> Abilities {
        Abilities { size: abilities.size.into_iter().chain(self.largest).min(), ..abilities }
    }
}

impl Default for SendingRules {
    fn default() -> Self {
        Self {
            check_from: true,
            show_client: false,
            largest: None,
            recipients: 1_000,
            without_scanner: false,
            messages_per_hour: 500,
            recipients_per_hour: 5_000,
        }
    }
}

/// How invitations go at an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulingRules {
    /// The accounts that are rooms: they answer an invitation by themselves, yes where they are free and no where they are not.
    pub rooms: Vec<AccountId>,
    /// Most people that one event of its people may invite, and that one question for busy times may be about.
    pub attendees: u32,
}

impl Default for SchedulingRules {
    fn default() -> Self {
        Self { rooms: Vec::new(), attendees: 500 }
    }
}

/// What an institution does where its scanners cannot do what it asks of them; by itself each is the careful choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanningRules {
    /// Whether a message that there is no [memory](crate::MarkingMemory) to mark is sent without marks, whatever is found in
    /// it; otherwise what is found in it is refused.
    pub beyond_memory: bool,
    /// Whether messages are put into mailboxes that a scanner cannot say anything of.
    pub append_without_scanner: bool,
    /// Whether files are kept that a scanner cannot say anything of.
    pub files_without_scanner: bool,
}

/// What a scanner is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanDuty {
    /// Whether what it finds in mail that is sent is told in the message's header, and does not keep it from being sent.
    pub marks: bool,
    /// Whether it looks at what programs put into mailboxes.
    pub appends: bool,
    /// Whether it looks into files that are written.
    pub files: bool,
}

/// A scanner at its post.
#[derive(Clone)]
pub struct Stationed {
    /// The scanner.
    pub scanner: Arc<dyn Scanner>,
    /// What it is for.
    pub duty: ScanDuty,
}

/// A directory and its ways to sign on, for one or more institutions.
#[derive(Clone)]
pub struct Realm {
    /// Its id.
    pub id: RealmId,
    /// Who its people are.
    pub directory: Arc<dyn Directory>,
    /// How they sign on beside the directory's password; one of each kind.
    pub providers: Vec<Arc<dyn SsoProvider>>,
    /// Where the directory's password is taken.
    pub passwords: Passwords,
    /// Hosts that its institutions share; `None` where each has its own.
    pub front: Option<Arc<Front>>,
}

impl Realm {
    /// A realm whose people sign on with the directory's password and nothing else.
    pub fn of_passwords(id: RealmId, directory: Arc<dyn Directory>) -> Self {
        Self { id, directory, providers: Vec::new(), passwords: Passwords::Everywhere, front: None }
    }

    /// The provider of a kind.
    pub fn provider(&self, kind: &str) -> Option<&Arc<dyn SsoProvider>> {
        self.providers.iter().find(|provider| provider.kind() == kind)
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Realm({})", self.id)
    }
}

/// Where a directory's password is taken. App passwords are not meant: they are taken by programs anyway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Passwords {
    /// On the pages and by programs.
    #[default]
    Everywhere,
    /// By programs only: people sign on to the pages at a provider.
    Programs,
    /// Nowhere.
    Nowhere,
}

impl Passwords {
    /// Whether a password is taken from somebody who comes for this.
    pub const fn serve(self, errand: Errand) -> bool {
        match (self, errand) {
            (Self::Everywhere, _) => true,
            (Self::Programs, Errand::Mail | Errand::Submission | Errand::Files | Errand::Administration) => true,
            (Self::Programs, Errand::Web) | (Self::Nowhere, _) => false,
        }
    }
}

/// Which entries of a realm belong to an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// All: the realm serves this institution alone.
    Whole,
    /// Those below a distinguished name.
    Below(String),
    /// Those with this `supannEtablissement`.
    Establishment(String),
    /// Those whose mail address is in one of the institution's domains.
    MailDomain,
}

impl Membership {
    /// Whether this entry is one of the institution's people.
    pub fn includes(&self, institution: &Institution, person: &Person) -> bool {
        match self {
            Self::Whole => true,
            Self::Below(base) => {
                let (dn, base) = (person.dn.to_ascii_lowercase(), base.to_ascii_lowercase());
                dn.strip_suffix(&base).is_some_and(|rest| rest.is_empty() || rest.ends_with(','))
            }
            Self::Establishment(code) => {
                person.attributes.values("supannEtablissement").iter().any(|value| value.eq_ignore_ascii_case(code))
            }
            Self::MailDomain => person.mails.iter().any(|mail| {
                mail.rsplit_once('@').is_some_and(|(_, domain)| {
                    institution.mail_domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain))
                })
            }),
        }
    }
}

/// The look of an institution.
#[derive(Debug, Clone, Default)]
pub struct Branding {
    /// The colour of action and selection, as `#rrggbb`; empty is the pages' own.
    pub colour: String,
    /// The same where the reader wants dark pages.
    pub colour_dark: Option<String>,
    /// The logo.
    pub logo: Option<Image>,
    /// The small image of tabs and bookmarks; without one the logo serves.
    pub favicon: Option<Image>,
    /// What the sign-in page says to its people, by language: plain text, an empty line between paragraphs.
    pub sign_in: BTreeMap<String, String>,
    /// Links at the foot of each page.
    pub legal: Vec<LegalLink>,
    /// The languages that it offers, its own first; empty is all that the pages have.
    pub languages: Vec<String>,
}

/// A link at the foot of each page: legal notice, accessibility, data protection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalLink {
    /// Where it leads: `https://...`
    pub address: String,
    /// What it is called, by language.
    pub label: BTreeMap<String, String>,
}

/// Something that an institution gives its people or not. What is off is off on every surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// Mail, by whatever protocol.
    Mail,
    /// Files, own and shared.
    Files,
    /// Calendars with tasks and notes, own and shared.
    Calendars,
    /// Address books, own and shared.
    Contacts,
    /// App passwords: without them none is made, and those that there are open nothing.
    AppPasswords,
    /// Share links: without them none is made, and those that there are lead nowhere.
    Links,
}

impl Tool {
    /// The tool that a family of collections is.
    pub const fn of(family: CollectionFamily) -> Self {
        match family {
            CollectionFamily::Calendars => Self::Calendars,
            CollectionFamily::Contacts => Self::Contacts,
        }
    }

    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Mail, Self::Files, Self::Calendars, Self::Contacts, Self::AppPasswords, Self::Links];

    /// Its name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Files => "files",
            Self::Calendars => "calendars",
            Self::Contacts => "contacts",
            Self::AppPasswords => "app_passwords",
            Self::Links => "links",
        }
    }
}

/// The tools that are switched on: all, as long as nobody says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    off: BTreeSet<Tool>,
}

impl Tools {
    /// Whether a tool is switched on. The back-end that it needs may still be missing.
    pub fn has(&self, tool: Tool) -> bool {
        !self.off.contains(&tool)
    }

    /// Switches a tool.
    pub fn switch(&mut self, tool: Tool, on: bool) {
        if on {
            self.off.remove(&tool)
        } else {
            self.off.insert(tool)
        };
    }
}

/// What people of an institution may take up. `None` is no limit but the installation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowances {
    /// Largest file that is taken, in MiB.
    pub upload_mib: Option<u32>,
    /// Longest life of an app password, in days from when it was made.
    pub app_password_days: Option<u32>,
    /// Longest life of a share link, in days from when it is made.
    pub link_days: Option<u32>,
    /// Most mail connections of an account on a node, where that is less than the installation's.
    pub connections_per_account: Option<u32>,
    /// Most uploads in parts that wait in one tree of the institution's, of one writer.
    pub uploads_per_writer: Option<u32>,
    /// The same of all writers. The tree's owner is held to their own number only.
    pub uploads_per_tree: Option<u32>,
    /// Most that the parts of one writer may hold in one tree, in GiB.
    pub uploads_gib: Option<u32>,
}

impl Default for Allowances {
    fn default() -> Self {
        Self {
            upload_mib: None,
            app_password_days: None,
            link_days: None,
            connections_per_account: None,
            // A program sends some files side by side, and what it gave up stays for a day.
            uploads_per_writer: Some(100),
            uploads_per_tree: Some(1_000),
            uploads_gib: Some(100),
        }
    }
}

impl Allowances {
    /// Most that the parts of one writer may hold in one tree, in octets.
    pub(crate) fn largest_waiting(&self) -> Option<u64> {
        self.uploads_gib.map(|gib| u64::from(gib) << 30)
    }

    /// Largest file that is taken, in octets.
    pub fn largest_upload(&self) -> Option<u64> {
        self.upload_mib.map(|mib| u64::from(mib) << 20)
    }
}

/// An institution with its back-ends, as the gateway puts it together from the settings.
#[derive(Clone)]
pub struct Tenant {
    /// The facts.
    pub facts: Arc<Institution>,
    /// Its mail store, if it has one.
    pub mail: Option<Arc<dyn MailStore>>,
    /// The way to mail accounts that its people have elsewhere, if they may add some.
    pub external: Option<Arc<dyn ExternalMail>>,
    /// The way to pictures elsewhere that messages show.
    pub images: Option<Arc<dyn RemoteImages>>,
    /// The scripts that sort its people's mail, if they may change them here.
    pub filters: Option<Arc<dyn Filters>>,
    /// Its MTA, if its people send mail here.
    pub submission: Option<Arc<dyn Submission>>,
    /// What looks into messages.
    pub scanners: Vec<Stationed>,
    /// Its file trees: everybody's own ([`Mount::HOME`]), and the spaces.
    pub mounts: Vec<Mount>,
    /// Where its calendars are, if it has any.
    pub calendars: Option<Arc<dyn CollectionStore>>,
    /// Where its address books are, if it has any.
    pub contacts: Option<Arc<dyn CollectionStore>>,
    /// The way to calendars elsewhere, if its people may have some.
    pub feeds: Option<Arc<dyn Feeds>>,
}

impl Tenant {
    /// The store of a family of collections.
    pub(crate) fn collections(&self, family: CollectionFamily) -> Option<&Arc<dyn CollectionStore>> {
        match family {
            CollectionFamily::Calendars => self.calendars.as_ref(),
            CollectionFamily::Contacts => self.contacts.as_ref(),
        }
    }
}

/// A file tree.
#[derive(Clone)]
pub struct Mount {
    /// Its id.
    pub id: MountId,
    /// Where it is.
    pub store: Arc<dyn FileStore>,
}

impl Mount {
    /// The id of the tree that each person has one of.
    pub const HOME: &str = "home";
}

impl fmt::Debug for Stationed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stationed({}, {:?})", self.scanner.name(), self.duty)
    }
}

impl Tenant {
    /// The file tree that this owner's things are in.
    pub(crate) fn tree_of(&self, owner: &AccountId) -> Option<&Mount> {
        // A space is never called as the tree of homes is.
        let id = owner.space().map_or(Some(Mount::HOME), |id| (id != Mount::HOME).then_some(id))?;
        self.mounts.iter().find(|mount| mount.id.as_str() == id)
    }

    /// Whether what programs put into mailboxes is looked at.
    pub(crate) fn screens(&self) -> bool {
        self.scanners.iter().any(|it| it.duty.appends)
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenant({})", self.facts.id)
    }
}
impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mount({})", self.id)
    }
}
