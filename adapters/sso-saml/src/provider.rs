//! The provider: asking an identity provider, and reading its answer.

use crate::{KIND, health, logout, settings::Settings};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Error, Result,
    config::{Block, ConfigFault},
    ports::{
        Answer, Assertion, BrowserSignOn, Call, Choice, Delegated, Destination, Fut, Health, Leg, Once, Prompt,
        SignOnStart, SignedOn, SsoProvider, Tokens,
    },
};
use passerelle_model::{Login, Timestamp};
use saml_rs::{
    AcsEndpoint, AudienceValidationPolicy, AuthnRequest, AuthnRequestSigningPolicy, BrowserInput, ForceAuthn,
    FormField, Outbound, Pending, PendingSnapshot, RelayStateParam, ReplayPolicy, Saml, SamlError,
    SamlValidationContext, SloEndpoint, Sp, SpConfig, SpValidationPolicy, SsoResponse, SsoSession, StartSso,
    XmlEncryptionPolicy, XmlPolicy, XmlSignatureProfile,
};
use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// How long an assertion is remembered, in seconds: longer than any is valid, with the leeway of clocks.
const ASSERTION_LASTS: i64 = 3600;
/// The element of an encrypted assertion (core §2.3.4).
const ENCRYPTED: &[u8] = b"EncryptedAssertion";
/// The word for the name itself, in place of an attribute's.
const NAME_ID: &str = "NameID";
/// Most addresses that we are reached by, for each of which a service provider is kept.
const MOST_BASES: usize = 64;

type Services = HashMap<(String, Manner), Arc<Saml<Sp>>>;

/// A service provider, and whom it asks.
pub(crate) struct Saml2 {
    pub(crate) settings: Settings,
    /// By the address that browsers see, and their manner.
    services: Mutex<Services>,
}

/// How our service provider behaves. The library takes it from settings that hold for all identity providers, who differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Manner {
    /// Requests are not signed, assertions not encrypted.
    Plain,
    /// Requests are signed, because the identity provider's metadata wants it.
    Signing,
    /// Assertions are encrypted to us.
    Opening,
}

impl Manner {
    /// By an answer that nobody has checked yet: what it is taken for changes nothing of what must be signed.
    fn of(answer: &str) -> Self {
        let octets = STANDARD.decode(answer.split_whitespace().collect::<String>()).unwrap_or_default();
        let encrypted = octets.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED);
        if encrypted { Self::Opening } else { Self::Plain }
    }
}

impl std::fmt::Debug for Saml2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Saml2({:?})", self.settings)
    }
}

impl Saml2 {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn SsoProvider>, ConfigFault> {
        let saml = Self { settings: Settings::read(block)?, services: Mutex::default() };
        // The key and the certificate are looked at now, and not at the first sign-on.
        saml.service("https://localhost/saml/check", Manner::Plain)
            .map_err(|error| block.fault(error.chain(), "give the RSA key and its certificate as PEM"))?;
        saml.services.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(Arc::new(saml))
    }

    /// The service provider at an address of ours.
    pub(crate) fn service(&self, base: &str, manner: Manner) -> Result<Arc<Saml<Sp>>> {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (base.to_owned(), manner);
        if let Some(service) = services.get(&place) {
            return Ok(Arc::clone(service));
        }
        let service =
            Arc::new(self.make(base, manner).map_err(|error| Error::internal("making a service provider", error))?);
        if services.len() >= MOST_BASES {
            services.clear();
        }
        services.insert(place, Arc::clone(&service));
        Ok(service)
    }

