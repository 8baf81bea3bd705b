//! What FETCH asks for (RFC 9051 §6.4.5), read.

use super::structure::What;
use passerelle_wire_imap::{Word, words};

/// Most fields of one section.
const MOST_FIELDS: usize = 200;
/// Most items of one FETCH.
const MOST_ITEMS: usize = 50;

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Uid,
    Flags,
    Size,
    Date,
    Envelope,
    /// With what stands behind the sizes, or without.
    Structure(bool),
    Section(Section),
}

/// A section of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// Its name in the response.
    pub(crate) label: String,
    pub(crate) path: Vec<u32>,
    pub(crate) what: What,
    /// From which octet, and how many.
    pub(crate) partial: Option<(u64, u64)>,
    /// Whether the message is not marked as seen by it.
    pub(crate) peeks: bool,
}

/// The items of a FETCH; `None` for what is none.
pub(crate) fn items(word: &Word) -> Option<Vec<Item>> {
    let atoms: Vec<&[u8]> = match word {
        Word::List(all) => all
            .iter()
            .map(|it| if let Word::Atom(atom) = it { Some(&atom[..]) } else { None })
            .collect::<Option<_>>()?,
        Word::Atom(atom) => vec![atom],
        Word::Text(_) => return None,
    };
    let mut items = Vec::new();
    for atom in atoms.iter().take(MOST_ITEMS) {
        let text = std::str::from_utf8(atom).ok()?.to_ascii_uppercase();
        let basic = [Item::Flags, Item::Date, Item::Size];
        match text.as_str() {
            "UID" => items.push(Item::Uid),
            "FLAGS" => items.push(Item::Flags),
            "RFC822.SIZE" => items.push(Item::Size),
            "INTERNALDATE" => items.push(Item::Date),
            "ENVELOPE" => items.push(Item::Envelope),
            "BODYSTRUCTURE" => items.push(Item::Structure(true)),
            "BODY" => items.push(Item::Structure(false)),
            "FAST" => items.extend(basic),
            "ALL" => items.extend(basic.into_iter().chain([Item::Envelope])),
            "FULL" => items.extend(basic.into_iter().chain([Item::Envelope, Item::Structure(false)])),
            "RFC822" => items.push(old(text, What::Whole, false)),
            "RFC822.HEADER" => items.push(old(text, What::Header, true)),
            "RFC822.TEXT" => items.push(old(text, What::Text, false)),
            other => items.push(Item::Section(section(other)?)),
        }
    }
    (!items.is_empty() && atoms.len() <= MOST_ITEMS).then_some(items)
}

fn old(label: String, what: What, peeks: bool) -> Item {
    Item::Section(Section { label, path: Vec::new(), what, partial: None, peeks })
}

/// `BODY[.PEEK]"[" section "]" ["<" number "." number ">"]`, in capitals.
fn section(text: &str) -> Option<Section> {
    let (rest, peeks) = match text.strip_prefix("BODY.PEEK[") {
        Some(rest) => (rest, true),
        None => (text.strip_prefix("BODY[")?, false),
    };
    let (spec, behind) = rest.split_once(']')?;
    let partial = match behind {
        "" => None,
        behind => {
            let (from, length) = behind.strip_prefix('<')?.strip_suffix('>')?.split_once('.')?;
            Some((number(from)?, number(length).filter(|it| *it > 0)?))
        }
    };
    let (mut path, mut rest) = (Vec::new(), spec);
    while rest.starts_with(|c: char| c.is_ascii_digit()) {
        let (digits, behind) = rest.split_once('.').unwrap_or((rest, ""));
        path.push(number(digits)?);
        rest = behind;
        if path.len() > 20 {
            return None;
        }
    }
    let (what, named) = match rest {
        "" => (What::Whole, String::new()),
        "HEADER" => (What::Header, "HEADER".to_owned()),
        "TEXT" => (What::Text, "TEXT".to_owned()),
        "MIME" if !path.is_empty() => (What::Mime, "MIME".to_owned()),
        other => fields(other)?,
    };
    let mut label: Vec<String> = path.iter().map(u32::to_string).collect();
    if !named.is_empty() {
        label.push(named);
    }
    let origin = partial.map_or_else(String::new, |(from, _)| format!("<{from}>"));
    Some(Section { label: format!("BODY[{}]{origin}", label.join(".")), path, what, partial, peeks })
}

/// `"HEADER.FIELDS" [".NOT"] SP header-list`
fn fields(text: &str) -> Option<(What, String)> {
    let (kind, list) = text.split_once(' ')?;
    let others = match kind {
        "HEADER.FIELDS" => false,
        "HEADER.FIELDS.NOT" => true,
        _ => return None,
    };
    let all = words(list.as_bytes())?;
    let [only] = all.as_slice() else { return None };
    // They come back in the response: only what can be a field's name (RFC 5322 §2.2) and stand there as an atom.
    let is_name = |octet: &u8| matches!(octet, b'!'..=b'~') && !b"\"\\(){}%*:[]".contains(octet);
    let name = |word: &Word| {
        let name = word.text().filter(|name| !name.is_empty() && name.iter().all(is_name))?;
        String::from_utf8(name.to_vec()).ok()
    };
    let names: Vec<String> = only.word.list()?.iter().map(name).collect::<Option<_>>()?;
    let label = format!("{kind} ({})", names.join(" "));
    (!names.is_empty() && names.len() <= MOST_FIELDS).then_some((What::Fields(names, others), label))
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.bytes().all(|octet| octet.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn read(text: &str) -> Option<Vec<Item>> {
        items(&words(text.as_bytes()).unwrap().first().unwrap().word)
    }

    #[test]
    fn what_programs_ask_for() {
        assert_eq!(read("(UID FLAGS)"), Some(vec![Item::Uid, Item::Flags]));
        let section = |item| if let Item::Section(section) = item { Some(section) } else { None };
        let only = |text: &str| read(text).unwrap().into_iter().find_map(section).unwrap();
        let it = only("BODY.PEEK[HEADER.FIELDS (Date \"To\")]<0.100>");
        assert_eq!(it.label, "BODY[HEADER.FIELDS (DATE TO)]<0>");
        assert_eq!((it.partial, it.peeks), (Some((0, 100)), true));
        let it = only("body[2.1.MIME]");
        assert_eq!((it.label.as_str(), it.path.as_slice(), it.peeks), ("BODY[2.1.MIME]", &[2, 1][..], false));
        for odd in [
            "()",
            "X",
            "BODY[",
            "BODY[MIME]",
            "BODY[]<1>",
            "BODY[]<0.0>",
            "BODY[HEADER.FIELDS ()]",
            "BODY[-1]",
            "BODY[HEADER.FIELDS (\"a\\\"b\")]",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
