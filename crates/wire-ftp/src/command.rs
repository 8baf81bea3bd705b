//! Commands of a client.
//!
//! `command = keyword [SP parameter] CRLF`; keywords in any case (RFC 959 §5.3). What Telnet puts among the octets is taken
//! out first: an ABOR may come behind IAC IP IAC DM (RFC 959 §4.1.3).

use std::fmt;

/// Longest line of a client, in octets with its end: a path of 4096 octets, a keyword and what Telnet may add.
pub const LONGEST_LINE: usize = 8 * 1024;

/// A command.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// `USER name`
    User(Vec<u8>),
    /// `PASS password`; spaces are part of it, and nothing demands that it be text.
    Pass(Vec<u8>),
    /// `ACCT account`
    Acct,
    /// `AUTH mechanism` (RFC 4217 §4).
    Auth(Security),
    /// `PBSZ size` (RFC 2228 §3).
    Pbsz(u64),
    /// `PROT level` (RFC 2228 §3).
    Prot(Protection),
    /// `CCC` (RFC 2228 §3).
    Ccc,
    /// `FEAT` (RFC 2389 §3).
    Feat,
    /// `OPTS name [options]` (RFC 2389 §4): the name in upper case, and the rest.
    Opts(String, String),
    /// `SYST`
    Syst,
    /// `TYPE code`
    Type(Representation),
    /// `MODE code`: whether it is S, the stream.
    Mode(bool),
    /// `STRU code`: whether it is F, a file without structure.
    Stru(bool),
    /// `PWD`, and `XPWD` of RFC 775 as old clients say it.
    Pwd,
    /// `CWD path`
    Cwd(String),
    /// `CDUP`
    Cdup,
    /// `LIST [path]`
    List(Option<String>),
    /// `NLST [path]`
    Nlst(Option<String>),
    /// `MLSD [path]` (RFC 3659 §7).
    Mlsd(Option<String>),
    /// `MLST [path]` (RFC 3659 §7).
    Mlst(Option<String>),
    /// `SIZE path` (RFC 3659 §4).
    Size(String),
    /// `MDTM path` (RFC 3659 §3).
    Mdtm(String),
    /// `MFMT time path`
    Mfmt,
    /// `PASV`
    Pasv,
    /// `EPSV [protocol]`, `EPSV ALL` (RFC 2428 §3).
    Epsv(Extended),
    /// `PORT address`
    Port,
    /// `EPRT address` (RFC 2428 §2).
    Eprt,
    /// `REST offset` (RFC 3659 §5).
    Rest(u64),
    /// `RETR path`
    Retr(String),
    /// `STOR path`
    Stor(String),
    /// `STOU`
    Stou,
    /// `APPE path`
    Appe(String),
    /// `ALLO octets [R record]` (RFC 959 §4.1.3): how much will come, at most.
    Allo(u64),
    /// `DELE path`
    Dele(String),
    /// `RMD path`
    Rmd(String),
    /// `MKD path`
    Mkd(String),
    /// `RNFR path`
    Rnfr(String),
    /// `RNTO path`
    Rnto(String),
    /// `ABOR`
    Abor,
    /// `NOOP`
    Noop,
    /// `STAT [path]`
    Stat(Option<String>),
    /// `HELP [command]`
    Help,
    /// `SITE words`
    Site,
    /// `REIN`
    Rein,
    /// `QUIT`
    Quit,
}

/// What AUTH asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `TLS`, and its other name `TLS-C` (RFC 4217 §17).
    Tls,
    /// Something else.
    Other,
}

/// A level of PROT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// `C`: in clear.
    Clear,
    /// `P`: private.
    Private,
    /// `S` or `E`, which TLS does not have (RFC 4217 §9).
    Other,
}

/// A type of TYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Representation {
    /// `A`, `A N`: text.
    Ascii,
    /// `I`, `L 8`: octets.
    Image,
    /// One that nobody has used for decades.
    Other,
}

/// What EPSV asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extended {
    /// Whatever the control connection runs over.
    Same,
    /// `1`: IPv4.
    V4,
    /// `2`: IPv6.
    V6,
    /// `ALL`: nothing else will be asked for.
    All,
    /// A protocol of another number.
    Other,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such keyword.
    Unknown,
    /// The keyword has other parameters.
    Parameters,
    /// A name is not in UTF-8 (RFC 2640 §3.1).
    Encoding,
}

