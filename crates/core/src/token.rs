//! What a web session's cookie holds.

use crate::{
    Delegation, Error, Principal, Result, Strength,
    seal::{Epoch, Purpose, Sealer},
};
use passerelle_model::{Account, AccountId, InstitutionId, Secret, Timestamp};

/// Longest secret that a cookie carries, in octets.
const LONGEST_SECRET: usize = 1536;
const VERSION: u8 = 1;

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
    pub(crate) delegation: Delegation,
}

impl SessionToken {
    /// Seals the session: version, id, times, institution, account, the one secret.
    pub(crate) fn seal(&self, sealer: &Sealer, epoch: Epoch, principal: &Principal) -> Result<String> {
        let secret = match &principal.delegation {
            Delegation::Password(secret) if secret.expose().len() <= LONGEST_SECRET => secret.expose(),
            Delegation::Password(_) | Delegation::None => &[],
        };
        let mut plain = vec![VERSION];
        plain.extend(self.id);
        plain.extend(self.expires.0.to_be_bytes());
        plain.extend(principal.since.0.to_be_bytes());
        for field in
            [principal.account.institution.as_str().as_bytes(), principal.account.id.as_str().as_bytes(), secret]
        {
            let length = u16::try_from(field.len()).map_err(|error| Error::internal("sealing a session", error))?;
            plain.extend(length.to_be_bytes());
            plain.extend(field);
        }
        sealer.seal(Purpose::Session, epoch, &plain)
    }

    /// Opens a cookie's value. Expired, altered, foreign: all the same refusal.
    pub(crate) fn open(sealer: &Sealer, epoch: Epoch, cookie: &str, now: Timestamp) -> Result<Opened> {
        let plain = sealer.open(Purpose::Session, epoch, cookie)?;
        let opened = parse(&plain).ok_or(Error::Unauthenticated)?;
        if now >= opened.token.expires { Err(Error::Unauthenticated) } else { Ok(opened) }
    }
}

fn parse(plain: &[u8]) -> Option<Opened> {
    let (version, rest) = plain.split_first()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (expires, rest) = rest.split_first_chunk::<8>()?;
    let (since, rest) = rest.split_first_chunk::<8>()?;
    let (institution, rest) = field(rest)?;
    let (account, rest) = field(rest)?;
    let (secret, rest) = field(rest)?;
    if *version != VERSION || !rest.is_empty() {
        return None;
    }
    Some(Opened {
        token: SessionToken { id: *id, expires: Timestamp(i64::from_be_bytes(*expires)) },
        account: Account {
            institution: InstitutionId::parse(std::str::from_utf8(institution).ok()?).ok()?,
            id: AccountId::parse(std::str::from_utf8(account).ok()?).ok()?,
        },
        since: Timestamp(i64::from_be_bytes(*since)),
        delegation: if secret.is_empty() { Delegation::None } else { Delegation::Password(Secret::new(secret)) },
    })
}

fn field(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// How strong a resumed session is: only a password makes one.
pub(crate) const RESUMED: Strength = Strength::Password;
