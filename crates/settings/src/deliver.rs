//! `[deliver]` of an institution: mail that its MTA hands to its store through the gateway.

use crate::Source;
use passerelle_core::{DeliveryRules, DeliveryTrust, config::ConfigFault};
use serde::Deserialize;
use std::sync::Arc;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliverTable {
    store: Spanned<String>,
    results_of: Option<Spanned<String>>,
    #[serde(default)]
    trust_from: bool,
    #[serde(default = "yes")]
    invitations: bool,
}

const fn yes() -> bool {
    true
}

impl DeliverTable {
    pub(crate) fn check(self, source: &Source) -> Result<Arc<DeliveryRules>, ConfigFault> {
        let store = self.store.get_ref();
        let is_host =
            store.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !is_host && !store.starts_with('/') {
            let remedy = "write host:port, or the path of a socket";
            return Err(source.fault(
                self.store.span().start,
                format!("deliver.store {store} is no LMTP server"),
                remedy,
            ));
        }
        let trust = match (self.results_of, self.trust_from) {
            (Some(server), true) => {
                let what = "deliver.trust_from believes every message, and deliver.results_of says whom to believe";
                return Err(source.fault(server.span().start, what, "take one of the two away"));
            }
            (Some(server), false) if server.get_ref().trim().is_empty() => {
                let remedy = "write the name that the MTA begins Authentication-Results with";
                return Err(source.fault(server.span().start, "deliver.results_of names no server", remedy));
            }
            (Some(server), false) => DeliveryTrust::ResultsOf(server.get_ref().trim().to_owned()),
            (None, true) => DeliveryTrust::Everything,
            (None, false) => DeliveryTrust::Nothing,
        };
        Ok(Arc::new(DeliveryRules { store: store.clone(), trust, invitations: self.invitations }))
    }
}
