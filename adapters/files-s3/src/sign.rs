//! Signatures of requests (AWS Signature Version 4, in the header `Authorization`), which cover the body too.
//!
//! Nothing of it may stand in a URL: servers and proxies write those into their logs, and who reads one there could send it again.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>

use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use passerelle_core::seal::hex;
use passerelle_model::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write;
use time::OffsetDateTime;

/// What stands for itself in a query (RFC 3986 §2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Who signs, and where that counts.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) secret_key: &'a Secret,
    pub(crate) region: &'a str,
}

/// What is signed of a request.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    /// Encoded, as it is sent.
    pub(crate) path: &'a str,
    /// As [`query`] makes it.
    pub(crate) query: &'a str,
    /// Names in small letters, in their order; `host`, the digest of the body and the date are among them.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// As [`digest_of`] makes it.
    pub(crate) body: &'a str,
}

/// A moment as signatures have it.
pub(crate) fn date(at: OffsetDateTime) -> String {
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", at.hour(), at.minute(), at.second())
}

/// The digest of a body.
pub(crate) fn digest_of<'a>(body: impl IntoIterator<Item = &'a Bytes>) -> String {
    let mut whole = digest::Context::new(&digest::SHA256);
    body.into_iter().for_each(|piece| whole.update(piece));
    hex(whole.finish().as_ref())
}

/// A query, encoded, in the order that signatures want.
pub(crate) fn query(of: &[(&str, &str)]) -> String {
    let encoded = |text| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<_> = of.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The value of `Authorization`.
pub(crate) fn authorization(signer: Signer<'_>, date: &str, request: &Signed<'_>) -> String {
    let Signer { access_key, secret_key, region } = signer;
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut whole = format!("{}\n{}\n{}\n", request.method, request.path, request.query);
    for (name, value) in request.headers {
        // Writing to a String cannot fail.
        let _ = writeln!(whole, "{name}:{}", value.trim());
    }
    let _ = write!(whole, "\n{names}\n{}", request.body);

    let day = date.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/s3/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
        hex(digest::digest(&digest::SHA256, whole.as_bytes()).as_ref())
    );
    let first = [b"AWS4", secret_key.expose()].concat();
    let key = [day, region, "s3", "aws4_request"].iter().fold(first, |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &text));
    format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope},SignedHeaders={names},Signature={signature}")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// The examples of Amazon's page, on 24 May 2013.
    #[test]
    fn as_amazon_signs() {
        let secret = Secret::new(*b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let signer = Signer { access_key: "AKIAIOSFODNN7EXAMPLE", secret_key: &secret, region: "us-east-1" };
        let date = "20130524T000000Z";
        let (host, at) = (("host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", date));
        let check = |method, path, query: &str, headers: &[(&str, &str)], body, signature: &str| {
            let request = Signed { method, path, query, headers, body };
            let told = authorization(signer, date, &request);
            assert!(told.ends_with(signature), "{told}");
        };
        let empty = ("x-amz-content-sha256", EMPTY);
        let range = [host, ("range", "bytes=0-9"), empty, at];
        let signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        check("GET", "/test.txt", "", &range, EMPTY, signature);
        let body = digest_of(&[Bytes::from_static(b"Welcome to"), Bytes::from_static(b" Amazon S3.")]);
        let (sent, class) = (("x-amz-content-sha256", body.as_str()), ("x-amz-storage-class", "REDUCED_REDUNDANCY"));
        let put = [("date", "Fri, 24 May 2013 00:00:00 GMT"), host, sent, at, class];
        let signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
        check("PUT", "/test%24file.text", "", &put, &body, signature);
        let asked = query(&[("prefix", "J"), ("max-keys", "2")]);
        let signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        check("GET", "/", &asked, &[host, empty, at], EMPTY, signature);
        assert_eq!(digest_of([]), EMPTY);
    }

    #[test]
    fn a_query_and_a_moment() {
        assert_eq!(query(&[("b", "/ é"), ("a", "")]), "a=&b=%2F%20%C3%A9");
        let at = OffsetDateTime::from_unix_timestamp(1_369_353_600);
        assert_eq!(at.map(date).ok().as_deref(), Some("20130524T000000Z"));
    }
}
