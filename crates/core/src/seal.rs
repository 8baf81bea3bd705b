//! Sealed tokens: what a stateless gateway hands out instead of remembering.
//!
//! AES-256-GCM-SIV (RFC 8452) under one of at most two keys, so that keys can be changed without a prompt. What the token
//! is for and the epoch of State are authenticated with it: a token for one purpose opens no other, and none survives a
//! restored database. What has to outlive both, a password for a server elsewhere, is bound to facts of its owner's instead.

use crate::{Error, Result};
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest, hmac, rand,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use passerelle_model::Secret;
use std::fmt::{self, Write};

/// Shortest key material, in octets.
pub const SHORTEST_KEY: usize = 32;
/// Most keys in force at once: the new one, and the old one while it runs out.
pub const MOST_KEYS: usize = 2;
/// Longest sealed text that is looked at, in octets. A cookie is shorter (RFC 6265 §6.1); tokens in State are the longest.
const LONGEST_TOKEN: usize = 24 * 1024;
/// Longest text that is sealed for good, in octets: it lies in State, and is bounded there.
const LONGEST_BOUND: usize = 4 * 1024 * 1024;
const KEY_ID: usize = 4;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A web session.
    Session,
    /// Proof that a form came from our own page.
    Form,
    /// What a sign-on under way has remembered in the browser.
    SignOn,
    /// What one call of a provider leaves for another.
    Handover,
    /// Tokens of a sign-on, under the session's own key.
    Tokens,
    /// A call that may be repeated.
    Call,
    /// A place in a list.
    Cursor,
    /// What a portal asks with.
    Portal,
    /// A session on its way into a frame.
    Frame,
    /// The password of an external account.
    ExternalPassword,
    /// The folders that an external account had.
    ExternalFolders,
    /// The UIDs of an external account's messages.
    ExternalUids,
    /// How a mailbox was.
    MailboxState,
    /// The members of a folder and when each changed.
    SyncIndex,
    /// Up to where a client knows the changes of a folder.
    SyncToken,
    /// Proof that a browser has shown a share link's password.
    LinkPassword,
    /// What stands in a published calendar for a text that is not told.
    Published,
    /// The address of a calendar elsewhere.
    FeedAddress,
}

/// Seals and opens. The first key seals; all open. State's epoch comes with each call, because a restore changes it under
/// a running node.
pub struct Sealer {
    keys: Vec<Key>,
}

/// State's epoch.
pub type Epoch = [u8; 16];

struct Key {
    id: [u8; KEY_ID],
    seal: LessSafeKey,
    mac: hmac::Key,
}

impl Sealer {
    /// Takes the keys, the newest first.
    ///
    /// # Errors
    /// `Invalid` when there is none, more than two, or one shorter than 32 octets.
    pub fn new(secrets: &[Secret]) -> Result<Self> {
        if secrets.is_empty() || secrets.len() > MOST_KEYS {
            return Err(Error::invalid("one or two session keys are needed"));
        }
        let keys = secrets.iter().map(Key::derive).collect::<Result<_>>()?;
        Ok(Self { keys })
    }

    /// Seals octets for a purpose.
    ///
    /// # Errors
    /// `Internal` when the machine gives no randomness.
    pub fn seal(&self, purpose: Purpose, epoch: Epoch, plain: &[u8]) -> Result<String> {
        self.seal_with(&context(purpose, epoch), plain)
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// `Unauthenticated` for anything else, whatever is wrong with it.
    pub fn open(&self, purpose: Purpose, epoch: Epoch, token: &str) -> Result<Vec<u8>> {
        if token.len() > LONGEST_TOKEN {
            return Err(Error::Unauthenticated);
        }
        self.open_with(&context(purpose, epoch), token)
    }

    /// Seals octets that have to outlive a restored database, bound to facts without which they open no more.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_bound(&self, purpose: Purpose, facts: &[u8], plain: &[u8]) -> Result<String> {
        self.seal_with(&[&context(purpose, [0; 16])[..], facts].concat(), plain)
    }

