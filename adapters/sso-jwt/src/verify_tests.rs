//! A corpus of tokens that somebody else made, altered, or meant for another purpose. All must be refused.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use super::verify;
use crate::settings::Settings;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair as RsaPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use passerelle_core::{config::Block, ports::Through};
use passerelle_model::{Secret, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

const NOW: i64 = 1_795_392_000;

/// A portal with two keys, one of each family, and a stranger's key.
struct Portal {
    folder: tempfile::TempDir,
    settings: Settings,
    ec: EncodingKey,
    rsa: EncodingKey,
    stranger: EncodingKey,
}

fn pem(kind: &str, der: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
}

fn ec() -> (EncodingKey, String) {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    (EncodingKey::from_ec_der(document.as_ref()), pem("PUBLIC KEY", public.as_ref()))
}

fn rsa() -> (EncodingKey, String) {
    let pair = RsaPair::generate(KeySize::Rsa2048).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let private = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes()).unwrap();
    (private, pem("PUBLIC KEY", public.as_ref()))
}

fn settings(folder: &Path, more: &str) -> Result<Settings, passerelle_core::config::ConfigFault> {
    let text = format!("issuer = \"https://ent.test\"\naudience = \"https://office.test\"\n{more}");
    Settings::read(&Block::from_text("x.sso.jwt", &folder.join("passerelle.toml"), &text))
}

impl Portal {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ((ec, ec_public), (rsa, rsa_public), (stranger, _)) = (self::ec(), self::rsa(), self::ec());
        std::fs::write(folder.path().join("ec.pem"), ec_public).unwrap();
        std::fs::write(folder.path().join("rsa.pem"), rsa_public).unwrap();
        let settings = settings(folder.path(), "keys = [\"ec.pem\", \"rsa.pem\"]").unwrap();
        Self { folder, settings, ec, rsa, stranger }
    }

    fn says(&self, token: &str) -> Result<String, String> {
        let vouched = verify(&self.settings, &Secret::new(token), Timestamp(NOW)).map_err(|error| error.to_string())?;
        assert_eq!(vouched.through, Through::Key);
        Ok(vouched.assertion.subject.local().to_owned())
    }

    fn signed(&self, claims: &Value) -> String {
        encode(&Header::new(Algorithm::ES256), claims, &self.ec).unwrap()
    }
}

