//! Where a server's response ends (RFC 5804 §4): lines, with literals that are no lines, up to one that begins with OK, NO or
//! BYE.

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The command was done.
    Ok,
    /// It was not.
    No,
    /// The server closes the connection.
    Bye,
}

/// Follows the responses of a server, in pieces of any size; keeps a few octets only.
#[derive(Debug, Clone)]
pub struct Responses {
    state: State,
    /// The first letters of the line.
    word: Vec<u8>,
    /// What the line is, once its first word has ended.
    ends_as: Option<Ended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the first word of a line.
    Word,
    /// Behind it.
    Line,
    Quoted,
    Escaped,
    /// In `{42`, with the number so far.
    Braces(u64),
    /// Behind `}`.
    Closed(u64),
    /// In a literal, with what is left of it.
    Literal(u64),
}

impl Default for Responses {
    fn default() -> Self {
        Self { state: State::Word, word: Vec::new(), ends_as: None }
    }
}

impl Responses {
    /// Looks at a piece, up to the end of a response. How many octets belong to it, and how it ended if it did.
    pub fn pass(&mut self, piece: &[u8]) -> (usize, Option<Ended>) {
        let mut at = 0_usize;
        while let Some(octet) = piece.get(at).copied() {
            if let State::Literal(left) = self.state {
                let there = u64::try_from(piece.len().saturating_sub(at)).unwrap_or(u64::MAX);
                let skipped = there.min(left);
                at = at.saturating_add(usize::try_from(skipped).unwrap_or(usize::MAX));
                let left = left.saturating_sub(skipped);
                self.state = if left == 0 { State::Line } else { State::Literal(left) };
                continue;
            }
            at = at.saturating_add(1);
            if let Some(ended) = self.octet(octet) {
                return (at, Some(ended));
            }
        }
        (at, None)
    }

    /// Whether no response is under way.
    pub fn is_at_rest(&self) -> bool {
        self.state == State::Word && self.word.is_empty() && self.ends_as.is_none()
    }

    fn octet(&mut self, octet: u8) -> Option<Ended> {
        self.state = match (self.state, octet) {
            (State::Word, letter) if letter.is_ascii_alphabetic() => {
                if self.word.len() < 4 {
                    self.word.push(letter.to_ascii_uppercase());
                }
                State::Word
            }
            (State::Word, other) => {
                self.ends_as = match self.word.as_slice() {
                    b"OK" => Some(Ended::Ok),
                    b"NO" => Some(Ended::No),
                    b"BYE" => Some(Ended::Bye),
                    _ => None,
                };
                self.state = State::Line;
                return self.octet(other);
            }
            (State::Closed(length), b'\n') if length > 0 => State::Literal(length),
            // An empty literal; its line goes on.
            (State::Closed(_), b'\n') => State::Line,
            (State::Closed(length), b'\r') => State::Closed(length),
            (State::Line | State::Braces(_), b'\n') => {
                self.state = State::Word;
                self.word.clear();
                return self.ends_as.take();
            }
            (State::Line | State::Closed(_), b'"') => State::Quoted,
            (State::Line | State::Closed(_), b'{') => State::Braces(0),
            (State::Quoted, b'\\') => State::Escaped,
            (State::Quoted, b'"') => State::Line,
            (State::Quoted | State::Escaped, _) => State::Quoted,
            (State::Braces(number), digit @ b'0'..=b'9') => {
                State::Braces(number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
            }
            (State::Braces(number), b'+') => State::Braces(number),
            (State::Braces(number), b'}') => State::Closed(number),
            (State::Line | State::Closed(_) | State::Braces(_), _) => State::Line,
            (State::Literal(left), _) => State::Literal(left),
        };
        None
    }
}

/// A capability: its name in upper case, and its line as it is, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// `SIEVE`, `STARTTLS`, ...
    pub name: String,
    /// `"SIEVE" "fileinto vacation"`
    pub line: String,
}

