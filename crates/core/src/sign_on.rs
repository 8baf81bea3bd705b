//! Signing on at a provider: a browser leaves with a sealed note of what was begun, comes back with the provider's word, and
//! the directory says whose word that is.
//!
//! Nothing of a sign-on under way is kept here: any node takes the browser back. Who comes back without the note was sent by
//! somebody else, who would sign a victim on as another person, and is refused.

use crate::{
    Actor, Bearer, Delegation, Door, Error, Principal, Realm, Result, Session, Strength, Tickets, WEB_SESSION,
    door::{has_domain, principal, refuse_stray},
    house::House,
    ports::{
        Answer, Assertion, BrowserSignOn, Call, Choice, Delegated, Destination, Ended, Headers, Once, Parameters,
        Prompt, SignOnStart, SignedOn, SsoProvider, check_facts, state::Revocation,
    },
    seal::{self, Purpose},
    token::SessionToken,
};
use passerelle_model::{Account, AccountId, Login, Person, RealmId, Secret, Standing, Timestamp};
use std::{fmt, net::IpAddr, sync::Arc};

/// How the cookies of sign-ons under way are named; the beginning of the sign-on's id follows.
pub const SIGN_ON_COOKIE: &str = "__Host-passerelle-on-";
/// How long a sign-on may take, in seconds.
pub const SIGN_ON_LASTS: i64 = 600;
/// How long what one call leaves for another is kept, in seconds.
const HANDOVER_LASTS: i64 = 60;
/// Longest address of ours to come back to, in octets.
const LONGEST_NEXT: usize = 1024;
/// Longest name that a provider has for a session, in octets.
pub(crate) const LONGEST_INDEX: usize = 1024;
/// Longest that a provider has remembered for signing out, in octets.
const LONGEST_LEAVE: usize = 768;
/// The page of who has signed out.
const SIGNED_OUT: &str = "/login?signed=out";
/// The parameters that protocols have for what must come back: OpenID Connect's, SAML's, and ours in a CAS service address.
const RETURNS: [&str; 3] = ["state", "RelayState", "t"];
/// Digits of an id, and how many of them name its cookie.
const ID: usize = 32;
const ID_IN_COOKIE: usize = 8;

/// A request to an address of a provider: `/<kind>/<realm>/<step>`.
pub struct Arrival<'a> {
    /// Scheme, host and port as the browser sees them: `https://garonne.localhost:8443`.
    pub origin: &'a str,
    /// The host alone, as it was asked for.
    pub host: &'a str,
    /// The provider's kind.
    pub kind: &'a str,
    /// The realm.
    pub realm: &'a str,
    /// What comes behind.
    pub step: &'a str,
    /// Whether it is a POST; else it is a GET.
    pub is_post: bool,
    /// Parameters of the address.
    pub query: Parameters,
    /// The same as they came.
    pub raw_query: &'a str,
    /// Fields of the form.
    pub form: Parameters,
    /// The body as it came.
    pub body: &'a [u8],
    /// The headers.
    pub headers: &'a dyn Headers,
    /// Where it came from.
    pub peer: IpAddr,
    /// The value of a cookie.
    pub cookie: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
}

impl fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arrival(/{}/{}/{})", self.kind, self.realm, self.step)
    }
}

/// What follows from an arrival.
#[derive(Debug)]
pub enum Outcome {
    /// The browser goes to the provider.
    Go {
        /// Where to.
        to: Destination,
        /// The name of the cookie to set for [`SIGN_ON_LASTS`], and its value.
        cookie: (String, String),
    },
    /// Somebody is in: a web session.
    In {
        /// The session.
        session: Session,
        /// The page to go to: a path of ours.
        next: String,
        /// The cookie that has served.
        served: String,
    },
    /// Somebody proved who they are, and is of none of the realm's institutions or of several.
    Stray {
        /// The cookie that has served.
        served: String,
    },
    /// Nobody is signed on at the provider.
    Nobody {
        /// The page to go to.
        next: String,
        /// The cookie that has served.
        served: String,
    },
    /// The person chooses among these, and begins again with the choice.
    Choose(Vec<Choice>),
    /// It was done; there is nothing to say.
    Done,
    /// A document.
    Document {
        /// Its media type.
        media_type: &'static str,
        /// Its octets.
        octets: Vec<u8>,
    },
}

