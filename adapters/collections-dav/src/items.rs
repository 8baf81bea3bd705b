//! Items: their list, and many at once.

use crate::{
    answer::{self, CALDAV, CARDDAV, DAV, Told},
    ask, facts, place, tag,
};
use bytes::Bytes;
use passerelle_core::{
    Error, Result,
    ports::{CollectionItem, LARGEST_ITEM, ListedItem, MOST_ITEMS},
};
use passerelle_fetch::dav::{Link, method};
use passerelle_model::{CollectionFamily, ItemName};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, ETAG},
};
use std::collections::HashMap;

/// The media type of XML bodies (RFC 7303 §9.1).
pub(crate) const XML: &str = "application/xml; charset=utf-8";
const LISTING: &str = "listing a collection";
const READING: &str = "reading items";

/// All items, by name and tag.
pub(crate) async fn list(link: &Link, family: CollectionFamily, collection: &str) -> Result<Vec<ListedItem>> {
    let response = link.propfind(LISTING, collection, "1", ask::OF_ITEMS).await?;
    let answer = answer::read(link, LISTING, response).await?;
    match answer.places.iter().find(|told| place::is_at(collection, &told.href)) {
        Some(itself) if facts::is_one(family, itself) => {}
        // A home of both families holds the other's too.
        Some(_) => return Err(Error::NotFound),
        None => return Err(Error::unavailable(link.name(), LISTING, "the answer leaves out the collection itself")),
    }
    let mut items = Vec::with_capacity(answer.places.len());
    for told in &answer.places {
        items.extend(listed(link, LISTING, collection, told)?);
    }
    if items.len() > MOST_ITEMS {
        return Err(Error::TooLarge { most: u64::try_from(MOST_ITEMS).unwrap_or(u64::MAX) });
    }
    Ok(items)
}

/// An item of a listing; `None` for the collection itself, for collections in it, and for what has gone meanwhile.
pub(crate) fn listed(link: &Link, doing: &str, collection: &str, told: &Told) -> Result<Option<ListedItem>> {
    let kinds = told.property(DAV, "resourcetype").map(|it| it.children.as_slice()).unwrap_or_default();
    let is_folder = kinds.iter().any(|kind| kind.namespace == DAV && kind.name == "collection");
    if is_folder || place::is_at(collection, &told.href) || matches!(told.status, Some(404 | 410)) {
        return Ok(None);
    }
    let wrong = |what: String| Error::unavailable(link.name(), doing, what);
    if let Some(status) = told.status.filter(|status| *status != 200) {
        return Err(wrong(format!("the server answered {status} for one item")));
    }
    let name = place::name_below(collection, &told.href).and_then(|name| ItemName::parse(&name).ok());
    let name = name.ok_or_else(|| wrong("the answer names what cannot be in the collection".to_owned()))?;
    let etag = told.text(DAV, "getetag").and_then(|value| tag::ours(&value));
    let etag = etag.ok_or_else(|| wrong("an item has no entity tag that could be told".to_owned()))?;
    Ok(Some(ListedItem { name, etag }))
}

/// Some items, in their order. One is fetched as it is; many are asked for in one report.
pub(crate) async fn read(
    link: &Link,
    family: CollectionFamily,
    collection: &str,
    names: &[ItemName],
) -> Result<Vec<Option<CollectionItem>>> {
    match names {
        [] => Ok(Vec::new()),
        [name] => Ok(vec![fetch(link, family, collection, name).await?]),
        many => report(link, family, collection, many).await,
    }
}

async fn fetch(
    link: &Link,
    family: CollectionFamily,
    collection: &str,
    name: &ItemName,
) -> Result<Option<CollectionItem>> {
    let response = link.send(READING, link.request(Method::GET, &place::item(collection, name))?).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
        other => return Err(link.refused(READING, other)),
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_calendar = kind.get(..13).is_some_and(|kind| kind.eq_ignore_ascii_case("text/calendar"));
    // A home of both families holds the other's too.
    if is_calendar != (family == CollectionFamily::Calendars) {
        return Ok(None);
    }
    let etag = response.headers().get(ETAG).and_then(|value| tag::ours(value.to_str().ok()?));
    let etag = etag.ok_or_else(|| Error::unavailable(link.name(), READING, "an item has no strong entity tag"))?;
    let content = answer::whole(link, READING, response, LARGEST_ITEM).await?;
    Ok(Some(CollectionItem::whole(etag, Bytes::from(content))))
}

async fn report(
    link: &Link,
    family: CollectionFamily,
    collection: &str,
    names: &[ItemName],
) -> Result<Vec<Option<CollectionItem>>> {
    let body = ask::multiget(family, names.iter().map(|name| place::item(collection, name)));
    let request =
        link.request(method("REPORT")?, collection)?.header("Depth", "0").header(CONTENT_TYPE, XML).body(body);
    let answer = answer::read(link, READING, link.send(READING, request).await?).await?;
    let (namespace, data) = match family {
        CollectionFamily::Calendars => (CALDAV, "calendar-data"),
        CollectionFamily::Contacts => (CARDDAV, "address-data"),
    };
    let mut found: HashMap<String, CollectionItem> = HashMap::with_capacity(names.len());
    let mut known: Vec<String> = Vec::with_capacity(names.len());
    for told in &answer.places {
        let Some(name) = place::name_below(collection, &told.href) else { continue };
        known.push(name.clone());
        let Some(item) = listed(link, READING, collection, told)? else { continue };
        let Some(content) = told.property(namespace, data) else {
            return Err(Error::unavailable(link.name(), READING, "an item came without its content"));
        };
        found.insert(name, CollectionItem::whole(item.etag, Bytes::from(with_line_ends(&content.text))));
    }
    // RFC 4791 §7.9: each that was asked for is answered. What is left out may be there.
    if names.iter().any(|name| !known.iter().any(|it| it == name.as_str())) {
        return Err(Error::unavailable(link.name(), READING, "the answer leaves out what was asked for"));
    }
    Ok(names.iter().map(|name| found.get(name.as_str()).cloned()).collect())
}

/// Lines that end with CRLF (RFC 5545 §3.1, RFC 6350 §3.2), whatever became of them in XML.
fn with_line_ends(text: &str) -> String {
    let mut whole = String::with_capacity(text.len().saturating_add(text.len() / 32));
    for line in text.trim_start().split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                whole.push_str(line.strip_suffix('\r').unwrap_or(line));
                whole.push_str("\r\n");
            }
            None => whole.push_str(line),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::with_line_ends;

    #[test]
    fn lines_end_with_crlf() {
        assert_eq!(with_line_ends("a\nb\r\n c\n"), "a\r\nb\r\n c\r\n");
        assert_eq!(with_line_ends("\n a"), "a");
    }
}
