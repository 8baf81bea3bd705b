//! Which server listens where: each port is the base and a fixed offset.

use crate::failure::{Failure, Result};
use crate::template::Values;

/// The base when none is given: 20389 is then the first LDAP server, 20143 the first IMAP store.
pub(crate) const DEFAULT_BASE: u16 = 20000;
/// Below are the system's own ports; above, the last offset would leave the range.
const BASES: std::ops::RangeInclusive<u16> = 1024..=60000;
/// What lies between the servers of institution A and those of B.
const NEXT_INSTITUTION: u16 = 1000;
/// The realm's servers lie between: two bases that are 2,000 apart must not meet.
const BETWEEN: u16 = 500;

/// All ports of one campus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    base: u16,
}

/// What has a directory, a mail store and a sign-on server of its own: two institutions, and the realm of seven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Institution {
    A,
    B,
    Midi,
}

impl Institution {
    pub(crate) const ALL: [Self; 3] = [Self::A, Self::B, Self::Midi];
    /// Those whose mail the MTA delivers.
    pub(crate) const MAILED: [Self; 2] = [Self::A, Self::B];

    /// As it is spelt in names: `dc=a,dc=test`, `a.test`, `ldap-a`.
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::Midi => "midi",
        }
    }

    /// How many institutions share its directory.
    pub(crate) fn members(self) -> u32 {
        match self {
            Self::A | Self::B => 1,
            Self::Midi => 7,
        }
    }
}

/// One listening server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Smtp,
    Lmtp,
    Cas,
    Pop3,
    Imap,
    Ldap,
    Sieve,
    Submission,
    Submissiond,
    Ldaps,
    Imaps,
    Pop3s,
}

impl Service {
    const ALL: [Self; 12] = [
        Self::Smtp,
        Self::Lmtp,
        Self::Cas,
        Self::Pop3,
        Self::Imap,
        Self::Ldap,
        Self::Sieve,
        Self::Submission,
        Self::Submissiond,
        Self::Ldaps,
        Self::Imaps,
        Self::Pop3s,
    ];

    /// The offset, after the registered port of the protocol where there is room.
    fn offset(self) -> u16 {
        match self {
            Self::Lmtp => 24,
            Self::Smtp => 25,
            Self::Cas => 80,
            Self::Pop3 => 110,
            Self::Imap => 143,
            Self::Ldap => 389,
            Self::Sieve => 419,
            Self::Submission => 587,
            Self::Submissiond => 588,
            Self::Ldaps => 636,
            Self::Imaps => 993,
            Self::Pop3s => 995,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lmtp => "LMTP",
            Self::Smtp => "SMTP",
            Self::Cas => "CAS",
            Self::Pop3 => "POP3",
            Self::Imap => "IMAP",
            Self::Ldap => "LDAP",
            Self::Sieve => "SIEVE",
            Self::Submission => "SUBMISSION",
            Self::Submissiond => "SUBMISSIOND",
            Self::Ldaps => "LDAPS",
            Self::Imaps => "IMAPS",
            Self::Pop3s => "POP3S",
        }
    }
}

impl Ports {
    pub(crate) fn new(base: u16) -> Result<Self> {
        if BASES.contains(&base) {
            return Ok(Self { base });
        }
        let (low, high) = (BASES.start(), BASES.end());
        Err(Failure::new(format!("port base {base}: choose one from {low} to {high}")))
    }

    pub(crate) fn base(self) -> u16 {
        self.base
    }

    pub(crate) fn of(self, service: Service, institution: Institution) -> u16 {
        let shift = match institution {
            Institution::A => 0,
            Institution::B => NEXT_INSTITUTION,
            Institution::Midi => BETWEEN,
        };
        self.base + shift + service.offset()
    }

    /// The SMTP port that trusts the gateway (XCLIENT, XFORWARD).
    pub(crate) fn relay(self) -> u16 {
        self.base + 26
    }

    /// The scanner of viruses.
    pub(crate) fn clamd(self) -> u16 {
        self.base + 310
    }

    /// The scanner of spam.
    pub(crate) fn rspamd(self) -> u16 {
        self.base + 333
    }

    /// The second kind of mail store.
    pub(crate) fn cyrus_imap(self) -> u16 {
        self.base + 144
    }

    /// Its own JMAP, to compare with.
    pub(crate) fn cyrus_http(self) -> u16 {
        self.base + 145
    }

    /// Its own POP3, to compare with.
    pub(crate) fn cyrus_pop3(self) -> u16 {
        self.base + 111
    }

    pub(crate) fn postgres(self) -> u16 {
        self.base + 432
    }

    /// The OpenID provider, for people of institution B.
    pub(crate) fn oidc(self) -> u16 {
        self.base + 2081
    }