impl Capability {
    /// Its value, where it has one and that is a plain quoted string.
    pub fn value(&self) -> Option<&str> {
        let (_, rest) = self.line.strip_prefix('"')?.split_once('"')?;
        rest.trim().strip_prefix('"')?.strip_suffix('"')
    }
}

/// The capabilities of a whole response (RFC 5804 §1.7): lines that begin with a quoted name.
pub fn capabilities(response: &[u8]) -> Vec<Capability> {
    let text = String::from_utf8_lossy(response);
    let named = |line: &str| {
        let name = line.strip_prefix('"')?.split('"').next()?.to_ascii_uppercase();
        Some(Capability { name, line: line.to_owned() })
    };
    text.lines().filter_map(|line| named(line.trim_end())).collect()
}

/// A script as LISTSCRIPTS names it (RFC 5804 §2.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: Vec<u8>,
    /// Whether it sorts the mail that comes.
    pub active: bool,
}

/// The scripts of a whole response to LISTSCRIPTS: `*(string [SP "ACTIVE"] CRLF)`; `None` when it cannot be read.
pub fn scripts(response: &[u8]) -> Option<Vec<Listed>> {
    let (mut rest, mut listed) = (response, Vec::new());
    while matches!(rest.first(), Some(b'"' | b'{')) {
        let (name, behind) = string(rest)?;
        let end = behind.iter().position(|octet| *octet == b'\n')?;
        let (word, behind) = behind.split_at_checked(end.checked_add(1)?)?;
        let active = match word.trim_ascii() {
            b"" => false,
            word if word.eq_ignore_ascii_case(b"ACTIVE") => true,
            _ => return None,
        };
        listed.push(Listed { name, active });
        rest = behind;
    }
    Some(listed)
}

/// The script of a whole response to GETSCRIPT (RFC 5804 §2.9).
pub fn script(response: &[u8]) -> Option<Vec<u8>> {
    string(response).map(|(script, _)| script)
}

/// The response code of the line that ends a response, in upper case: `QUOTA/MAXSIZE`, `NONEXISTENT` (RFC 5804 §1.3); and
/// its text. For responses that are that line alone.
pub fn ending(response: &[u8]) -> (Option<String>, String) {
    let rest = response.iter().position(|octet| *octet == b' ').and_then(|at| response.get(at..)).unwrap_or_default();
    let rest = rest.trim_ascii_start();
    let (code, rest) = match rest.strip_prefix(b"(") {
        Some(inner) => match inner.iter().position(|octet| matches!(octet, b')' | b' ')) {
            Some(at) => {
                let code = String::from_utf8_lossy(inner.get(..at).unwrap_or_default()).to_ascii_uppercase();
                let close = inner.iter().position(|octet| *octet == b')').unwrap_or(at);
                (Some(code), inner.get(close.saturating_add(1)..).unwrap_or_default())
            }
            None => (None, rest),
        },
        None => (None, rest),
    };
    let text = string(rest.trim_ascii_start()).map(|(text, _)| String::from_utf8_lossy(&text).into_owned());
    (code, text.unwrap_or_default())
}

