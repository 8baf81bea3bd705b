//! `[ftp]`: where the data connections of FTP run, and how they are protected.

use serde::Deserialize;
use std::{fmt, net::Ipv4Addr, ops::RangeInclusive};

/// The data connections of FTP.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ftp {
    /// The ports that clients are told to connect to; any free one without.
    pub passive_ports: Option<PortRange>,
    /// The IPv4 address that PASV tells, where clients reach the gateway by another one than it has (NAT).
    pub passive_address: Option<Ipv4Addr>,
    /// Whether data may pass in clear (PROT C) beside a control connection with TLS.
    pub clear_data: bool,
    /// Whether a data connection must resume the TLS session of its control connection. Not every client can.
    pub same_tls_session: bool,
}

/// Ports from one to another: `50000-50999`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange(RangeInclusive<u16>);

/// Why a text is no range of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidRange;

impl fmt::Display for InvalidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a range of ports is two numbers from 1 on, the lower first: \"50000-50999\"")
    }
}
impl std::error::Error for InvalidRange {}

impl TryFrom<String> for PortRange {
    type Error = InvalidRange;
    fn try_from(text: String) -> Result<Self, InvalidRange> {
        let (first, last) = text.split_once('-').ok_or(InvalidRange)?;
        let port = |word: &str| word.trim().parse::<u16>().map_err(|_| InvalidRange);
        let (first, last) = (port(first)?, port(last)?);
        if first == 0 || last < first { Err(InvalidRange) } else { Ok(Self(first..=last)) }
    }
}

impl PortRange {
    /// The ports, the lowest first.
    pub fn ports(&self) -> RangeInclusive<u16> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn ranges() {
        let range = |text: &str| PortRange::try_from(text.to_owned());
        assert_eq!(range("50000-50002").unwrap().ports().count(), 3);
        assert_eq!(range("21 - 21").unwrap().ports().count(), 1);
        for bad in ["", "50000", "0-5", "5-4", "a-b", "1-70000", "1-2-3"] {
            assert_eq!(range(bad), Err(InvalidRange), "{bad}");
        }
    }
}
