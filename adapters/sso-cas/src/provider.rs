//! The provider: each step of the protocol.

use crate::{
    KIND, health,
    response::{self, Said, Validated},
    settings::{Proxy, Settings, Version},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Error, Result,
    config::{Block, ConfigFault},
    ports::{
        Answer, Assertion, Call, Delegated, Destination, Ended, Fut, Health, Leg, Legs, Prompt, Registered,
        SignOnStart, SignedOn, SsoProvider, Ticketing, Tokens,
    },
};
use passerelle_fetch::{StatusCode, Url};
use passerelle_model::{Login, Secret};
use std::{collections::BTreeMap, future::Future, net::IpAddr, pin::Pin, sync::Arc};

/// Longest ticket that is looked at, in octets. The specification asks for 256 at least (§3).
const LONGEST_TICKET: usize = 1024;

/// A CAS server.
#[derive(Debug)]
pub(crate) struct Cas {
    settings: Settings,
}

impl Cas {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn SsoProvider>, ConfigFault> {
        Ok(Arc::new(Self { settings: Settings::read(block)? }))
    }

    /// An address of the server.
    fn address(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.settings.url.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }

    /// The browser is back.
    async fn back(&self, call: &Call<'_>) -> Result<Answer> {
        let Some(service) = call.begun.and_then(|facts| std::str::from_utf8(facts).ok()) else {
            return Err(Error::Unauthenticated);
        };
        let Some(ticket) = call.query.single("ticket") else {
            // §2.1.1: gateway=true brings a browser back without one.
            return Ok(Answer::Nobody);
        };
        if !ticket.starts_with("ST-") || ticket.len() > LONGEST_TICKET {
            return Err(Error::Unauthenticated);
        }
        let validated = self.validate(ticket, service, call.base).await?;
        let subject = match &self.settings.subject {
            Some(name) => validated.attribute(name).ok_or_else(|| {
                self.unavailable("reading the answer", format!("it has no attribute {name} with one value"))
            })?,
            None => validated.user.as_str(),
        };
        let subject = Login::parse(subject.as_bytes()).map_err(|_| Error::Forbidden)?;
        Ok(Answer::Proved(Assertion {
            subject,
            index: ticket.to_owned(),
            // The server sees to it: a ticket validates once (§3.1.1).
            once: None,
            delegated: self.granting(&validated)?,
            leave: String::new(),
        }))
    }

    async fn validate(&self, ticket: &str, service: &str, base: &str) -> Result<Validated> {
        let doing = "validating a ticket";
        let path = match self.settings.version {
            Version::One => "validate",
            Version::Two => "serviceValidate",
            Version::Three => "p3/serviceValidate",
        };
        let callback = self.callback(base);
        let mut parameters = vec![("service", service), ("ticket", ticket)];
        parameters.extend(callback.as_deref().map(|callback| ("pgtUrl", callback)));
        let fetched = self.settings.client.get(self.address(path, &parameters), doing).await?;
        if fetched.status != StatusCode::OK {
            return Err(self.unavailable(doing, format!("the server answered {}", fetched.status)));
        }
        let said = match self.settings.version {
            Version::One => response::first_version(&fetched.body),
            Version::Two | Version::Three => response::validation(&fetched.body),
        };
        match said {
            Said::Yes(validated) => Ok(validated),
            Said::No(code) => {
                // The person can do nothing about these (§2.5.3); the others mean a ticket that is none.
                if matches!(code.as_str(), "UNAUTHORIZED_SERVICE" | "INTERNAL_ERROR")
                    || code.starts_with("INVALID_PROXY") && callback.is_some()
                {
                    return Err(self.unavailable(doing, format!("the server answered {code} for {service}")));
                }
                // INVALID_SERVICE: a ticket of another service, or an address that something between us has changed.
                tracing::warn!(provider = self.settings.name, code, service, "a ticket was refused");
                Err(Error::Unauthenticated)
            }
            Said::Nonsense => Err(self.unavailable(doing, "the server answered nothing that CAS says")),
        }
    }

    /// Where the server is asked to bring a proxy-granting ticket (§2.5.4).
    fn callback(&self, base: &str) -> Option<String> {
        let Proxy::Callback(origin) = &self.settings.proxy else { return None };
        let path = Url::parse(base).ok()?.path().to_owned();
        Some(match origin {
            Some(origin) => format!("{origin}{path}/pgt"),
            None => format!("{base}/pgt"),
        })
    }

