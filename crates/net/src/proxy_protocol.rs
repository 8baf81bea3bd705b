//! The PROXY protocol, versions 1 and 2, as HAProxy's `proxy-protocol.txt` (revision of 2020/03/05) defines it. Octets in, a value
//! out; whether the sender may be believed is the listener's to know.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest header that is taken, in octets: 107 for version 1 (§2.1), 16 and 520 for version 2 with what may follow.
pub const LONGEST: usize = 536;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const LONGEST_V1: usize = 107;

/// What the first octets of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// More octets are needed.
    Incomplete,
    /// A whole header.
    Header {
        /// The client; `None` when the balancer speaks for itself (LOCAL, UNKNOWN).
        client: Option<SocketAddr>,
        /// How many octets the header has.
        length: usize,
    },
    /// No header.
    Invalid,
}

/// Reads a header from the first octets.
pub fn parse(octets: &[u8]) -> Parsed {
    if octets.starts_with(SIGNATURE) {
        return version_2(octets);
    }
    if octets.starts_with(b"PROXY ") {
        return version_1(octets);
    }
    if SIGNATURE.starts_with(octets) || b"PROXY ".starts_with(octets) { Parsed::Incomplete } else { Parsed::Invalid }
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n` (§2.1)
fn version_1(octets: &[u8]) -> Parsed {
    let Some(end) = octets.iter().take(LONGEST_V1).position(|octet| *octet == b'\n') else {
        return if octets.len() >= LONGEST_V1 { Parsed::Invalid } else { Parsed::Incomplete };
    };
    let line =
        octets.get(..end).and_then(|line| line.strip_suffix(b"\r")).and_then(|line| std::str::from_utf8(line).ok());
    let Some(line) = line else { return Parsed::Invalid };
    let length = end.saturating_add(1);
    let words: Vec<&str> = line.split(' ').collect();
    let client = match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => None,
        ["PROXY", "TCP4", source, _, port, _] => match (source.parse::<Ipv4Addr>(), port.parse()) {
            (Ok(address), Ok(port)) => Some(SocketAddr::new(IpAddr::V4(address), port)),
            _ => return Parsed::Invalid,
        },
        ["PROXY", "TCP6", source, _, port, _] => match (source.parse::<Ipv6Addr>(), port.parse()) {
            (Ok(address), Ok(port)) => Some(SocketAddr::new(IpAddr::V6(address), port)),
            _ => return Parsed::Invalid,
        },
        _ => return Parsed::Invalid,
    };
    Parsed::Header { client, length }
}

/// Signature, version and command, family, length, addresses (§2.2)
fn version_2(octets: &[u8]) -> Parsed {
    let Some((head, rest)) = octets.split_first_chunk::<16>() else { return Parsed::Incomplete };
    let [.., command, family, high, low] = *head;
    let follows = usize::from(u16::from_be_bytes([high, low]));
    let length = follows.saturating_add(16);
    if command >> 4 != 2 || length > LONGEST {
        return Parsed::Invalid;
    }
    let Some(addresses) = rest.get(..follows) else { return Parsed::Incomplete };
    let client = match (command & 0xf, family) {
        (0, _) => None,
        (1, 0x11) => match addresses.first_chunk::<12>() {
            Some([a, b, c, d, _, _, _, _, high, low, _, _]) => {
                Some(SocketAddr::new(Ipv4Addr::new(*a, *b, *c, *d).into(), u16::from_be_bytes([*high, *low])))
            }
            None => return Parsed::Invalid,
        },
        (1, 0x21) => match addresses.split_first_chunk::<16>() {
            Some((source, rest)) => match rest.get(16..18) {
                Some([high, low]) => {
                    Some(SocketAddr::new(Ipv6Addr::from(*source).into(), u16::from_be_bytes([*high, *low])))
                }
                _ => return Parsed::Invalid,
            },
            None => return Parsed::Invalid,
        },
        (1, _) => None,
        _ => return Parsed::Invalid,
    };
    Parsed::Header { client, length }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(octets: &[u8], expected: Parsed) {
        assert_eq!(parse(octets), expected);
        // Cut anywhere, it is incomplete or invalid, never another header.
        if let Parsed::Header { length, .. } = expected {
            for cut in 0..length {
                assert_eq!(parse(&octets[..cut]), Parsed::Incomplete, "cut at {cut}");
            }
        }
    }

    fn header(client: &str, length: usize) -> Parsed {
        Parsed::Header { client: Some(client.parse().unwrap()), length }
    }

    #[test]
    fn version_1_lines() {
        check(b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\nA1 NOOP", header("192.0.2.1:56324", 42));
        check(b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n", header("[2001:db8::1]:1", 32));
        check(b"PROXY UNKNOWN\r\n", Parsed::Header { client: None, length: 15 });
        check(b"PROXY TCP4 a b 1 2\r\n", Parsed::Invalid);
        check(b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\n", Parsed::Invalid);
        check(&[b"PROXY ".as_slice(), &[b'x'; 200]].concat(), Parsed::Invalid);
        check(b"a1 LOGIN", Parsed::Invalid);
        check(b"", Parsed::Incomplete);
    }

    #[test]
    fn version_2_headers() {
        let v4 = [SIGNATURE.as_slice(), &[0x21, 0x11, 0, 12, 192, 0, 2, 1, 192, 0, 2, 2, 0xdc, 4, 1, 0xbb]].concat();
        check(&v4, header("192.0.2.1:56324", 28));
        let local = [SIGNATURE.as_slice(), &[0x20, 0, 0, 0]].concat();
        check(&local, Parsed::Header { client: None, length: 16 });
        let short = [SIGNATURE.as_slice(), &[0x21, 0x11, 0, 2, 1, 2]].concat();
        check(&short, Parsed::Invalid);
        let endless = [SIGNATURE.as_slice(), &[0x21, 0x11, 0xff, 0xff]].concat();
        check(&endless, Parsed::Invalid);
    }
}
