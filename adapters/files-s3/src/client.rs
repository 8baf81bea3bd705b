//! Requests to the store, signed.

use crate::{
    answer::{self, Answer},
    fault::{lost, told_fault},
    objects::BATCH,
    settings::{Settings, encoded},
    sign,
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use http_body::{Body, Frame, SizeHint};
use passerelle_core::{Error, Result};
use reqwest::{
    Method, RequestBuilder, Response, Url,
    header::{AUTHORIZATION, CONTENT_LENGTH},
};
use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, atomic::AtomicU8},
    task::{Context, Poll},
    time::{Duration, Instant, SystemTime},
};
use tokio::{sync::Mutex, time::timeout};

/// A way to the store that carries fewer octets in a second is none: 4 Mbit/s.
const SLOWEST: u64 = 512 * 1024;
/// Largest answer that is read whole: a thousand keys of 1,024 octets, each of them encoded, and what stands around them.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// The way to one store.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) settings: Arc<Settings>,
    pub(crate) http: reqwest::Client,
    /// How this store wants conditions, as it was found out ([`crate::upload`]).
    pub(crate) manner: Arc<AtomicU8>,
    /// When unfinished uploads were last looked for.
    pub(crate) swept: Arc<Mutex<Option<Instant>>>,
    /// What time it is.
    pub(crate) clock: fn() -> SystemTime,
}

/// A request without its body: what it does to which key (the bucket with an empty one).
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) key: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Headers that the signature covers, in small letters.
    pub(crate) headers: &'a [(&'static str, &'a str)],
}

impl<'a> Ask<'a> {
    pub(crate) const fn of(method: Method, key: &'a str) -> Self {
        Self { method, key, query: &[], headers: &[] }
    }
}

impl Link {
    pub(crate) fn new(settings: Arc<Settings>, http: reqwest::Client) -> Self {
        Self { settings, http, manner: Arc::default(), swept: Arc::default(), clock: SystemTime::now }
    }

    /// The name that errors call the store by.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// A signed request without a body.
    ///
    /// # Errors
    /// As [`Self::request_with`].
    pub(crate) fn request(&self, ask: &Ask<'_>) -> Result<RequestBuilder> {
        self.request_with(ask, Pieces::default())
    }

    /// A signed request. The store refuses a body that is not the one that was signed.
    ///
    /// # Errors
    /// `Unsupported` for a key with a part that a URL resolves, which only other clients can have made.
    pub(crate) fn request_with(&self, ask: &Ask<'_>, body: Pieces) -> Result<RequestBuilder> {
        check_key(ask.key)?;
        let mut url = Url::parse(&format!("{}{}", self.settings.base, encoded(ask.key)))
            .map_err(|error| Error::internal("asking an object store", error))?;
        let query = sign::query(ask.query);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let host =
            url.port().map_or_else(|| self.settings.host.clone(), |port| format!("{}:{port}", self.settings.host));
        let (date, digest) = (sign::date((self.clock)().into()), sign::digest_of(&body.pieces));
        let mut headers = vec![("host", host.as_str()), ("x-amz-content-sha256", &digest), ("x-amz-date", &date)];
        headers.extend(ask.headers);
        headers.sort_unstable();
        let signed = sign::Signed {
            method: ask.method.as_str(),
            path: url.path(),
            query: &query,
            headers: &headers,
            body: &digest,
        };
        let authorization = sign::authorization(self.settings.signer(), &date, &signed);
        let mut request = headers
            .iter()
            .fold(self.http.request(ask.method.clone(), url.clone()), |request, (name, value)| {
                request.header(*name, *value)
            })
            .header(AUTHORIZATION, authorization);
        if matches!(ask.method, Method::PUT | Method::POST) {
            // radosgw answers 411 to a request that leaves out that its body is empty.
            request = request.header(CONTENT_LENGTH, body.left).body(reqwest::Body::wrap(body));
        }
        Ok(request)
    }

    /// Sends a request whose answer begins within the deadline, which is longer for a long body, whatever is answered.
    ///
    /// # Errors
    /// `Unavailable`; `Unsettled` for one that `changes` something and may have come through.
    pub(crate) async fn send(&self, doing: &str, request: RequestBuilder, changes: bool) -> Result<Response> {
        let request = request.build().map_err(|error| Error::internal(doing, error.without_url()))?;
        let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let deadline = deadline(self.settings.timeout, length.and_then(|length| length.parse().ok()).unwrap_or(0));
        match timeout(deadline, self.http.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if changes && !error.is_connect() => {
                Err(Error::unsettled(self.name(), doing, crate::fault::chain(&error.without_url())))
            }
            Ok(Err(error)) => Err(lost(self.name(), doing, error)),
            Err(slow) if changes => Err(Error::unsettled(self.name(), doing, slow)),
            Err(slow) => Err(Error::unavailable(self.name(), doing, slow)),
        }
    }

