//! Serving HTTP on connections.

use super::{Exchange, RequestBody, ResponseBody, body::throw_away, empty};
use crate::{ClientStream, Connection, Drain, client::Held};
use http::{HeaderValue, Method, Request, StatusCode, header, header::HeaderName};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use passerelle_observe::{HttpAnswered, emit};
use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// An answer.
pub type Response = http::Response<ResponseBody>;

/// Longest head of a request, in octets.
const LONGEST_HEAD: usize = 64 * 1024;
/// Most headers.
const MOST_HEADERS: usize = 128;
/// How long a client may take to send a head, and be silent between requests.
const HEAD_DEADLINE: Duration = Duration::from_secs(60);
/// Most requests at once on one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;

/// A surface that speaks HTTP.
pub trait HttpSurface: Send + Sync + 'static {
    /// Its name, for logs and metrics.
    fn name(&self) -> &'static str;
    /// Whether it serves this path. The first surface of the registry that does, gets the request.
    fn serves(&self, path: &str) -> bool;
    /// The same for one that serves a path by some methods only, and leaves the others to whoever comes after it.
    fn serves_by(&self, _method: &Method, path: &str) -> bool {
        self.serves(path)
    }
    /// Answers. Never fails: each surface has a table from our errors to its statuses.
    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>>;
}

/// The surfaces behind the HTTP listeners.
#[derive(Clone)]
pub struct HttpServer {
    surfaces: Arc<[Arc<dyn HttpSurface>]>,
    /// Distinguishes requests; with the process's start it makes the id that clients see.
    count: Arc<AtomicU64>,
    start: u32,
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.surfaces.iter().map(|surface| surface.name())).finish()
    }
}

/// The connection that a request came on.
struct On {
    peer: std::net::SocketAddr,
    secure: bool,
    may_log_in: bool,
    certificate: Option<[u8; 32]>,
    drain: Drain,
    held: Arc<Held>,
}

impl HttpServer {
    /// Puts surfaces behind one server. `start` is random, so that ids of two nodes differ.
    pub fn new(surfaces: Vec<Arc<dyn HttpSurface>>, start: u32) -> Self {
        Self { surfaces: surfaces.into(), count: Arc::default(), start }
    }

    /// Serves a connection to its end.
    pub async fn serve(self, connection: Connection) {
        let Connection { stream, peer, may_log_in, mut drain, held, .. } = connection;
        let secure = matches!(stream, ClientStream::Tls(_));
        let certificate = stream.certificate();
        let drains = drain.clone();
        // A conversation that a request has become outlives what serves its requests, and counts as long as it is there.
        let held = Arc::new(held);
        let service = service_fn(move |request: Request<Incoming>| {
            let (server, on) = (
                self.clone(),
                On { peer, secure, may_log_in, certificate, drain: drains.clone(), held: Arc::clone(&held) },
            );
            async move { Ok::<_, Infallible>(server.answer(request, on).await) }
        });
        // By ALPN (RFC 7301), and never by looking at the first octets: a client that sends none would be waited for.
        let ended = if stream.is_http2() {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .max_concurrent_streams(MOST_STREAMS)
                .max_header_list_size(u32::try_from(LONGEST_HEAD).unwrap_or(u32::MAX))
                .keep_alive_interval(HEAD_DEADLINE);
            let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
            tokio::select! {
                ended = served.as_mut() => ended,
                () = drain.begun() => {
                    served.as_mut().graceful_shutdown();
                    served.await
                }
            }
        } else {
            let mut builder = http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_DEADLINE)
                .max_headers(MOST_HEADERS)
                .max_buf_size(LONGEST_HEAD)
                .half_close(false);
            let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
            tokio::select! {
                ended = served.as_mut() => ended,
                () = drain.begun() => {
                    served.as_mut().graceful_shutdown();
                    served.await
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "an HTTP connection ended early");
        }
    }

    async fn answer(&self, request: Request<Incoming>, on: On) -> Response {
        let On { peer, secure, may_log_in, certificate, drain, held } = on;
        let began = Instant::now();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id: Arc<str> = format!("{:08x}-{count:x}", self.start).into();
        let (mut head, body) = request.into_parts();
        // Whoever prints the headers prints neither of these.
        for (name, value) in &mut head.headers {
            if *name == header::AUTHORIZATION || *name == header::COOKIE {
                value.set_sensitive(true);
            }
        }
        // By Fetch Metadata: a program of our own page asks, which shows a page of its own to who has to sign on. Thunderbird's calendars
        // and address books say nearly the same, and have to be asked for a password; a page's scripts do not ask without CORS.
        let says = |name: &str, what: &str| head.headers.get(name).is_some_and(|value| value == what);
        let is_own_script = says("sec-fetch-dest", "empty")
            && says("sec-fetch-site", "same-origin")
            && !says("sec-fetch-mode", "no-cors");
        let expects_continue = head.headers.contains_key(header::EXPECT);
        let (body, mut rest) = RequestBody::new(body, expects_continue);
        let method = head.method.clone();
        let path = head.uri.path();
        let surface = self.surfaces.iter().find(|surface| surface.serves_by(&method, path));
        let name = surface.map_or("none", |surface| surface.name());
        let mut response = match surface {
            Some(surface) => {
                let exchange = Exchange {
                    head,
                    body,
                    peer,
                    secure,
                    may_log_in,
                    certificate,
                    drain,
                    id: Arc::clone(&id),
                    surface: name,
                    held,
                };
                surface.answer(exchange).await
            }
            None => {
                let mut response = http::Response::new(empty());
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        };
        if let Ok(rest) = rest.try_recv() {
            throw_away(rest).await;
        }
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
        if is_own_script && response.status() == StatusCode::UNAUTHORIZED {
            // A browser would ask for a password in a window of its own.
            response.headers_mut().remove(header::WWW_AUTHENTICATE);
        }
        let status = response.status().as_u16();
        emit(HttpAnswered { surface: name, method: method.as_str(), status, took: began.elapsed(), request: &id });
        response
    }
}
