//! The port to what proves who somebody is without giving us a password: CAS, SAML, OpenID Connect, a trusted proxy, a portal
//! that signs its word.
//!
//! A provider speaks its protocol and nothing else: it reads a call that a browser or the provider's own server made to one
//! of its addresses, and says what follows. It mints no session; the gate looks its word up in the directory.

use super::{Fut, Health, Legs};
use crate::{Error, Result};
use passerelle_model::{Login, Secret, Timestamp};
use std::{collections::BTreeMap, fmt, net::IpAddr};

/// Longest facts that a provider can have remembered in the browser between two steps, in octets: they travel in a cookie.
pub const LONGEST_FACTS: usize = 1024;
/// Largest body of a call, in octets: a SAML response with many attributes has some 30 KiB.
pub const LARGEST_CALL: usize = 256 * 1024;

/// A way to sign on to a realm.
pub trait SsoProvider: Health {
    /// The word in the settings, and the first part of its addresses where it has any: `cas`.
    fn kind(&self) -> &'static str;

    /// The power to sign browsers on.
    fn as_browser(&self) -> Option<&dyn BrowserSignOn> {
        None
    }

    /// The power to get tickets for back-ends in a person's name.
    fn as_tickets(&self) -> Option<&dyn Ticketing> {
        None
    }

    /// The power to tell whether the provider knows our addresses.
    fn as_registered(&self) -> Option<&dyn Registered> {
        None
    }

    /// The power to get fresh tokens.
    fn as_refreshing(&self) -> Option<&dyn Refreshing> {
        None
    }

    /// The power to say whom a portal's server speaks for.
    fn as_vouching(&self) -> Option<&dyn Vouching> {
        None
    }

    /// The power to say whose an access token is that a program brings.
    fn as_access_tokens(&self) -> Option<&dyn AccessTokens> {
        None
    }
}

/// Signs browsers on. Its addresses are `/<kind>/<realm>/<step>`.
pub trait BrowserSignOn: Send + Sync {
    /// What its button says, by language; empty for the kind's own words.
    fn label(&self) -> &BTreeMap<String, String>;

    /// Where a browser goes to sign on.
    fn begin<'a>(&'a self, start: &'a SignOnStart<'a>) -> Fut<'a, Answer>;

    /// What follows from a call to one of its addresses.
    ///
    /// # Errors
    /// `Unauthenticated` for what proves nothing, `NotFound` for a step that it does not have, `Unavailable` when the
    /// provider cannot be asked.
    fn answer<'a>(&'a self, call: &'a Call<'a>) -> Fut<'a, Answer>;

    /// Where a browser goes to sign out at the provider too, if anywhere. `back` is a page of ours; `tokens` are those of the
    /// sign-on, where it brought any.
    fn leave<'a>(
        &'a self,
        signed_on: &'a SignedOn,
        tokens: Option<&'a Tokens>,
        back: &'a str,
    ) -> Fut<'a, Option<String>>;
}

/// Checks what a portal's server brings in a person's name: a proxy ticket, a signed token.
pub trait Vouching: Send + Sync {
    /// Who is meant, and through whom the word came.
    ///
    /// # Errors
    /// `Unauthenticated` for what proves nothing; `Unavailable` when the provider cannot be asked.
    fn vouch<'a>(&'a self, word: &'a PortalWord<'a>) -> Fut<'a, Vouched>;
}

