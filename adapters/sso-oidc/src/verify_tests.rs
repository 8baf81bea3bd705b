//! A corpus of tokens that somebody else made, altered, or meant for another purpose. All must be refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::{access, identity, notice};
use crate::{discovery::Discovery, settings::Settings};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp, jwk::Jwk};
use passerelle_core::{Error, config::Block};
use serde_json::{Value, json};

const ISSUER: &str = "https://idp.test";

/// A provider with one key, and another key that it never published.
struct Provider {
    settings: Settings,
    discovery: Discovery,
    key: EncodingKey,
    stranger: EncodingKey,
    public: Jwk,
}

fn key() -> EncodingKey {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
    };
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    EncodingKey::from_ec_der(pair.as_ref())
}

impl Provider {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "s").unwrap();
        let text = format!(
            "issuer = \"{ISSUER}\"\nclient_id = \"gw\"\nclient_secret = {{ file = \"secret\" }}\nprograms_audience = \"urn:imap\""
        );
        let block = Block::from_text("x.sso.oidc", &folder.path().join("passerelle.toml"), &text);
        let (key, stranger) = (key(), key());
        let mut public = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        public.common.key_id = Some("one".to_owned());
        let discovery = Discovery::known(ISSUER, vec![public.clone()]);
        Self { settings: Settings::read(&block).unwrap(), discovery, key, stranger, public }
    }

    fn header() -> Header {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("one".to_owned());
        header
    }

    fn signed(&self, claims: &Value) -> String {
        encode(&Self::header(), claims, &self.key).unwrap()
    }

    async fn identity(&self, token: &str) -> Result<(), Error> {
        identity(&self.settings, &self.discovery, token, "n").await.map(drop)
    }

    async fn access(&self, token: &str) -> Result<(), Error> {
        access(&self.settings, &self.discovery, token).await.map(drop)
    }

    async fn notice(&self, token: &str) -> Result<(), Error> {
        notice(&self.settings, &self.discovery, token).await.map(drop)
    }
}

fn claims() -> Value {
    let now = get_current_timestamp();
    json!({"iss": ISSUER, "aud": "gw", "sub": "u1", "nonce": "n", "iat": now, "exp": now + 300})
}

fn with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[tokio::test]
async fn a_token_of_the_provider_for_us_and_now() {
    let provider = Provider::new();
    provider.identity(&provider.signed(&claims())).await.unwrap();
    let several = with(&json!({"aud": ["gw", "other"], "azp": "gw"}));
    provider.identity(&provider.signed(&several)).await.unwrap();
    let just_over = with(&json!({"exp": get_current_timestamp() - 30}));
    provider.identity(&provider.signed(&just_over)).await.unwrap();
}

#[tokio::test]
async fn what_the_token_says_counts() {
    let provider = Provider::new();
    let now = get_current_timestamp();
    for changes in [
        json!({"iss": "https://evil.test"}),
        json!({"iss": null}),
        json!({"iss": format!("{ISSUER}/")}),
        json!({"aud": "other"}),
        json!({"aud": null}),
        json!({"aud": ["gw", "other"]}),
        json!({"aud": ["gw", "other"], "azp": "other"}),
        json!({"azp": "other"}),
        json!({"exp": now - 120}),
        json!({"exp": null}),
        json!({"nbf": now + 600}),
        json!({"nonce": "m"}),
        json!({"nonce": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 1}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
    ] {
        let token = provider.signed(&with(&changes));
        assert!(provider.identity(&token).await.is_err(), "{changes}");
    }
}

#[tokio::test]
async fn who_signed_counts() {
    let provider = Provider::new();
    let good = provider.signed(&claims());
    let [head, body, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let other_body = part(with(&json!({"sub": "admin"})));
    let mut own_key = Provider::header();
    own_key.kid = None;
    own_key.jwk = Some(Jwk::from_encoding_key(&provider.stranger, Algorithm::ES256).unwrap());
    // Algorithm confusion: what the provider publishes, taken for the secret of a MAC.
    let published = serde_json::to_vec(&provider.public).unwrap();
    let mut confused = Provider::header();
    confused.alg = Algorithm::HS256;
    for (what, token) in [
        ("altered", format!("{head}.{other_body}.{signature}")),
        ("no signature", format!("{head}.{body}.")),
        ("none", format!("{}.{body}.", part(json!({"alg": "none", "kid": "one"})))),
        ("None", format!("{}.{body}.{signature}", part(json!({"alg": "None", "kid": "one"})))),
        ("another's key", encode(&Provider::header(), &claims(), &provider.stranger).unwrap()),
        ("a key that it brings along", encode(&own_key, &claims(), &provider.stranger).unwrap()),
        ("a MAC", encode(&confused, &claims(), &EncodingKey::from_secret(&published)).unwrap()),
        ("a key that is none", {
            let mut header = Provider::header();
            header.kid = Some("two".to_owned());
            encode(&header, &claims(), &provider.key).unwrap()
        }),
        ("critical", {
            let mut header = Provider::header();
            header.crit = Some(vec!["x".to_owned()]);
            encode(&header, &claims(), &provider.key).unwrap()
        }),
        ("long", format!("{good}{}", "A".repeat(16 * 1024))),
        ("two parts", format!("{head}.{body}")),
        ("nothing", String::new()),
    ] {
        assert!(matches!(provider.identity(&token).await, Err(Error::Unauthenticated)), "{what}");
    }
}

#[tokio::test]
async fn a_notice_is_no_identity_and_the_other_way_round() {
    let provider = Provider::new();
    let told = json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "nonce": null, "sid": "s", "jti": "j"});
    provider.notice(&provider.signed(&with(&told))).await.unwrap();
    assert!(provider.identity(&provider.signed(&with(&told))).await.is_err());
    assert!(provider.notice(&provider.signed(&claims())).await.is_err());
    for changes in [
        json!({"nonce": "n"}),
        json!({"jti": null}),
        json!({"sid": null, "sub": null}),
        json!({"events": null}),
        json!({"events": {"http://schemas.openid.net/event/other": {}}}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": "x"}}),
        json!({"aud": "other"}),
    ] {
        let mut whole = with(&told);
        for (name, value) in changes.as_object().unwrap() {
            whole[name] = value.clone();
            if value.is_null() {
                whole.as_object_mut().unwrap().remove(name);
            }
        }
        assert!(provider.notice(&provider.signed(&whole)).await.is_err(), "{changes}");
    }
}

/// What an access token says more than an identity token, and less.
fn of_access(changes: &Value) -> Value {
    let mut claims = with(&json!({"aud": "urn:imap", "nonce": null, "client_id": "thunderbird", "jti": "j"}));
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims
}

#[tokio::test]
async fn an_access_token_for_mail_whatever_client_it_was_given_to() {
    let provider = Provider::new();
    for changes in [
        json!({}),
        json!({"aud": ["account", "urn:imap"], "azp": "mutt", "client_id": null}),
        json!({"typ": "Bearer", "sid": "s", "scope": "openid mail"}),
    ] {
        provider.access(&provider.signed(&of_access(&changes))).await.unwrap();
    }
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt", "JWT"] {
        let header = Header { typ: Some(kind.to_owned()), ..Provider::header() };
        provider.access(&encode(&header, &of_access(&json!({})), &provider.key).unwrap()).await.unwrap();
    }
    let untyped = Header { typ: None, ..Provider::header() };
    provider.access(&encode(&untyped, &of_access(&json!({})), &provider.key).unwrap()).await.unwrap();
}

