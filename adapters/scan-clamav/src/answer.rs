//! What clamd answers to a stream: `stream: OK`, `stream: <name> FOUND`, `<words> ERROR`.

use passerelle_core::ports::Finding;

/// Longest name that is told, in characters.
const LONGEST_NAME: usize = 100;

/// The finding; what is wrong when it is none.
pub(crate) fn read(octets: &[u8]) -> Result<Finding, String> {
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
        assert_eq!(read(b"stream: OK\0"), Ok(Finding::Clean));
        assert_eq!(read(b"stream: Eicar FOUND\0"), Ok(Finding::Bad { what: "Eicar".into() }));
        // Nothing but its own words is a yes.
        for wrong in
            [&b""[..], b"OK", b"stream: ", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK FOUNDER", b"\xff"]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