/// Checks what a person's program brings: a token that the provider gave to the program, made out to us.
pub trait AccessTokens: Send + Sync {
    /// Whose it is, and from when to when it holds.
    ///
    /// # Errors
    /// `Unauthenticated` for what is no such token, or none that holds now; `Unavailable` when the provider cannot be asked.
    fn check<'a>(&'a self, token: &'a Secret, now: Timestamp) -> Fut<'a, TokenHolder>;
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHolder {
    /// Who: a login of the realm, with or without a domain.
    pub subject: Login,
    /// The provider's own name for the sign-on that the token is of, by which a log-out is told; `None` when it says none.
    pub index: Option<String>,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it runs out.
    pub expires: Timestamp,
}

/// What a portal's server brings.
#[derive(Debug)]
pub struct PortalWord<'a> {
    /// The ticket or token.
    pub credential: &'a Secret,
    /// The address that it was brought to, for which a ticket has to be made out.
    pub service: &'a str,
    /// As in [`SignOnStart`].
    pub base: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// What follows from it.
#[derive(Debug)]
pub struct Vouched {
    /// Who is meant.
    pub assertion: Assertion,
    /// Why the portal is believed.
    pub through: Through,
}

/// Through whom a word came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// These proxies, the one that we spoke with first (CAS §2.6.2). The gate decides whether they are believed.
    Proxies(Vec<String>),
    /// The holder of a key that the provider's settings name.
    Key,
}

/// Whether the provider would send browsers back to us, for `doctor`.
pub trait Registered: Send + Sync {
    /// Tries this provider's addresses at one of our hosts; `base` is as in [`SignOnStart`].
    fn examine_at<'a>(&'a self, base: &'a str) -> Legs<'a>;
}

/// Tickets for back-ends, on behalf of somebody who signed on.
pub trait Ticketing: Send + Sync {
    /// A fresh ticket for a back-end, good for one log-in.
    ///
    /// # Errors
    /// `Unauthenticated` when the provider does not know the sign-on any more; `Unavailable` when it cannot be asked.
    fn ticket<'a>(&'a self, granting: &'a Secret, back_end: &'a str) -> Fut<'a, Secret>;
}

/// Fresh tokens for those that run out.
pub trait Refreshing: Send + Sync {
    /// Changes a refresh token for new tokens (RFC 6749 §6). What the answer leaves out stays as it was.
    ///
    /// # Errors
    /// `Unauthenticated` when the provider does not take it any more; `Unavailable` when it cannot be asked.
    fn refresh<'a>(&'a self, old: &'a Tokens) -> Fut<'a, Tokens>;
}

/// What a provider gave to use in the person's name.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For back-ends (RFC 6750).
    pub access: Secret,
    /// When it runs out.
    pub expires: Timestamp,
    /// What fresh ones are got with.
    pub refresh: Option<Secret>,
    /// The identity token, which the provider wants to see at a log-out.
    pub identity: Secret,
}

/// The beginning of a sign-on.
#[derive(Debug)]
pub struct SignOnStart<'a> {
    /// This provider's addresses as the browser sees them, without the step: `https://host:port/cas/garonne`.
    pub base: &'a str,
    /// Random, for this sign-on. It comes back with the browser, in the parameter that the protocol has for it.
    pub id: &'a str,
    /// How much the provider may ask of the person.
    pub prompt: Prompt,
    /// Parameters of the address that began it, such as the identity provider that was chosen.
    pub parameters: &'a Parameters,
}

/// How much the provider may ask of the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prompt {
    /// What it needs.
    #[default]
    AsNeeded,
    /// Nothing: who is not signed on there comes back as nobody.
    Never,
    /// The password again, also from somebody who is signed on there.
    Always,
}

/// A call to one of the provider's addresses, by a browser or by the provider's own server.
#[derive(Debug)]
pub struct Call<'a> {
    /// As in [`SignOnStart`].
    pub base: &'a str,
    /// What follows the base, without its slash: `callback`.
    pub step: &'a str,
    /// Whether it is a POST; else it is a GET.
    pub is_post: bool,
    /// Parameters of the address.
    pub query: &'a Parameters,
    /// The same as they came, for signatures over them.
    pub raw_query: &'a str,
    /// Fields of a form; none for another kind of body.
    pub form: &'a Parameters,
    /// The body as it came, at most [`LARGEST_CALL`] octets.
    pub body: &'a [u8],
    /// The value of a header, by its name in lower case; only for providers that trust a proxy.
    pub headers: &'a dyn Headers,
    /// Where the call came from.
    pub peer: IpAddr,
    /// The time.
    pub now: Timestamp,
    /// What the provider had remembered in this browser, when the call belongs to a sign-on that was begun here.
    pub begun: Option<&'a [u8]>,
}