/// Every keyword that is done, for whoever must try all of them.
pub const fn commands() -> &'static [&'static str] {
    &[
        "USER", "PASS", "ACCT", "AUTH", "PBSZ", "PROT", "CCC", "FEAT", "OPTS", "SYST", "TYPE", "MODE", "STRU", "PWD",
        "CWD", "CDUP", "LIST", "NLST", "MLSD", "MLST", "SIZE", "MDTM", "MFMT", "PASV", "EPSV", "PORT", "EPRT", "REST",
        "RETR", "STOR", "STOU", "APPE", "ALLO", "DELE", "RMD", "MKD", "RNFR", "RNTO", "ABOR", "NOOP", "STAT", "HELP",
        "SITE", "REIN", "QUIT",
    ]
}

impl Command {
    /// Reads a line without its end.
    ///
    /// # Errors
    /// [`Wrong`] for anything else than one of the commands.
    pub fn parse(line: &[u8]) -> Result<Self, Wrong> {
        let line = without_telnet(line);
        let (keyword, rest) = match memchr::memchr(b' ', &line) {
            Some(at) => (line.get(..at).unwrap_or_default(), line.get(at.saturating_add(1)..)),
            None => (line.as_slice(), None),
        };
        let rest = rest.filter(|rest| !rest.is_empty());
        let bare = |command: Self| if rest.is_none_or(is_blank) { Ok(command) } else { Err(Wrong::Parameters) };
        let path = |command: fn(String) -> Self| text(rest)?.map(command).ok_or(Wrong::Parameters);
        let word = || text(rest)?.ok_or(Wrong::Parameters);
        match keyword.to_ascii_uppercase().as_slice() {
            b"USER" => rest.filter(|it| !is_blank(it)).map(|it| Self::User(it.to_vec())).ok_or(Wrong::Parameters),
            b"PASS" => Ok(Self::Pass(rest.unwrap_or_default().to_vec())),
            b"ACCT" => Ok(Self::Acct),
            b"AUTH" => word().map(|it| Self::Auth(security(&it))),
            b"PBSZ" => word()?.trim().parse().map(Self::Pbsz).map_err(|_| Wrong::Parameters),
            b"PROT" => protection(&word()?).map(Self::Prot),
            b"CCC" => bare(Self::Ccc),
            b"FEAT" => bare(Self::Feat),
            b"OPTS" => word().map(|it| {
                let (name, options) = it.split_once(' ').unwrap_or((&it, ""));
                Self::Opts(name.to_ascii_uppercase(), options.to_owned())
            }),
            b"SYST" => bare(Self::Syst),
            b"TYPE" => word().map(|it| Self::Type(representation(&it))),
            b"MODE" => word().map(|it| Self::Mode(it.eq_ignore_ascii_case("S"))),
            b"STRU" => word().map(|it| Self::Stru(it.eq_ignore_ascii_case("F"))),
            b"PWD" | b"XPWD" => bare(Self::Pwd),
            b"CWD" | b"XCWD" => path(Self::Cwd),
            b"CDUP" | b"XCUP" => bare(Self::Cdup),
            b"LIST" => Ok(Self::List(text(rest)?.and_then(|it| without_options(&it)))),
            b"NLST" => Ok(Self::Nlst(text(rest)?.and_then(|it| without_options(&it)))),
            b"MLSD" => text(rest).map(Self::Mlsd),
            b"MLST" => text(rest).map(Self::Mlst),
            b"SIZE" => path(Self::Size),
            b"MDTM" => path(Self::Mdtm),
            b"MFMT" => Ok(Self::Mfmt),
            b"PASV" => bare(Self::Pasv),
            b"EPSV" => text(rest).map(|it| Self::Epsv(extended(it.as_deref()))),
            b"PORT" => Ok(Self::Port),
            b"EPRT" => Ok(Self::Eprt),
            b"REST" => offset(&word()?).map(Self::Rest),
            b"RETR" => path(Self::Retr),
            b"STOR" => path(Self::Stor),
            b"STOU" => bare(Self::Stou),
            b"APPE" => path(Self::Appe),
            b"ALLO" => offset(word()?.split(' ').next().unwrap_or_default()).map(Self::Allo),
            b"DELE" => path(Self::Dele),
            b"RMD" | b"XRMD" => path(Self::Rmd),
            b"MKD" | b"XMKD" => path(Self::Mkd),
            b"RNFR" => path(Self::Rnfr),
            b"RNTO" => path(Self::Rnto),
            b"ABOR" => bare(Self::Abor),
            b"NOOP" => Ok(Self::Noop),
            b"STAT" => text(rest).map(Self::Stat),
            b"HELP" => Ok(Self::Help),
            b"SITE" => Ok(Self::Site),
            b"REIN" => bare(Self::Rein),
            b"QUIT" => bare(Self::Quit),
            _ => Err(Wrong::Unknown),
        }
    }

