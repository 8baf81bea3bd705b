//! As whom something is done: the service account, or the owner with the owner's own password.

use crate::settings::{Proof, Settings};
use passerelle_core::{Delegation, Error, Permit, Result, Right, seal};
use passerelle_model::NodeRef;
use std::borrow::Cow;

/// Who signs on at the server.
pub(crate) struct Identity<'a> {
    pub(crate) user: &'a str,
    pub(crate) proof: Cow<'a, Proof>,
}

impl Identity<'_> {
    /// A hash of name and proof: somebody who changed the password signs on anew.
    pub(crate) fn key(&self) -> [u8; 32] {
        match self.proof.as_ref() {
            Proof::Password(password) => seal::sha256(&[self.user.as_bytes(), b"\0", password.expose()].concat()),
            Proof::Key(_) => seal::sha256(self.user.as_bytes()),
        }
    }
}

/// Who may do this.
pub(crate) fn of<'a, R: Right>(settings: &'a Settings, at: &'a Permit<NodeRef, R>) -> Result<Identity<'a>> {
    if let Some(identity) = service(settings) {
        return Ok(identity);
    }
    match (at.own_account(), at.delegation()) {
        (Some(account), Delegation::Password(password)) => {
            Ok(Identity { user: account.id.as_str(), proof: Cow::Owned(Proof::Password(password.clone())) })
        }
        _ => Err(Error::Unsupported { what: "opening the share without its owner's password" }),
    }
}

/// The service account, if there is one.
pub(crate) fn service(settings: &Settings) -> Option<Identity<'_>> {
    settings.service.as_ref().map(|(user, proof)| Identity { user, proof: Cow::Borrowed(proof) })
}
