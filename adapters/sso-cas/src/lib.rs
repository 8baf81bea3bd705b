//! CAS, as its protocol specification 3.0.3 has it: versions 1, 2 and 3, proxy-granting tickets, single log-out.
//!
//! Where the specification leaves room, what real servers do decides: old ones know no `/p3/`, a refused service burns the
//! ticket, a granting ticket comes by a call of its own, before the answer that names it and perhaps to another node.
//!
//! It must never take the word of anybody but the server it asks over its own connection: what a browser brings is a
//! ticket to be checked, and nothing else.

mod health;
mod provider;
mod response;
mod settings;

use passerelle_core::SsoFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: SsoFactory = SsoFactory { kind: KIND, build: provider::Cas::build };

/// The first part of its addresses.
const KIND: &str = "cas";
