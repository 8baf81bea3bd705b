//! `portals` and `[portal]` of an institution: who may show its pages in a frame, and what portals' servers may ask.

use crate::Source;
use passerelle_core::{LONGEST_GLANCE, PortalRules, config::ConfigFault};
use serde::Deserialize;
use toml::Spanned;

/// Most portals of an institution: they all stand in a header of each page.
const MOST_PORTALS: usize = 20;
/// Most chains of proxies, and proxies of one.
const MOST_CHAINS: usize = 50;
const LONGEST_CHAIN: usize = 16;
/// Most headers that are told.
const MOST_HEADERS: u32 = 20;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PortalTable {
    proxies: Vec<Spanned<Vec<String>>>,
    cache_seconds: Option<Spanned<i64>>,
    headers: Option<Spanned<u32>>,
}

impl PortalTable {
    pub(crate) fn check(self, source: &Source) -> Result<PortalRules, ConfigFault> {
        let usual = PortalRules::default();
        for chain in &self.proxies {
            let address = |text: &String| text.starts_with("https://") || text.starts_with("http://");
            if chain.get_ref().is_empty()
                || chain.get_ref().len() > LONGEST_CHAIN
                || !chain.get_ref().iter().all(address)
            {
                let remedy = "write a chain as [\"https://ent.univ.fr/proxy\"]: the exact address that CAS names, the nearest first";
                return Err(source.fault(chain.span().start, "portal.proxies: this is no chain", remedy));
            }
        }
        if let Some(chain) = self.proxies.get(MOST_CHAINS) {
            let what = format!("portal.proxies has more than {MOST_CHAINS} chains");
            return Err(source.fault(chain.span().start, what, "remove those that are not used"));
        }
        let cache_seconds = match &self.cache_seconds {
            None => usual.cache_seconds,
            Some(seconds) if (1..=LONGEST_GLANCE).contains(seconds.get_ref()) => *seconds.get_ref(),
            Some(seconds) => {
                let what = format!("portal.cache_seconds {} is none", seconds.get_ref());
                return Err(source.fault(seconds.span().start, what, format!("write 1 to {LONGEST_GLANCE}")));
            }
        };
        let headers = match &self.headers {
            None => usual.headers,
            Some(count) if *count.get_ref() <= MOST_HEADERS => *count.get_ref(),
            Some(count) => {
                let what = format!("portal.headers {} is too many", count.get_ref());
                return Err(source.fault(count.span().start, what, format!("write at most {MOST_HEADERS}")));
            }
        };
        let proxies = self.proxies.into_iter().map(Spanned::into_inner).collect();
        Ok(PortalRules { proxies, cache_seconds, headers })
    }
}

/// The origins of portals, as browsers write them (RFC 6454 §6.2).
pub(crate) fn origins(source: &Source, portals: &[Spanned<String>]) -> Result<Vec<String>, ConfigFault> {
    if let Some(one) = portals.get(MOST_PORTALS) {
        let what = format!("portals has more than {MOST_PORTALS} origins");
        return Err(source.fault(one.span().start, what, "remove those that are not used"));
    }
    let read = |portal: &Spanned<String>| {
        let text = portal.get_ref().trim_end_matches('/').to_ascii_lowercase();
        let remedy = "write scheme and host, and a port that is not 443: https://ent.univ.fr";
        if is_origin(&text) {
            Ok(text)
        } else {
            Err(source.fault(portal.span().start, format!("{} is no origin", portal.get_ref()), remedy))
        }
    };
    portals.iter().map(read).collect()
}

/// `https://host` or `https://host:port`: no wildcard, no path, nothing that ends a directive of a policy.
fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    let port_is_one = port.is_none_or(|port| port != "443" && port.parse::<u16>().is_ok_and(|port| port > 0));
    host.len() <= 253 && host.split('.').all(label) && port_is_one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_whole_and_nothing_else() {
        for good in ["https://ent.univ.fr", "https://ent.univ.fr:8443", "https://localhost:1", "https://a-b.c"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "http://ent.univ.fr",
            "https://",
            "https://*.univ.fr",
            "https://ent.univ.fr/path",
            "https://ent.univ.fr:443",
            "https://ent.univ.fr:0",
            "https://ent.univ.fr:x",
            "https://ent.univ.fr; script-src *",
            "https://ent.univ.fr https://evil.test",
            "https://me@ent.univ.fr",
            "https://ent..fr",
            "'self'",
            "",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[track_caller]
    fn check(text: &str, said: &str) {
        let source = Source(passerelle_core::config::Document::new(std::path::Path::new("institution.toml"), text));
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            portals: Vec<Spanned<String>>,
            #[serde(default)]
            portal: PortalTable,
        }
        let told = source.parse::<File>().and_then(|file| {
            origins(&source, &file.portals)?;
            file.portal.check(&source)
        });
        match told {
            Ok(rules) => assert_eq!(format!("{rules:?}"), said),
            Err(fault) => assert!(fault.to_string().contains(said), "{fault}"),
        }
    }

    #[test]
    fn what_cannot_be_is_said_with_its_line() {
        check("portals = [\"https://ent.univ.fr\",\n\"https://*\"]", "institution.toml:2: https://* is no origin");
        check("[portal]\nproxies = [[]]", "institution.toml:2");
        check("[portal]\nproxies = [\"https://a\"]", "institution.toml:2");
        check("[portal]\nproxies = [[\"ent\"]]", "the nearest first");
        check("[portal]\ncache_seconds = 0", "write 1 to 300");
        check("[portal]\ncache_seconds = 301", "write 1 to 300");
        check("[portal]\nheaders = 21", "at most 20");
        check("[portal]\nheader = 2", "header");
        check(
            "portals = [\"https://ENT.univ.fr/\"]\n[portal]\nproxies = [[\"https://b\", \"https://a\"]]\nheaders = 0",
            "PortalRules { proxies: [[\"https://b\", \"https://a\"]], cache_seconds: 120, headers: 0 }",
        );
    }
}