/// The ways to sign on at a host.
#[derive(Debug, Clone)]
pub struct WaysIn {
    /// The realm.
    pub realm: RealmId,
    /// Whether the pages take a password.
    pub takes_passwords: bool,
    /// The providers.
    pub providers: Vec<Way>,
}

/// A provider as a page shows it.
#[derive(Debug, Clone)]
pub struct Way {
    /// Its kind.
    pub kind: &'static str,
    /// What its button says, by language; empty for the kind's own words.
    pub label: std::collections::BTreeMap<String, String>,
}

/// What is remembered in the browser between two steps.
struct Begun {
    id: String,
    expires: Timestamp,
    next: String,
    facts: Vec<u8>,
}

impl Door {
    /// How people sign on at a host; `None` where no institution is served.
    pub fn ways_in(&self, host: Option<&str>) -> Option<WaysIn> {
        let house = self.house.load();
        let realm = house.at_host(host)?.realm;
        Some(WaysIn {
            realm: realm.id.clone(),
            takes_passwords: realm.passwords.serve(crate::Errand::Web),
            providers: realm
                .providers
                .iter()
                .filter_map(|provider| {
                    Some(Way { kind: provider.kind(), label: provider.as_browser()?.label().clone() })
                })
                .collect(),
        })
    }

    /// Sends a browser to a provider. `next` is the page of ours to come back to.
    ///
    /// # Errors
    /// `NotFound` for a provider that this host's realm has not; `Invalid` for a `next` that is too long.
    pub async fn begin_sign_on(&self, arrival: &Arrival<'_>, prompt: Prompt, next: &str) -> Result<Outcome> {
        let house = self.house.load_full();
        let (realm, provider) = provider(&house, arrival)?;
        check_host(&house, realm, arrival)?;
        if next.len() > LONGEST_NEXT {
            return Err(Error::invalid("the page to come back to has a long address"));
        }
        let id = seal::random_hex::<{ ID / 2 }>()?;
        let base = base(arrival);
        let start = SignOnStart { base: &base, id: &id, prompt, parameters: &arrival.query };
        match browser(provider)?.begin(&start).await? {
            Answer::Go { to, facts } => {
                go(&house, provider, realm, &Begun::new(&house, id, next.to_owned(), facts), to)
            }
            Answer::Choose(choices) => Ok(Outcome::Choose(choices)),
            Answer::Nobody => Ok(Outcome::Nobody { next: next.to_owned(), served: String::new() }),
            Answer::Proved(_) | Answer::Left | Answer::Ended(_) | Answer::Keep { .. } | Answer::Document { .. } => {
                Err(Error::internal("beginning a sign-on", "the provider answers what nobody asked"))
            }
        }
    }

    /// Takes a call to any other address of a provider: the browser that comes back, or the provider's own server.
    ///
    /// # Errors
    /// `Unauthenticated` for what proves nothing or was not begun in this browser; `Forbidden` when somebody proved who
    /// they are and the directory knows no one person of this realm for it; `NotFound` for an address that is none.
    pub async fn sign_on(&self, arrival: &Arrival<'_>) -> Result<Outcome> {
        let house = self.house.load_full();
        let (realm, provider) = provider(&house, arrival)?;
        let begun = begun(&house, provider, realm, arrival);
        let base = base(arrival);
        let call = Call {
            base: &base,
            step: arrival.step,
            is_post: arrival.is_post,
            query: &arrival.query,
            raw_query: arrival.raw_query,
            form: &arrival.form,
            body: arrival.body,
            headers: arrival.headers,
            peer: arrival.peer,
            now: (house.clock)(),
            begun: begun.as_ref().map(|(begun, _)| begun.facts.as_slice()),
        };
        match (browser(provider)?.answer(&call).await?, begun) {
            (Answer::Proved(assertion), Some((begun, served))) => {
                check_host(&house, realm, arrival)?;
                Ok(match self.admit_by(&house, realm, provider, assertion).await? {
                    Some(session) => Outcome::In { session, next: begun.next, served },
                    None => Outcome::Stray { served },
                })
            }
            (Answer::Nobody, Some((begun, served))) => Ok(Outcome::Nobody { next: begun.next, served }),
            (Answer::Proved(_) | Answer::Nobody, None) => Err(Error::Unauthenticated),
            (Answer::Go { to, facts }, Some((begun, _))) => go(&house, provider, realm, &Begun { facts, ..begun }, to),
            (Answer::Go { to, .. }, None) => Ok(Outcome::Go { to, cookie: Default::default() }),
            (Answer::Left, _) => Ok(Outcome::Nobody { next: SIGNED_OUT.to_owned(), served: String::new() }),
            (Answer::Choose(choices), _) => Ok(Outcome::Choose(choices)),
            (Answer::Ended(ended), _) => end(&house, realm, provider, ended).await,
            (Answer::Keep { name, value }, _) => {
                let sealed = house.sealer.seal(Purpose::Handover, house.state.epoch(), value.expose())?;
                let until = (house.clock)().plus(HANDOVER_LASTS);
                house.state.hand_over(&named(realm, provider, b"keep", name.expose()), &sealed, until).await?;
                Ok(Outcome::Done)
            }
            (Answer::Document { media_type, octets }, _) => Ok(Outcome::Document { media_type, octets }),
        }
    }

