//! A trusted header: a reverse proxy signs people on (mod_shib, mod_auth_mellon, ClearTrust) and says who they are in a
//! header of the request.
//!
//! The header counts at one address only, `/header/<realm>/callback`, which the proxy must protect, and only when the
//! request comes from an address that the settings list. Everywhere else, and from everybody else, it is not even read.

use passerelle_core::{
    Error, Result, SsoFactory,
    config::{Block, ConfigFault, Network},
    ports::{
        Answer, Assertion, BrowserSignOn, Call, Delegated, Destination, Fut, Health, Leg, SignOnStart, SignedOn,
        SsoProvider, Tokens, Verdict,
    },
};
use passerelle_model::Login;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

/// How the gateway gets at this adapter.
pub const FACTORY: SsoFactory = SsoFactory { kind: KIND, build: Header::build };

/// The first part of its address.
const KIND: &str = "header";

/// A proxy that is believed.
#[derive(Debug)]
struct Header {
    name: String,
    table: Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The header with the login.
    header: String,
    /// The header with the proxy's own name for the session, by which a later sign-on is told apart; the login without it.
    session_header: Option<String>,
    /// Where the proxy's requests come from.
    proxies: Vec<Network>,
    /// Where a browser signs out at the proxy: an address, in which `{back}` is the page to come back to.
    logout: Option<String>,
    #[serde(default)]
    label: BTreeMap<String, String>,
}

impl Header {
    fn build(block: &Block) -> Result<Arc<dyn SsoProvider>, ConfigFault> {
        let mut table: Table = block.parse()?;
        let token =
            |name: &str| !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
        if !token(&table.header) || table.session_header.as_deref().is_some_and(|name| !token(name)) {
            return Err(block.fault("header is no name of a header", "write header = \"x-remote-user\""));
        }
        if table.proxies.is_empty() {
            return Err(block.fault("proxies is empty: nobody is believed", "list the proxy's addresses"));
        }
        table.header.make_ascii_lowercase();
        if let Some(name) = &mut table.session_header {
            name.make_ascii_lowercase();
        }
        Ok(Arc::new(Self { name: format!("{} ({})", block.name(), table.header), table }))
    }

    fn back(&self, call: &Call<'_>) -> Result<Answer> {
        if !self.table.proxies.iter().any(|network| network.contains(call.peer)) {
            return Err(Error::Forbidden);
        }
        let said = call.headers.single(&self.table.header).filter(|said| !said.is_empty());
        let said = said.ok_or(Error::Unauthenticated)?;
        let subject = Login::parse(said.as_bytes()).map_err(|_| Error::Forbidden)?;
        let session = match &self.table.session_header {
            Some(name) => call.headers.single(name).ok_or(Error::Unauthenticated)?,
            None => said,
        };
        Ok(Answer::Proved(Assertion {
            subject,
            index: session.to_owned(),
            once: None,
            delegated: Delegated::Nothing,
            leave: String::new(),
        }))
    }
}

impl SsoProvider for Header {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_browser(&self) -> Option<&dyn BrowserSignOn> {
        Some(self)
    }
}

impl BrowserSignOn for Header {
    fn label(&self) -> &BTreeMap<String, String> {
        &self.table.label
    }

    fn begin<'a>(&'a self, start: &'a SignOnStart<'a>) -> Fut<'a, Answer> {
        let to = Destination::Address(format!("{}/callback?t={}", start.base, start.id));
        Box::pin(std::future::ready(Ok(Answer::Go { to, facts: Vec::new() })))
    }

    fn answer<'a>(&'a self, call: &'a Call<'a>) -> Fut<'a, Answer> {
        let answer = if call.step == "callback" && !call.is_post { self.back(call) } else { Err(Error::NotFound) };
        Box::pin(std::future::ready(answer))
    }

    fn leave<'a>(&'a self, _: &'a SignedOn, _: Option<&'a Tokens>, back: &'a str) -> Fut<'a, Option<String>> {
        let back = utf8_percent_encode(back, NON_ALPHANUMERIC).to_string();
        let address = self.table.logout.as_ref().map(|address| address.replace("{back}", &back));
        Box::pin(std::future::ready(Ok(address)))
    }
}

impl Health for Header {
    fn name(&self) -> &str {
        &self.name
    }

    /// There is nobody to ask: the proxy asks us.
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        let remark = format!("believed from {} networks", self.table.proxies.len());
        Box::pin(std::future::ready(vec![Leg { name: "settings", verdict: Verdict::Works(remark) }]))
    }
}
