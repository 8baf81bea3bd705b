//! From a reference to a path on the server, never outside of the owner's home, and back.

use passerelle_fetch::dav::{Server, encoded};
use passerelle_model::{CollectionRef, ItemName};
use percent_encoding::percent_decode_str;

/// The path of an owner's home, with a slash at its end.
pub(crate) fn home(server: &Server, at: &CollectionRef) -> String {
    format!("{}/", server.root(&at.owner))
}

/// The path of a collection, with a slash at its end.
pub(crate) fn of(server: &Server, at: &CollectionRef) -> String {
    format!("{}{}/", home(server, at), encoded(at.name()))
}

/// The path of an item in a collection.
pub(crate) fn item(collection: &str, name: &ItemName) -> String {
    format!("{collection}{}", encoded(name.as_str()))
}

/// The name of what an href names right below a folder; `None` for the folder itself, for what lies deeper or elsewhere, and for
/// what is no UTF-8.
pub(crate) fn name_below(folder: &str, href: &str) -> Option<String> {
    let path = path_of(href);
    let folder = path_of(folder);
    let name = path.strip_prefix(folder.as_slice())?;
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let name = std::str::from_utf8(name).ok()?;
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

/// Whether an href names this very place.
pub(crate) fn is_at(place: &str, href: &str) -> bool {
    let trimmed = |path: &str| {
        let mut path = path_of(path);
        if path.last() == Some(&b'/') {
            path.pop();
        }
        path
    };
    trimmed(place) == trimmed(href)
}

/// The path of an href, decoded; servers tell whole URLs as well (RFC 4918 §8.3).
fn path_of(href: &str) -> Vec<u8> {
    let path = match href.find("://") {
        Some(at) => {
            let rest = href.get(at.saturating_add(3)..).unwrap_or_default();
            rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
        }
        None => href,
    };
    percent_decode_str(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hrefs() {
        let name = |href: &str| name_below("/u%201/", href);
        assert_eq!(name("/u%201/Cours%20%C3%A9/").as_deref(), Some("Cours é"));
        assert_eq!(name("http://x:1/u 1/a.ics").as_deref(), Some("a.ics"));
        for other in ["/u%201/", "/u2/a", "/u%201/a/b", "/u%201/%ff", "http://x"] {
            assert_eq!(name(other), None, "{other}");
        }
        assert!(is_at("/u%201/a/", "https://x/u%201/a") && !is_at("/u1/a/", "/u1/b/"));
    }
}