    fn make(&self, base: &str, manner: Manner) -> Result<Saml<Sp>, SamlError> {
        let (encryption, authn_requests) = match manner {
            Manner::Plain => (XmlEncryptionPolicy::default(), AuthnRequestSigningPolicy::DoNotSignForCompatibility),
            Manner::Signing => (XmlEncryptionPolicy::default(), AuthnRequestSigningPolicy::Sign),
            Manner::Opening => {
                (XmlEncryptionPolicy::encrypt_assertions(), AuthnRequestSigningPolicy::DoNotSignForCompatibility)
            }
        };
        let validation = SpValidationPolicy {
            xml_signatures: XmlSignatureProfile::StrictRsaSha2,
            authn_requests,
            audience: AudienceValidationPolicy::Validate,
            ..SpValidationPolicy::recommended()
        };
        let config = SpConfig::builder(self.settings.entity_id.clone())
            .acs_endpoint(AcsEndpoint::post(acs(base))?)
            .slo_endpoint(SloEndpoint::redirect(format!("{base}/slo"))?)
            .slo_endpoint(SloEndpoint::post(format!("{base}/slo"))?)
            .credentials(self.settings.credentials())
            .validation(validation)
            .xml(XmlPolicy { encryption, ..XmlPolicy::default() })
            .build()?;
        Saml::sp(config)
    }

    fn go(&self, start: &SignOnStart<'_>) -> Result<Answer> {
        let provider = match (start.parameters.single("idp"), self.settings.providers.as_slice()) {
            (Some(id), _) => self.settings.provider(id).ok_or(Error::NotFound)?,
            (None, [only]) => only,
            (None, several) => {
                let choice = |it: &crate::federation::Provider| Choice { id: it.id.clone(), names: it.names.clone() };
                return Ok(Answer::Choose(several.iter().map(choice).collect()));
            }
        };
        let doing = "making a request";
        let failed = |error: SamlError| Error::unavailable(&self.settings.name, doing, error);
        let relay = RelayStateParam::try_from_option(Some(start.id)).map_err(failed)?;
        if start.prompt == Prompt::Never {
            // The library makes no IsPassive; whoever asks for it goes on without.
            return Ok(Answer::Nobody);
        }
        let mut options = StartSso::redirect().relay_state(relay);
        if start.prompt == Prompt::Always {
            options = options.force_authn(ForceAuthn::Required);
        }
        let wants = provider.descriptor.metadata().is_want_authn_requests_signed();
        let manner = if wants { Manner::Signing } else { Manner::Plain };
        let started = self.service(start.base, manner)?.start_sso(&provider.descriptor, options).map_err(failed)?;
        let facts = format!("{}\n{}", started.pending.request_id().as_str(), provider.id);
        Ok(Answer::Go { to: destination(&started.outbound).map_err(failed)?, facts: facts.into_bytes() })
    }

    /// The browser brings an answer.
    fn back(&self, call: &Call<'_>) -> Result<Answer> {
        let facts = call.begun.and_then(|facts| std::str::from_utf8(facts).ok()).and_then(|it| it.split_once('\n'));
        let (request, provider) = facts.ok_or(Error::Unauthenticated)?;
        let provider = self.settings.provider(provider).ok_or(Error::Unauthenticated)?;
        let session = self.accept(call, request, provider).map_err(|error| {
            tracing::info!(provider = provider.id, %error, "an answer was refused");
            Error::Unauthenticated
        })?;
        let said = match self.settings.subject.as_str() {
            NAME_ID => Some(session.name_id().value()),
            name => attribute(&session, name),
        };
        let said = said.ok_or_else(|| {
            let what = format!("it has no attribute {} with one value", self.settings.subject);
            Error::unavailable(&self.settings.name, "reading an assertion", what)
        })?;
        let subject = Login::parse(said.as_bytes()).map_err(|_| Error::Forbidden)?;
        let index = session.authn_session().session_index().map(|index| index.as_str().to_owned());
        let once = Once { id: session.assertion_id().as_str().to_owned(), seconds: ASSERTION_LASTS };
        // Without an index of the provider's, its log-outs cannot mean this session alone.
        let index = logout::index(&provider.id, index.as_deref().unwrap_or(&once.id));
        Ok(Answer::Proved(Assertion {
            subject,
            index,
            once: Some(once),
            delegated: Delegated::Nothing,
            leave: logout::note(&provider.id, &session),
        }))
    }

