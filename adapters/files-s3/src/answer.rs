//! Reading what the store answers in XML: a page of a listing, what became of an act, an error. An answer that is cut is an
//! error and never a short one. No entity but the five of XML.

use passerelle_core::ports::FileTime;
use percent_encoding::percent_decode_str;
use quick_xml::{Reader, events::Event};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Deepest nesting.
const DEEPEST: usize = 16;

/// An answer, whatever it is of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The name of its outermost element.
    pub(crate) root: String,
    /// What an `Error` says it is.
    pub(crate) code: String,
    /// The id of a multipart upload that was begun.
    pub(crate) upload: String,
    /// The tag of what was copied or completed, without quotes.
    pub(crate) tag: String,
    pub(crate) objects: Vec<Object>,
    /// What several keys begin with, up to the delimiter.
    pub(crate) prefixes: Vec<String>,
    pub(crate) uploads: Vec<Unfinished>,
    /// Whether there is more than this page.
    pub(crate) truncated: bool,
    /// By what the next page is asked for; two of them for uploads.
    pub(crate) next: String,
    pub(crate) next_upload: String,
    is_encoded: bool,
}

/// An object of a listing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) modified: Option<FileTime>,
    pub(crate) tag: String,
}

/// A multipart upload that is not completed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unfinished {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) since: Option<FileTime>,
}

/// Reads an answer that is there whole.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(octets: &[u8]) -> Result<Answer, String> {
    let text = std::str::from_utf8(octets).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(text);
    let (mut answer, mut open, mut text) = (Answer::default(), Vec::<String>::new(), String::new());
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                if open.len() >= DEEPEST {
                    return Err("nested too deep".to_owned());
                }
                let name: &str = start.local_name().into_inner();
                begin(&mut answer, &open, name);
                open.push(name.to_owned());
                text.clear();
            }
            Event::Empty(start) => begin(&mut answer, &open, start.local_name().into_inner()),
            Event::End(_) => {
                let Some(name) = open.pop() else { return Err("it ends before it begins".to_owned()) };
                let Some(parent) = open.last() else { break };
                take(&mut answer, (parent, &name), &text)?;
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                text.push(match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => character,
                    None => match AsRef::<str>::as_ref(&reference) {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err("an entity that is none of XML's own".to_owned()),
                    },
                });
            }
            Event::DocType(_) => return Err("a document type".to_owned()),
            Event::Eof => return Err("the answer ends midway".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if answer.is_encoded {
        let keys = answer.objects.iter_mut().map(|object| &mut object.key).chain(&mut answer.prefixes);
        for key in keys.chain(answer.uploads.iter_mut().map(|upload| &mut upload.key)) {
            *key = decoded(key)?;
        }
        if !answer.next_upload.is_empty() {
            answer.next = decoded(&answer.next)?;
        }
    }
    Ok(answer)
}

fn begin(answer: &mut Answer, open: &[String], name: &str) {
    match (open.last().map(String::as_str), name) {
        (None, _) => name.clone_into(&mut answer.root),
        (Some("ListBucketResult"), "Contents") => answer.objects.push(Object::default()),
        (Some("ListMultipartUploadsResult"), "Upload") => answer.uploads.push(Unfinished::default()),
        _ => {}
    }
}

fn take(answer: &mut Answer, (parent, name): (&str, &str), text: &str) -> Result<(), String> {
    let owned = || text.to_owned();
    match (parent, name) {
        ("Error", "Code") => answer.code = owned(),
        ("InitiateMultipartUploadResult", "UploadId") => answer.upload = owned(),
        ("CopyObjectResult" | "CopyPartResult" | "CompleteMultipartUploadResult", "ETag") => {
            bare(text).clone_into(&mut answer.tag);
        }
        ("ListBucketResult" | "ListMultipartUploadsResult", "IsTruncated") => answer.truncated = text == "true",
        ("ListBucketResult" | "ListMultipartUploadsResult", "EncodingType") => answer.is_encoded = text == "url",
        ("ListBucketResult", "NextContinuationToken") | ("ListMultipartUploadsResult", "NextKeyMarker") => {
            answer.next = owned();
        }
        ("ListMultipartUploadsResult", "NextUploadIdMarker") => answer.next_upload = owned(),
        ("CommonPrefixes", "Prefix") => answer.prefixes.push(owned()),
        ("Contents", _) => {
            let Some(object) = answer.objects.last_mut() else { return Ok(()) };
            match name {
                "Key" => object.key = owned(),
                "Size" => object.size = text.parse().map_err(|_| "a size that is no number".to_owned())?,
                "LastModified" => object.modified = moment(text),
                "ETag" => object.tag = bare(text).to_owned(),
                _ => {}
            }
        }
        ("Upload", _) => {
            let Some(upload) = answer.uploads.last_mut() else { return Ok(()) };
            match name {
                "Key" => upload.key = owned(),
                "UploadId" => upload.id = owned(),
                "Initiated" => upload.since = moment(text),
                _ => {}
            }
        }
        _ => {}
    }
    Ok(())
}

/// A tag without its quotes: some answers have them, some do not.
pub(crate) fn bare(tag: &str) -> &str {
    tag.trim_matches('"')
}

/// Whole seconds: all that the headers of an object tell.
fn moment(text: &str) -> Option<FileTime> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(FileTime { seconds: at.unix_timestamp(), nanos: 0 })
}

/// Keys are encoded as forms are by Amazon, and as URLs by radosgw, which leaves no plus either.
fn decoded(key: &str) -> Result<String, String> {
    let spaced = key.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().map_err(|_| "a key that is not UTF-8".to_owned())?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const PAGE: &str = "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
        <Name>b</Name><Prefix></Prefix><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <NextContinuationToken>t+1</NextContinuationToken>\
        <Contents><Key>a%0Ab+c%2B</Key><LastModified>1970-01-01T00:01:40.987Z</LastModified><ETag>&quot;e-2&quot;</ETag>\
        <Size>7</Size><Owner><ID>x</ID></Owner></Contents>\
        <CommonPrefixes><Prefix>%C3%A9/</Prefix></CommonPrefixes></ListBucketResult>";

    #[test]
    fn a_page() {
        let answer = read(PAGE.as_bytes()).unwrap();
        let modified = Some(FileTime { seconds: 100, nanos: 0 });
        let object = Object { key: "a\nb c+".to_owned(), size: 7, modified, tag: "e-2".to_owned() };
        assert_eq!((answer.objects, answer.prefixes), (vec![object], vec!["é/".to_owned()]));
        assert_eq!((answer.truncated, answer.next.as_str()), (true, "t+1"));
    }

    #[test]
    fn what_is_cut_is_no_answer() {
        for end in 0..PAGE.len() {
            if let Some(cut) = PAGE.get(..end) {
                assert!(read(cut.as_bytes()).is_err(), "{cut}");
            }
        }
    }

    #[test]
    fn errors_and_uploads() {
        let answer = read(b"<Error><Code>NoSuchKey</Code><Message>x</Message></Error>").unwrap();
        assert_eq!((answer.root.as_str(), answer.code.as_str()), ("Error", "NoSuchKey"));
        let answer = read(
            b"<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId><Initiator><ID>me</ID></Initiator>\
              <Initiated>1970-01-01T00:00:01.000Z</Initiated></Upload></ListMultipartUploadsResult>",
        );
        let since = Some(FileTime { seconds: 1, nanos: 0 });
        assert_eq!(answer.unwrap().uploads, [Unfinished { key: "k".to_owned(), id: "u".to_owned(), since }]);
        assert!(read(b"<!DOCTYPE x []><Error/>").is_err());
    }
}