    /// From a provider's word to a web session; `None` for a stray.
    async fn admit_by(
        &self,
        house: &Arc<House>,
        realm: &Realm,
        provider: &Arc<dyn SsoProvider>,
        assertion: Assertion,
    ) -> Result<Option<Session>> {
        let now = (house.clock)();
        check_assertion(&assertion)?;
        if let Some(once) = &assertion.once {
            claim(house, realm, provider, once).await?;
        }
        let Some((account, person)) = known_now(house, realm, &assertion.subject, now).await? else { return Ok(None) };
        let session = session_of(house, realm, provider, assertion, (account, person), WEB_SESSION).await?;
        self.admit(Arc::clone(house), session.actor).map(|admitted| Some(Session { web: session.web, ..admitted }))
    }
}

/// Whether what a provider says can be kept in a session.
pub(crate) fn check_assertion(assertion: &Assertion) -> Result<()> {
    let fits =
        !assertion.index.is_empty() && assertion.index.len() <= LONGEST_INDEX && assertion.leave.len() <= LONGEST_LEAVE;
    if fits { Ok(()) } else { Err(Error::Unauthenticated) }
}

/// As [`known`], and nothing of the person was withdrawn while the directory was asked.
pub(crate) async fn known_now(
    house: &House,
    realm: &Realm,
    subject: &Login,
    now: Timestamp,
) -> Result<Option<(Account, Person)>> {
    let heard = house.withdrawn.heard();
    let Some((account, person)) = known(house, realm, subject).await? else { return Ok(None) };
    if house.withdrawn.heard() != heard && house.withdrawn.account(&account, now) {
        return Err(Error::Unauthenticated);
    }
    Ok(Some((account, person)))
}

/// The session of somebody who was proved and found, for so many seconds.
pub(crate) async fn session_of(
    house: &Arc<House>,
    realm: &Realm,
    provider: &Arc<dyn SsoProvider>,
    assertion: Assertion,
    (account, person): (Account, Person),
    lasts: i64,
) -> Result<Session> {
    let now = (house.clock)();
    let since = house.withdrawn.earliest(&account, now);
    let token = SessionToken { id: seal::random()?, expires: now.plus(lasts) };
    let delegation = delegation(house, realm, provider, &token, assertion.delegated).await?;
    let mut principal: Principal = principal(account, Arc::new(person), Strength::SingleSignOn, delegation, since);
    principal.credential = Some(credential(realm, provider, &assertion.index));
    principal.signed_on = Some(SignedOn { kind: provider.kind().to_owned(), leave: assertion.leave });
    let actor = Arc::new(Actor::Person(Box::new(principal)));
    Ok(Session { actor, house: Arc::clone(house), web: Some(token) })
}

