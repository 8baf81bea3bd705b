//! Who acts. Minted by [`Door`](crate::Door) only, after a directory or a link said who it is.

use crate::{
    Bearer, Error, LinkRoot, Program, Result,
    ports::{SignedOn, SsoProvider, state::Scope},
};
use passerelle_model::{Account, GroupRef, LinkId, Person, Rights, Secret, Timestamp};
use std::{fmt, sync::Arc};

/// Somebody the gate has let in.
#[derive(Debug)]
pub enum Actor {
    /// A person with a directory entry.
    Person(Box<Principal>),
    /// Whoever holds a share link.
    Link(Box<LinkHolder>),
    /// A program that administers the institutions it lists, and nothing else.
    ApiClient(Box<Program>),
    /// The gateway itself, at a job of its own. Opens nothing: its permits are for that job.
    System(&'static str),
}

impl Actor {
    /// The most that this actor may do, whatever it holds.
    pub(crate) fn ceiling(&self) -> Rights {
        match self {
            Self::Person(principal) => principal.ceiling,
            Self::Link(_) | Self::ApiClient(_) | Self::System(_) => Rights::ALL,
        }
    }

    /// The account of a person; a link has none.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Person(principal) => Some(principal.account()),
            Self::Link(_) | Self::ApiClient(_) | Self::System(_) => None,
        }
    }

    /// Who it is, as the trail writes it.
    pub(crate) fn who(&self) -> String {
        match self {
            Self::Person(person) => format!("account:{}", person.account()),
            Self::ApiClient(program) => format!("client:{}", program.id()),
            Self::Link(holder) => format!("link:{}", holder.id),
            Self::System(job) => format!("system:{job}"),
        }
    }
}

/// Whoever holds a share link, and knows its password where it has one.
#[derive(Debug)]
pub struct LinkHolder {
    pub(crate) id: LinkId,
    pub(crate) root: LinkRoot,
    /// Who made it, where that is not the owner: what they may no longer share, nobody has by it.
    pub(crate) maker: Option<Account>,
    pub(crate) label: String,
    /// When it was entered.
    pub(crate) since: Timestamp,
    pub(crate) until: Option<Timestamp>,
    /// Whether what is read is counted.
    pub(crate) counted: bool,
    /// What a browser keeps that has shown the password; empty where there is none.
    pub(crate) proof: String,
}

impl LinkHolder {
    /// Which link it is. It opens nothing: that takes the token.
    pub fn id(&self) -> &LinkId {
        &self.id
    }

    /// What the link leads to.
    pub fn root(&self) -> &LinkRoot {
        &self.root
    }

    /// What its maker calls it; may be empty.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// When it ends.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// What a browser shows in place of the password, which it was asked for once; `None` for a link without one.
    pub fn proof(&self) -> Option<&str> {
        (!self.proof.is_empty()).then_some(self.proof.as_str())
    }
}

/// A person, checked against the directory.
#[derive(Debug)]
pub struct Principal {
    pub(crate) account: Account,
    pub(crate) person: Arc<Person>,
    pub(crate) groups: Vec<GroupRef>,
    pub(crate) strength: Strength,
    pub(crate) delegation: Delegation,
    pub(crate) since: Timestamp,
    /// Which app password or sign-on at a provider opened this, as an id that can be withdrawn.
    pub(crate) credential: Option<[u8; 16]>,
    /// The provider that the person signed on at.
    pub(crate) signed_on: Option<SignedOn>,
    /// The most that this person may do here, whatever they hold: an app password may be for reading.
    pub(crate) ceiling: Rights,
    /// What kind of things may be opened: an app password may be for mail alone, and so is a token.
    pub(crate) scope: Scope,
    /// When what let the person in ends.
    pub(crate) until: Option<Timestamp>,
}

impl Principal {
    /// The account, with its institution.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The directory's entry.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The static groups.
    pub fn groups(&self) -> &[GroupRef] {
        &self.groups
    }

    /// How sure we are.
    pub fn strength(&self) -> Strength {
        self.strength
    }

    /// When the person signed on.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    pub(crate) fn delegation(&self) -> &Delegation {
        &self.delegation
    }
}

/// How the person proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// An app password: good for the programs of that person, not for administration.
    AppPassword,
    /// A provider said so: CAS, SAML, OpenID Connect, a trusted proxy.
    SingleSignOn,
    /// The directory's password.
    Password,
}

/// What an adapter may use to act for the person at the last hop. Reachable through a permit only, so that a
/// surface which took a password cannot read it back after log-in.
#[derive(Debug, Clone)]
pub enum Delegation {
    /// The person's own password, as typed at this connection or request.
    Password(Secret),
    /// Tickets that the provider of the person's sign-on gives for back-ends.
    Tickets(Tickets),
    /// Tokens of the provider, which back-ends take.
    Tokens(Bearer),
    /// The token that the person's program brought.
    Token(Secret),
    /// Nothing of the person's: the adapter needs a way of its own, such as a master log-in.
    None,
}

/// Where fresh tickets for back-ends come from.
#[derive(Clone)]
pub struct Tickets {
    pub(crate) provider: Arc<dyn SsoProvider>,
    pub(crate) granting: Secret,
}

impl Tickets {
    /// A fresh ticket for a back-end, as the back-end itself names it to the provider; good for one log-in.
    ///
    /// # Errors
    /// `Unauthenticated` when the provider does not know the sign-on any more; `Unavailable` when it cannot be asked.
    pub async fn ticket(&self, back_end: &str) -> Result<Secret> {
        let ticketing = self.provider.as_tickets().ok_or(Error::Unsupported { what: "tickets for back-ends" })?;
        ticketing.ticket(&self.granting, back_end).await
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tickets({})", self.provider.name())
    }
}
