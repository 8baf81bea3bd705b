//! What can be opened, each tied to the port that serves it.

use crate::{
    Error, Result, Tool,
    house::House,
    ports::{
        CollectionStore, Directory, ExternalMail, FileStore, Filters, MailStore, RemoteImages, Submission, TRANSFER,
        TRANSFERS,
    },
};
use passerelle_model::{
    Account, AccountRef, CollectionFamily, CollectionRef, ExternalRef, Grant, Grantee, IdentityRef, InboxRef,
    InstitutionId, InstitutionRef, MailboxRef, NodeRef, ResourceKind, Rights, Target,
};
use std::{fmt, sync::Arc};

mod sealed {
    pub trait Sealed {}
}

/// Something that can be opened. Sealed: the list below is the whole list.
pub trait Resource: sealed::Sealed + Clone + fmt::Debug + Send + Sync + 'static {
    /// The port that serves it.
    #[doc(hidden)]
    type Port: ?Sized + Send + Sync;
    /// The port of the *owner's* institution.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
    fn port(&self, house: &House) -> Result<Arc<Self::Port>>;
    /// Where it belongs.
    #[doc(hidden)]
    fn institution(&self) -> &InstitutionId;
    /// Whose it is.
    #[doc(hidden)]
    fn owner(&self) -> Option<&Account>;
    /// What grants on it hang on.
    #[doc(hidden)]
    fn target(&self) -> Target;
    /// Whether the port must be told by what numbers the owner is known.
    #[doc(hidden)]
    fn wants_numbers(_port: &Self::Port) -> bool {
        false
    }
    /// Whether its port may keep connections of a person for that person's next request.
    #[doc(hidden)]
    fn keeps_connections() -> bool {
        false
    }
    /// The tool that it is opened with.
    #[doc(hidden)]
    fn tool(&self) -> Option<Tool> {
        None
    }
    /// Whether anything can be granted on it, or on what holds it. What cannot is its owner's alone.
    #[doc(hidden)]
    fn may_be_shared(&self) -> bool {
        true
    }
    /// The grants that the settings make.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
    fn settled(&self, _house: &House) -> Vec<Grant> {
        Vec::new()
    }
    /// What everybody holds whom the owner's institution has anything to do with: its own people, and those of institutions that it
    /// shares with.
    #[doc(hidden)]
    fn held_by_all() -> Rights {
        Rights::NONE
    }
}

impl sealed::Sealed for NodeRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for NodeRef {
    type Port = dyn FileStore;
    fn port(&self, house: &House) -> Result<Arc<dyn FileStore>> {
        // Parts of uploads are reached by their own handle only. A store may not tell great letters from small ones.
        let first = self.path.as_str().split('/').next().unwrap_or_default();
        let begins = |kept: &str| first.get(..kept.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(kept));
        if begins(TRANSFERS) || begins(TRANSFER) {
            return Err(Error::NotFound);
        }
        // An owner's things are in one tree: in a space's a person owns nothing.
        let tree = house.tenant(&self.owner.institution)?.tree_of(&self.owner.id);
        tree.filter(|tree| tree.id == self.mount).map(|tree| Arc::clone(&tree.store)).ok_or(Error::NotFound)
    }
    fn institution(&self) -> &InstitutionId {
        &self.owner.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.owner)
    }
    fn target(&self) -> Target {
        Self::target(self)
    }
    fn tool(&self) -> Option<Tool> {
        Some(Tool::Files)
    }
    fn wants_numbers(port: &dyn FileStore) -> bool {
        port.acts_as_owner()
    }
    /// What the settings say of who may do what in a space.
    fn settled(&self, house: &House) -> Vec<Grant> {
        house.space(&self.owner).map(|space| space.grants.clone()).unwrap_or_default()
    }
}

impl sealed::Sealed for MailboxRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for MailboxRef {
    type Port = dyn MailStore;
    fn port(&self, house: &House) -> Result<Arc<dyn MailStore>> {
        mail_of(house, &self.owner)
    }
    fn keeps_connections() -> bool {
        true
    }
    fn institution(&self) -> &InstitutionId {
        &self.owner.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.owner)
    }
    fn target(&self) -> Target {
        Self::target(self)
    }
    fn tool(&self) -> Option<Tool> {
        Some(Tool::Mail)
    }
}

impl sealed::Sealed for CollectionRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for CollectionRef {
    type Port = dyn CollectionStore;
    fn port(&self, house: &House) -> Result<Arc<dyn CollectionStore>> {
        house.collections(&self.owner.institution, self.family)?.ok_or(Error::NotFound)
    }
    fn wants_numbers(port: &dyn CollectionStore) -> bool {
        port.as_files().is_some_and(|files| files.acts_as_owner())
    }
    fn institution(&self) -> &InstitutionId {
        &self.owner.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.owner)
    }
    fn target(&self) -> Target {
        Self::target(self)
    }
    fn tool(&self) -> Option<Tool> {
        Some(Tool::of(self.family))
    }
    /// What somebody else publishes is theirs to give, and its address may be for one reader alone.
    fn may_be_shared(&self) -> bool {
        self.elsewhere().is_none()
    }
}

