//! A person's filter scripts as JMAP tells them (RFC 9661), and the one among them that answers mail while its owner is away
//! (RFC 8621 §8), which JMAP tells as what it says and not as a script (`docs/decisions/0032-absence-as-a-script.md`).

mod absence;
mod words;

use crate::state::mark;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use passerelle_core::{
    Allows, Authorized, Error, Read, Result, Right, Session,
    ports::{FilterPowers, ScriptName},
};
use passerelle_model::AccountRef;
use sha2::{Digest, Sha256};

pub(crate) use absence::{Absence, LONGEST_SUBJECT, LONGEST_TEXT, NAME};

/// A handle on the person's own scripts.
pub(crate) async fn handle<R: Right>(session: &Session) -> Result<Authorized<AccountRef, R>> {
    let own = session.principal()?.account().clone();
    session.open::<_, R>(AccountRef(own)).await
}

/// A script.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) name: ScriptName,
    /// Whether it sorts the mail that comes: as the active one, or because the absence goes on with it.
    pub(crate) active: bool,
    pub(crate) text: Vec<u8>,
}

/// What our own script is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ours {
    /// There is none.
    None,
    /// As we wrote it.
    Written(Absence),
    /// Somebody has changed it by hand: a script like any other.
    ByHand,
}

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Scripts {
    /// Without our own.
    pub(crate) all: Vec<Script>,
    pub(crate) ours: Ours,
    /// Whether our own is the active one.
    pub(crate) answers: bool,
}

impl Scripts {
    pub(crate) async fn of<R: Allows<Read>>(handle: &Authorized<AccountRef, R>) -> Result<Self> {
        let whole = handle.whole_scripts().await?.into_iter();
        let mut all: Vec<Script> = whole.map(|(it, text)| Script { name: it.name, active: it.active, text }).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        let (mut ours, mut answers) = (Ours::None, false);
        if let Some(at) = all.iter().position(|it| it.name.as_str() == NAME) {
            let read = all.get(at).and_then(|it| Absence::read(&it.text));
            ours = read.map_or(Ours::ByHand, Ours::Written);
            if let Ours::Written(absence) = &ours {
                answers = all.remove(at).active;
                for script in &mut all {
                    script.active |= answers && absence.then.as_deref() == Some(script.name.as_str());
                }
            }
        }
        Ok(Self { all, ours, answers })
    }

    /// The one that sorts mail.
    pub(crate) fn active(&self) -> Option<&Script> {
        self.all.iter().find(|it| it.active)
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Script> {
        self.all.iter().find(|it| it.name.as_str() == name)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Script> {
        self.all.iter().find(|it| it.id() == id)
    }

    /// The state of the scripts, without what is said in absence.
    pub(crate) fn state(&self) -> String {
        let mut hash = Sha256::new();
        for it in &self.all {
            hash.update(format!("{} {} ", it.blob_id(), it.active));
        }
        BASE64.encode(hash.finalize().get(..12).unwrap_or_default())
    }

    /// The state of the absence.
    pub(crate) fn absence_state(&self) -> String {
        u32::from_be_bytes(mark(&format!("{:?} {}", self.ours, self.answers))).to_string()
    }
}

impl Script {
    /// Its id: a digest of its name. One that is renamed has another, as a mailbox has.
    pub(crate) fn id(&self) -> String {
        id_of(&self.name)
    }

    /// The id of its text: digests of the name and of the text, so that it names this text for ever.
    pub(crate) fn blob_id(&self) -> String {
        format!("X{}{}", short(self.name.as_str().as_bytes()), short(&self.text))
    }

    /// Whether it answers mail itself: a message can be answered once (RFC 5230 §4.7).
    pub(crate) fn answers(&self) -> bool {
        words::has_command(&self.text, "vacation")
    }
}

/// The id of a script of this name.
pub(crate) fn id_of(name: &ScriptName) -> String {
    format!("Y{}", short(name.as_str().as_bytes()))
}

/// Twelve octets of a digest.
fn short(octets: &[u8]) -> String {
    BASE64.encode(Sha256::digest(octets).get(..12).unwrap_or_default())
}

/// Whether this may be the id of a script's text.
pub(crate) fn is_blob_id(id: &str) -> bool {
    id.len() == 33 && id.starts_with('X')
}

/// The text that an id names.
///
/// # Errors
/// `NotFound` where there is none, or none any more.
pub(crate) async fn text_of(session: &Session, id: &str) -> Result<Vec<u8>> {
    let handle = handle::<Read>(session).await?;
    if !handle.has_filters() {
        return Err(Error::NotFound);
    }
    let scripts = Scripts::of(&handle).await?;
    scripts.all.into_iter().find(|it| it.blob_id() == id).map(|it| it.text).ok_or(Error::NotFound)
}

/// What stands in the way of our script going on with this one.
pub(crate) fn obstacle(then: &Script, powers: &FilterPowers) -> Option<&'static str> {
    if then.answers() {
        return Some("the active script answers mail itself");
    }
    (!powers.has("include")).then_some("another script is active, and this store cannot join the two (RFC 6609)")
}
