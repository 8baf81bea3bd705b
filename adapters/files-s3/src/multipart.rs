//! A multipart upload: parts that nobody sees until it is completed. Dropped before, it is aborted.

use crate::{
    answer::bare,
    client::{Ask, Link, Pieces},
    litter,
    settings::encoded,
};
use passerelle_core::{Error, Result};
use reqwest::{Method, header::ETAG};
use std::ops::Range;

/// The upload.
pub(crate) struct Multipart {
    link: Link,
    key: String,
    id: Option<String>,
    /// The tags of the parts that are there, in their order.
    parts: Vec<String>,
}

impl Multipart {
    /// Begins it.
    pub(crate) async fn begin(link: &Link, doing: &str, key: &str) -> Result<Self> {
        let query = [("uploads", "")];
        let ask = Ask { query: &query, ..Ask::of(Method::POST, key) };
        let response = link.send(doing, link.request(&ask)?, false).await?;
        let answer = link.told(doing, response, "InitiateMultipartUploadResult").await?;
        if answer.upload.is_empty() {
            return Err(Error::unavailable(link.name(), doing, "the upload has no id"));
        }
        Ok(Self { link: link.clone(), key: key.to_owned(), id: Some(answer.upload), parts: Vec::new() })
    }

    /// How many parts there are.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Sends the next part.
    pub(crate) async fn send(&mut self, doing: &str, pieces: Pieces) -> Result<()> {
        let number = self.parts.len().saturating_add(1).to_string();
        let query = [("partNumber", number.as_str()), ("uploadId", self.id.as_deref().unwrap_or_default())];
        let ask = Ask { query: &query, ..Ask::of(Method::PUT, &self.key) };
        let response = self.link.send(doing, self.link.request_with(&ask, pieces)?, false).await?;
        if !response.status().is_success() {
            return Err(self.link.refused(doing, response).await);
        }
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(bare).unwrap_or_default();
        self.note(doing, tag.to_owned())
    }

    /// Has the store copy a part of another object.
    pub(crate) async fn copy(&mut self, doing: &str, from: &str, range: Range<u64>) -> Result<()> {
        let number = self.parts.len().saturating_add(1).to_string();
        let query = [("partNumber", number.as_str()), ("uploadId", self.id.as_deref().unwrap_or_default())];
        let source = source(&self.link, from);
        let range = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let headers = [("x-amz-copy-source", source.as_str()), ("x-amz-copy-source-range", range.as_str())];
        let ask = Ask { query: &query, headers: &headers, ..Ask::of(Method::PUT, &self.key) };
        let response = self.link.send(doing, self.link.request(&ask)?, false).await?;
        let answer = self.link.told(doing, response, "CopyPartResult").await?;
        self.note(doing, answer.tag)
    }

    fn note(&mut self, doing: &str, tag: String) -> Result<()> {
        if tag.is_empty() || !tag.bytes().all(|octet| octet.is_ascii_graphic() && !b"<>&\"".contains(&octet)) {
            return Err(Error::unavailable(self.link.name(), doing, "a part has no tag"));
        }
        self.parts.push(tag);
        Ok(())
    }

    /// Makes the whole visible in one step, and tells its tag. `condition` is a header, for the stores that heed it.
    ///
    /// # Errors
    /// `Conflict` for a condition that does not hold: then it can be completed once more. `Unsettled` when no answer came;
    /// then it is left to the sweep, as the store may still be at it.
    pub(crate) async fn complete(&mut self, doing: &str, condition: Option<(&'static str, String)>) -> Result<String> {
        let id = self.id.clone().unwrap_or_default();
        let query = [("uploadId", id.as_str())];
        let mut body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
        for (number, tag) in self.parts.iter().enumerate() {
            let number = number.saturating_add(1);
            body.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>&quot;{tag}&quot;</ETag></Part>"));
        }
        body.push_str("</CompleteMultipartUpload>");
        let ask = Ask { query: &query, ..Ask::of(Method::POST, &self.key) };
        let pieces = Pieces::new([body.into()]);
        let mut request = self.link.request_with(&ask, pieces)?.header("Content-Type", "application/xml");
        if let Some((name, value)) = condition {
            request = request.header(name, value);
        }
        let completed = match self.link.send(doing, request, true).await {
            Ok(response) => match self.link.told(doing, response, "CompleteMultipartUploadResult").await {
                // The answer broke after it had begun.
                Err(Error::Unavailable { backend, doing, cause }) => Err(Error::Unsettled { backend, doing, cause }),
                other => other.map(|answer| answer.tag),
            },
            Err(error) => Err(error),
        };
        if matches!(completed, Ok(_) | Err(Error::Unsettled { .. })) {
            self.id = None;
        }
        completed
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            litter::abort(&self.link, std::mem::take(&mut self.key), id);
        }
    }
}

/// An object as the header of a copy names it.
pub(crate) fn source(link: &Link, key: &str) -> String {
    format!("/{}/{}", link.settings.bucket, encoded(key))
}
