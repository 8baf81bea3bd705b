//! What administration by programs needs of the gate beside handles: the trail, calls that may be repeated, and places in
//! lists. None of it is anybody's data, so none needs a permit; all of it is told apart by who asks.

use crate::{
    Actor, Result, Session,
    ports::state::{AuditLine, Claim, LONGEST_CHANGE},
    seal::{self, Purpose},
};
use passerelle_model::InstitutionId;
use std::time::{SystemTime, UNIX_EPOCH};

/// Longest key of a call that may be repeated, in octets.
pub const LONGEST_CALL_KEY: usize = 255;
/// Longest target of a line of the trail, in octets; more is cut.
const LONGEST_TARGET: usize = 256;

/// What is to be written into the trail; who, when and how it is told apart come from the session.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Whose administration it was.
    pub institution: InstitutionId,
    /// From which address.
    pub from: String,
    /// What was called.
    pub method: String,
    /// On what.
    pub target: String,
    /// `done`, or why not.
    pub outcome: String,
    /// What was asked for, without secrets.
    pub change: String,
}

/// What was asked for, as the trail writes it, piece by piece: `name="x" mails=["a@b"]`. A secret is told to be there, and no more.
#[derive(Debug, Clone, Default)]
pub struct AskedFor(String);

impl AskedFor {
    /// A text.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.written(name, &format!("{value:?}"))
    }

    /// Several texts.
    #[must_use]
    pub fn texts(self, name: &str, values: &[String]) -> Self {
        self.written(name, &format!("{values:?}"))
    }

    /// Something that is not shown.
    #[must_use]
    pub fn hidden(self, name: &str) -> Self {
        self.written(name, "(hidden)")
    }

    /// What has been put into words already, a number or names with values.
    #[must_use]
    pub fn written(mut self, name: &str, words: &str) -> Self {
        let space = if self.0.is_empty() { "" } else { " " };
        self.0.push_str(&format!("{space}{name}={words}"));
        self
    }

    /// The whole.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A key that was claimed for a call.
#[derive(Debug, Clone)]
pub struct Claimed([u8; 32]);

/// What is known of a call by its key.
#[derive(Debug)]
pub enum Repeat {
    /// It is the first: make it, then settle or release it.
    First(Claimed),
    /// It was made, and this was the answer.
    Answered(String),
    /// It is under way, or nobody knows what came of it.
    Unknown,
    /// The key came with another call.
    Other,
}

impl Session {
    /// Writes a line into the trail.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn note(&self, noted: Noted) -> Result<()> {
        self.note_all(vec![noted]).await
    }

    /// Writes lines into the trail, all or none.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn note_all(&self, noted: Vec<Noted>) -> Result<()> {
        let (at, who) = ((self.house.clock)(), self.who());
        let line = |Noted { institution, from, method, target, outcome, change }: Noted| {
            Ok(AuditLine {
                at,
                id: told_apart()?,
                institution,
                who: who.clone(),
                from,
                method,
                target: cut(&target, LONGEST_TARGET),
                outcome,
                change: cut(&change, LONGEST_CHANGE),
            })
        };
        let lines = noted.into_iter().map(line).collect::<Result<Vec<_>>>()?;
        self.house.state.audit(&lines).await
    }

    /// Makes what was noted, and what became of keys, survive a power cut. To be called before the caller is answered.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn secure(&self) -> Result<()> {
        self.house.state.secure().await
    }

    /// Claims a key for a call. What the call says may hold a password: State gets no more of it than a MAC under the
    /// gateway's own key.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say; `Locked` when the key is being given back this moment.
    pub async fn claim_call(&self, key: &str, call: &[u8]) -> Result<Repeat> {
        let claimed = Claimed(seal::sha256(&[self.who().as_bytes(), b"\0", key.as_bytes()].concat()));
        let (sealer, epoch) = (&self.house.sealer, self.house.state.epoch());
        let mut proof = [0; 32];
        let mac = sealer.mac(Purpose::Call, epoch, call);
        proof.iter_mut().zip(mac.bytes()).for_each(|(to, from)| *to = from);
        Ok(match self.house.state.claim_call(&claimed.0, &proof, (self.house.clock)()).await? {
            Claim::New => Repeat::First(claimed),
            Claim::Known { call: first, answer } => {
                let first = std::str::from_utf8(&first).unwrap_or_default();
                match answer {
                    _ if !sealer.mac_holds(Purpose::Call, epoch, call, first) => Repeat::Other,
                    Some(answer) => Repeat::Answered(answer),
                    None => Repeat::Unknown,
                }
            }
        })
    }

    /// Keeps the answer of a call.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written; `Invalid` for an answer over 64 KiB.
    pub async fn settle_call(&self, claimed: &Claimed, answer: &str) -> Result<()> {
        self.house.state.settle_call(&claimed.0, answer).await
    }

    /// Gives a key back: nothing was done.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn release_call(&self, claimed: &Claimed) -> Result<()> {
        self.house.state.release_call(&claimed.0).await
    }

    /// A place in a list, sealed: a name that the next page begins behind. It opens for the same list only.
    ///
    /// # Errors
    /// `Internal` when the machine gives no randomness.
    pub fn seal_place(&self, list: &str, place: &str) -> Result<String> {
        let plain = [&seal::sha256(list.as_bytes()), place.as_bytes()].concat();
        self.house.sealer.seal(Purpose::Cursor, self.house.state.epoch(), &plain)
    }

    /// Opens a place in this list; `None` for anything else.
    pub fn open_place(&self, list: &str, sealed: &str) -> Option<String> {
        let plain = self.house.sealer.open(Purpose::Cursor, self.house.state.epoch(), sealed).ok()?;
        let (of, place) = plain.split_first_chunk::<32>()?;
        if *of != seal::sha256(list.as_bytes()) {
            return None;
        }
        String::from_utf8(place.to_vec()).ok()
    }

    /// Whether a program acts, and no person.
    pub fn is_program(&self) -> bool {
        matches!(self.actor(), Actor::ApiClient(_))
    }
}

/// What tells lines of one second apart, in their order as far as this machine can tell it: the nanosecond, and chance.
pub(crate) fn told_apart() -> Result<[u8; 8]> {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let mut id = [0; 8];
    let drawn = seal::random::<4>()?;
    id.iter_mut().zip(nanos.to_be_bytes().into_iter().chain(drawn)).for_each(|(to, from)| *to = from);
    Ok(id)
}

/// The beginning of a text, at a character's end.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}