    /// The proxy-granting ticket, or the name under which it came.
    fn granting(&self, validated: &Validated) -> Result<Delegated> {
        match &self.settings.proxy {
            Proxy::Off => Ok(Delegated::Nothing),
            Proxy::Callback(_) => Ok(match &validated.granting_name {
                Some(name) => Delegated::GrantingKept(Secret::new(name.as_bytes())),
                None => Delegated::Nothing,
            }),
            Proxy::Attribute(key) => {
                let Some(sealed) = validated.attribute("proxyGrantingTicket") else { return Ok(Delegated::Nothing) };
                let wrong = || self.unavailable("opening the proxy-granting ticket", "it is not encrypted to our key");
                let sealed = STANDARD.decode(sealed).map_err(|_| wrong())?;
                let mut room = vec![0; key.min_output_size()];
                let ticket = key.decrypt(&sealed, &mut room).map_err(|_| wrong())?;
                Ok(Delegated::Granting(Secret::new(&*ticket)))
            }
        }
    }

    /// The server's call with a proxy-granting ticket. Some servers first try whether the address answers at all.
    async fn granting_came(&self, call: &Call<'_>) -> Result<Answer> {
        if !matches!(self.settings.proxy, Proxy::Callback(_)) {
            return Err(Error::NotFound);
        }
        let (Some(id), Some(name)) = (call.query.single("pgtId"), call.query.single("pgtIou")) else {
            return Ok(Answer::Ended(Ended::default()));
        };
        if id.is_empty() || name.is_empty() || id.len() > LONGEST_TICKET || name.len() > LONGEST_TICKET {
            return Err(Error::invalid("a proxy-granting ticket and its name have 1 to 1024 octets"));
        }
        self.check_caller(call.peer).await?;
        Ok(Answer::Keep { name: Secret::new(name.as_bytes()), value: Secret::new(id.as_bytes()) })
    }

    /// The server's notice of a log-out: in a form's field, or as the body itself (appendix C). Nothing in it is signed.
    async fn logged_out(&self, call: &Call<'_>) -> Result<Answer> {
        self.check_caller(call.peer).await?;
        let notice = call.form.single("logoutRequest").map_or(call.body, str::as_bytes);
        match response::logged_out(notice) {
            Some(sessions) => Ok(Answer::Ended(Ended { sessions, ..Ended::default() })),
            None => Err(Error::invalid("this is no notice of a log-out")),
        }
    }

    /// Whether a call comes from the server.
    async fn check_caller(&self, peer: IpAddr) -> Result<()> {
        if !self.settings.calls_from.is_empty() {
            let from_there = self.settings.calls_from.iter().any(|network| network.contains(peer));
            return if from_there { Ok(()) } else { Err(Error::Forbidden) };
        }
        let (host, port) =
            (self.settings.url.host_str().unwrap_or_default(), self.settings.url.port_or_known_default());
        let host = host.trim_matches(['[', ']']);
        let found = tokio::net::lookup_host((host, port.unwrap_or(443))).await;
        let mut found = found.map_err(|error| self.unavailable("finding the server's address", error))?;
        if found.any(|address| address.ip().to_canonical() == peer.to_canonical()) {
            Ok(())
        } else {
            tracing::warn!(provider = self.settings.name, %peer, "a call that only the server may make; see calls_from");
            Err(Error::Forbidden)
        }
    }

    fn unavailable(&self, doing: &str, cause: impl Into<passerelle_core::Cause>) -> Error {
        Error::unavailable(&self.settings.name, doing, cause)
    }
}

impl Registered for Cas {
    fn examine_at<'a>(&'a self, base: &'a str) -> Legs<'a> {
        Box::pin(async move {
            let service = format!("{base}/callback?t=doctor");
            let login = self.address("login", &[("service", service.as_str()), ("gateway", "true")]);
            let mut legs = vec![health::examine_service(&self.settings, login, &service).await];
            if let Some(callback) = self.callback(base) {
                legs.push(health::examine_callback(&self.settings, &callback).await);
            }
            legs
        })
    }
}

impl SsoProvider for Cas {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn label(&self) -> &BTreeMap<String, String> {
        &self.settings.label
    }

