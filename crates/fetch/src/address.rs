//! Which addresses may be dialled. People name the servers, so whatever they name must not become a way into the networks
//! that this machine can reach and they cannot.

use passerelle_core::config::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 ranges that are nobody's public servers (RFC 6890 §2.2.2): this network, private, shared by carriers, loopback,
/// link-local, protocols', documentation, relays, measurements, multicast, reserved and broadcast.
const V4_SPECIAL: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// Within what is given out for IPv6 unicast at all, the ranges that carry IPv4 addresses or are for protocols and
/// documentation (RFC 6890 §2.2.3): Teredo and its neighbours, documentation twice, 6to4.
const V6_SPECIAL: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// What is given out for IPv6 unicast (RFC 4291 §2.4, as IANA does).
const V6_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The addresses that the settings let be dialled.
#[derive(Debug, Clone, Default)]
pub struct Dialled {
    /// Beside public ones.
    pub allowed: Vec<Network>,
    /// Never, whatever else is said: the campus's own public addresses.
    pub refused: Vec<Network>,
}

impl Dialled {
    /// Whether this address, which is the very one that would be connected to, may be.
    pub fn takes(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_in = |networks: &[Network]| networks.iter().any(|network| network.contains(address));
        !is_in(&self.refused) && (is_in(&self.allowed) || is_public(address))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let within = |(network, prefix): &(Ipv4Addr, u32)| {
                (address.to_bits() ^ network.to_bits()).leading_zeros() >= *prefix
            };
            !V4_SPECIAL.iter().any(within)
        }
        IpAddr::V6(address) => {
            let within = |(network, prefix): &(Ipv6Addr, u32)| {
                (address.to_bits() ^ network.to_bits()).leading_zeros() >= *prefix
            };
            within(&V6_UNICAST) && !V6_SPECIAL.iter().any(within)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn only_public_ones() {
        let dialled = Dialled::default();
        for public in ["9.9.9.9", "100.63.255.255", "172.32.0.1", "193.54.0.1", "2a00:1450:4007::1", "2620:fe::fe"] {
            assert!(dialled.takes(public.parse().unwrap()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!dialled.takes(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn the_settings_add_and_take_away() {
        let networks = |all: &[&str]| all.iter().map(|text| text.parse().unwrap()).collect();
        let dialled = Dialled {
            allowed: networks(&["127.0.0.0/8", "10.1.0.0/16"]),
            refused: networks(&["10.1.2.0/24", "193.54.0.0/16"]),
        };
        for (address, takes) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("::1", false),
            ("10.1.1.1", true),
            ("10.1.2.1", false),
            ("10.2.0.1", false),
            ("193.54.3.4", false),
            ("::ffff:193.54.3.4", false),
            ("193.55.3.4", true),
        ] {
            assert_eq!(dialled.takes(address.parse().unwrap()), takes, "{address}");
        }
    }
}
