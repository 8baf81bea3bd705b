//! What clamd answers to a stream: `stream: OK`, `stream: <name> FOUND`, `<words> ERROR`.

use passerelle_core::ports::{Finding, Looked, Mark};

/// The field that tells of it, as clamav-milter writes it.
pub(crate) const STATUS: &str = "X-Virus-Status";

/// Longest name that is told, in characters.
const LONGEST_NAME: usize = 100;

/// The finding; what is wrong when it is none.
pub(crate) fn read(octets: &[u8]) -> Result<Looked, String> {
    let finding = finding(octets)?;
    let status = match &finding {
        Finding::Bad { what } => format!("Infected ({what})"),
        Finding::Clean | Finding::Later => "Clean".to_owned(),
    };
    Ok(Looked { finding, marks: vec![Mark::new(STATUS, &status)] })
}

fn finding(octets: &[u8]) -> Result<Finding, String> {
    let text: String = String::from_utf8_lossy(octets).chars().filter(|it| !it.is_control()).collect();
    match text.strip_prefix("stream: ") {
        Some("OK") => Ok(Finding::Clean),
        Some(found) => match found.strip_suffix(" FOUND") {
            Some(name) => Ok(Finding::Bad { what: name.chars().take(LONGEST_NAME).collect() }),
            None => Err(text),
        },
        None => Err(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let looked = |octets: &[u8]| {
            read(octets).map(|looked| (looked.finding, looked.marks.iter().map(Mark::to_line).collect()))
        };
        let clean: (_, String) = (Finding::Clean, "X-Virus-Status: Clean\r\n".into());
        assert_eq!(looked(b"stream: OK\0"), Ok(clean));
        let bad = (Finding::Bad { what: "Eicar".into() }, "X-Virus-Status: Infected (Eicar)\r\n".into());
        assert_eq!(looked(b"stream: Eicar FOUND\0"), Ok(bad));
        // Nothing but its own words is a yes.
        for wrong in
            [&b""[..], b"OK", b"stream: ", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK FOUNDER", b"\xff"]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
