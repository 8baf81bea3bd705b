//! SAML 2.0 (core, bindings, profiles §4.1 and §4.4): a service provider for one identity provider or a whole federation.
//!
//! Messages, signatures, encryption and times are `saml-rs`'s; which policy holds, which provider's word is waited for, and
//! what of it is believed is here. Only what a signature covers is read, only answers to a request of this browser count,
//! and an assertion works once on all nodes. It must never take SHA-1, an answer of another provider than the one that was
//! asked, or one that nobody asked for.

mod federation;
mod health;
mod logout;
mod provider;
mod settings;

use passerelle_core::SsoFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: SsoFactory = SsoFactory { kind: KIND, build: provider::Saml2::build };

/// The first part of its addresses.
const KIND: &str = "saml";
