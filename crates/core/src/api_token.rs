//! Tokens of API clients: 8 base32 characters of id, and 52 of 256 random bits (RFC 4648 §6, in lower case).

use crate::{Result, ports::state::ApiProof, seal};
use passerelle_model::Secret;
use subtle::ConstantTimeEq;

const ID: usize = 8;
const WORD: usize = 52;

/// A new one: its id, the hash to keep, and the token to show once.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) hash: [u8; 32],
    pub(crate) token: Secret,
}

/// The id of a text that has the shape of a token.
pub(crate) fn id(token: &Secret) -> Option<&str> {
    let text = token.expose_str()?;
    let shaped = text.len() == ID + WORD && text.bytes().all(|octet| seal::LETTERS.contains(&octet));
    if shaped { text.get(..ID) } else { None }
}

/// Whether a token is what proves a client. In constant time.
pub(crate) fn proves(proof: ApiProof, token: &Secret) -> bool {
    match proof {
        ApiProof::Token(hash) => seal::sha256(token.expose()).ct_eq(&hash).into(),
        ApiProof::Certificate(_) => false,
    }
}

/// Makes one.
pub(crate) fn make() -> Result<Made> {
    let letters = seal::letters::<{ ID + WORD }>()?;
    let id = letters.get(..ID).unwrap_or_default().to_owned();
    Ok(Made { id, hash: seal::sha256(letters.as_bytes()), token: Secret::new(letters) })
}

/// Whether a method's name is one that a pattern means: `*` stands for any text, also none.
pub(crate) fn matches(pattern: &str, method: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| method.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_one_that_was_made_and_no_other() {
        let (one, other) = (make().unwrap(), make().unwrap());
        assert_eq!(id(&one.token), Some(one.id.as_str()));
        assert!(proves(ApiProof::Token(one.hash), &one.token));
        assert!(!proves(ApiProof::Token(one.hash), &other.token));
        assert!(!proves(ApiProof::Certificate(one.hash), &one.token));
        for text in ["", "pw-u00001", "abcdefgh"] {
            assert_eq!(id(&Secret::new(text)), None);
        }
    }

    #[test]
    fn patterns() {
        for (pattern, method, fits) in [
            ("*", "account.get", true),
            ("account.*", "account.get", true),
            ("account.*", "accounts.get", false),
            ("account.get", "account.get", true),
            ("account.get", "account.getAll", false),
            ("*.get", "group.get", true),
            ("*.get", "group.list", false),
            ("a*.*t", "account.get", true),
            ("a*t", "a", false),
            ("", "account.get", false),
            ("acc*unt.get", "account.get", true),
        ] {
            assert_eq!(matches(pattern, method), fits, "{pattern} {method}");
        }
    }
}
