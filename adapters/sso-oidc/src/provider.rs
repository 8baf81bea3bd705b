//! The provider: each step of the code flow, log-outs, fresh tokens.

use crate::{
    KIND,
    discovery::Discovery,
    health,
    settings::{ClientAuth, Settings},
    verify::{self, LONGEST_TOKEN, text},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use passerelle_core::{
    Error, Result,
    config::{Block, ConfigFault},
    ports::{
        AccessTokens, Answer, Assertion, BrowserSignOn, Call, Delegated, Destination, Ended, Fut, Health, Leg, Legs,
        Once, Prompt, Refreshing, Registered, SignOnStart, SignedOn, SsoProvider, Tokens,
    },
    seal,
};
use passerelle_fetch::{StatusCode, Url};
use passerelle_model::{Login, Secret, Timestamp};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Longest authorization code, in octets.
const LONGEST_CODE: usize = 2048;
/// How long a notice of a log-out is remembered, in seconds: it must not work twice.
const NOTICE_LASTS: i64 = 3600;
/// How long an access token is used that does not say how long it lasts, in seconds.
const ACCESS_LASTS: i64 = 300;
/// Errors that mean: nobody is signed on, and nobody was to be asked (Core §3.1.2.6).
const NOBODY: [&str; 4] = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

/// An OpenID provider.
#[derive(Debug)]
pub(crate) struct Oidc {
    pub(crate) settings: Settings,
    pub(crate) discovery: Discovery,
}

/// The answer of the token endpoint (Core §3.1.3.3, RFC 6749 §5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    id_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<i64>,
}