fn with(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://ent.test", "aud": "https://office.test", "sub": "u00001",
        "iat": NOW, "exp": NOW + 120, "jti": "one",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

#[test]
fn what_is_signed_by_a_listed_key_names_somebody() {
    let portal = Portal::new();
    for (what, changes) in [
        ("as it is", json!({})),
        ("an audience in a list of one", json!({"aud": ["https://office.test"]})),
        ("no iat", json!({"iat": null})),
        ("a login with its domain", json!({"sub": "u00001@a.test"})),
        ("clocks a little apart", json!({"iat": NOW + 59, "exp": NOW + 359})),
        ("and the other way", json!({"iat": NOW - 200, "exp": NOW - 59})),
        ("times with a fraction", json!({"exp": 1_795_392_100.5, "iat": 1_795_391_999.25})),
    ] {
        assert_eq!(portal.says(&portal.signed(&with(&changes))).as_deref(), Ok("u00001"), "{what}");
    }
    for algorithm in [Algorithm::RS256, Algorithm::PS256] {
        let token = encode(&Header::new(algorithm), &with(&json!({})), &portal.rsa).unwrap();
        assert_eq!(portal.says(&token).as_deref(), Ok("u00001"), "{algorithm:?}");
    }
    let vouched = verify(&portal.settings, &Secret::new(portal.signed(&with(&json!({})))), Timestamp(NOW)).unwrap();
    let once = vouched.assertion.once.unwrap();
    assert_eq!((once.id.as_str(), once.seconds), ("one", 180), "remembered for as long as it would be valid");
}

#[test]
fn what_says_something_else_is_refused() {
    let portal = Portal::new();
    for (what, changes) in [
        ("another issuer", json!({"iss": "https://evil.test"})),
        ("no issuer", json!({"iss": null})),
        ("another audience", json!({"aud": "https://other.test"})),
        ("for others too", json!({"aud": ["https://office.test", "https://other.test"]})),
        ("no audience", json!({"aud": null})),
        ("expired", json!({"exp": NOW - 60})),
        ("too long a life", json!({"exp": NOW + 361})),
        ("a life without end", json!({"exp": i64::MAX})),
        ("no end", json!({"exp": null})),
        ("an end that is no number", json!({"exp": "tomorrow"})),
        ("from later on", json!({"nbf": NOW + 61})),
        ("made later on", json!({"iat": NOW + 61})),
        ("no id", json!({"jti": null})),
        ("an empty id", json!({"jti": ""})),
        ("a long id", json!({"jti": "x".repeat(256)})),
        ("no subject", json!({"sub": null})),
        ("a subject that is no text", json!({"sub": 1})),
        ("a subject that is no login", json!({"sub": "a\u{0}b"})),
    ] {
        assert!(portal.says(&portal.signed(&with(&changes))).is_err(), "{what}");
    }
}

#[test]
fn what_another_signed_is_refused() {
    let portal = Portal::new();
    let claims = with(&json!({}));
    let good = portal.signed(&claims);
    let [head, body, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let public = std::fs::read(portal.folder.path().join("rsa.pem")).unwrap();
    let confused = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&public)).unwrap();
    let stranger = encode(&Header::new(Algorithm::ES256), &claims, &portal.stranger).unwrap();
    let mut own_key = Header::new(Algorithm::ES256);
    own_key.jwk = Some(jsonwebtoken::jwk::Jwk::from_encoding_key(&portal.stranger, Algorithm::ES256).unwrap());
    let own_key = encode(&own_key, &claims, &portal.stranger).unwrap();
    let mut other_kind = Header::new(Algorithm::ES256);
    other_kind.typ = Some("logout+jwt".to_owned());
    let other_kind = encode(&other_kind, &claims, &portal.ec).unwrap();
    let unlisted = encode(&Header::new(Algorithm::RS512), &claims, &portal.rsa).unwrap();
    let altered = format!("{head}.{}.{signature}", encoded(&with(&json!({"sub": "u00002"})).to_string()));
    let critical = format!("{}.{body}.{signature}", encoded("{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}"));
    for (what, token) in [
        ("no algorithm", format!("{}.{body}.", encoded("{\"alg\":\"none\"}"))),
        ("none in capitals", format!("{}.{body}.", encoded("{\"alg\":\"None\"}"))),
        ("no signature", format!("{head}.{body}.")),
        ("the public key as a secret", confused),
        ("a key of nobody's", stranger),
        ("a key that it brings itself", own_key),
        ("another kind of token", other_kind),
        ("an algorithm that is not listed", unlisted),
        ("another body", altered),
        ("something critical", critical),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.x")),
        ("nothing", String::new()),
        ("a long one", "x".repeat(10_000)),
    ] {
        assert!(portal.says(&token).is_err(), "{what}");
    }
    assert!(portal.says(&good).is_ok());
}

#[test]
fn settings_that_cannot_be_are_said() {
    let portal = Portal::new();
    let folder = portal.folder.path();
    std::fs::write(folder.join("private.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        .unwrap();
    std::fs::write(folder.join("none.pem"), "nothing").unwrap();
    for (text, said) in [
        ("keys = []", "1 to 8"),
        ("keys = [\"nowhere.pem\"]", "nowhere.pem"),
        ("keys = [\"none.pem\"]", "openssl pkey"),
        ("keys = [\"private.pem\"]", "private key"),
        ("keys = [\"ec.pem\"]\nalgorithms = [\"HS256\"]", "public key"),
        ("keys = [\"ec.pem\"]\nalgorithms = [\"none\"]", "none"),
        ("keys = [\"ec.pem\"]\nalgorithms = []", "public key"),
        ("keys = [\"ec.pem\"]\nalgorithms = [\"RS256\"]", "none of the algorithms"),
        ("keys = [\"ec.pem\"]\nsecret = \"x\"", "secret"),
    ] {
        assert!(settings(folder, text).unwrap_err().to_string().contains(said), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "[ -~]{0,200}", octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        thread_local!(static PORTAL: Portal = Portal::new());
        PORTAL.with(|portal| {
            assert!(verify(&portal.settings, &Secret::new(text.as_bytes()), Timestamp(NOW)).is_err());
            assert!(verify(&portal.settings, &Secret::new(octets.as_slice()), Timestamp(NOW)).is_err());
        });
    }
}