impl sealed::Sealed for InboxRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for InboxRef {
    type Port = dyn CollectionStore;
    fn port(&self, house: &House) -> Result<Arc<dyn CollectionStore>> {
        let all = CollectionRef::all_of(self.0.clone(), CollectionFamily::Calendars);
        Resource::port(&all, house)
    }
    fn wants_numbers(port: &dyn CollectionStore) -> bool {
        port.as_files().is_some_and(|files| files.acts_as_owner())
    }
    fn institution(&self) -> &InstitutionId {
        &self.0.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.0)
    }
    /// Nothing is granted on it but what is said of all.
    fn target(&self) -> Target {
        Resource::target(&AccountRef(self.0.clone()))
    }
    fn tool(&self) -> Option<Tool> {
        Some(Tool::Calendars)
    }
    /// The one rule of who may invite whom, and ask whom for busy times: as on paper, whoever works together.
    fn held_by_all() -> Rights {
        Rights::ADD.union(Rights::FREEBUSY)
    }
}

impl sealed::Sealed for IdentityRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for IdentityRef {
    type Port = dyn Submission;
    fn port(&self, house: &House) -> Result<Arc<dyn Submission>> {
        let submission = house.tenant(&self.owner.institution)?.submission.clone();
        submission.ok_or(Error::Unsupported { what: "sending mail" })
    }
    fn institution(&self) -> &InstitutionId {
        &self.owner.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.owner)
    }
    /// All names of an account are its owner's alike: a grant is on the account.
    fn target(&self) -> Target {
        Resource::target(&AccountRef(self.owner.clone()))
    }
    fn tool(&self) -> Option<Tool> {
        Some(Tool::Mail)
    }
}

impl sealed::Sealed for ExternalRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for ExternalRef {
    type Port = dyn ExternalMail;
    fn port(&self, house: &House) -> Result<Arc<dyn ExternalMail>> {
        let external = house.tenant(&self.owner.institution)?.external.clone();
        external.ok_or(Error::Unsupported { what: "mail accounts elsewhere" })
    }
    fn institution(&self) -> &InstitutionId {
        &self.owner.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.owner)
    }
    fn target(&self) -> Target {
        Resource::target(&AccountRef(self.owner.clone()))
    }
    fn tool(&self) -> Option<Tool> {
        Some(Tool::Mail)
    }
    fn may_be_shared(&self) -> bool {
        false
    }
}

impl sealed::Sealed for AccountRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for AccountRef {
    type Port = AccountPort;
    fn port(&self, house: &House) -> Result<Arc<AccountPort>> {
        let tenant = house.tenant(&self.0.institution)?;
        Ok(Arc::new(AccountPort {
            mail: tenant.mail.clone(),
            filters: tenant.filters.clone(),
            images: tenant.images.clone(),
        }))
    }
    fn keeps_connections() -> bool {
        true
    }
    fn institution(&self) -> &InstitutionId {
        &self.0.institution
    }
    fn owner(&self) -> Option<&Account> {
        Some(&self.0)
    }
    fn target(&self) -> Target {
        Target {
            institution: self.0.institution.clone(),
            owner: Some(self.0.id.clone()),
            kind: ResourceKind::Account,
            tree: String::new(),
            path: String::new(),
        }
    }
}

impl sealed::Sealed for InstitutionRef {}
#[allow(private_interfaces, reason = "only the gate calls it; the trait is sealed")]
impl Resource for InstitutionRef {
    type Port = dyn Directory;
    fn port(&self, house: &House) -> Result<Arc<dyn Directory>> {
        house.directory(&self.0).map(Arc::clone)
    }
    fn institution(&self) -> &InstitutionId {
        &self.0
    }
    fn owner(&self) -> Option<&Account> {
        None
    }
    fn target(&self) -> Target {
        Target {
            institution: self.0.clone(),
            owner: None,
            kind: ResourceKind::Institution,
            tree: String::new(),
            path: String::new(),
        }
    }
    /// Its people may look each other up; its administrators manage it.
    fn settled(&self, house: &House) -> Vec<Grant> {
        let Ok(tenant) = house.tenant(&self.0) else { return Vec::new() };
        let administrators = tenant.facts.administrators.iter().map(|id| Grant {
            to: Grantee::Account(Account { institution: self.0.clone(), id: id.clone() }),
            rights: Rights::MANAGE,
            until: None,
        });
        let everybody = Grant { to: Grantee::Institution(self.0.clone()), rights: Rights::READ, until: None };
        std::iter::once(everybody).chain(administrators).collect()
    }
}

/// What serves an account as a whole.
pub struct AccountPort {
    pub(crate) mail: Option<Arc<dyn MailStore>>,
    pub(crate) filters: Option<Arc<dyn Filters>>,
    pub(crate) images: Option<Arc<dyn RemoteImages>>,
}

impl fmt::Debug for AccountPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountPort")
    }
}

fn mail_of(house: &House, owner: &Account) -> Result<Arc<dyn MailStore>> {
    house.tenant(&owner.institution)?.mail.clone().ok_or(Error::Unsupported { what: "mail" })
}
