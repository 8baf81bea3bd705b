//! Portals: a ticket or a signed token is changed once for a session of five minutes, which shows what a portal's page has
//! room for, counts, headers and room, and can open nothing else. The session behind it never leaves this file.

use crate::{
    Delegation, Door, Error, Fault, Glance, Institution, Lookup, Read, Result, Session,
    door::{find, open_token, resumed},
    glances::{self, look},
    house::House,
    ports::{Latest, PortalWord, Space, SsoProvider, Through, Vouched},
    seal::Purpose,
    sign_on::{check_assertion, claim, known_now, session_of},
};
use passerelle_model::{Account, MailboxRef, Secret, Timestamp};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long what a portal asks with lasts, in seconds.
pub const PORTAL_SESSION: i64 = 300;
/// Where a portal changes its ticket, and the service that the ticket is for: this path at the institution's host.
pub const PORTAL_SERVICE: &str = "/portal/session";
/// How long one leg may take: portals give up on the whole page soon after.
const SLOWEST_LEG: Duration = Duration::from_secs(5);
/// Longest ticket or token, in octets.
const LONGEST_WORD: usize = 16 * 1024;

/// The mailbox that is counted (RFC 9051 §5.1).
pub(crate) const INBOX: &str = "INBOX";

/// What stands between a portal and an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailingLeg {
    /// The mail store.
    Mail,
    /// The file store.
    Files,
    /// The directory.
    Directory,
    /// The ticket, the token, the server that vouches for them, or the sign-on that has ended.
    SignOn,
    /// The gateway and what it keeps itself.
    Gateway,
}

/// A leg that failed, and why.
#[derive(Debug, Clone)]
pub struct Failing {
    /// Which one.
    pub leg: FailingLeg,
    /// Why.
    pub error: Arc<Error>,
}

impl Failing {
    /// A leg with what went wrong at it.
    pub(crate) fn new(leg: FailingLeg, error: Error) -> Self {
        Self { leg, error: Arc::new(error) }
    }

    /// What was brought does not do, or the sign-on has ended.
    pub fn of_sign_on(error: Error) -> Self {
        at(FailingLeg::SignOn)(error)
    }

    /// There is no mail.
    pub fn of_mail(error: Error) -> Self {
        Self::new(FailingLeg::Mail, error)
    }

    /// The gateway itself.
    pub fn of_gateway(error: Error) -> Self {
        Self::new(FailingLeg::Gateway, error)
    }
}

fn at(leg: FailingLeg) -> impl Fn(Error) -> Failing {
    move |error| match error {
        // Whoever is refused is refused for what they brought, wherever that showed.
        Error::Unauthenticated | Error::Forbidden => Failing::new(FailingLeg::SignOn, error),
        Error::Internal { .. } => Failing::new(FailingLeg::Gateway, error),
        other => Failing::new(leg, other),
    }
}

/// What a portal's server brought.
pub struct PortalVisit<'a> {
    /// Scheme, host and port as it named them: `https://office.univ.fr`.
    pub origin: &'a str,
    /// The host alone.
    pub host: &'a str,
    /// The kind of provider that has to vouch for it.
    pub kind: &'a str,
    /// The ticket or token.
    pub credential: &'a Secret,
}

impl fmt::Debug for PortalVisit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PortalVisit({} at {})", self.kind, self.host)
    }
}

