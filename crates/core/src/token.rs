//! What a web session's cookie holds, and a portal's bearer.

use crate::{
    Bearer, Delegation, Error, Principal, Result, Strength, Tickets,
    house::House,
    ports::SignedOn,
    seal::{Purpose, Sealer},
};
use passerelle_model::{Account, AccountId, InstitutionId, Secret, Timestamp};

/// Longest secret that a cookie carries, in octets.
const LONGEST_SECRET: usize = 1536;
const VERSION: u8 = 2;
/// What the secret is: the words of the token's format.
const NO_SECRET: u8 = 0;
const PASSWORD: u8 = 1;
const GRANTING: u8 = 2;
const TOKENS_KEY: u8 = 3;

/// The facts of a web session that are not the person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionToken {
    pub(crate) id: [u8; 16],
    pub(crate) expires: Timestamp,
}

/// A token, opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) token: SessionToken,
    pub(crate) account: Account,
    pub(crate) since: Timestamp,
    pub(crate) credential: Option<[u8; 16]>,
    pub(crate) signed_on: Option<SignedOn>,
    secret: Held,
}

#[derive(Debug)]
enum Held {
    Nothing,
    Password(Secret),
    Granting(Secret),
    TokensKey(Secret),
}

impl SessionToken {
    /// Seals the session: version, id, times, what opened it, institution, account, provider, the one secret. What is sealed
    /// for one purpose opens nothing for another.
    pub(crate) fn seal(&self, purpose: Purpose, house: &House, principal: &Principal) -> Result<String> {
        let (kind, secret): (u8, &[u8]) = match &principal.delegation {
            Delegation::Password(secret) => (PASSWORD, secret.expose()),
            Delegation::Tickets(tickets) => (GRANTING, tickets.granting.expose()),
            Delegation::Tokens(bearer) => (TOKENS_KEY, bearer.key().expose()),
            // A token comes with a connection, and connections are not sealed.
            Delegation::Token(_) | Delegation::None => (NO_SECRET, &[]),
        };
        let (kind, secret) = if secret.len() <= LONGEST_SECRET { (kind, secret) } else { (NO_SECRET, &[][..]) };
        let mut plain = vec![VERSION];
        plain.extend(self.id);
        plain.extend(self.expires.0.to_be_bytes());
        plain.extend(principal.since.0.to_be_bytes());
        plain.push(kind);
        let signed_on = principal.signed_on.as_ref();
        for field in [
            principal.account.institution.as_str().as_bytes(),
            principal.account.id.as_str().as_bytes(),
            principal.credential.as_ref().map_or(&[][..], |credential| credential),
            signed_on.map_or(&[][..], |signed_on| signed_on.kind.as_bytes()),
            signed_on.map_or(&[][..], |signed_on| signed_on.leave.as_bytes()),
            secret,
        ] {
            let length = u16::try_from(field.len()).map_err(|error| Error::internal("sealing a session", error))?;
            plain.extend(length.to_be_bytes());
            plain.extend(field);
        }
        house.sealer.seal(purpose, house.state.epoch(), &plain)
    }

    /// Opens what was sealed for this purpose. Expired, altered, foreign: all the same refusal.
    pub(crate) fn open(
        purpose: Purpose,
        sealer: &Sealer,
        epoch: [u8; 16],
        text: &str,
        now: Timestamp,
    ) -> Result<Opened> {
        let plain = sealer.open(purpose, epoch, text)?;
        let opened = parse(&plain).ok_or(Error::Unauthenticated)?;
        if now >= opened.token.expires { Err(Error::Unauthenticated) } else { Ok(opened) }
    }
}

impl Opened {
    /// How sure we are: as sure as whoever signed the person on.
    pub(crate) fn strength(&self) -> Strength {
        if self.signed_on.is_some() { Strength::SingleSignOn } else { Strength::Password }
    }

    /// What may be used at the last hop. A provider that the settings no longer have signs nobody on.
    pub(crate) fn delegation(&self, house: &House) -> Result<Delegation> {
        let provider = match &self.signed_on {
            Some(signed_on) => Some(
                house.realm_of(&self.account.institution)?.provider(&signed_on.kind).ok_or(Error::Unauthenticated)?,
            ),
            None => None,
        };
        Ok(match (&self.secret, provider) {
            (Held::Password(password), _) => Delegation::Password(password.clone()),
            (Held::Granting(granting), Some(provider)) => {
                Delegation::Tickets(Tickets { provider: provider.clone(), granting: granting.clone() })
            }
            (Held::TokensKey(key), Some(provider)) => {
                Delegation::Tokens(Bearer::of(provider, &house.state, house.clock, self.token.id, key.clone()))
            }
            (Held::Granting(_) | Held::TokensKey(_), None) | (Held::Nothing, _) => Delegation::None,
        })
    }
}

fn parse(plain: &[u8]) -> Option<Opened> {
    let (version, rest) = plain.split_first()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (expires, rest) = rest.split_first_chunk::<8>()?;
    let (since, rest) = rest.split_first_chunk::<8>()?;
    let (kind, rest) = rest.split_first()?;
    let (institution, rest) = field(rest)?;
    let (account, rest) = field(rest)?;
    let (credential, rest) = field(rest)?;
    let (provider, rest) = field(rest)?;
    let (leave, rest) = field(rest)?;
    let (secret, rest) = field(rest)?;
    if *version != VERSION || !rest.is_empty() {
        return None;
    }
    let text = |octets| std::str::from_utf8(octets).ok();
    let signed_on = SignedOn { kind: text(provider)?.to_owned(), leave: text(leave)?.to_owned() };
    Some(Opened {
        token: SessionToken { id: *id, expires: Timestamp(i64::from_be_bytes(*expires)) },
        account: Account {
            institution: InstitutionId::parse(text(institution)?).ok()?,
            id: AccountId::parse(text(account)?).ok()?,
        },
        since: Timestamp(i64::from_be_bytes(*since)),
        credential: if credential.is_empty() { None } else { Some(credential.try_into().ok()?) },
        signed_on: (!provider.is_empty()).then_some(signed_on),
        secret: match *kind {
            NO_SECRET => Held::Nothing,
            PASSWORD => Held::Password(Secret::new(secret)),
            GRANTING => Held::Granting(Secret::new(secret)),
            TOKENS_KEY => Held::TokensKey(Secret::new(secret)),
            _ => return None,
        },
    })
}

fn field(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