/// Headers of a call.
pub trait Headers: fmt::Debug + Send + Sync {
    /// A header's value; `None` when it is missing, comes twice, or is no text.
    fn single(&self, name: &str) -> Option<&str>;
}

/// Names and values of a query or a form, decoded. Tickets may be among them, so it is never printed.
#[derive(Clone, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// From pairs, in their order.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The value of a name that stands there once. Twice is as good as never: two readers could read two values.
    pub fn single(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What follows from a call.
#[derive(Debug)]
pub enum Answer {
    /// The browser goes elsewhere. `facts` are remembered in it until it comes back, sealed.
    Go {
        /// Where to.
        to: Destination,
        /// At most [`LONGEST_FACTS`] octets.
        facts: Vec<u8>,
    },
    /// Somebody proved who they are.
    Proved(Assertion),
    /// Nobody is signed on there, and nobody was to be asked.
    Nobody,
    /// Somebody who signed out here is back from signing out there.
    Left,
    /// The person has to say where they sign on; the choice comes back as the parameter `idp` of a new beginning.
    Choose(Vec<Choice>),
    /// Sessions of the provider ended.
    Ended(Ended),
    /// Something for another node or a later call, under a name that only the provider knows; kept for seconds.
    Keep {
        /// The name.
        name: Secret,
        /// What is kept, sealed.
        value: Secret,
    },
    /// A document of the provider's protocol, such as metadata.
    Document {
        /// Its media type.
        media_type: &'static str,
        /// Its octets.
        octets: Vec<u8>,
    },
}

/// One of several places to sign on at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What it is called, by language; empty when nobody says.
    pub names: BTreeMap<String, String>,
}

/// What ended at the provider.
#[derive(Debug, Default)]
pub struct Ended {
    /// Sessions, by their indexes.
    pub sessions: Vec<String>,
    /// Everything of a person: the provider does not tell sessions apart.
    pub person: Option<Login>,
    /// The notice, so that it works once.
    pub once: Option<Once>,
    /// Where the browser goes that brought the notice.
    pub then: Option<Destination>,
}

/// Where a browser is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// By a redirect.
    Address(String),
    /// By a form that is posted there (SAML bindings §3.5).
    Form {
        /// The form's action.
        action: String,
        /// Its hidden fields.
        fields: Vec<(&'static str, String)>,
    },
}

/// What a provider says of somebody. The gate looks it up before it means anything.
#[derive(Debug)]
pub struct Assertion {
    /// Who: a login of the realm, with or without a domain.
    pub subject: Login,
    /// The provider's own name for this sign-on (CAS service ticket, SAML session index, OIDC `sid`): by it a log-out is told.
    pub index: String,
    /// When the assertion was used up, so that it works once on all nodes; `None` when the provider itself sees to that.
    pub once: Option<Once>,
    /// What may be used at the last hop.
    pub delegated: Delegated,
    /// What [`BrowserSignOn::leave`] needs later, at most 768 octets.
    pub leave: String,
}

/// Something that may be used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Its id, unique within the provider.
    pub id: String,
    /// For how many seconds it has to be remembered: as long as it would be valid.
    pub seconds: i64,
}

/// What a provider lets us do in the person's name.
#[derive(Debug)]
pub enum Delegated {
    /// Nothing.
    Nothing,
    /// Ask for tickets with this.
    Granting(Secret),
    /// The same, but it came by another call and was kept under this name.
    GrantingKept(Secret),
    /// Show these to back-ends.
    Tokens(Tokens),
}

/// What is remembered of a sign-on for as long as the session lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOn {
    /// The provider's kind.
    pub kind: String,
    /// What the provider asked to remember.
    pub leave: String,
}

/// Checks facts for their length.
///
/// # Errors
/// `Internal` when they are too long for a cookie.
pub(crate) fn check_facts(facts: &[u8]) -> Result<()> {
    if facts.len() <= LONGEST_FACTS {
        Ok(())
    } else {
        Err(Error::internal("beginning a sign-on", "the provider's facts are too long for a cookie"))
    }
}
