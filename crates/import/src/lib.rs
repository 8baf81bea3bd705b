//! Files of accounts, whole or a part at a time, for every interface that takes them: tables (RFC 4180) with a head, and entries of
//! a directory (RFC 2849). Each row keeps its line in the whole file. What is wrong is told without values: one may be a password.

use passerelle_core::ImportRow;
use passerelle_wire_filter::Dn;

/// Most accounts of one part.
pub const MOST_ROWS: usize = 1000;

/// What a part is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table whose first line names the columns.
    Csv,
    /// Entries of a directory.
    Ldif,
}

impl Format {
    /// By its word; `None` for no word of one.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "ldif" => Some(Self::Ldif),
            _ => None,
        }
    }

    /// By the end of a file's name: LDIF where it says so, else a table.
    pub fn of_name(file: &str) -> Self {
        if file.to_ascii_lowercase().ends_with(".ldif") { Self::Ldif } else { Self::Csv }
    }
}

/// The rows of a part that begins at a line of the whole file: of a table its first row behind the head, 2 when nobody says; of
/// entries the first line, 1 when nobody says.
///
/// # Errors
/// What cannot be read, and in which line; or that it is more than [`MOST_ROWS`].
pub fn rows(part: &str, format: Format, first_line: Option<usize>) -> Result<Vec<ImportRow>, String> {
    if first_line == Some(0) {
        return Err("firstLine: a line, from 1".to_owned());
    }
    let rows = match format {
        Format::Csv => of_csv(part, first_line.unwrap_or(2)),
        Format::Ldif => of_ldif(part.as_bytes(), first_line.unwrap_or(1)),
    };
    let rows = rows.map_err(|(line, what)| format!("text: line {line}: {what}"))?;
    if rows.len() > MOST_ROWS {
        return Err(format!("text: at most {MOST_ROWS} accounts in one part"));
    }
    Ok(rows)
}

/// The rows of a table, the first of which stands in this line of the whole file.
///
/// # Errors
/// The line that cannot be read, and why.
pub fn of_csv(part: &str, first: usize) -> Result<Vec<ImportRow>, (usize, String)> {
    // The head is line 1 of the part; the first row stands in line 2 of it, and in `first` of the file.
    let place = |line: usize| line.saturating_add(first).saturating_sub(2);
    let wrong = |(line, what): (usize, &str)| (place(line), what.to_owned());
    let mut records = passerelle_wire_csv::parse(part).map_err(wrong)?.into_iter();
    let head = records.next().map(|head| head.cells).unwrap_or_default();
    let records = records.map(|record| (place(record.line), record.cells));
    ImportRow::of_table(&head, records).map_err(|what| wrong((1, what)))
}

/// The rows of entries, which begin at this line of the whole file.
///
/// # Errors
/// As [`of_csv`].
pub fn of_ldif(part: &[u8], first: usize) -> Result<Vec<ImportRow>, (usize, String)> {
    let place = |line: usize| line.saturating_add(first).saturating_sub(1);
    let records = passerelle_wire_ldif::parse(part).map_err(|wrong| (place(wrong.line), wrong.what))?;
    let entries = records.into_iter().map(|record| (place(record.line), record.attributes));
    Ok(ImportRow::of_entries(entries, |dn| Dn::parse(dn).ok()?.own("cn").map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(rows: &[ImportRow], expected: &[(usize, bool)]) {
        let told: Vec<(usize, bool)> = rows.iter().map(|row| (row.line, row.wanted.is_ok())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn rows_are_told_by_their_lines_in_the_whole_file() {
        let part = "login,name\nu1,A\n\nu2,B\nu1,C\n,D\nu3,E,F\n";
        check(&of_csv(part, 1002).unwrap(), &[(1002, true), (1004, true), (1005, false), (1006, false), (1007, false)]);
        assert!(of_csv("name\nx", 2).is_err() && of_csv("", 2).is_err() && of_csv("login\n\"x", 2).is_err());
        let part = "dn: uid=u1\nuid: u1\nmemberOf: cn=staff,ou=groups\n\ndn: ou=x\nou: x\n\ndn: uid=u2\nuid: u2\nmemberOf: staff\n";
        let rows = of_ldif(part.as_bytes(), 1001).unwrap();
        check(&rows, &[(1001, true), (1008, false)]);
        let groups = &rows.first().unwrap().wanted.as_ref().unwrap().groups;
        assert_eq!(groups.iter().map(|group| group.as_str()).collect::<Vec<_>>(), ["staff"]);
        assert_eq!(of_ldif(b"dn: uid=u1\nuid\n", 11).unwrap_err().0, 12);
    }

    #[test]
    fn a_part_has_a_format_a_place_and_an_end() {
        assert_eq!((Format::of_name("x.LDIF"), Format::of_name("x.txt")), (Format::Ldif, Format::Csv));
        assert_eq!((Format::parse("ldif"), Format::parse("xls")), (Some(Format::Ldif), None));
        assert!(rows("login\nu1", Format::Csv, Some(0)).unwrap_err().starts_with("firstLine"));
        let many = format!("login\n{}", "u\n".repeat(MOST_ROWS + 1));
        assert!(rows(&many, Format::Csv, None).unwrap_err().contains("1000"));
        assert_eq!(rows("login\n\"x", Format::Csv, Some(12)).unwrap_err().split(':').nth(1), Some(" line 12"));
    }
}