/// What a provider said has ended, ends on every node.
async fn end(house: &Arc<House>, realm: &Realm, provider: &Arc<dyn SsoProvider>, ended: Ended) -> Result<Outcome> {
    if let Some(once) = &ended.once {
        claim(house, realm, provider, once).await?;
    }
    let now = (house.clock)();
    let expires = now.plus(WEB_SESSION);
    let sessions = ended.sessions.iter().filter(|index| index.len() <= LONGEST_INDEX);
    let mut revocations: Vec<Revocation> =
        sessions.map(|index| Revocation::Session { id: credential(realm, provider, index), expires }).collect();
    if let Some(person) = &ended.person {
        match known(house, realm, person).await {
            Ok(Some((account, _))) => revocations.push(Revocation::Account { account, before: now, expires }),
            // Whom we do not know has nothing here that could end.
            Ok(None) | Err(Error::Forbidden) => {}
            Err(error) => return Err(error),
        }
    }
    for revocation in revocations {
        house.state.revoke(&revocation).await?;
        house.withdrawn.note(&revocation);
    }
    Ok(match ended.then {
        Some(to) => Outcome::Go { to, cookie: Default::default() },
        None => Outcome::Done,
    })
}

/// Lets something through once, on all nodes.
pub(crate) async fn claim(house: &House, realm: &Realm, provider: &Arc<dyn SsoProvider>, once: &Once) -> Result<()> {
    let now = (house.clock)();
    let id = named(realm, provider, b"once", once.id.as_bytes());
    if house.state.claim(&id, now.plus(once.seconds), now).await? { Ok(()) } else { Err(Error::Unauthenticated) }
}

/// The one person of the realm, and of one of its institutions, whom a provider means; `None` for somebody whom the realm
/// knows and none or several of its institutions take.
async fn known(house: &House, realm: &Realm, subject: &Login) -> Result<Option<(Account, Person)>> {
    let id = AccountId::parse(subject.local()).map_err(|_| Error::Forbidden)?;
    let mut people = realm.directory.lookup(&id).await?;
    people.retain(|person| person.standing == Standing::Open);
    if let [only] = people.as_slice()
        && let Err(stray) = house.institution_of(&realm.id, only)
    {
        refuse_stray(realm, only, stray);
        return Ok(None);
    }
    let mut found = people.into_iter().filter_map(|person| {
        let institution = house.institution_of(&realm.id, &person).ok()?;
        has_domain(institution, subject).then_some((institution, person))
    });
    match (found.next(), found.next()) {
        (Some((institution, person)), None) => {
            let person = house.at_home(institution, person).await?;
            let account = Account { institution: institution.id.clone(), id: person.account.clone() };
            Ok(Some((account, person)))
        }
        _ => Err(Error::Forbidden),
    }
}

async fn delegation(
    house: &House,
    realm: &Realm,
    provider: &Arc<dyn SsoProvider>,
    token: &SessionToken,
    delegated: Delegated,
) -> Result<Delegation> {
    let granting = match delegated {
        Delegated::Nothing => return Ok(Delegation::None),
        Delegated::Tokens(tokens) => {
            let bearer = Bearer::keep(provider, &house.state, house.clock, token.id, tokens, token.expires);
            return bearer.await.map(Delegation::Tokens);
        }
        Delegated::Granting(granting) => granting,
        Delegated::GrantingKept(name) => {
            let name = named(realm, provider, b"keep", name.expose());
            let Some(sealed) = house.state.take_over(&name, (house.clock)()).await? else {
                // The provider could not reach us. Who signed on is in; back-ends that need a ticket will say so.
                tracing::warn!(provider = provider.name(), "no call-back came with the proxy-granting ticket");
                return Ok(Delegation::None);
            };
            Secret::new(house.sealer.open(Purpose::Handover, house.state.epoch(), &sealed)?)
        }
    };
    Ok(Delegation::Tickets(Tickets { provider: Arc::clone(provider), granting }))
}

fn provider<'h>(house: &'h House, arrival: &Arrival<'_>) -> Result<(&'h Realm, &'h Arc<dyn SsoProvider>)> {
    let realm = RealmId::parse(arrival.realm).ok().and_then(|id| house.realms.get(&id)).ok_or(Error::NotFound)?;
    Ok((realm, realm.provider(arrival.kind).ok_or(Error::NotFound)?))
}

/// What signs browsers on; a provider that does not has no addresses.
fn browser(provider: &Arc<dyn SsoProvider>) -> Result<&dyn BrowserSignOn> {
    provider.as_browser().ok_or(Error::NotFound)
}