/// A string of a server, quoted or as a literal, and what follows it.
fn string(octets: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    match octets.split_first()? {
        (b'"', rest) => {
            let (mut text, mut rest) = (Vec::new(), rest);
            loop {
                let (first, behind) = rest.split_first()?;
                rest = behind;
                match first {
                    b'"' => return Some((text, rest)),
                    b'\\' => {
                        let (escaped, behind) = rest.split_first()?;
                        rest = behind;
                        text.push(*escaped);
                    }
                    other => text.push(*other),
                }
            }
        }
        (b'{', rest) => {
            let end = rest.iter().position(|octet| *octet == b'}')?;
            let number = rest.get(..end)?;
            let number = number.strip_suffix(b"+").unwrap_or(number);
            let length: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
            let rest = rest.get(end.checked_add(1)?..)?;
            let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
            let (text, rest) = rest.split_at_checked(length)?;
            Some((text.to_vec(), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(response: &str, expected: Ended) {
        for size in [1, 2, 3, 1000] {
            let (mut responses, mut at, mut found) = (Responses::default(), 0, None);
            for piece in response.as_bytes().chunks(size) {
                let (taken, ended) = responses.pass(piece);
                at += taken;
                found = found.or(ended);
                assert!(ended.is_none() || at == response.len(), "{response:?} ended at {at}");
            }
            assert_eq!((found, at, responses.is_at_rest()), (Some(expected), response.len(), true), "{response:?}");
        }
    }

    #[test]
    fn whole_responses() {
        check("OK\r\n", Ended::Ok);
        check("ok \"done\"\r\n", Ended::Ok);
        check("NO (QUOTA/MAXSIZE) \"too \\\"large\\\"\"\r\n", Ended::No);
        check("BYE\r\n", Ended::Bye);
        check("\"a\" ACTIVE\r\n\"OK\"\r\nOK\r\n", Ended::Ok);
        check("{9}\r\nOK\r\nNO\r\nx\r\nOK \"that was it\"\r\n", Ended::Ok);
        check("{0}\r\n\r\nOK\r\n", Ended::Ok);
        check("NO {6}\r\nline\r\n\r\n", Ended::No);
        check("OKAY\r\nOK\r\n", Ended::Ok);
        check("\"x {3}\"\r\nOK\r\n", Ended::Ok);
    }

    #[test]
    fn what_is_told() {
        let told =
            capabilities(b"\"IMPLEMENTATION\" \"x\"\r\n\"sieve\" \"fileinto vacation\"\r\n\"STARTTLS\"\r\nOK\r\n");
        let names: Vec<&str> = told.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["IMPLEMENTATION", "SIEVE", "STARTTLS"]);
        assert_eq!(told.get(1).and_then(Capability::value), Some("fileinto vacation"));
        assert_eq!(told.get(2).and_then(Capability::value), None);
    }

    #[test]
    fn scripts_and_endings() {
        let told = b"\"a \\\"b\" ACTIVE\r\n{3}\r\nx\r\n\r\n\"c\"\r\nOK\r\n";
        let told = scripts(told).map(|all| all.into_iter().map(|it| (it.name, it.active)).collect::<Vec<_>>());
        assert_eq!(told, Some(vec![(b"a \"b".to_vec(), true), (b"x\r\n".to_vec(), false), (b"c".to_vec(), false)]));
        assert_eq!(scripts(b"OK\r\n"), Some(Vec::new()));
        assert_eq!(scripts(b"\"a\" ODD\r\nOK\r\n"), None);
        assert_eq!(script(b"{5}\r\nkeep;\r\nOK\r\n").as_deref(), Some(b"keep;".as_slice()));
        assert_eq!(script(b"OK\r\n"), None);
        let of = |line: &str| ending(line.as_bytes());
        assert_eq!(
            of("NO (QUOTA/MAXSIZE) \"too large\"\r\n"),
            (Some("QUOTA/MAXSIZE".to_owned()), "too large".to_owned())
        );
        assert_eq!(of("NO {6}\r\nline 1\r\n"), (None, "line 1".to_owned()));
        assert_eq!(of("OK (WARNINGS) \"x\"\r\n"), (Some("WARNINGS".to_owned()), "x".to_owned()));
        assert_eq!(of("NO (TAG \"y\") \"x\"\r\n"), (Some("TAG".to_owned()), "x".to_owned()));
        assert_eq!(of("OK\r\n"), (None, String::new()));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (scripts(&octets), script(&octets), ending(&octets));
            let mut responses = Responses::default();
            let (taken, _) = responses.pass(&octets);
            prop_assert!(taken <= octets.len());
            let _ = capabilities(&octets);
        }
    }
}
