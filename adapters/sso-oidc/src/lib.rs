//! OpenID Connect: a relying party by the code flow with PKCE and nonce (Core 1.0, RFC 7636), log-out that we begin
//! (RP-Initiated Logout 1.0) and log-out that the provider tells (Back-Channel Logout 1.0), tokens for back-ends (RFC 6750).
//!
//! Signatures and times of tokens are `jsonwebtoken`'s; what a token must say to be ours is here. It must never take an
//! algorithm that the settings do not list, a key that the provider did not publish, or a symmetric one.

mod access;
mod discovery;
mod health;
mod provider;
mod settings;
mod verify;

use passerelle_core::SsoFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: SsoFactory = SsoFactory { kind: KIND, build: provider::Oidc::build };

/// The first part of its addresses.
const KIND: &str = "oidc";