/// Browsers sign on at a host of the realm only: addresses that we hand to a provider are made of it.
fn check_host(house: &House, realm: &Realm, arrival: &Arrival<'_>) -> Result<()> {
    match house.served_at(arrival.host) {
        Some(place) if place.realm.id == realm.id => Ok(()),
        _ => Err(Error::NotFound),
    }
}

fn base(arrival: &Arrival<'_>) -> String {
    format!("{}/{}/{}", arrival.origin, arrival.kind, arrival.realm)
}

/// What was begun in this browser, and the name of its cookie.
fn begun(
    house: &House,
    provider: &Arc<dyn SsoProvider>,
    realm: &Realm,
    arrival: &Arrival<'_>,
) -> Option<(Begun, String)> {
    let id = RETURNS.iter().find_map(|name| arrival.query.single(name).or_else(|| arrival.form.single(name)))?;
    if id.len() != ID || !id.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        return None;
    }
    let cookie = cookie_name(id);
    let sealed = (arrival.cookie)(&cookie)?;
    let plain = house.sealer.open(Purpose::SignOn, house.state.epoch(), &sealed).ok()?;
    let begun = Begun::read(&plain, &place(provider, realm))?;
    (begun.id == id && (house.clock)() < begun.expires).then_some((begun, cookie))
}

fn go(
    house: &House,
    provider: &Arc<dyn SsoProvider>,
    realm: &Realm,
    begun: &Begun,
    to: Destination,
) -> Result<Outcome> {
    check_facts(&begun.facts)?;
    let plain = begun.write(&place(provider, realm))?;
    let sealed = house.sealer.seal(Purpose::SignOn, house.state.epoch(), &plain)?;
    Ok(Outcome::Go { to, cookie: (cookie_name(&begun.id), sealed) })
}

fn cookie_name(id: &str) -> String {
    format!("{SIGN_ON_COOKIE}{}", id.get(..ID_IN_COOKIE).unwrap_or_default())
}

fn place(provider: &Arc<dyn SsoProvider>, realm: &Realm) -> String {
    format!("{}/{}", provider.kind(), realm.id)
}

/// A hash of something that a provider names, apart from all other uses.
fn named(realm: &Realm, provider: &Arc<dyn SsoProvider>, use_: &[u8], name: &[u8]) -> [u8; 32] {
    seal::sha256(&[use_, b" ", place(provider, realm).as_bytes(), b" ", name].concat())
}

/// The id under which what a sign-on opened can be withdrawn: known to whoever knows the provider's own name for it.
pub(crate) fn credential(realm: &Realm, provider: &Arc<dyn SsoProvider>, index: &str) -> [u8; 16] {
    let mut id = [0; 16];
    id.iter_mut().zip(named(realm, provider, b"sign-on", index.as_bytes())).for_each(|(to, from)| *to = from);
    id
}

impl Begun {
    fn new(house: &House, id: String, next: String, facts: Vec<u8>) -> Self {
        Self { id, expires: (house.clock)().plus(SIGN_ON_LASTS), next, facts }
    }

    /// Expiry, and each part with its length before it.
    fn write(&self, place: &str) -> Result<Vec<u8>> {
        let mut plain = self.expires.0.to_be_bytes().to_vec();
        for part in [place.as_bytes(), self.id.as_bytes(), self.next.as_bytes(), &self.facts] {
            let length = u16::try_from(part.len()).map_err(|error| Error::internal("beginning a sign-on", error))?;
            plain.extend(length.to_be_bytes());
            plain.extend(part);
        }
        Ok(plain)
    }

    fn read(plain: &[u8], expected: &str) -> Option<Self> {
        let (expires, rest) = plain.split_first_chunk::<8>()?;
        let part = |rest| {
            let (length, rest): (&[u8; 2], &[u8]) = <[u8]>::split_first_chunk(rest)?;
            rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        };
        let (place, rest) = part(rest)?;
        let (id, rest) = part(rest)?;
        let (next, rest) = part(rest)?;
        let (facts, rest) = part(rest)?;
        if place != expected.as_bytes() || !rest.is_empty() {
            return None;
        }
        Some(Self {
            id: std::str::from_utf8(id).ok()?.to_owned(),
            expires: Timestamp(i64::from_be_bytes(*expires)),
            next: std::str::from_utf8(next).ok()?.to_owned(),
            facts: facts.to_vec(),
        })
    }
}