    /// The keyword, which may be shown and logged.
    pub const fn keyword(&self) -> &'static str {
        match self {
            Self::User(_) => "USER",
            Self::Pass(_) => "PASS",
            Self::Acct => "ACCT",
            Self::Auth(_) => "AUTH",
            Self::Pbsz(_) => "PBSZ",
            Self::Prot(_) => "PROT",
            Self::Ccc => "CCC",
            Self::Feat => "FEAT",
            Self::Opts(..) => "OPTS",
            Self::Syst => "SYST",
            Self::Type(_) => "TYPE",
            Self::Mode(_) => "MODE",
            Self::Stru(_) => "STRU",
            Self::Pwd => "PWD",
            Self::Cwd(_) => "CWD",
            Self::Cdup => "CDUP",
            Self::List(_) => "LIST",
            Self::Nlst(_) => "NLST",
            Self::Mlsd(_) => "MLSD",
            Self::Mlst(_) => "MLST",
            Self::Size(_) => "SIZE",
            Self::Mdtm(_) => "MDTM",
            Self::Mfmt => "MFMT",
            Self::Pasv => "PASV",
            Self::Epsv(_) => "EPSV",
            Self::Port => "PORT",
            Self::Eprt => "EPRT",
            Self::Rest(_) => "REST",
            Self::Retr(_) => "RETR",
            Self::Stor(_) => "STOR",
            Self::Stou => "STOU",
            Self::Appe(_) => "APPE",
            Self::Allo(_) => "ALLO",
            Self::Dele(_) => "DELE",
            Self::Rmd(_) => "RMD",
            Self::Mkd(_) => "MKD",
            Self::Rnfr(_) => "RNFR",
            Self::Rnto(_) => "RNTO",
            Self::Abor => "ABOR",
            Self::Noop => "NOOP",
            Self::Stat(_) => "STAT",
            Self::Help => "HELP",
            Self::Site => "SITE",
            Self::Rein => "REIN",
            Self::Quit => "QUIT",
        }
    }
}

// People type passwords where a login belongs, and names of files are theirs.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|octet| *octet == b' ')
}

fn text(rest: Option<&[u8]>) -> Result<Option<String>, Wrong> {
    rest.map(|rest| String::from_utf8(rest.to_vec()).map_err(|_| Wrong::Encoding)).transpose()
}

/// Takes Telnet's commands out (RFC 854): IAC IAC is an octet of the text, WILL to DONT have an option behind them. The last
/// octet of the Synch is urgent and may be missing, so that an IAC before ordinary text goes by itself.
fn without_telnet(line: &[u8]) -> Vec<u8> {
    const IAC: u8 = 0xff;
    let mut out = Vec::with_capacity(line.len());
    let mut octets = line.iter().copied().peekable();
    while let Some(octet) = octets.next() {
        if octet != IAC {
            out.push(octet);
            continue;
        }
        match octets.peek() {
            Some(&IAC) => out.extend(octets.next()),
            Some(0xfb..=0xfe) => {
                octets.next();
                octets.next();
            }
            Some(0xf0..=0xfa) => {
                octets.next();
            }
            Some(_) | None => {}
        }
    }
    out
}

