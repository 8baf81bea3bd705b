//! Single log-out by the browser (profiles §4.4): what we begin, and what the identity provider begins.

use crate::provider::{Manner, Saml2, destination, moment};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::DeflateDecoder;
use passerelle_core::{
    Error, Result,
    ports::{Answer, Call, Ended, SignedOn},
};
use quick_xml::{NsReader, events::Event};
use saml_rs::{
    BrowserInput, FormField, LogoutRequest, LogoutSubject, NameId, NameIdFormat, RelayStateParam, ReplayPolicy,
    RespondSlo, SamlError, SamlValidationContext, SessionIndex, SsoSession, StartSlo,
};
use std::io::Read;

/// Largest request, in octets, unpacked.
const LARGEST_REQUEST: u64 = 64 * 1024;

/// The name under which a session can be ended: its identity provider's and its index.
pub(crate) fn index(provider: &str, index: &str) -> String {
    format!("{provider} {index}")
}

/// What a log-out that we begin has to say: provider, index, format and qualifiers of the name, and the name.
pub(crate) fn note(provider: &str, session: &SsoSession) -> String {
    let name = session.name_id();
    let index = session.authn_session().session_index().map(SessionIndex::as_str).unwrap_or_default();
    let format = name.format().map(NameIdFormat::as_uri).unwrap_or_default();
    let (qualifier, ours) = (name.name_qualifier().unwrap_or_default(), name.sp_name_qualifier().unwrap_or_default());
    [provider, index, format, qualifier, ours, name.value()].join("\n")
}

/// Where the browser goes to sign out at the identity provider, when that takes log-outs by redirect.
pub(crate) fn leave(saml: &Saml2, signed_on: &SignedOn, back: &str) -> Result<Option<String>> {
    let parts: Vec<&str> = signed_on.leave.splitn(6, '\n').collect();
    let [provider, index, format, qualifier, ours, name] = parts.as_slice() else { return Ok(None) };
    let Some(provider) = saml.settings.provider(provider) else { return Ok(None) };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let failed = |error: SamlError| Error::unavailable(&saml.settings.name, "making a log-out", error);
    let name = NameId::with_qualifiers(
        (*name).to_owned(),
        some(format).map(NameIdFormat::Custom),
        some(qualifier),
        some(ours),
        None,
    );
    let index = some(index).map(SessionIndex::try_new).transpose().map_err(failed)?;
    let subject = LogoutSubject::new(name, index.into_iter().collect());
    // The page to come back to is ours anyway; of its address only where we are is needed.
    let base = base_of(back);
    let started = saml.service(&base, Manner::Plain)?.start_slo(
        &provider.descriptor,
        subject,
        StartSlo::redirect().allow_http_single_logout(),
    );
    match started {
        Ok(started) => Ok(started.outbound.redirect_url().ok().map(str::to_owned)),
        Err(error) => {
            tracing::info!(provider = provider.id, %error, "signing out there is not possible");
            Ok(None)
        }
    }
}

/// A service provider for what has no address of ours in it: only the origin counts.
fn base_of(back: &str) -> String {
    let origin: Vec<&str> = back.split('/').take(3).collect();
    format!("{}/saml", origin.join("/"))
}

/// The identity provider tells a log-out, or answers one that we began.
pub(crate) fn told(saml: &Saml2, call: &Call<'_>) -> Result<Answer> {
    let parameters = if call.is_post { call.form } else { call.query };
    if parameters.single("SAMLResponse").is_some() {
        // The session here ended before the browser left; nothing depends on what the provider says of it.
        return Ok(Answer::Left);
    }
    let message = parameters.single("SAMLRequest").ok_or_else(|| Error::invalid("there is no SAMLRequest"))?;
    let refused = |error: SamlError| {
        tracing::info!(provider = saml.settings.name, %error, "a log-out was refused");
        Error::Unauthenticated
    };
    // Who says that it sends it decides whose keys are tried; the signature decides whether it is true.
    let sender = issuer(message, call.is_post).ok_or_else(|| Error::invalid("the request names no issuer"))?;
    let provider = saml.settings.provider(&sender).ok_or(Error::Unauthenticated)?;
    let input = if call.is_post {
        let fields = ["SAMLRequest", "RelayState"];
        let fields = fields.iter().filter_map(|name| Some(FormField::new(*name, call.form.single(name)?))).collect();
        BrowserInput::<LogoutRequest>::post(fields)
    } else {
        BrowserInput::<LogoutRequest>::redirect(call.raw_query)
    };
    let service = saml.service(call.base, Manner::Plain)?;
    let validation = SamlValidationContext::new(moment(call.now), ReplayPolicy::DisabledForCompatibility);
    let received = service.receive_slo(&provider.descriptor, input, validation).map_err(refused)?;
    let sessions = received.message().session_indexes().iter().map(|it| index(&provider.id, it.as_str())).collect();
    let relay = RelayStateParam::try_from_option(parameters.single("RelayState")).map_err(refused)?;
    let answer = |options: RespondSlo| {
        let options = options.relay_state(relay.clone()).allow_http_single_logout();
        let outbound = service.respond_slo(&provider.descriptor, &received, options)?;
        destination(&outbound)
    };
    // The session ends whether or not the provider has an address for our answer.
    let then = answer(RespondSlo::redirect()).or_else(|_| answer(RespondSlo::post())).ok();
    Ok(Answer::Ended(Ended { sessions, then, ..Ended::default() }))
}

/// The issuer that a request names (core §3.2.1). Nothing is believed of it yet.
fn issuer(message: &str, is_post: bool) -> Option<String> {
    let octets = STANDARD.decode(message.split_whitespace().collect::<String>()).ok()?;
    let mut xml = String::new();
    if is_post {
        octets.as_slice().take(LARGEST_REQUEST).read_to_string(&mut xml).ok()?;
    } else {
        DeflateDecoder::new(octets.as_slice()).take(LARGEST_REQUEST).read_to_string(&mut xml).ok()?;
    }
    let mut reader = NsReader::from_str(&xml);
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => inside = start.local_name().as_ref() == "Issuer",
            Event::Text(text) if inside => return Some(text.trim().to_owned()),
            Event::Eof => return None,
            _ => {}
        }
    }
}