impl Door {
    /// Changes what a portal brought for a portal's session.
    ///
    /// # Errors
    /// The leg `SignOn` with `Unauthenticated` for what proves nothing, was used before, or came through proxies that the
    /// person's institution does not list, `Forbidden` when the directory knows no one person for it, `Unsupported` where the
    /// realm takes nothing of this kind, `NotFound` for a host that is no institution's and no realm's own.
    pub async fn enter_portal(&self, visit: &PortalVisit<'_>) -> Result<PortalSession, Failing> {
        let house = self.house.load_full();
        let signing = at(FailingLeg::SignOn);
        // The ticket names this address: a host that is not ours would make it one for somebody else.
        let realm = house.has_host(visit.host).ok_or(Error::NotFound).map_err(&signing)?;
        let none = || Error::Unsupported { what: "this kind of word of a portal" };
        let provider = realm.provider(visit.kind).ok_or_else(none).map_err(&signing)?;
        let vouching = provider.as_vouching().ok_or_else(none).map_err(&signing)?;
        if visit.credential.expose().is_empty() || visit.credential.expose().len() > LONGEST_WORD {
            return Err(signing(Error::Unauthenticated));
        }
        let (service, base) =
            (format!("{}{PORTAL_SERVICE}", visit.origin), format!("{}/{}/{}", visit.origin, visit.kind, realm.id));
        let now = (house.clock)();
        let word = PortalWord { credential: visit.credential, service: &service, base: &base, now };
        let Vouched { assertion, through } = vouching.vouch(&word).await.map_err(&signing)?;
        check_assertion(&assertion).map_err(&signing)?;
        if let Some(once) = &assertion.once {
            claim(&house, realm, provider, once).await.map_err(at(FailingLeg::Gateway))?;
        }
        let found = known_now(&house, realm, &assertion.subject, now).await;
        let found = found.and_then(|found| found.ok_or(Error::Forbidden)).map_err(at(FailingLeg::Directory))?;
        check_through(&house, &found.0, &through).map_err(&signing)?;
        let session = session_of(&house, realm, provider, assertion, found, PORTAL_SESSION).await;
        let session = session.map_err(at(FailingLeg::Gateway))?;
        session.check_in_force().map_err(at(FailingLeg::Gateway))?;
        Ok(PortalSession { session })
    }

    /// Resumes a portal's session, on any node that has the key.
    ///
    /// # Errors
    /// The leg `SignOn` with `Unauthenticated` for a bearer that is expired, altered, withdrawn or whose person has left; the
    /// leg that cannot say.
    pub async fn resume_portal(&self, bearer: &Secret) -> Result<PortalSession, Failing> {
        let house = self.house.load_full();
        let text = bearer.expose_str().ok_or(Error::Unauthenticated);
        let opened = text.and_then(|text| open_token(Purpose::Portal, &house, text)).map_err(at(FailingLeg::SignOn))?;
        let person = find(&house, &opened.account).await.and_then(|person| person.ok_or(Error::Unauthenticated));
        let person = person.map_err(at(FailingLeg::Directory))?;
        Ok(PortalSession { session: resumed(house, opened, person).map_err(at(FailingLeg::Gateway))? })
    }

    /// Resumes a web session for the same: the office's own page shows what portals show.
    ///
    /// # Errors
    /// As [`Self::resume_portal`].
    pub async fn resume_own_page(&self, cookie: &str) -> Result<PortalSession, Failing> {
        Ok(PortalSession { session: self.resume(cookie).await.map_err(at(FailingLeg::Directory))? })
    }
}

/// Whether those through whom a word came are believed by the institution of the person whom it names.
fn check_through(house: &House, account: &Account, through: &Through) -> Result<()> {
    let Through::Proxies(chain) = through else { return Ok(()) };
    let listed = &house.tenant(&account.institution)?.facts.portal.proxies;
    if !chain.is_empty() && listed.contains(chain) {
        return Ok(());
    }
    tracing::warn!(institution = %account.institution, ?chain, "a ticket came through proxies that are not listed");
    Err(Error::Unauthenticated)
}

/// A portal's session. There is no way from it to a [`Session`], nor to a handle.
pub struct PortalSession {
    session: Session,
}

impl fmt::Debug for PortalSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PortalSession")
    }
}

impl PortalSession {
    /// Whose it is.
    ///
    /// # Errors
    /// `Forbidden` for what is no person's.
    pub fn account(&self) -> Result<&Account> {
        Ok(self.session.principal()?.account())
    }

    /// The person's institution.
    ///
    /// # Errors
    /// As [`Self::account`].
    pub fn institution(&self) -> Result<&Institution> {
        self.session.institution()
    }

    /// Seals it into what the portal asks with.
    ///
    /// # Errors
    /// `Internal` when the machine gives no randomness.
    pub fn seal(&self) -> Result<String> {
        let token = self.session.web.as_ref().ok_or(Error::Unsupported { what: "sealing a connection" })?;
        token.seal(Purpose::Portal, &self.session.house, self.session.principal()?)
    }

    /// When it ends by itself.
    pub fn expires(&self) -> Option<Timestamp> {
        self.session.expires()
    }