/// Old clients hand `ls` its options: `LIST -la name`. A name that begins with a hyphen can be said as `./-name`.
fn without_options(text: &str) -> Option<String> {
    let mut rest = text.trim_start();
    while rest.starts_with('-') {
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    // Without options, leading spaces are the name's.
    let name = if rest.len() == text.trim_start().len() { text } else { rest };
    (!name.is_empty()).then(|| name.to_owned())
}

fn security(word: &str) -> Security {
    let is = |name: &str| word.trim().eq_ignore_ascii_case(name);
    if is("TLS") || is("TLS-C") { Security::Tls } else { Security::Other }
}

fn protection(word: &str) -> Result<Protection, Wrong> {
    match word.trim() {
        "C" | "c" => Ok(Protection::Clear),
        "P" | "p" => Ok(Protection::Private),
        "S" | "s" | "E" | "e" => Ok(Protection::Other),
        _ => Err(Wrong::Parameters),
    }
}

fn representation(words: &str) -> Representation {
    match words.trim().to_ascii_uppercase().as_str() {
        "A" | "A N" => Representation::Ascii,
        "I" | "L 8" | "L8" => Representation::Image,
        _ => Representation::Other,
    }
}

fn extended(word: Option<&str>) -> Extended {
    match word.map(str::trim) {
        None | Some("") => Extended::Same,
        Some("1") => Extended::V4,
        Some("2") => Extended::V6,
        Some(word) if word.eq_ignore_ascii_case("ALL") => Extended::All,
        Some(_) => Extended::Other,
    }
}

fn offset(word: &str) -> Result<u64, Wrong> {
    let word = word.trim();
    if word.is_empty() || !word.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(Wrong::Parameters);
    }
    word.parse().map_err(|_| Wrong::Parameters)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(line: &[u8], expected: Result<Command, Wrong>) {
        match (Command::parse(line), expected) {
            (Ok(one), Ok(other)) => assert!(one == other, "{}", String::from_utf8_lossy(line)),
            (one, other) => assert_eq!(one.err(), other.err(), "{}", String::from_utf8_lossy(line)),
        }
    }

    #[test]
    fn what_clients_say() {
        check(b"user u00001@a.test", Ok(Command::User(b"u00001@a.test".to_vec())));
        check(b"PASS  two spaces ", Ok(Command::Pass(b" two spaces ".to_vec())));
        check(b"PASS", Ok(Command::Pass(Vec::new())));
        check(b"AUTH tls", Ok(Command::Auth(Security::Tls)));
        check(b"AUTH SSL", Ok(Command::Auth(Security::Other)));
        check(b"PROT p", Ok(Command::Prot(Protection::Private)));
        check(b"OPTS utf8 on", Ok(Command::Opts("UTF8".into(), "on".into())));
        check(b"OPTS MLST type;size;", Ok(Command::Opts("MLST".into(), "type;size;".into())));
        check(b"TYPE A N", Ok(Command::Type(Representation::Ascii)));
        check(b"TYPE E", Ok(Command::Type(Representation::Other)));
        check(b"STOR  two spaces", Ok(Command::Stor(" two spaces".into())));
        check("CWD été".as_bytes(), Ok(Command::Cwd("été".into())));
        check(b"LIST", Ok(Command::List(None)));
        check(b"LIST -la", Ok(Command::List(None)));
        check(b"LIST -a -l x y", Ok(Command::List(Some("x y".into()))));
        check(b"LIST ./-x", Ok(Command::List(Some("./-x".into()))));
        check(b"EPSV ALL", Ok(Command::Epsv(Extended::All)));
        check(b"EPSV 2", Ok(Command::Epsv(Extended::V6)));
        check(b"REST 4294967296", Ok(Command::Rest(4_294_967_296)));
        check(b"ALLO 4294967296", Ok(Command::Allo(4_294_967_296)));
        check(b"ALLO 80 R 80", Ok(Command::Allo(80)));
        check(b"XPWD", Ok(Command::Pwd));
    }

    #[test]
    fn telnet_among_them() {
        check(b"\xff\xf4\xff\xf2ABOR", Ok(Command::Abor));
        check(b"\xff\xf4\xffABOR", Ok(Command::Abor));
        check(b"\xff\xfd\x06NOOP", Ok(Command::Noop));
        check(b"CWD a\xff\xffb", Err(Wrong::Encoding));
        check(b"\xff", Err(Wrong::Unknown));
    }

    #[test]
    fn what_is_none() {
        for (line, wrong) in [
            (&b""[..], Wrong::Unknown),
            (b"GET /", Wrong::Unknown),
            (b" NOOP", Wrong::Unknown),
            (b"RETR", Wrong::Parameters),
            (b"RETR ", Wrong::Parameters),
            (b"REST -1", Wrong::Parameters),
            (b"ALLO", Wrong::Parameters),
            (b"ALLO R 1", Wrong::Parameters),
            (b"REST 99999999999999999999999", Wrong::Parameters),
            (b"QUIT now", Wrong::Parameters),
            (b"STOU name", Wrong::Parameters),
            (b"USER ", Wrong::Parameters),
            (b"PROT Z", Wrong::Parameters),
            (b"RETR \xe9t\xe9", Wrong::Encoding),
        ] {
            check(line, Err(wrong));
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?} {:?}", Command::parse(b"PASS hunter2"), Command::parse(b"USER hunter2"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Command::parse(&line);
        }

        #[test]
        fn every_keyword_is_known(which in 0..commands().len(), tail in "[ -~]{0,40}") {
            let keyword = commands()[which];
            match Command::parse(format!("{keyword} {tail}").as_bytes()) {
                Ok(command) => prop_assert_eq!(command.keyword(), keyword),
                Err(wrong) => prop_assert_eq!(wrong, Wrong::Parameters),
            }
        }
    }
}