/// Why it gave none (RFC 6749 §5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Oidc {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn SsoProvider>, ConfigFault> {
        Ok(Arc::new(Self { settings: Settings::read(block)?, discovery: Discovery::default() }))
    }

    async fn go(&self, start: &SignOnStart<'_>) -> Result<Answer> {
        let (nonce, verifier) = (word()?, word()?);
        let url = self.authorization(start.base, start.id, start.prompt, &nonce, &verifier).await?;
        Ok(Answer::Go { to: Destination::Address(url.into()), facts: format!("{nonce} {verifier}").into_bytes() })
    }

    /// Where a browser asks for a code (Core §3.1.2.1).
    async fn authorization(&self, base: &str, state: &str, prompt: Prompt, nonce: &str, verifier: &str) -> Result<Url> {
        let metadata = self.discovery.metadata(&self.settings).await?;
        // RFC 7636 §4.2
        let challenge = URL_SAFE_NO_PAD.encode(seal::sha256(verifier.as_bytes()));
        let redirect = redirect(base);
        let mut url = metadata.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", &self.settings.scopes)
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(resource) = &self.settings.resource {
            url.query_pairs_mut().append_pair("resource", resource);
        }
        match prompt {
            Prompt::AsNeeded => {}
            Prompt::Never => drop(url.query_pairs_mut().append_pair("prompt", "none")),
            Prompt::Always => drop(url.query_pairs_mut().append_pair("prompt", "login")),
        }
        Ok(url)
    }

    /// The browser is back.
    async fn back(&self, call: &Call<'_>) -> Result<Answer> {
        let facts = call.begun.and_then(|facts| std::str::from_utf8(facts).ok()).and_then(|it| it.split_once(' '));
        let (nonce, verifier) = facts.ok_or(Error::Unauthenticated)?;
        // RFC 9207 §2.4: an answer of another provider is none.
        if call.query.single("iss").is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(Error::Unauthenticated);
        }
        if let Some(error) = call.query.single("error") {
            if NOBODY.contains(&error) {
                return Ok(Answer::Nobody);
            }
            tracing::info!(provider = self.settings.name, error, "the provider signed nobody on");
            return Err(Error::Unauthenticated);
        }
        let code = call.query.single("code").filter(|code| code.len() <= LONGEST_CODE).ok_or(Error::Unauthenticated)?;
        let redirect = redirect(call.base);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", verifier),
        ];
        form.extend(self.settings.resource.as_deref().map(|resource| ("resource", resource)));
        let granted = self.ask(form, "changing a code for tokens").await?;
        let identity = granted.id_token.as_deref().ok_or(Error::Unauthenticated)?;
        let claims = verify::identity(&self.settings, &self.discovery, identity, nonce).await?;
        let subject = text(&claims, &self.settings.subject).ok_or_else(|| {
            let what = format!("the identity token has no claim {}", self.settings.subject);
            Error::unavailable(&self.settings.name, "reading the identity token", what)
        })?;
        let subject = Login::parse(subject.as_bytes()).map_err(|_| Error::Forbidden)?;
        // Without a session id the provider tells log-outs by person; then each sign-on needs a name of its own.
        let index = text(&claims, "sid").map_or_else(word, |sid| Ok(sid.to_owned()))?;
        let tokens = self.tokens(granted, None, call.now)?;
        Ok(Answer::Proved(Assertion {
            subject,
            index,
            // The provider sees to it: a code works once (RFC 6749 §4.1.2).
            once: None,
            delegated: Delegated::Tokens(tokens),
            leave: String::new(),
        }))
    }

    /// The provider tells a log-out.
    async fn told(&self, call: &Call<'_>) -> Result<Answer> {
        let token = call.form.single("logout_token").ok_or_else(|| Error::invalid("there is no logout_token"))?;
        let claims = verify::notice(&self.settings, &self.discovery, token).await?;
        let once = text(&claims, "jti").map(|id| Once { id: id.to_owned(), seconds: NOTICE_LASTS });
        let sessions: Vec<String> = text(&claims, "sid").map(str::to_owned).into_iter().collect();
        // What the claim of the login says is not in a notice; only where it is the subject itself is the person known.
        let person = if sessions.is_empty() && self.settings.subject == "sub" {
            text(&claims, "sub").and_then(|subject| Login::parse(subject.as_bytes()).ok())
        } else {
            None
        };
        Ok(Answer::Ended(Ended { sessions, person, once, then: None }))
    }

    /// Asks the token endpoint.
    async fn ask(&self, mut form: Vec<(&str, &str)>, doing: &str) -> Result<Granted> {
        let settings = &self.settings;
        let secret = settings.client_secret.expose_str().unwrap_or_default();
        let authorization = match settings.client_auth {
            ClientAuth::ClientSecretBasic => {
                // RFC 6749 §2.3.1: each half as a form encodes it.
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(&settings.client_id), encoded(secret));
                Some(format!("Basic {}", STANDARD.encode(pair)))
            }
            ClientAuth::ClientSecretPost => {
                form.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret)]);
                None
            }
        };
        let endpoint = self.discovery.metadata(settings).await?.token_endpoint.clone();
        let fetched = settings.client.post(endpoint, &form, authorization.as_deref(), doing).await?;
        let unavailable = |what: String| Error::unavailable(&settings.name, doing, what);
        if fetched.status == StatusCode::OK {
            return serde_json::from_slice(&fetched.body).map_err(|error| unavailable(error.to_string()));
        }
        match serde_json::from_slice::<Refused>(&fetched.body) {
            Ok(Refused { error }) if error == "invalid_grant" => Err(Error::Unauthenticated),
            Ok(Refused { error }) => Err(unavailable(format!("the provider answered {error}"))),
            Err(_) => Err(unavailable(format!("the provider answered {}", fetched.status))),
        }
    }

    fn tokens(&self, granted: Granted, old: Option<&Tokens>, now: Timestamp) -> Result<Tokens> {
        let long = |token: &String| token.len() > LONGEST_TOKEN;
        let all = [Some(&granted.access_token), granted.id_token.as_ref(), granted.refresh_token.as_ref()];
        if all.into_iter().flatten().any(long) {
            return Err(Error::unavailable(&self.settings.name, "keeping tokens", "a token is larger than 16 KiB"));
        }
        let kept = |new: Option<String>, old: Option<Secret>| new.map(Secret::new).or(old);
        Ok(Tokens {
            // Nothing is kept that no back-end is shown.
            access: Secret::new(if self.settings.tokens { granted.access_token } else { String::new() }),
            expires: now.plus(granted.expires_in.unwrap_or(ACCESS_LASTS).clamp(0, i64::from(u32::MAX))),
            refresh: if self.settings.tokens {
                kept(granted.refresh_token, old.and_then(|old| old.refresh.clone()))
            } else {
                None
            },
            identity: kept(granted.id_token, old.map(|old| old.identity.clone())).unwrap_or_else(|| Secret::new("")),
        })
    }
}