    fn as_registered(&self) -> Option<&dyn Registered> {
        Some(self)
    }

    fn begin<'a>(&'a self, start: &'a SignOnStart<'a>) -> Fut<'a, Answer> {
        // The address comes back octet by octet at validation (§2.5.1); our own parameter tells which sign-on it is.
        let service = format!("{}/callback?t={}", start.base, start.id);
        let mut parameters = vec![("service", service.as_str())];
        match start.prompt {
            Prompt::AsNeeded => {}
            Prompt::Never => parameters.push(("gateway", "true")),
            Prompt::Always => parameters.push(("renew", "true")),
        }
        let to = Destination::Address(self.address("login", &parameters).into());
        Box::pin(std::future::ready(Ok(Answer::Go { to, facts: service.into_bytes() })))
    }

    fn answer<'a>(&'a self, call: &'a Call<'a>) -> Fut<'a, Answer> {
        Box::pin(async move {
            match (call.step, call.is_post) {
                ("callback", false) => self.back(call).await,
                ("callback", true) => self.logged_out(call).await,
                ("pgt", false) => self.granting_came(call).await,
                _ => Err(Error::NotFound),
            }
        })
    }

    fn leave<'a>(&'a self, _: &'a SignedOn, _: Option<&'a Tokens>, back: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(Some(self.address("logout", &[("service", back)]).into()))))
    }

    fn as_tickets(&self) -> Option<&dyn Ticketing> {
        match self.settings.proxy {
            Proxy::Off => None,
            Proxy::Callback(_) | Proxy::Attribute(_) => Some(self),
        }
    }
}

impl Ticketing for Cas {
    fn ticket<'a>(&'a self, granting: &'a Secret, back_end: &'a str) -> Fut<'a, Secret> {
        Box::pin(async move {
            let doing = "asking for a proxy ticket";
            let granting = granting.expose_str().ok_or(Error::Unauthenticated)?;
            let url = self.address("proxy", &[("pgt", granting), ("targetService", back_end)]);
            let fetched = self.settings.client.get(url, doing).await?;
            match response::proxied(&fetched.body) {
                Said::Yes(ticket) => Ok(Secret::new(ticket)),
                Said::No(code) if code == "UNAUTHORIZED_SERVICE" || code == "UNAUTHORIZED_SERVICE_PROXY" => {
                    Err(self.unavailable(doing, format!("the server answered {code} for {back_end}")))
                }
                // The sign-on has ended at the server, whatever it calls that.
                Said::No(_) => Err(Error::Unauthenticated),
                Said::Nonsense => {
                    Err(self.unavailable(doing, format!("the server answered {} and no ticket", fetched.status)))
                }
            }
        })
    }
}

impl Health for Cas {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(health::examine(&self.settings, self.address(health::PROBED, &health::PROBE)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use aws_lc_rs::{
        encoding::AsDer,
        rsa::{KeySize, Pkcs1PublicEncryptingKey, PrivateDecryptingKey},
    };

    #[test]
    fn a_granting_ticket_that_was_encrypted_to_our_key() {
        let folder = tempfile::tempdir().unwrap();
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let public = Pkcs1PublicEncryptingKey::new(key.public_key()).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).unwrap();
        let pem = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n");
        std::fs::write(folder.path().join("key.pem"), pem).unwrap();
        let text = "url = \"http://127.0.0.1:9/cas\"\nproxy = \"attribute\"\nkey = { file = \"key.pem\" }";
        let block = Block::from_text("garonne.sso.cas", &folder.path().join("passerelle.toml"), text);
        let cas = Cas { settings: Settings::read(&block).unwrap() };
        let mut sealed = vec![0; public.ciphertext_size()];
        let sealed = public.encrypt(b"PGT-1-secret", &mut sealed).unwrap();
        let with = |value: String| Validated {
            user: "u1".to_owned(),
            attributes: vec![("proxyGrantingTicket".to_owned(), value)],
            granting_name: None,
        };
        match cas.granting(&with(STANDARD.encode(sealed))).unwrap() {
            Delegated::Granting(ticket) => assert_eq!(ticket.expose(), b"PGT-1-secret"),
            other => panic!("{other:?}"),
        }
        assert!(cas.granting(&with("AAAA".to_owned())).is_err());
        assert!(matches!(cas.granting(&Validated::default()).unwrap(), Delegated::Nothing));
    }
}
