//! What the settings say of an institution and of the realm that signs its people on.

use crate::{
    Errand,
    ports::{Directory, FileStore, MailStore, SsoProvider},
};
use passerelle_model::{AccountId, InstitutionId, MountId, Person, RealmId};
use std::{collections::BTreeMap, fmt, sync::Arc};

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
}

impl Institution {
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

/// What pages show of whoever they are of: an institution, or a realm whose host several institutions share.
#[derive(Debug, Clone)]
pub struct Look {
    /// The institution; `None` on a shared host, before anybody has signed on.
    pub institution: Option<InstitutionId>,
    /// The name, by language.
    pub name: BTreeMap<String, String>,
    /// The colour and the logo.
    pub branding: Branding,
}

impl Look {
    /// The name in a language, or in any.
    pub fn name_in(&self, language: &str) -> &str {
        let name = self.name.get(language).or_else(|| self.name.values().next());
        name.map_or_else(|| self.institution.as_ref().map_or("", InstitutionId::as_str), String::as_str)
    }
}

impl From<&Institution> for Look {
    fn from(facts: &Institution) -> Self {
        Self { institution: Some(facts.id.clone()), name: facts.name.clone(), branding: facts.branding.clone() }
    }
}

impl From<&Front> for Look {
    fn from(front: &Front) -> Self {
        Self { institution: None, name: front.name.clone(), branding: front.branding.clone() }
    }
}

/// The hosts that several institutions of a realm share, and how they look before somebody has signed on.
#[derive(Debug, Clone)]
pub struct Front {
    /// The host names, in lower case.
    pub hosts: Vec<String>,
    /// The name, by language.
    pub name: BTreeMap<String, String>,
    /// The colour and the logo.
    pub branding: Branding,
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
    pub front: Option<Front>,
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
            (Self::Programs, Errand::Mail | Errand::Files | Errand::Administration) => true,
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
    /// The colour of action and selection, as `#rrggbb`.
    pub colour: String,
    /// The logo: its media type and octets, read with the settings.
    pub logo: Option<Logo>,
}

/// A logo.
#[derive(Clone)]
pub struct Logo {
    /// Its media type.
    pub media_type: &'static str,
    /// Its octets.
    pub octets: Arc<[u8]>,
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({}, {} octets)", self.media_type, self.octets.len())
    }
}

/// An institution with its back-ends, as the gateway puts it together from the settings.
#[derive(Clone)]
pub struct Tenant {
    /// The facts.
    pub facts: Institution,
    /// Its mail store, if it has one.
    pub mail: Option<Arc<dyn MailStore>>,
    /// Its file trees; the first is everybody's own space.
    pub mounts: Vec<Mount>,
}

/// A file tree.
#[derive(Clone)]
pub struct Mount {
    /// Its id.
    pub id: MountId,
    /// Where it is.
    pub store: Arc<dyn FileStore>,
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