    /// Opens what was sealed for this purpose with these facts, under any key in force.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_bound(&self, purpose: Purpose, facts: &[u8], text: &str) -> Result<Vec<u8>> {
        if text.len() > LONGEST_BOUND {
            return Err(Error::Unauthenticated);
        }
        self.open_with(&[&context(purpose, [0; 16])[..], facts].concat(), text)
    }

    /// Whether a text was sealed under the newest key.
    pub fn is_newest(&self, text: &str) -> bool {
        let octets = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        self.keys.first().is_some_and(|key| octets.starts_with(&key.id))
    }

    fn seal_with(&self, context: &[u8], plain: &[u8]) -> Result<String> {
        let key = self.keys.first().ok_or_else(|| Error::internal("sealing", "no key"))?;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|error| Error::internal("sealing", error))?;
        let mut sealed = plain.to_vec();
        key.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|error| Error::internal("sealing", error))?;
        Ok(URL_SAFE_NO_PAD.encode([&key.id[..], &nonce, &sealed].concat()))
    }

    fn open_with(&self, context: &[u8], token: &str) -> Result<Vec<u8>> {
        let refused = || Error::Unauthenticated;
        let octets = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let (id, rest) = octets.split_first_chunk::<KEY_ID>().ok_or_else(refused)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(refused)?;
        let key = self.keys.iter().find(|key| key.id == *id).ok_or_else(refused)?;
        let mut plain = sealed.to_vec();
        let length = key
            .seal
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut plain)
            .map_err(|_| refused())?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// A MAC over facts that are handed out and come back, under the newest key: hexadecimal, 128 bits.
    pub fn mac(&self, purpose: Purpose, epoch: Epoch, facts: &[u8]) -> String {
        self.keys.first().map(|key| mac_with(&key.mac, &context(purpose, epoch), facts)).unwrap_or_default()
    }

    /// Whether a MAC is one of ours over these facts, under any key in force. Compares in constant time.
    pub fn mac_holds(&self, purpose: Purpose, epoch: Epoch, facts: &[u8], mac: &str) -> bool {
        self.keys.iter().any(|key| {
            subtle::ConstantTimeEq::ct_eq(
                mac_with(&key.mac, &context(purpose, epoch), facts).as_bytes(),
                mac.as_bytes(),
            )
            .into()
        })
    }
}

/// What is authenticated beside the octets.
fn context(purpose: Purpose, epoch: Epoch) -> [u8; 17] {
    let mut context = [0; 17];
    let (head, tail) = context.split_at_mut(1);
    head.fill(match purpose {
        Purpose::Session => 1,
        Purpose::Form => 2,
        Purpose::SignOn => 3,
        Purpose::Handover => 4,
        Purpose::Tokens => 5,
        // Far from the others, which grow one by one.
        Purpose::Call => 100,
        Purpose::Cursor => 101,
        Purpose::Portal => 102,
        Purpose::Frame => 103,
        Purpose::ExternalPassword => 104,
        Purpose::ExternalFolders => 105,
        Purpose::MailboxState => 106,
        Purpose::ExternalUids => 107,
        Purpose::SyncIndex => 120,
        Purpose::SyncToken => 121,
        Purpose::LinkPassword => 108,
        Purpose::Published => 130,
        Purpose::FeedAddress => 131,
    });
    tail.copy_from_slice(&epoch);
    context
}

fn mac_with(key: &hmac::Key, context: &[u8], facts: &[u8]) -> String {
    let tag = hmac::sign(key, &[context, facts].concat());
    tag.as_ref().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

impl Key {
    fn derive(secret: &Secret) -> Result<Self> {
        if secret.expose().len() < SHORTEST_KEY {
            return Err(Error::invalid("a session key has at least 32 octets"));
        }
        let master = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
        let part = |label: &[u8]| hmac::sign(&master, label);
        let seal = UnboundKey::new(&AES_256_GCM_SIV, part(b"passerelle seal").as_ref())
            .map_err(|error| Error::internal("deriving a key", error))?;
        let mac = hmac::Key::new(hmac::HMAC_SHA256, part(b"passerelle mac").as_ref());
        let mut id = [0; KEY_ID];
        id.iter_mut().zip(part(b"passerelle id").as_ref()).for_each(|(to, from)| *to = *from);
        Ok(Self { id, seal: LessSafeKey::new(seal), mac })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} keys)", self.keys.len())
    }
}

/// Fills an array with randomness.
///
/// # Errors
/// `Internal` when the machine gives none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut octets = [0; N];
    rand::fill(&mut octets).map_err(|error| Error::internal("drawing randomness", error))?;
    Ok(octets)
}