#[tokio::test]
async fn what_is_no_access_token() {
    let provider = Provider::new();
    let now = get_current_timestamp();
    for changes in [
        json!({"iss": "https://evil.test"}),
        json!({"aud": "gw"}),
        json!({"aud": "urn:files"}),
        json!({"aud": null}),
        json!({"exp": now - 120}),
        json!({"exp": null}),
        json!({"nbf": now + 600}),
        json!({"sub": null}),
        // Of an identity token, even one of a client that is named as our audience.
        json!({"nonce": "n"}),
        json!({"at_hash": "x"}),
        json!({"typ": "ID"}),
        json!({"typ": "Refresh"}),
        // Of a notice.
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
        // Bound to a key (RFC 7800 §3.1), which nobody shows here.
        json!({"cnf": {"jkt": "x"}}),
        // A client that speaks for itself.
        json!({"sub": "thunderbird"}),
        json!({"client_id": null, "azp": "u1"}),
    ] {
        let token = provider.signed(&of_access(&changes));
        assert!(matches!(provider.access(&token).await, Err(Error::Unauthenticated)), "{changes}");
    }
    for kind in ["logout+jwt", "dpop+jwt", "secevent+jwt", "id_token", ""] {
        let header = Header { typ: Some(kind.to_owned()), ..Provider::header() };
        let token = encode(&header, &of_access(&json!({})), &provider.key).unwrap();
        assert!(provider.access(&token).await.is_err(), "{kind:?}");
    }
    assert!(provider.access(&provider.signed(&claims())).await.is_err(), "an identity token");
    assert!(provider.identity(&provider.signed(&of_access(&json!({})))).await.is_err(), "and the other way round");
}

#[tokio::test]
async fn who_signed_an_access_token_counts() {
    let provider = Provider::new();
    let good = of_access(&json!({}));
    let signed = provider.signed(&good);
    let [head, body, signature] = signed.split('.').collect::<Vec<_>>().try_into().unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let published = serde_json::to_vec(&provider.public).unwrap();
    let mac = Header { alg: Algorithm::HS256, ..Provider::header() };
    for (what, token) in [
        ("altered", format!("{head}.{}.{signature}", part(of_access(&json!({"sub": "admin"}))))),
        ("no signature", format!("{head}.{body}.")),
        ("none", format!("{}.{body}.", part(json!({"alg": "none", "kid": "one"})))),
        ("another's key", encode(&Provider::header(), &good, &provider.stranger).unwrap()),
        ("a MAC", encode(&mac, &good, &EncodingKey::from_secret(&published)).unwrap()),
        ("opaque", "mF_9.B5f-4.1JqM".to_owned()),
        ("nothing", String::new()),
    ] {
        assert!(matches!(provider.access(&token).await, Err(Error::Unauthenticated)), "{what}");
    }
}