    /// Reads an answer whole, which succeeded or not.
    pub(crate) async fn whole(&self, doing: &str, mut response: Response) -> Result<Bytes> {
        let mut whole = BytesMut::new();
        loop {
            match timeout(self.settings.timeout, response.chunk()).await {
                Ok(Ok(Some(piece))) if whole.len().saturating_add(piece.len()) <= LARGEST_ANSWER => whole.extend(piece),
                Ok(Ok(Some(_))) => return Err(Error::unavailable(self.name(), doing, "the answer is too large")),
                Ok(Ok(None)) => return Ok(whole.freeze()),
                Ok(Err(error)) => return Err(lost(self.name(), doing, error)),
                Err(slow) => return Err(Error::unavailable(self.name(), doing, slow)),
            }
        }
    }

    /// The error that an answer tells.
    pub(crate) async fn refused(&self, doing: &str, response: Response) -> Error {
        let status = response.status();
        let code = match self.whole(doing, response).await {
            Ok(octets) => answer::read(&octets).map(|answer| answer.code).unwrap_or_default(),
            Err(_) => String::new(),
        };
        told_fault(self.name(), doing, status, &code)
    }

    /// What an answer says in XML. Copying and completing begin to answer before they are done: then an error is told by
    /// the content alone.
    pub(crate) async fn told(&self, doing: &str, response: Response, root: &str) -> Result<Answer> {
        if !response.status().is_success() {
            return Err(self.refused(doing, response).await);
        }
        let octets = self.whole(doing, response).await?;
        let answer = answer::read(&octets).map_err(|what| Error::unavailable(self.name(), doing, what))?;
        if answer.root == root {
            return Ok(answer);
        }
        let status = reqwest::StatusCode::INTERNAL_SERVER_ERROR;
        Err(told_fault(self.name(), doing, status, &answer.code))
    }

    /// An act whose success has no content that matters.
    pub(crate) async fn act(&self, doing: &str, ask: &Ask<'_>) -> Result<()> {
        let response = self.send(doing, self.request(ask)?, true).await?;
        if response.status().is_success() { Ok(()) } else { Err(self.refused(doing, response).await) }
    }

    /// A page of keys that begin so.
    pub(crate) async fn page(&self, doing: &str, page: &Page<'_>) -> Result<Answer> {
        let most = page.most.to_string();
        let mut query = Vec::new();
        query.extend(page.token.map(|token| ("continuation-token", token)));
        query.extend(page.folders.then_some(("delimiter", "/")));
        query.extend([("encoding-type", "url"), ("list-type", "2"), ("max-keys", most.as_str())]);
        query.push(("prefix", page.prefix));
        query.extend(page.after.map(|after| ("start-after", after)));
        let ask = Ask { query: &query, ..Ask::of(Method::GET, "") };
        let response = self.send(doing, self.request(&ask)?, false).await?;
        let answer = match self.told(doing, response, "ListBucketResult").await {
            // There is no bucket to list, and that is no empty one.
            Err(Error::NotFound) => return Err(Error::unavailable(self.name(), doing, "the bucket is not there")),
            other => other?,
        };
        if answer.truncated && (answer.next.is_empty() || page.token == Some(answer.next.as_str())) {
            return Err(Error::unavailable(self.name(), doing, "a page tells no way to the next"));
        }
        let keys = || answer.objects.iter().map(|object| &object.key).chain(&answer.prefixes);
        // What is removed by such a page must be what was asked for, and the next page must lead on.
        if keys().any(|key| !key.starts_with(page.prefix) || page.after.is_some_and(|after| key.as_str() <= after)) {
            return Err(Error::unavailable(self.name(), doing, "a page has keys that were not asked for"));
        }
        Ok(answer)
    }

    /// All pages of keys that begin so, one after the other. An error ends them: what came is then not all.
    pub(crate) fn pages<'a>(&'a self, doing: &'a str, prefix: &'a str) -> impl Stream<Item = Result<Answer>> + 'a {
        stream::try_unfold(Some(None::<String>), async move |next| {
            let Some(token) = next else { return Ok(None) };
            let page = Page { prefix, most: BATCH, token: token.as_deref(), ..Page::default() };
            let mut answer = self.page(doing, &page).await?;
            let next = answer.truncated.then(|| Some(std::mem::take(&mut answer.next)));
            Ok(Some((answer, next)))
        })
    }
}