    /// The SAML identity provider, for people of institution A.
    pub(crate) fn saml(self) -> u16 {
        self.base + 2082
    }

    pub(crate) fn radicale(self) -> u16 {
        self.base + 2232
    }

    pub(crate) fn smb(self) -> u16 {
        self.base + 2445
    }

    /// Files behind WebDAV, without TLS.
    pub(crate) fn webdav(self) -> u16 {
        self.base + 2083
    }

    /// The same with TLS.
    pub(crate) fn webdavs(self) -> u16 {
        self.base + 2084
    }

    /// Files behind FTP.
    pub(crate) fn ftp(self) -> u16 {
        self.base + 2121
    }

    /// Files behind S3, without TLS.
    pub(crate) fn s3(self) -> u16 {
        self.base + 2130
    }

    /// The same with TLS.
    pub(crate) fn s3s(self) -> u16 {
        self.base + 2131
    }

    /// The monitor of the Ceph that S3 stands on.
    pub(crate) fn ceph_mon(self) -> u16 {
        self.base + 2132
    }

    /// The first of the ports that its OSD takes.
    pub(crate) fn ceph_osd(self) -> u16 {
        self.base + 2133
    }

    /// The last of them.
    pub(crate) fn ceph_osd_last(self) -> u16 {
        self.base + 2139
    }

    /// Files behind SSH.
    pub(crate) fn sftp(self) -> u16 {
        self.base + 2222
    }

    /// Every port by its name: `IMAP_A`, `POSTGRES`, ...
    pub(crate) fn named(self) -> Vec<(String, u16)> {
        let mut ports = vec![
            ("RELAY".to_owned(), self.relay()),
            ("CLAMD".to_owned(), self.clamd()),
            ("RSPAMD".to_owned(), self.rspamd()),
            ("CYRUS_IMAP".to_owned(), self.cyrus_imap()),
            ("CYRUS_HTTP".to_owned(), self.cyrus_http()),
            ("CYRUS_POP3".to_owned(), self.cyrus_pop3()),
            ("POSTGRES".to_owned(), self.postgres()),
            ("OIDC".to_owned(), self.oidc()),
            ("SAML".to_owned(), self.saml()),
            ("RADICALE".to_owned(), self.radicale()),
            ("SMB".to_owned(), self.smb()),
            ("WEBDAV".to_owned(), self.webdav()),
            ("WEBDAVS".to_owned(), self.webdavs()),
            ("S3".to_owned(), self.s3()),
            ("S3S".to_owned(), self.s3s()),
            ("CEPH_MON".to_owned(), self.ceph_mon()),
            ("CEPH_OSD".to_owned(), self.ceph_osd()),
            ("CEPH_OSD_LAST".to_owned(), self.ceph_osd_last()),
            ("SFTP".to_owned(), self.sftp()),
            ("FTP".to_owned(), self.ftp()),
        ];
        for institution in Institution::ALL {
            let letter = institution.letter().to_uppercase();
            for service in Service::ALL {
                ports.push((format!("{}_{letter}", service.name()), self.of(service, institution)));
            }
        }
        ports
    }

    /// The values for a template that belongs to one institution: `IMAP`, `LDAP`, ... and `INST`.
    pub(crate) fn values_of(self, institution: Institution) -> Values {
        let mut values = self.values();
        values.set("INST", institution.letter());
        for service in Service::ALL {
            values.set(service.name(), self.of(service, institution));
        }
        values
    }

    /// The values for a template that belongs to all: `IMAP_A`, `SMB`, ...
    pub(crate) fn values(self) -> Values {
        let mut values = Values::default();
        for (name, port) in self.named() {
            values.set(name, port);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ports_are_the_documented_ones() {
        let ports = Ports::new(DEFAULT_BASE).unwrap();
        assert_eq!(ports.of(Service::Ldap, Institution::A), 20389);
        assert_eq!(ports.of(Service::Imap, Institution::B), 21143);
        assert_eq!(ports.of(Service::Ldap, Institution::Midi), 20889);
        assert_eq!((ports.postgres(), ports.smb(), ports.radicale(), ports.relay()), (20432, 22445, 22232, 20026));
    }

    #[test]
    fn no_two_servers_share_a_port_and_none_leaves_the_range() {
        let ports = Ports::new(*BASES.end()).unwrap().named();
        let distinct: BTreeSet<u16> = ports.iter().map(|(_, port)| *port).collect();
        assert_eq!(distinct.len(), ports.len());
        let apart: BTreeSet<u16> = ports.iter().map(|(_, port)| port % 2000).collect();
        assert_eq!(apart.len(), ports.len(), "campuses whose bases are 2,000 apart run side by side");
        assert!(Ports::new(80).is_err());
        assert!(Ports::new(65000).is_err());
    }
}