    fn accept(
        &self,
        call: &Call<'_>,
        request: &str,
        provider: &crate::federation::Provider,
    ) -> Result<SsoSession, SamlError> {
        let relay = call.form.single("RelayState");
        let pending = Pending::<AuthnRequest>::from_snapshot(PendingSnapshot::authn_request(
            request,
            RelayStateParam::try_from_option(relay)?,
            provider.id.as_str(),
            "post",
            acs(call.base),
            "post",
        ))?;
        let fields = ["SAMLResponse", "RelayState"];
        let fields = fields.iter().filter_map(|name| Some(FormField::new(*name, call.form.single(name)?))).collect();
        let manner = Manner::of(call.form.single("SAMLResponse").unwrap_or_default());
        let service = self.service(call.base, manner).map_err(|error| SamlError::Invalid(error.to_string()))?;
        // Replays are looked for in State, for all nodes.
        let validation = SamlValidationContext::new(moment(call.now), ReplayPolicy::DisabledForCompatibility);
        service.finish_sso(&provider.descriptor, &pending, BrowserInput::<SsoResponse>::post(fields), validation)
    }
}

/// A moment as the library has it.
pub(crate) fn moment(now: Timestamp) -> SystemTime {
    let since = Duration::from_secs(now.0.unsigned_abs());
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Where answers are posted to.
fn acs(base: &str) -> String {
    format!("{base}/acs")
}

/// The one value of an attribute.
fn attribute<'s>(session: &'s SsoSession, wanted: &str) -> Option<&'s str> {
    let mut values = session.attributes().as_slice().iter().filter(|it| it.name() == wanted).flat_map(|it| it.values());
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_str()),
        _ => None,
    }
}

/// A message to send, as the browser takes it along.
pub(crate) fn destination<M>(outbound: &Outbound<M>) -> Result<Destination, SamlError> {
    if let Ok(address) = outbound.redirect_url() {
        return Ok(Destination::Address(address.to_owned()));
    }
    let form = outbound.post_form()?;
    let field = |field: &FormField| match field.name() {
        "SAMLRequest" => Some(("SAMLRequest", field.value().to_owned())),
        "SAMLResponse" => Some(("SAMLResponse", field.value().to_owned())),
        "RelayState" => Some(("RelayState", field.value().to_owned())),
        _ => None,
    };
    Ok(Destination::Form {
        action: form.action().as_str().to_owned(),
        fields: form.fields().iter().filter_map(field).collect(),
    })
}

impl SsoProvider for Saml2 {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_browser(&self) -> Option<&dyn BrowserSignOn> {
        Some(self)
    }
}

impl BrowserSignOn for Saml2 {
    fn label(&self) -> &BTreeMap<String, String> {
        &self.settings.label
    }

    fn begin<'a>(&'a self, start: &'a SignOnStart<'a>) -> Fut<'a, Answer> {
        Box::pin(std::future::ready(self.go(start)))
    }

    fn answer<'a>(&'a self, call: &'a Call<'a>) -> Fut<'a, Answer> {
        let answer = match (call.step, call.is_post) {
            ("acs", true) => self.back(call),
            ("slo", _) => logout::told(self, call),
            ("metadata", false) => self.service(call.base, Manner::Plain).map(|service| Answer::Document {
                media_type: "application/samlmetadata+xml",
                octets: service.metadata_xml().as_bytes().to_vec(),
            }),
            _ => Err(Error::NotFound),
        };
        Box::pin(std::future::ready(answer))
    }

    fn leave<'a>(&'a self, signed_on: &'a SignedOn, _: Option<&'a Tokens>, back: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(std::future::ready(logout::leave(self, signed_on, back)))
    }
}

impl Health for Saml2 {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(std::future::ready(health::examine(&self.settings)))
    }
}

#[cfg(test)]
#[path = "forged_tests.rs"]
mod tests;