/// Whether a key can be asked for.
///
/// # Errors
/// `Unsupported` for one with a part that a URL resolves, which only other clients can have made.
pub(crate) fn check_key(key: &str) -> Result<()> {
    if key.split('/').any(|part| matches!(part, "." | "..")) {
        return Err(Error::Unsupported { what: "a key with `.` or `..` in it" });
    }
    Ok(())
}

/// How long an answer may take to a request with a body of so many octets.
fn deadline(timeout: Duration, length: u64) -> Duration {
    timeout.saturating_add(Duration::from_secs(length / SLOWEST))
}

/// Which page of which listing.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) prefix: &'a str,
    /// Whether what lies deeper is told as one prefix.
    pub(crate) folders: bool,
    pub(crate) most: u16,
    pub(crate) token: Option<&'a str>,
    pub(crate) after: Option<&'a str>,
}

/// A body that is there whole, in pieces.
#[derive(Debug, Default, Clone)]
pub(crate) struct Pieces {
    pieces: VecDeque<Bytes>,
    left: u64,
}

impl Pieces {
    pub(crate) fn new(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces: VecDeque<Bytes> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let left = pieces.iter().map(|piece| u64::try_from(piece.len()).unwrap_or(u64::MAX)).sum();
        Self { pieces, left }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.pop_front();
        let taken = piece.as_ref().map_or(0, |piece| u64::try_from(piece.len()).unwrap_or(u64::MAX));
        self.left = self.left.saturating_sub(taken);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_core::config::Block;
    use std::path::Path;

    /// The way to the campus's store.
    pub(crate) fn campus() -> Link {
        campus_where("{login}", |_| {})
    }

    /// The same for trees of this path, with other settings.
    pub(crate) fn campus_where(path: &str, change: impl FnOnce(&mut Settings)) -> Link {
        let campus = std::env::var("PASSERELLE_TEST_CAMPUS").unwrap();
        let facts = std::fs::read_to_string(Path::new(&campus).join("env")).unwrap();
        let fact = facts.lines().find_map(|line| line.strip_prefix("CAMPUS_S3=")).unwrap();
        link(fact.trim_matches(['\'', '"']), path, change)
    }

    fn link(port: &str, path: &str, change: impl FnOnce(&mut Settings)) -> Link {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "pw-gateway").unwrap();
        let text = format!(
            "endpoint = \"http://127.0.0.1:{port}\"\nbucket = \"homes\"\npath = {path:?}\n\
             access_key = \"campus-gateway\"\nsecret_key = {{ file = {:?} }}\n",
            secret.path()
        );
        let block = Block::from_text("centre.files", Path::new("x.toml"), &text);
        let (mut settings, http) = Settings::read(&block).unwrap();
        change(&mut settings);
        Link::new(Arc::new(settings), http)
    }

    #[test]
    fn a_part_may_take_longer_than_a_question() {
        let seconds = |length| deadline(Duration::from_secs(10), length).as_secs();
        assert_eq!((seconds(0), seconds(5 << 20), seconds(64 << 20)), (10, 20, 138));
    }

    /// An act that failed after its answer had begun, as Amazon tells it (200), and one whose answer is cut.
    #[tokio::test]
    async fn a_success_that_tells_an_error_is_one() {
        let link = link("1", "{login}", |_| {});
        let told =
            async |text: &'static str| link.told("copying", http::Response::new(text).into(), "CopyObjectResult").await;
        let error = "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>x</Message></Error>";
        assert!(matches!(told(error).await, Err(Error::Unavailable { .. })));
        assert!(matches!(told("<Error><Code>QuotaExceeded</Code></Error>").await, Err(Error::OverQuota)));
        assert!(matches!(told("<CopyObjectResult><ETag>x</ETag>").await, Err(Error::Unavailable { .. })));
        assert!(matches!(told("").await, Err(Error::Unavailable { .. })));
        // radosgw tells how far it is, so that nobody thinks it gone.
        let slow = "<CopyObjectResult><Progress>1</Progress><ETag>&quot;x&quot;</ETag></CopyObjectResult>";
        assert_eq!(told(slow).await.map(|answer| answer.tag).unwrap(), "x");
    }
}
