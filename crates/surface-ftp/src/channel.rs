//! What holds before log-in and after it: the protection of data connections, and commands that ask about the server itself.

use crate::client::Client;
use passerelle_net::Network;
use passerelle_wire_ftp::{Command, Facts, Protection, Reply, Representation, Wrong, commands};

/// A control connection.
pub(crate) struct Channel {
    pub(crate) client: Client,
    pub(crate) network: Network,
    pub(crate) facts: Facts,
    /// Whether PBSZ was said, without which PROT is none (RFC 2228 §3).
    sized: bool,
    /// Whether data connections are within TLS (PROT P).
    pub(crate) is_private: bool,
}

impl Channel {
    pub(crate) fn new(client: Client, network: Network) -> Self {
        Self { client, network, facts: Facts::default(), sized: false, is_private: false }
    }

    /// Forgets what was agreed on in clear (RFC 4217 §4).
    pub(crate) fn forget(&mut self) {
        (self.sized, self.is_private) = (false, false);
    }

    /// The reply to what needs no log-in; `None` for everything else.
    pub(crate) fn reply(&mut self, command: &Command) -> Option<Reply> {
        Some(match command {
            Command::Feat => self.features(),
            Command::Help => help(),
            Command::Syst => Reply::new(215, "UNIX Type: L8"),
            Command::Noop => Reply::new(200, "Yes"),
            Command::Opts(name, options) => self.options(name, options),
            Command::Pbsz(_) | Command::Prot(_) if !self.client.is_tls() => Reply::new(503, "AUTH TLS comes first"),
            Command::Pbsz(_) => {
                self.sized = true;
                // RFC 4217 §8: TLS has no such buffer.
                Reply::new(200, "PBSZ=0")
            }
            Command::Prot(_) if !self.sized => Reply::new(503, "PBSZ comes first"),
            Command::Prot(level) => self.protect(*level),
            Command::Ccc if self.client.is_tls() => Reply::new(534, "The control connection stays within TLS"),
            Command::Ccc => Reply::new(533, "The control connection is in clear"),
            Command::Acct => Reply::new(202, "Nobody needs an account beside their login"),
            _ => return None,
        })
    }

    /// The reply to what is the same for everybody who is logged in.
    pub(crate) const fn told(command: &Command) -> Option<(u16, &'static str)> {
        Some(match command {
            // RFC 959 §3.1.1.5.3 demands that A be taken. Files pass octet by octet: a gateway that turned line ends would
            // give back another file than it was given.
            Command::Type(Representation::Ascii) => (200, "Type A; files pass as they are"),
            Command::Type(Representation::Image) => (200, "Type I"),
            Command::Type(Representation::Other) => (504, "Types are A and I"),
            Command::Mode(true) => (200, "Mode S"),
            Command::Mode(false) => (504, "The mode is S"),
            Command::Stru(true) => (200, "Structure F"),
            Command::Stru(false) => (504, "The structure is F"),
            Command::Port | Command::Eprt => {
                (502, "No connections are made to where a client says: use EPSV or PASV (RFC 2577)")
            }
            Command::Mfmt => (502, "The time of a file is that of its last change"),
            Command::Site => (502, "There is nothing of this site's own"),
            Command::Rein => (502, "Connect again"),
            _ => return None,
        })
    }

    fn features(&self) -> Reply {
        let mut features = Vec::new();
        if self.client.offers_tls() || self.client.is_tls() {
            features.extend(["AUTH TLS".to_owned(), "PBSZ".to_owned(), "PROT".to_owned()]);
        }
        features.extend(["EPSV", "MDTM"].map(str::to_owned));
        features.push(self.facts.feature());
        features.extend(["REST STREAM", "SIZE", "TVFS", "UTF8"].map(str::to_owned));
        Reply::lines(211, "Features", features, "End")
    }

    fn options(&mut self, name: &str, options: &str) -> Reply {
        match name {
            "UTF8" if options.trim().eq_ignore_ascii_case("ON") => Reply::new(200, "Names are in UTF-8"),
            "UTF8" => Reply::new(504, "Names are always in UTF-8"),
            "MLST" => {
                self.facts = Facts::parse(options);
                Reply::new(200, &self.facts.options())
            }
            _ => Reply::new(501, "That has no options"),
        }
    }

    fn protect(&mut self, level: Protection) -> Reply {
        match level {
            Protection::Private => {
                self.is_private = true;
                Reply::new(200, "Data is private")
            }
            Protection::Clear if self.network.ftp().clear_data => {
                self.is_private = false;
                Reply::new(200, "Data is in clear")
            }
            // RFC 4217 §9: for reasons of policy.
            Protection::Clear => Reply::new(534, "Data does not pass in clear here"),
            Protection::Other => Reply::new(536, "TLS protects as P only"),
        }
    }
}

fn help() -> Reply {
    let lines: Vec<String> = commands().chunks(10).map(|some| some.join(" ")).collect();
    Reply::lines(214, "Commands", lines, "End")
}

/// The reply to a line that is no command.
pub(crate) fn wrong(wrong: Wrong) -> Reply {
    match wrong {
        Wrong::Unknown => Reply::new(500, "There is no such command"),
        Wrong::Parameters => Reply::new(501, "That command has other parameters"),
        Wrong::Encoding => Reply::new(501, "Names are in UTF-8"),
    }
}
