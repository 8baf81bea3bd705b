//! Acts on single objects, and on all of a prefix: copying, removing.

use crate::{
    client::{Ask, Link, Page},
    multipart::{Multipart, source},
    place::{Found, head},
};
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{Error, Result};
use reqwest::Method;
use std::collections::BTreeSet;

/// How many requests of one act are under way at once.
pub(crate) const AT_ONCE: usize = 8;
/// Keys of a page.
pub(crate) const BATCH: u16 = 1_000;
/// Largest object that one request copies, in octets; larger ones are copied in parts of this size.
const LARGEST_COPY: u64 = 4 << 30;

/// The error of an act of many steps, some of which were done: a part of the outcome may be there.
pub(crate) fn midway(link: &Link, doing: &str, error: Error) -> Error {
    match error {
        Error::Unavailable { cause, .. } => {
            Error::Unsettled { backend: link.name().to_owned(), doing: doing.to_owned(), cause }
        }
        other => other,
    }
}

/// Has the store copy an object, which shows in one step.
///
/// # Errors
/// `NotFound` when it is not there; `Unavailable` when somebody wrote it while its parts were copied.
pub(crate) async fn copy_object(link: &Link, doing: &str, way: (&str, &str), found: &Found) -> Result<()> {
    copy_in_parts_of(link, doing, way, found, LARGEST_COPY).await
}

async fn copy_in_parts_of(link: &Link, doing: &str, (from, to): (&str, &str), found: &Found, most: u64) -> Result<()> {
    if found.size <= most {
        let source = source(link, from);
        let headers = [("x-amz-copy-source", source.as_str())];
        let ask = Ask { headers: &headers, ..Ask::of(Method::PUT, to) };
        let response = link.send(doing, link.request(&ask)?, true).await?;
        return link.told(doing, response, "CopyObjectResult").await.map(drop);
    }
    let mut parts = Multipart::begin(link, doing, to).await?;
    let mut start = 0;
    while start < found.size {
        let end = start.saturating_add(most).min(found.size);
        parts.copy(doing, from, start..end).await?;
        start = end;
    }
    // Each part is of what was there then.
    match head(link, from).await? {
        Some(now) if now.tag == found.tag => parts.complete(doing, None).await.map(drop),
        _ => Err(Error::unavailable(link.name(), doing, "somebody wrote the file meanwhile")),
    }
}

/// Removes all keys that begin so, but for some; the folder's own object last.
pub(crate) async fn clear_below(link: &Link, folder: &str, kept: &BTreeSet<String>) -> Result<()> {
    let mut last = folder.to_owned();
    loop {
        // What was removed is not listed again, so that each page begins behind the last.
        let page = Page { prefix: folder, most: BATCH, after: Some(&last), ..Page::default() };
        let answer = link.page("looking through a folder", &page).await?;
        let last_key = answer.objects.last().map(|object| object.key.clone());
        let keys = answer.objects.into_iter().map(|object| object.key);
        let going: Vec<String> = keys.filter(|key| key != folder && !kept.contains(key)).collect();
        stream::iter(going)
            .map(|key| async move { delete(link, &key).await })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        match last_key {
            Some(key) if answer.truncated => last = key,
            _ => break,
        }
    }
    if kept.contains(folder) { Ok(()) } else { delete(link, folder).await }
}

/// Removes an object; none is none.
pub(crate) async fn delete(link: &Link, key: &str) -> Result<()> {
    match link.act("removing", &Ask::of(Method::DELETE, key)).await {
        Err(Error::NotFound) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::client::{self, Pieces};
    use bytes::Bytes;

    /// What is larger than one request copies, tried with parts that are small.
    #[tokio::test]
    async fn campus_large_objects_are_copied_in_parts() {
        const PART: u64 = 5 << 20;
        let link = client::tests::campus();
        let [from, to] = ["from é", "to +"].map(|name| format!("parts-{}/{name}", std::process::id()));
        let put = async |content: &[u8]| {
            let pieces = Pieces::new([Bytes::copy_from_slice(content)]);
            let request = link.request_with(&Ask::of(Method::PUT, &from), pieces).unwrap();
            assert!(link.send("writing", request, true).await.unwrap().status().is_success());
        };
        let content: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        put(&content).await;
        let found = head(&link, &from).await.unwrap().unwrap();
        copy_in_parts_of(&link, "copying", (&from, &to), &found, PART).await.unwrap();
        let whole = link.send("reading", link.request(&Ask::of(Method::GET, &to)).unwrap(), false).await.unwrap();
        assert!(whole.bytes().await.unwrap() == content);
        // What is no more what it was, is not mixed.
        delete(&link, &to).await.unwrap();
        put(&vec![7; content.len()]).await;
        let mixed = copy_in_parts_of(&link, "copying", (&from, &to), &found, PART).await;
        assert!(mixed.is_err() && head(&link, &to).await.unwrap().is_none(), "{mixed:?}");
        delete(&link, &from).await.unwrap();
    }
}
