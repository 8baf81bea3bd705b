//! From octets to commands, argument by argument (RFC 5804 §4). A literal is read where the grammar has a string and nowhere
//! else.

use crate::command::{Command, LONGEST_HEAD, LONGEST_NAME, Script};

/// What the beginning of some octets is, where an answer to a challenge of SASL is due (RFC 5804 §2.1): a string and its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// More has to come.
    Incomplete,
    /// A string, of so many octets with its end.
    String(Vec<u8>, usize),
    /// Nothing sensible can follow.
    Lost,
}

impl Answer {
    /// Reads the string that these octets begin with.
    pub fn parse(octets: &[u8]) -> Self {
        let mut reader = Reader { octets, at: 0 };
        match reader.string(LONGEST_HEAD).and_then(|text| reader.end().map(|()| text)) {
            Ok(text) => Self::String(text, reader.at),
            Err(Fault::Incomplete) if octets.len() < LONGEST_HEAD => Self::Incomplete,
            Err(Fault::Incomplete | Fault::Wrong | Fault::Lost) => Self::Lost,
        }
    }
}

/// Why octets are no command.
pub(crate) enum Fault {
    Incomplete,
    Wrong,
    Lost,
}

/// The command that these octets begin with, and its length.
pub(crate) fn parse(octets: &[u8]) -> Result<(Command, usize), Fault> {
    let mut reader = Reader { octets, at: 0 };
    let verb = reader.verb()?;
    let command = match verb.as_slice() {
        b"CAPABILITY" => Command::Capability,
        b"STARTTLS" => Command::StartTls,
        b"UNAUTHENTICATE" => Command::Unauthenticate,
        b"LOGOUT" => Command::Logout,
        b"LISTSCRIPTS" => Command::ListScripts,
        b"NOOP" => Command::Noop(if reader.is_at_end()? { None } else { Some(reader.argument(1024)?) }),
        b"AUTHENTICATE" => {
            let mechanism = String::from_utf8(reader.argument(64)?).map_err(|_| Fault::Wrong)?.to_ascii_uppercase();
            let initial = if reader.is_at_end()? { None } else { Some(reader.argument(LONGEST_HEAD)?) };
            Command::Authenticate { mechanism, initial }
        }
        b"HAVESPACE" => Command::HaveSpace(reader.name()?, reader.number()?),
        b"PUTSCRIPT" => {
            let name = reader.name()?;
            match reader.script()? {
                script @ Script::Follows(_) => return Ok((Command::PutScript(name, script), reader.at)),
                script @ Script::Whole(_) => Command::PutScript(name, script),
            }
        }
        b"CHECKSCRIPT" => match reader.script()? {
            script @ Script::Follows(_) => return Ok((Command::CheckScript(script), reader.at)),
            script @ Script::Whole(_) => Command::CheckScript(script),
        },
        b"SETACTIVE" => Command::SetActive(reader.name()?),
        b"GETSCRIPT" => Command::GetScript(reader.name()?),
        b"DELETESCRIPT" => Command::DeleteScript(reader.name()?),
        b"RENAMESCRIPT" => Command::RenameScript(reader.name()?, reader.name()?),
        _ => return Err(Fault::Wrong),
    };
    reader.end()?;
    Ok((command, reader.at))
}

/// Whether a line seems to end with the announcement of a literal, in whatever place.
pub(crate) fn announces_literal(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let Some(inner) = line.strip_suffix(b"}") else { return false };
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let digits = inner.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    digits > 0 && inner.len().checked_sub(digits.saturating_add(1)).and_then(|at| inner.get(at)) == Some(&b'{')
}

struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Result<u8, Fault> {
        self.octets.get(self.at).copied().ok_or(Fault::Incomplete)
    }

    fn take(&mut self) -> Result<u8, Fault> {
        let octet = self.peek()?;
        self.at = self.at.saturating_add(1);
        Ok(octet)
    }

    fn expect(&mut self, expected: u8) -> Result<(), Fault> {
        if self.take()? == expected { Ok(()) } else { Err(Fault::Wrong) }
    }

    fn verb(&mut self) -> Result<Vec<u8>, Fault> {
        let mut verb = Vec::new();
        while self.peek()?.is_ascii_alphabetic() {
            verb.push(self.take()?.to_ascii_uppercase());
            if verb.len() > 32 {
                return Err(Fault::Wrong);
            }
        }
        Ok(verb)
    }

    fn is_at_end(&self) -> Result<bool, Fault> {
        Ok(matches!(self.peek()?, b'\r' | b'\n'))
    }

    fn end(&mut self) -> Result<(), Fault> {
        if self.peek()? == b'\r' {
            self.take()?;
        }
        self.expect(b'\n')
    }

    fn name(&mut self) -> Result<Vec<u8>, Fault> {
        self.argument(LONGEST_NAME)
    }

    fn number(&mut self) -> Result<u64, Fault> {
        self.expect(b' ')?;
        self.digits()
    }

    fn digits(&mut self) -> Result<u64, Fault> {
        let mut digits = String::new();
        while self.peek()?.is_ascii_digit() {
            digits.push(char::from(self.take()?));
            if digits.len() > 10 {
                return Err(Fault::Wrong);
            }
        }
        // RFC 5804 §4: a number has 32 bits.
        digits.parse::<u32>().map(u64::from).map_err(|_| Fault::Wrong)
    }

    /// A string of at most so many octets.
    fn argument(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        self.expect(b' ')?;
        self.string(most)
    }

    fn string(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        match self.peek()? {
            b'"' => self.quoted(most),
            b'{' => {
                let length = usize::try_from(self.literal()?).map_err(|_| Fault::Lost)?;
                if length > most {
                    return Err(Fault::Lost);
                }
                let end = self.at.saturating_add(length);
                let text = self.octets.get(self.at..end).ok_or(Fault::Incomplete)?.to_vec();
                self.at = end;
                Ok(text)
            }
            _ => Err(Fault::Wrong),
        }
    }

    fn script(&mut self) -> Result<Script, Fault> {
        self.expect(b' ')?;
        match self.peek()? {
            b'"' => self.quoted(LONGEST_HEAD).map(Script::Whole),
            b'{' => self.literal().map(Script::Follows),
            _ => Err(Fault::Wrong),
        }
    }

    fn quoted(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        self.expect(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.take()? {
                b'"' => return Ok(text),
                b'\\' => match self.take()? {
                    octet @ (b'"' | b'\\') => text.push(octet),
                    _ => return Err(Fault::Wrong),
                },
                b'\r' | b'\n' | 0 => return Err(Fault::Wrong),
                octet => text.push(octet),
            }
            if text.len() > most {
                return Err(Fault::Wrong);
            }
        }
    }

    /// `{42+}` and its line end. One that waits for a word of the server is not for clients (RFC 5804 §4).
    fn literal(&mut self) -> Result<u64, Fault> {
        self.expect(b'{')?;
        let length = self.digits()?;
        self.expect(b'+')?;
        self.expect(b'}')?;
        self.end()?;
        Ok(length)
    }
}
