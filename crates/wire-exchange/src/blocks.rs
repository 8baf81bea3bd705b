//! `BEGIN:x` to `END:x`, found without understanding what is in between: what is wrong in one block leaves the others whole.

use crate::Wrong;

/// Most blocks of a file.
pub(crate) const MOST_BLOCKS: usize = 400_000;

/// A block with its first and last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// The line of its BEGIN, from 1.
    pub(crate) line: usize,
    /// Which of the wrappers it lies in, from 1; 0 for none.
    pub(crate) within: usize,
    /// Its octets.
    pub(crate) octets: &'a [u8],
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Blocks<'a> {
    pub(crate) found: Vec<Block<'a>>,
    pub(crate) wrong: Vec<Wrong>,
    /// The value of the wrapper's VERSION, of each wrapper.
    pub(crate) versions: Vec<String>,
}

/// A physical line: its number, where it begins and ends in the octets, and its text without the line end.
struct Line<'a> {
    number: usize,
    from: usize,
    to: usize,
    text: &'a [u8],
}

fn lines(octets: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let (mut from, mut number) = (0_usize, 0_usize);
    octets.split_inclusive(|octet| *octet == b'\n').map(move |whole| {
        number = number.saturating_add(1);
        let begins = from;
        from = from.saturating_add(whole.len());
        let text = whole.strip_suffix(b"\n").unwrap_or(whole);
        Line { number, from: begins, to: from, text: text.strip_suffix(b"\r").unwrap_or(text) }
    })
}

/// The name that a line begins or ends; `None` for any other line.
fn after<'l>(line: &'l [u8], word: &[u8]) -> Option<&'l [u8]> {
    let head = line.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| line.get(word.len()..).unwrap_or_default().trim_ascii())
}

fn is(name: &[u8], wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted.as_bytes())
}

/// Blocks directly in a wrapper, or at the top where there is none. `anew` are the names that never lie in a block: where one
/// begins, the block that is open has lost its end.
pub(crate) fn blocks<'a>(octets: &'a [u8], wrapper: Option<&str>, anew: &[&str]) -> Blocks<'a> {
    let mut all = Blocks::default();
    let mut within = 0_usize;
    let mut is_in = wrapper.is_none();
    let mut open: Option<(usize, usize, &[u8])> = None;
    let mut depth = 0_usize;
    let mut outside = false;
    for line in lines(octets) {
        let begins = after(line.text, b"BEGIN:");
        let ends = after(line.text, b"END:");
        let is_wrapper =
            |name: Option<&[u8]>| name.is_some_and(|name| wrapper.is_some_and(|wrapper| is(name, wrapper)));
        let breaks = is_wrapper(begins)
            || is_wrapper(ends)
            || begins.is_some_and(|name| depth > 0 && anew.iter().any(|anew| is(name, anew)));
        if breaks && let Some((number, _, name)) = open.take() {
            let name = String::from_utf8_lossy(name).into_owned();
            all.wrong.push(Wrong::at(number, format!("a {name} without an END")));
            depth = 0;
        }
        if is_wrapper(begins) || is_wrapper(ends) {
            is_in = begins.is_some();
            if is_in {
                within = within.saturating_add(1);
                all.versions.push(String::new());
            }
            continue;
        }
        match (begins, ends, open) {
            (Some(name), _, None) if is_in => {
                open = Some((line.number, line.from, name));
                depth = 1;
            }
            (Some(_), _, Some(_)) => depth = depth.saturating_add(1),
            (None, Some(_), Some((number, from, _))) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    open = None;
                    if all.found.len() >= MOST_BLOCKS {
                        all.wrong.push(Wrong::at(number, format!("more than {MOST_BLOCKS} entries: divide the file")));
                        return all;
                    }
                    let octets = octets.get(from..line.to).unwrap_or_default();
                    all.found.push(Block { line: number, within, octets });
                }
            }
            (None, None, Some(_)) => {}
            (_, _, None) => {
                let version = after(line.text, b"VERSION:").filter(|_| is_in && wrapper.is_some());
                if let (Some(version), Some(last)) = (version, all.versions.last_mut()) {
                    *last = String::from_utf8_lossy(version).into_owned();
                }
                let is_odd = begins.is_some() || wrapper.is_none() || !is_in;
                if is_odd && !line.text.trim_ascii().is_empty() && !outside {
                    outside = true;
                    all.wrong.push(Wrong::at(line.number, "a line outside of an entry: BEGIN is missing"));
                }
            }
        }
    }
    if let Some((number, _, name)) = open {
        all.wrong.push(Wrong::at(number, format!("a {} without an END", String::from_utf8_lossy(name))));
    }
    all
}

/// The octets with CRLF at the end of each line, and one at the end.
pub(crate) fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len().saturating_add(16));
    for line in lines(octets) {
        out.extend_from_slice(line.text);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// The same with another UID at this depth of components.
pub(crate) fn with_uid(octets: &[u8], wanted: usize, uid: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let (mut depth, mut dropping) = (0_usize, false);
    for line in lines(octets) {
        let goes_on = matches!(line.text.first(), Some(b' ' | b'\t'));
        if goes_on && dropping {
            continue;
        }
        dropping = false;
        if after(line.text, b"BEGIN:").is_some() {
            depth = depth.saturating_add(1);
        } else if after(line.text, b"END:").is_some() {
            depth = depth.saturating_sub(1);
        }
        let is_uid =
            !goes_on && depth == wanted && (after(line.text, b"UID:").is_some() || after(line.text, b"UID;").is_some());
        if is_uid {
            dropping = true;
            out.extend_from_slice(format!("UID:{uid}\r\n").as_bytes());
        } else {
            out.extend_from_slice(line.text);
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}

/// The logical lines in an order of their own, without those that say when and by what it was written.
pub(crate) fn lines_said(octets: &[u8]) -> Vec<Vec<u8>> {
    let mut said: Vec<Vec<u8>> = Vec::new();
    for line in lines(octets) {
        match (line.text.split_first(), said.last_mut()) {
            (Some((b' ' | b'\t', rest)), Some(last)) => last.extend_from_slice(rest),
            _ if line.text.trim_ascii().is_empty() => {}
            _ => said.push(line.text.to_vec()),
        }
    }
    let is_written = |line: &Vec<u8>| {
        [&b"PRODID"[..], b"DTSTAMP", b"REV", b"CALSCALE"].iter().any(|name| {
            line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
                && matches!(line.get(name.len()), Some(b':' | b';'))
        })
    };
    said.retain(|line| !is_written(line));
    said.sort_unstable();
    said
}
