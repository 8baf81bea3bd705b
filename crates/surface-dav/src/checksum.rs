//! `OC-Checksum`: what a client has computed over a file that it sends, held against what arrives before it is kept. As
//! ownCloud's and Nextcloud's clients and rclone send it: `OC-Checksum: SHA1:da39a3ee...`, one or several, by spaces.

use crate::error::Answer;
use adler2::Adler32;
use http::{HeaderMap, StatusCode, header::HeaderName};
use md5::Md5;
use passerelle_core::seal::hex;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const OC_CHECKSUM: HeaderName = HeaderName::from_static("oc-checksum");
/// Most checksums of one request: each costs time for every octet.
const MOST: usize = 4;

/// A checksum that grows with what arrives.
enum Running {
    Adler32(Adler32),
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
}

/// What a client says of its file, and what has arrived of it.
#[derive(Default)]
pub(crate) struct Checksums {
    expected: Vec<(&'static str, String, Running)>,
}

impl Checksums {
    /// Reads the header. A kind that is not known here is passed over, as other servers do: it was no condition.
    ///
    /// # Errors
    /// 400 for a checksum that its kind cannot have.
    pub(crate) fn of(headers: &HeaderMap) -> Answer<Self> {
        let mut expected = Vec::new();
        for value in headers.get_all(OC_CHECKSUM) {
            let value = value.to_str().map_err(|_| StatusCode::BAD_REQUEST)?;
            for one in value.split_ascii_whitespace() {
                let (kind, digits) = one.split_once(':').ok_or(StatusCode::BAD_REQUEST)?;
                let (kind, octets, running) = match kind.to_ascii_uppercase().as_str() {
                    "ADLER32" => ("ADLER32", 4, Running::Adler32(Adler32::new())),
                    "MD5" => ("MD5", 16, Running::Md5(Md5::new())),
                    "SHA1" => ("SHA1", 20, Running::Sha1(Sha1::new())),
                    "SHA256" => ("SHA256", 32, Running::Sha256(Sha256::new())),
                    _ => continue,
                };
                let fits = digits.len() == octets * 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                if !fits || expected.len() >= MOST {
                    return Err(StatusCode::BAD_REQUEST.into());
                }
                expected.push((kind, digits.to_ascii_lowercase(), running));
            }
        }
        Ok(Self { expected })
    }

    /// Takes the next octets of the file.
    pub(crate) fn update(&mut self, octets: &[u8]) {
        for (_, _, running) in &mut self.expected {
            match running {
                Running::Adler32(sum) => sum.write_slice(octets),
                Running::Md5(sum) => sum.update(octets),
                Running::Sha1(sum) => sum.update(octets),
                Running::Sha256(sum) => sum.update(octets),
            }
        }
    }

    /// Holds them against what came: all of them, written as they were sent; nothing where none was.
    ///
    /// # Errors
    /// 400 when one is another.
    pub(crate) fn finish(self) -> Answer<Option<String>> {
        let mut told = String::new();
        for (kind, expected, running) in self.expected {
            let found = match running {
                Running::Adler32(sum) => format!("{:08x}", sum.checksum()),
                Running::Md5(sum) => hex(&sum.finalize()),
                Running::Sha1(sum) => hex(&sum.finalize()),
                Running::Sha256(sum) => hex(&sum.finalize()),
            };
            if found != expected {
                return Err(StatusCode::BAD_REQUEST.into());
            }
            let between = if told.is_empty() { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(told, "{between}{kind}:{found}");
        }
        Ok((!told.is_empty()).then_some(told))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn check(header: &str, pieces: &[&[u8]]) -> Answer<Option<String>> {
        let mut headers = HeaderMap::new();
        headers.insert(OC_CHECKSUM, header.parse().unwrap());
        let mut sums = Checksums::of(&headers)?;
        pieces.iter().for_each(|piece| sums.update(piece));
        sums.finish()
    }

    /// The digests of "abc" as their specifications publish them.
    #[test]
    fn known_sums() {
        for (header, told) in [
            ("Adler32:024D0127", "ADLER32:024d0127"),
            ("MD5:900150983cd24fb0d6963f7d28e17f72", "MD5:900150983cd24fb0d6963f7d28e17f72"),
            ("SHA1:A9993E364706816ABA3E25717850C26C9CD0D89D", "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ] {
            assert_eq!(check(header, &[b"a", b"", b"bc"]).unwrap().as_deref(), Some(told));
            assert!(check(header, &[b"abd"]).is_err(), "{header}");
        }
        let both = "MD5:900150983cd24fb0d6963f7d28e17f72 ADLER32:024d0127";
        assert_eq!(check(both, &[b"abc"]).unwrap().as_deref(), Some(both));
        assert!(check("MD5:900150983cd24fb0d6963f7d28e17f72 ADLER32:024d0128", &[b"abc"]).is_err());
        assert_eq!(check("SHA3-256:00 ", &[b"abc"]).unwrap(), None);
        for bad in ["MD5", "MD5:", "MD5:0", "SHA1:900150983cd24fb0d6963f7d28e17f72", "ADLER32:024d012g"] {
            assert!(check(bad, &[b"abc"]).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(header in "(MD5|SHA1|x|:| |[0-9a-f]{8}){0,6}") {
            let _ = check(&header, &[b"x"]);
        }
    }
}
