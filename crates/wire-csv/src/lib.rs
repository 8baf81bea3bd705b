//! Comma-separated values (RFC 4180), read: cells in quotes may hold commas, quotes and line ends. A semicolon or a tab
//! separates as well, if the first line has it and no comma.

/// Longest record, in octets.
pub const LONGEST_RECORD: usize = 256 * 1024;
/// Most cells of a record.
pub const MOST_CELLS: usize = 256;

/// A record, and the line that it begins at.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// The line, from 1.
    pub line: usize,
    /// The cells, without their quotes.
    pub cells: Vec<String>,
}

/// Reads a text.
///
/// # Errors
/// The line that is wrong, and what is wrong there; never a value.
pub fn parse(text: &str) -> Result<Vec<Record>, (usize, &'static str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.lines().next().unwrap_or_default();
    let separator = [',', ';', '\t'].into_iter().find(|sign| head.contains(*sign)).unwrap_or(',');
    let mut reader = Reader { rest: text.chars().peekable(), separator, line: 1 };
    let mut records = Vec::new();
    while reader.rest.peek().is_some() {
        let record = reader.record()?;
        // An empty line is no record.
        if record.cells.iter().any(|cell| !cell.trim().is_empty()) {
            records.push(record);
        }
    }
    Ok(records)
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    separator: char,
    line: usize,
}

impl Reader<'_> {
    /// `record = field *(COMMA field)`
    fn record(&mut self) -> Result<Record, (usize, &'static str)> {
        let line = self.line;
        let (mut cells, mut octets) = (Vec::new(), 0_usize);
        loop {
            let cell = self.cell()?;
            octets = octets.saturating_add(cell.len());
            cells.push(cell);
            if octets > LONGEST_RECORD || cells.len() > MOST_CELLS {
                return Err((line, "the record is too long"));
            }
            match self.rest.next() {
                Some(sign) if sign == self.separator => {}
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    self.line = self.line.saturating_add(1);
                    return Ok(Record { line, cells });
                }
                Some('\n') => {
                    self.line = self.line.saturating_add(1);
                    return Ok(Record { line, cells });
                }
                None => return Ok(Record { line, cells }),
                Some(_) => return Err((self.line, "something stands behind a closing quote")),
            }
        }
    }

    /// `field = (escaped / non-escaped)`
    fn cell(&mut self) -> Result<String, (usize, &'static str)> {
        let mut cell = String::new();
        if self.rest.next_if_eq(&'"').is_none() {
            while let Some(c) = self.rest.next_if(|c| *c != self.separator && !matches!(c, '\r' | '\n')) {
                cell.push(c);
                if cell.len() > LONGEST_RECORD {
                    return Err((self.line, "a cell is too long"));
                }
            }
            return Ok(cell);
        }
        let begun = self.line;
        loop {
            match self.rest.next() {
                Some('"') if self.rest.next_if_eq(&'"').is_some() => cell.push('"'),
                Some('"') => return Ok(cell),
                Some(c) => {
                    if c == '\n' {
                        self.line = self.line.saturating_add(1);
                    }
                    cell.push(c);
                }
                None => return Err((begun, "a quote is not closed")),
            }
            if cell.len() > LONGEST_RECORD {
                return Err((begun, "a cell is too long, or a quote is not closed"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[(usize, &[&str])]) {
        let records = parse(text).unwrap();
        let seen: Vec<(usize, Vec<&str>)> =
            records.iter().map(|it| (it.line, it.cells.iter().map(String::as_str).collect())).collect();
        let expected: Vec<(usize, Vec<&str>)> = expected.iter().map(|(line, cells)| (*line, cells.to_vec())).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn records_and_their_lines() {
        check("a,b\r\n1,2\r\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("a;b\n\"x;y\";\"say \"\"é\"\"\"", &[(1, &["a", "b"]), (2, &["x;y", "say \"é\""])]);
        check("a\tb\n\n \n\"1\n2\"\t3\n4\t5", &[(1, &["a", "b"]), (4, &["1\n2", "3"]), (6, &["4", "5"])]);
        check("\u{feff}login\nu1", &[(1, &["login"]), (2, &["u1"])]);
        check("", &[]);
    }

    proptest! {
        #[test]
        fn cells_come_back(rows in proptest::collection::vec(proptest::collection::vec("[a-z,\"\n é]{1,8}", 2..4), 1..5)) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",");
            let text = format!("a,b\r\n{}", rows.iter().map(line).collect::<Vec<_>>().join("\r\n"));
            let read: Vec<Vec<String>> = parse(&text).unwrap().into_iter().skip(1).map(|record| record.cells).collect();
            let full = |cells: &&Vec<String>| cells.iter().any(|cell| !cell.trim().is_empty());
            prop_assert_eq!(read, rows.iter().filter(full).cloned().collect::<Vec<_>>());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a,;\t\"\r\n\u{feff}]{0,40}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn what_is_none_names_its_line() {
        assert_eq!(parse("a\n\"b\nc").unwrap_err().0, 2);
        assert_eq!(parse("a,b\n\"x\"y,z").unwrap_err().0, 2);
        assert!(parse(&"x".repeat(LONGEST_RECORD + 1)).is_err());
        assert!(parse(&",".repeat(MOST_CELLS + 1)).is_err());
    }
}