    /// The counts of the person's INBOX, its last headers, and the room for mail; `None` when the institution has no mail.
    ///
    /// # Errors
    /// `Unauthenticated` when the session was withdrawn meanwhile.
    pub async fn mail(&self) -> Result<Option<Glance<Arc<Latest>>>> {
        let (account, house) = (self.account()?, &self.session.house);
        let tenant = house.tenant(&account.institution)?;
        if tenant.mail.is_none() {
            return Ok(None);
        }
        let inbox = MailboxRef { owner: account.clone(), name: INBOX.to_owned() };
        let inbox = self.session.open::<_, Read>(inbox).await?;
        let (rules, known) = (&tenant.facts.portal, house.withdrawn.glances.of(account));
        let ask = async {
            let looked = timeout(SLOWEST_LEG, inbox.latest(rules.headers)).await;
            looked.unwrap_or_else(|_slow| Err(slow("mail"))).map(Arc::new).map_err(|error| self.failing_mail(error))
        };
        let seen = look(&known.mail, house.clock, rules.cache_seconds, ask).await;
        // It may have been withdrawn while a store was waited for.
        self.session.check_in_force()?;
        Ok(Some(seen))
    }

    /// The room in the person's files; `None` when the institution has none, and in it when nobody sets a limit.
    ///
    /// # Errors
    /// As [`Self::mail`].
    pub async fn files(&self) -> Result<Option<Glance<Option<Space>>>> {
        let (account, house) = (self.account()?, &self.session.house);
        let Some(home) = self.session.home_of(account) else { return Ok(None) };
        let rules = &house.tenant(&account.institution)?.facts.portal;
        let known = house.withdrawn.glances.of(account);
        let ask = async {
            let space = async { self.session.open::<_, Lookup>(home).await?.space().await };
            match timeout(SLOWEST_LEG, space).await.unwrap_or_else(|_slow| Err(slow("files"))) {
                Ok(space) => Ok(Some(space)),
                // A home that was not made yet, or a store that counts nothing: a fact, and no failure.
                Err(Error::NotFound | Error::Unsupported { .. }) => Ok(None),
                Err(error) => Err(failing(FailingLeg::Files, error)),
            }
        };
        let seen = look(&known.files, house.clock, rules.cache_seconds, ask).await;
        self.session.check_in_force()?;
        Ok(Some(seen))
    }

    /// Whose fault it is that mail cannot be seen: the store's, or that of the sign-on which should open it.
    fn failing_mail(&self, error: Error) -> Failing {
        let delegation = self.session.principal().map(|principal| principal.delegation());
        let leg = match (delegation, &error) {
            (Ok(Delegation::Tickets(_) | Delegation::Tokens(_) | Delegation::Token(_)), Error::Unauthenticated) => {
                FailingLeg::SignOn
            }
            (Ok(Delegation::Tickets(tickets)), Error::Unavailable { backend, .. })
                if is_of(tickets.provider.as_ref(), backend) =>
            {
                FailingLeg::SignOn
            }
            (_, Error::Internal { .. }) => FailingLeg::Gateway,
            _ => FailingLeg::Mail,
        };
        failing(leg, error)
    }
}

/// A leg that failed just now: said in the log once, however often it is told to portals.
fn failing(leg: FailingLeg, error: Error) -> Failing {
    if error.fault() != Fault::Client {
        tracing::warn!(?leg, error = %error.chain(), "a leg fails that a portal asks for");
    }
    Failing::new(leg, error)
}

/// Whether a fault is this provider's: its name in messages may have its address behind it.
fn is_of(provider: &dyn SsoProvider, backend: &str) -> bool {
    provider.name().strip_prefix(backend).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
}

fn slow(backend: &str) -> Error {
    Error::unavailable(backend, "looking for a portal", "no answer within the deadline")
}

/// What was seen of somebody's INBOX lately, by whomever.
pub(crate) async fn counts_seen(
    known: &glances::Person,
    now: Timestamp,
    lasts: i64,
) -> Option<Glance<crate::ports::MailboxStatus>> {
    let glance = glances::seen(&known.mail, now, lasts).await?;
    Some(Glance { at: glance.at, outcome: glance.outcome.map(|latest| latest.status) })
}