/// Where the provider sends browsers back to; it has to be registered there.
fn redirect(base: &str) -> String {
    format!("{base}/callback")
}

/// A random word of 256 bits (RFC 7636 §4.1: 43 characters at least).
fn word() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(seal::random::<32>()?))
}

impl Registered for Oidc {
    fn examine_at<'a>(&'a self, base: &'a str) -> Legs<'a> {
        Box::pin(async move {
            let url = self.authorization(base, "doctor", Prompt::Never, "doctor", "doctor").await;
            vec![health::examine_redirect(&self.settings, url, &redirect(base)).await]
        })
    }
}

impl SsoProvider for Oidc {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_browser(&self) -> Option<&dyn BrowserSignOn> {
        Some(self)
    }

    fn as_registered(&self) -> Option<&dyn Registered> {
        Some(self)
    }

    fn as_access_tokens(&self) -> Option<&dyn AccessTokens> {
        self.settings.programs_audience.is_some().then_some(self as &dyn AccessTokens)
    }

    fn as_refreshing(&self) -> Option<&dyn Refreshing> {
        self.settings.tokens.then_some(self as &dyn Refreshing)
    }
}

impl BrowserSignOn for Oidc {
    fn label(&self) -> &BTreeMap<String, String> {
        &self.settings.label
    }

    fn begin<'a>(&'a self, start: &'a SignOnStart<'a>) -> Fut<'a, Answer> {
        Box::pin(self.go(start))
    }

    fn answer<'a>(&'a self, call: &'a Call<'a>) -> Fut<'a, Answer> {
        Box::pin(async move {
            match (call.step, call.is_post) {
                ("callback", false) => self.back(call).await,
                ("backchannel", true) => self.told(call).await,
                _ => Err(Error::NotFound),
            }
        })
    }

    fn leave<'a>(&'a self, _: &'a SignedOn, tokens: Option<&'a Tokens>, back: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(async move {
            let metadata = self.discovery.metadata(&self.settings).await?;
            let Some(mut url) = metadata.end_session_endpoint.clone() else { return Ok(None) };
            // RP-Initiated Logout 1.0 §2
            url.query_pairs_mut()
                .append_pair("client_id", &self.settings.client_id)
                .append_pair("post_logout_redirect_uri", back);
            if let Some(identity) = tokens.and_then(|tokens| tokens.identity.expose_str()) {
                url.query_pairs_mut().append_pair("id_token_hint", identity);
            }
            Ok(Some(url.into()))
        })
    }
}

impl Refreshing for Oidc {
    fn refresh<'a>(&'a self, old: &'a Tokens) -> Fut<'a, Tokens> {
        Box::pin(async move {
            let refresh = old.refresh.as_ref().and_then(Secret::expose_str).ok_or(Error::Unauthenticated)?;
            let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh)];
            form.extend(self.settings.resource.as_deref().map(|resource| ("resource", resource)));
            let granted = self.ask(form, "refreshing a token").await?;
            self.tokens(granted, Some(old), now())
        })
    }
}

/// The machine's clock: how long the provider lets a token live counts from its answer.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

impl Health for Oidc {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(health::examine(&self.settings, &self.discovery))
    }
}
