//! `userPassword` (RFC 4519 §2.41) as text or as `{SCHEME}` and a hash. Comparing takes the same time wherever the
//! first difference is.

use aws_lc_rs::{
    constant_time,
    digest::{self, Algorithm},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_model::Secret;

/// Whether `typed` is the stored password. A scheme that is not known matches nothing, not even its own text.
pub(crate) fn is(stored: &Secret, typed: &Secret) -> bool {
    let stored = stored.expose();
    if typed.expose().is_empty() {
        return false;
    }
    match scheme(stored) {
        // Hashes of both, so that the time does not tell the length either.
        None => same(hash(&digest::SHA256, &[stored]), hash(&digest::SHA256, &[typed.expose()])),
        Some((scheme, encoded)) => hashed(scheme, encoded, typed.expose()).unwrap_or(false),
    }
}

fn hashed(scheme: &[u8], encoded: &[u8], typed: &[u8]) -> Option<bool> {
    let algorithm = match scheme.to_ascii_uppercase().as_slice() {
        b"SHA" | b"SSHA" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        b"SHA256" | b"SSHA256" => &digest::SHA256,
        b"SHA384" | b"SSHA384" => &digest::SHA384,
        b"SHA512" | b"SSHA512" => &digest::SHA512,
        _ => return None,
    };
    let decoded = STANDARD.decode(encoded).ok()?;
    // The salt is what stands behind the hash; the schemes without one have none.
    let (wanted, salt) = decoded.split_at_checked(algorithm.output_len())?;
    Some(same(wanted, hash(algorithm, &[typed, salt])))
}

/// `{SCHEME}rest`
fn scheme(stored: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = stored.strip_prefix(b"{")?;
    let end = rest.iter().position(|octet| *octet == b'}')?;
    Some((rest.get(..end)?, rest.get(end + 1..)?))
}

fn hash(algorithm: &'static Algorithm, parts: &[&[u8]]) -> digest::Digest {
    let mut context = digest::Context::new(algorithm);
    parts.iter().for_each(|part| context.update(part));
    context.finish()
}

fn same(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    constant_time::verify_slices_are_equal(one.as_ref(), other.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stored: &str, typed: &str, fine: bool) {
        assert_eq!(is(&Secret::new(stored), &Secret::new(typed)), fine, "{stored}");
    }

    #[test]
    fn text_and_hashes() {
        check("pw-u00001", "pw-u00001", true);
        check("pw-u00001", "pw-u00002", false);
        check("pw-u00001", "pw-u0000", false);
        // `printf secret | openssl dgst -sha1 -binary | base64`, and with a salt behind.
        check("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "secret", true);
        check("{sha}5en6G6MezRroT3XKqkdPOmY/BfQ=", "secret", true);
        check("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "Secret", false);
        check("{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", "secret", true);
        check("{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx1", "secret", false);
    }

    #[test]
    fn what_matches_nothing() {
        check("", "", false);
        check("{CRYPT}x", "{CRYPT}x", false);
        check("{SSHA}short", "secret", false);
        check("{SSHA}", "", false);
    }

    #[test]
    fn salted_sha512() {
        let mut stored = digest::digest(&digest::SHA512, b"secretpepper").as_ref().to_vec();
        stored.extend(b"pepper");
        check(&format!("{{SSHA512}}{}", STANDARD.encode(stored)), "secret", true);
    }
}