/// Octets in hexadecimal digits, in small letters.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len().saturating_mul(2)), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// So many random octets in hexadecimal digits: a name that nothing has.
///
/// # Errors
/// As [`random`].
pub fn random_hex<const N: usize>() -> Result<String> {
    random::<N>().map(|octets| hex(&octets))
}

/// Base32's letters (RFC 4648 §6), in lower case: ids and tokens that people may have to type.
pub(crate) const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Draws letters.
pub(crate) fn letters<const N: usize>() -> Result<String> {
    let drawn = random::<N>()?;
    Ok(drawn
        .iter()
        .filter_map(|octet| LETTERS.get(usize::from(octet % 32)).map(|letter| char::from(*letter)))
        .collect())
}

/// An id under which something can be withdrawn: 16 octets of what names it.
pub(crate) fn id_of(kind: &str, name: &str) -> [u8; 16] {
    let mut id = [0; 16];
    let hash = sha256(&[kind.as_bytes(), b" ", name.as_bytes()].concat());
    id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    id
}

/// SHA-256.
pub fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest::digest(&digest::SHA256, octets).as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn key(octet: u8) -> Secret {
        Secret::new([octet; 32])
    }

    const NOW: Epoch = [9; 16];

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let sealer = Sealer::new(&[key(1)]).unwrap();
        let token = sealer.seal(Purpose::Session, NOW, b"who").unwrap();
        assert_eq!(sealer.open(Purpose::Session, NOW, &token).unwrap(), b"who");
        assert!(sealer.open(Purpose::Form, NOW, &token).is_err());
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(sealer.open(Purpose::Session, NOW, std::str::from_utf8(&altered).unwrap()).is_err(), "octet {at}");
        }
        assert!(sealer.open(Purpose::Session, NOW, "").is_err());
        assert!(sealer.open(Purpose::Session, NOW, &"A".repeat(10_000)).is_err());
    }

    #[test]
    fn an_old_key_opens_while_it_is_listed() {
        let before = Sealer::new(&[key(1)]).unwrap();
        let token = before.seal(Purpose::Session, NOW, b"who").unwrap();
        let during = Sealer::new(&[key(2), key(1)]).unwrap();
        assert!(during.open(Purpose::Session, NOW, &token).is_ok());
        let after = Sealer::new(&[key(2)]).unwrap();
        assert!(after.open(Purpose::Session, NOW, &token).is_err());
    }

    #[test]
    fn a_new_epoch_opens_nothing_old() {
        let sealer = Sealer::new(&[key(1)]).unwrap();
        let token = sealer.seal(Purpose::Session, NOW, b"who").unwrap();
        assert!(sealer.open(Purpose::Session, [8; 16], &token).is_err());
    }

    #[test]
    fn what_is_bound_opens_with_its_facts_only() {
        let before = Sealer::new(&[key(1)]).unwrap();
        let kept = before.seal_bound(Purpose::ExternalPassword, b"owner\0host", b"secret").unwrap();
        let during = Sealer::new(&[key(2), key(1)]).unwrap();
        assert!(before.is_newest(&kept) && !during.is_newest(&kept) && !before.is_newest("") && !before.is_newest("?"));
        assert_eq!(during.open_bound(Purpose::ExternalPassword, b"owner\0host", &kept).unwrap(), b"secret");
        assert!(during.open_bound(Purpose::ExternalPassword, b"other\0host", &kept).is_err());
        assert!(during.open_bound(Purpose::ExternalFolders, b"owner\0host", &kept).is_err());
        assert!(Sealer::new(&[key(2)]).unwrap().open_bound(Purpose::ExternalPassword, b"owner\0host", &kept).is_err());
    }

    #[test]
    fn what_is_drawn_differs() {
        let (one, other) = (letters::<26>().unwrap(), letters::<26>().unwrap());
        assert!(one != other && one.len() == 26 && one.bytes().all(|octet| LETTERS.contains(&octet)));
        assert_ne!(id_of("app password", "a"), id_of("share link", "a"));
    }

    #[test]
    fn weak_or_missing_keys_are_refused() {
        assert!(Sealer::new(&[]).is_err());
        assert!(Sealer::new(&[Secret::new("short")]).is_err());
        assert!(Sealer::new(&[key(1), key(2), key(3)]).is_err());
    }
}
