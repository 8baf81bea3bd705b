//! An object with what it says of its reader and of the moment left out.

/// When something was changed that does not say it.
const UNKNOWN: &[u8] = b"19700101T000000Z";

/// The object without its alarms, and with `DTSTAMP` as when the event was changed last, as its server says (RFC 5545 §3.8.7.3): what is
/// the same stays the same octets, whenever and by whichever node it was fetched.
pub(crate) fn settled(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut event: Vec<&[u8]> = Vec::new();
    let mut in_alarm = false;
    for line in logical(octets) {
        if in_alarm || is(line, b"BEGIN:VALARM") {
            in_alarm = !is(line, b"END:VALARM");
        } else if !event.is_empty() || is(line, b"BEGIN:VEVENT") {
            event.push(line);
            if is(line, b"END:VEVENT") {
                write(&mut out, &event);
                event.clear();
            }
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

fn write(out: &mut Vec<u8>, event: &[&[u8]]) {
    let stamp = event
        .iter()
        .find_map(|line| moment(line, b"LAST-MODIFIED"))
        .or_else(|| event.iter().find_map(|line| moment(line, b"CREATED")));
    for line in event {
        if named(line, b"DTSTAMP").is_some() {
            out.extend([b"DTSTAMP:", stamp.unwrap_or(UNKNOWN), b"\r\n"].concat());
        } else {
            out.extend_from_slice(line);
        }
    }
}

/// Lines with those that go on with them (RFC 5545 §3.1).
fn logical(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = octets;
    std::iter::from_fn(move || {
        let mut end = 0_usize;
        loop {
            let line = rest.get(end..)?.iter().position(|octet| *octet == b'\n');
            end = line.map_or(rest.len(), |at| end.saturating_add(at).saturating_add(1));
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (line, after) = rest.split_at_checked(end).filter(|(line, _)| !line.is_empty())?;
        rest = after;
        Some(line)
    })
}

fn is(line: &[u8], wanted: &[u8]) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(wanted)
}

/// What stands behind the name of a property of this name: its parameters and its value.
fn named<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let (head, rest) = line.split_at_checked(name.len())?;
    (head.eq_ignore_ascii_case(name) && matches!(rest.first(), Some(b':' | b';'))).then_some(rest)
}

/// The value of a property that is a moment in UTC.
fn moment<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let value = named(line, name)?.rsplit(|octet| *octet == b':').next()?.trim_ascii();
    let is_moment = value.len() == 16 && value.ends_with(b"Z");
    is_moment.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = settled(text.replace('\n', "\r\n").as_bytes());
        assert_eq!(String::from_utf8_lossy(&found).replace("\r\n", "\n"), expected);
    }

    #[test]
    fn alarms_go_and_moments_settle() {
        check(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTAMP:20261128T141414Z\nLAST-MODIFIED;X=1:20260102T030405Z\nCREATED:20250102T030405Z\nSUMMARY:x\n y\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTAMP:20260102T030405Z\nLAST-MODIFIED;X=1:20260102T030405Z\nCREATED:20250102T030405Z\nSUMMARY:x\n y\nEND:VEVENT\nEND:VCALENDAR\n",
        );
        check(
            "BEGIN:VEVENT\nDTSTAMP;X=1:2026\n 1128T141414Z\nEND:VEVENT\n",
            "BEGIN:VEVENT\nDTSTAMP:19700101T000000Z\nEND:VEVENT\n",
        );
        // What has no end is left out by whoever reads it.
        check("", "");
        check("X", "X");
        check("BEGIN:VTIMEZONE\nDTSTAMP:1\n", "BEGIN:VTIMEZONE\nDTSTAMP:1\n");
    }
}
