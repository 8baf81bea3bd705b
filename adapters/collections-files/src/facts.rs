//! What is said of a collection, in its folder.

use crate::{
    facts_text::FactsText,
    folder::{self, Gathered, Place},
};
use bytes::Bytes;
use passerelle_core::{
    Add, CollectionFolder, Edit, Error, Lookup, Manage, Permit, Result,
    ports::{Collection, CollectionFacts, ETag, Precondition, Telling},
};
use passerelle_model::CollectionRef;

/// The file.
pub(crate) const FILE: &str = "collection.txt";
/// Largest file that is read or written, in octets: a time zone with its history takes some ten thousand.
const LARGEST: usize = 256 * 1024;
/// How often a change is tried while others change the same file.
const TRIES: usize = 5;

/// What is known of a collection that is there.
pub(crate) async fn collection(
    at: &Permit<CollectionRef, Lookup>,
    files: &CollectionFolder,
    place: &Place,
    tell: Telling,
) -> Result<Collection> {
    let facts = match read(at, files, place).await {
        Ok(found) => found.map(|(text, _)| text.facts()).unwrap_or_default(),
        // What cannot be understood says nothing, and keeps nobody from what lies beside it.
        Err(Error::Invalid { what }) => {
            tracing::warn!(owner = %at.target().owner, "what is said of a collection cannot be read: {what}");
            CollectionFacts::default()
        }
        Err(error) => return Err(error),
    };
    let version = match tell {
        Telling::Facts => None,
        Telling::States => Some(folder::version(at, files, place).await?),
    };
    Ok(Collection { name: place.name.clone(), facts, version, state: None })
}

/// Writes what is said of a collection that was just made.
pub(crate) async fn write_first(
    at: &Permit<CollectionRef, Manage>,
    files: &CollectionFolder,
    place: &Place,
    facts: &CollectionFacts,
) -> Result<()> {
    let mut text = FactsText::new(at.target().family);
    text.say(facts);
    put(at, files, place, &text, None).await
}

/// Changes what is said.
pub(crate) async fn change(
    at: &Permit<CollectionRef, Manage>,
    files: &CollectionFolder,
    place: &Place,
    facts: &CollectionFacts,
) -> Result<()> {
    for left in (0..TRIES).rev() {
        let found = read(&at.narrow(), files, place).await?;
        let (mut text, tag) = match found {
            Some((text, tag)) => (text, Some(tag)),
            None => (FactsText::new(at.target().family), None),
        };
        text.say(facts);
        match put(at, files, place, &text, tag.as_ref()).await {
            // Somebody changed it by another way: what they said stays, but for what is changed here.
            Err(Error::Conflict | Error::NotFound) if left > 0 => {}
            put => return put,
        }
    }
    Err(Error::Conflict)
}

/// The file with its tag; `None` when there is none.
async fn read(
    at: &Permit<CollectionRef, Lookup>,
    files: &CollectionFolder,
    place: &Place,
) -> Result<Option<(FactsText, ETag)>> {
    let permit = files.facts(at, &[&place.folder, FILE])?;
    match folder::gather(files.store(), &permit, LARGEST).await {
        Ok(Gathered::Whole { etag, content }) => {
            let text = std::str::from_utf8(&content)
                .map_err(|_| Error::invalid(format_args!("{FILE} is no text in UTF-8")))?;
            Ok(Some((FactsText::read(text), etag)))
        }
        Ok(Gathered::TooLarge { .. }) => Err(Error::invalid(format_args!("{FILE} is larger than {LARGEST} octets"))),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn put(
    at: &Permit<CollectionRef, Manage>,
    files: &CollectionFolder,
    place: &Place,
    text: &FactsText,
    over: Option<&ETag>,
) -> Result<()> {
    let content = Bytes::from(text.written());
    if content.len() > LARGEST {
        return Err(Error::TooLarge { most: u64::try_from(LARGEST).unwrap_or(u64::MAX) });
    }
    let below = [place.folder.as_str(), FILE];
    let length = u64::try_from(content.len()).ok();
    let (mut upload, when) = match over {
        None => (files.store().create(&files.permit::<_, Add>(at, &below)?, length).await?, Precondition::Absent),
        Some(tag) => {
            let upload = files.store().replace(&files.permit::<_, Edit>(at, &below)?, length).await?;
            (upload, Precondition::Matches(vec![tag.as_str().to_owned()]))
        }
    };
    upload.write(content).await?;
    upload.commit(&when).await.map(drop)
}
