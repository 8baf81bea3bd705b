//! `Identity` (RFC 8621 §6): the addresses that somebody may send as, one identity each. Which there are is the directory's and the
//! gate's to say; what a person writes beside them, a name or a signature, is a preference of theirs.

pub(crate) mod get;
pub(crate) mod set;

use passerelle_core::{Read, Result, SendingName, Session, seal};
use passerelle_model::AccountRef;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What a client can ask for.
const PROPERTIES: [&str; 8] = ["id", "name", "email", "replyTo", "bcc", "textSignature", "htmlSignature", "mayDelete"];
/// What a person can change.
const OWN: [&str; 5] = ["name", "replyTo", "bcc", "textSignature", "htmlSignature"];

/// An address' identity.
pub(crate) fn id_of(address: &str) -> String {
    let digest = Sha256::digest(address.to_ascii_lowercase());
    format!("I{}", seal::hex(digest.get(..12).unwrap_or_default()))
}

/// Under which name it is kept what a person has written beside an identity.
fn preference(id: &str) -> String {
    format!("identity.{}", id.trim_start_matches('I'))
}

/// An identity, and what of it the person wrote.
struct Identity {
    name: SendingName,
    id: String,
    own: Map<String, Value>,
}

impl Identity {
    /// All of them.
    async fn all(session: &Session) -> Result<Vec<Self>> {
        let account = session.open::<_, Read>(AccountRef(session.principal()?.account().clone())).await?;
        let kept = account.preferences().await?;
        let names = session.sending_names().await?;
        Ok(names
            .into_iter()
            .map(|name| {
                let id = id_of(&name.address);
                // What cannot be read is as what nobody wrote.
                let own = kept.get(&preference(&id)).and_then(|text| serde_json::from_str(text).ok());
                Self { name, id, own: own.unwrap_or_default() }
            })
            .collect())
    }

    fn json(&self, properties: &[&str]) -> Value {
        let own = |name: &str, otherwise: Value| self.own.get(name).cloned().unwrap_or(otherwise);
        let value = |property: &str| match property {
            "id" => json!(self.id),
            "name" => own("name", json!(self.name.display_name)),
            "email" => json!(self.name.address),
            "replyTo" | "bcc" => own(property, Value::Null),
            "textSignature" | "htmlSignature" => own(property, json!("")),
            // The directory gives an address, and takes it.
            _ => json!(false),
        };
        Value::Object(properties.iter().map(|it| ((*it).to_owned(), value(it))).collect())
    }
}

/// The state of all of them.
fn state(all: &[Identity]) -> String {
    let mut digest = Sha256::new();
    for identity in all {
        digest.update(identity.json(&PROPERTIES).to_string());
    }
    seal::hex(digest.finalize().get(..12).unwrap_or_default())
}
