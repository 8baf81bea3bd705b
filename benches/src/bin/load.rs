//! The load client: does so much, says how long it took, and ends.
//!
//! `load imap-login ADDR TLSCA|- USER PASSWORD COUNT AT_ONCE` · `load imap-idle ADDR TLSCA|- USER PASSWORD COUNT` (holds until its
//! standard input ends) · `load imap-fetch ADDR TLSCA|- USER PASSWORD COUNT` and `load imap-append ...` (a message of 25 MiB, one
//! after the other) · `load http ADDR METHOD PATH AUTHORIZATION COUNT AT_ONCE DEPTH BODY`, where BODY is the octets of each
//! request's body, and `{n}` in PATH is another number for each that is at work.
//!
//! Every socket has TCP_NODELAY and acknowledges at once (TCP_QUICKACK): a server that writes an answer in pieces and waits
//! for a delayed acknowledgement is measured without that wait.

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use std::{
    env, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tokio_rustls::TlsConnector;

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

#[tokio::main(worker_threads = 1)]
async fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["imap-login", address, ca, user, password, count, at_once] => {
            let target = Target::new(address, ca, user, password)?;
            imap_login(target, number(count)?, number(at_once)?).await
        }
        ["imap-idle", address, ca, user, password, count] => {
            imap_idle(Target::new(address, ca, user, password)?, number(count)?).await
        }
        ["imap-fetch", address, ca, user, password, count] => {
            imap_transfer(Target::new(address, ca, user, password)?, number(count)?, Target::fetch).await
        }
        ["imap-append", address, ca, user, password, count] => {
            imap_transfer(Target::new(address, ca, user, password)?, number(count)?, Target::append).await
        }
        ["http", address, method, path, authorization, count, at_once, depth, body] => {
            let length = number(body)?;
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {authorization}\r\nDepth: {depth}\r\nContent-Length: {length}\r\n\r\n"
            );
            http(address, &head, length, number(count)?, number(at_once)?).await
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "see the first lines of load.rs")),
    }
}

fn number(word: &str) -> io::Result<usize> {
    word.parse().map_err(io::Error::other)
}

/// Prints what was done as one line of JSON.
fn report(done: usize, took: Duration, octets: usize, mut each: Vec<Duration>) {
    each.sort();
    let middle = each.get(each.len() / 2).copied().unwrap_or_default();
    let line = serde_json::json!({
        "done": done, "seconds": took.as_secs_f64(), "octets": octets, "median_ms": middle.as_secs_f64() * 1000.0,
    });
    // Whoever started this reads it; without a reader there is nothing to do.
    let _ = io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes());
}

/// Where to log in.
struct Target {
    address: String,
    tls: Option<TlsConnector>,
    login: String,
}

impl Target {
    fn new(address: &str, ca: &str, user: &str, password: &str) -> io::Result<Arc<Self>> {
        let tls = if ca == "-" { None } else { Some(TlsConnector::from(client_config(ca)?)) };
        Ok(Arc::new(Self { address: address.to_owned(), tls, login: format!("l LOGIN {user} {password}\r\n") }))
    }

    async fn connect(&self) -> io::Result<Box<dyn Duplex>> {
        let stream = tcp(&self.address).await?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => {
                let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
                Ok(Box::new(tls.connect(name, stream).await?))
            }
        }
    }
}

/// Octets of the message that is appended.
const MESSAGE: usize = 25 * 1024 * 1024;

impl Target {
    /// Fetches a message whole; its octets.
    async fn fetch(stream: &mut dyn Duplex, buffer: &mut [u8]) -> io::Result<usize> {
        stream.write_all(b"f FETCH 1 BODY.PEEK[]\r\n").await?;
        stream.flush().await?;
        let mut head = Vec::new();
        let (length, mut got) = loop {
            let read = stream.read(buffer).await?;
            head.extend_from_slice(buffer.get(..read).unwrap_or_default());
            if let Some(end) = head.iter().position(|octet| *octet == b'\n') {
                let line = String::from_utf8_lossy(head.get(..end).unwrap_or_default()).into_owned();
                let length = line.trim_end().rsplit_once('{').map_or("", |(_, number)| number.trim_end_matches('}'));
                break (length.parse::<usize>().map_err(|_| io::Error::other(line.clone()))?, head.len() - end - 1);
            }
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let last = b")\r\nf OK done\r\n".len();
        while got < length + last {
            let read = stream.read(buffer).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            got += read;
        }
        Ok(length)
    }

    /// Appends a message; its octets.
    async fn append(stream: &mut dyn Duplex, buffer: &mut [u8]) -> io::Result<usize> {
        stream.write_all(format!("a APPEND INBOX {{{MESSAGE}}}\r\n").as_bytes()).await?;
        stream.flush().await?;
        until(&mut *stream, b"+ ").await?;
        buffer.fill(b'x');
        let mut left = MESSAGE;
        while left > 0 {
            let piece = buffer.get(..left.min(buffer.len())).unwrap_or_default();
            stream.write_all(piece).await?;
            left -= piece.len();
        }
        stream.write_all(b"\r\n").await?;
        stream.flush().await?;
        until(&mut *stream, b"a OK").await?;
        Ok(MESSAGE)
    }
}

/// The same transfer so many times on one connection.
async fn imap_transfer(
    target: Arc<Target>,
    count: usize,
    transfer: impl AsyncFn(&mut dyn Duplex, &mut [u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let mut stream = target.connect().await?;
    until(&mut stream, b"ready").await?;
    for (command, answer) in [(target.login.as_bytes(), &b"l OK"[..]), (b"s SELECT INBOX\r\n", b"s OK")] {
        stream.write_all(command).await?;
        stream.flush().await?;
        until(&mut stream, answer).await?;
    }
    let mut buffer = vec![0; 256 * 1024];
    let (began, mut octets, mut each) = (Instant::now(), 0, Vec::new());
    for _ in 0..count {
        let began = Instant::now();
        octets += transfer(stream.as_mut(), &mut buffer).await?;
        each.push(began.elapsed());
    }
    report(count, began.elapsed(), octets, each);
    Ok(())
}

/// Full handshakes: nothing is resumed.
fn client_config(ca: &str) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(io::Error::other)? {
        roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

async fn tcp(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    quickack(&stream);
    Ok(stream)
}

fn quickack(stream: &TcpStream) {
    // The kernel forgets it after a while; it is set again before each wait where it matters.
    let _ = rustix::net::sockopt::set_tcp_quickack(stream, true);
}

/// Log-in, SELECT, fifty envelopes, LOGOUT: so many times, so many at once.
async fn imap_login(target: Arc<Target>, count: usize, at_once: usize) -> io::Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (target, next) = (Arc::clone(&target), Arc::clone(&next));
        workers.spawn(async move {
            let mut each = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let began = Instant::now();
                let mut stream = target.connect().await?;
                until(&mut stream, b"ready").await?;
                for (command, answer) in [
                    (target.login.as_bytes(), &b"l OK"[..]),
                    (b"s SELECT INBOX\r\n", b"s OK"),
                    (b"f FETCH 1:50 (UID FLAGS ENVELOPE)\r\n", b"f OK"),
                    (b"q LOGOUT\r\n", b"q OK"),
                ] {
                    stream.write_all(command).await?;
                    stream.flush().await?;
                    until(&mut stream, answer).await?;
                }
                each.push(began.elapsed());
            }
            Ok::<_, io::Error>(each)
        });
    }
    let each = collect(workers).await?;
    report(each.len(), began.elapsed(), 0, each);
    Ok(())
}

async fn collect(mut workers: JoinSet<io::Result<Vec<Duration>>>) -> io::Result<Vec<Duration>> {
    let mut each = Vec::new();
    while let Some(done) = workers.join_next().await {
        each.extend(done.map_err(io::Error::other)??);
    }
    Ok(each)
}

/// Reads until a line that begins with this, or for the greeting contains it.
async fn until(stream: &mut (impl AsyncRead + Unpin + ?Sized), wanted: &[u8]) -> io::Result<()> {
    let mut seen = Vec::new();
    loop {
        let found = seen.split(|octet| *octet == b'\n').any(|line: &[u8]| {
            line.starts_with(wanted) && line.ends_with(b"\r") || wanted == b"ready" && line.starts_with(b"* OK")
        });
        if found {
            return Ok(());
        }
        let mut piece = vec![0; 16 * 1024];
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            let said = String::from_utf8_lossy(&seen).into_owned();
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, said));
        }
        seen.extend_from_slice(piece.get(..length).unwrap_or_default());
        if seen.windows(4).any(|window| window == b" NO " || window == b" BAD") {
            return Err(io::Error::other(String::from_utf8_lossy(&seen).into_owned()));
        }
    }
}

/// So many connections in IDLE, held until the standard input ends.
async fn imap_idle(target: Arc<Target>, count: usize) -> io::Result<()> {
    let began = Instant::now();
    let mut held = Vec::with_capacity(count);
    let mut workers = JoinSet::new();
    for started in 0..count {
        let target = Arc::clone(&target);
        workers.spawn(async move {
            let mut stream = target.connect().await?;
            until(&mut stream, b"ready").await?;
            for (command, answer) in
                [(target.login.as_bytes(), &b"l OK"[..]), (b"s SELECT INBOX\r\n", b"s OK"), (b"i IDLE\r\n", b"+ ")]
            {
                stream.write_all(command).await?;
                stream.flush().await?;
                until(&mut stream, answer).await?;
            }
            Ok::<_, io::Error>(stream)
        });
        // No more than fifty at once: this measures rest, not arrival.
        if started >= 50
            && let Some(done) = workers.join_next().await
        {
            held.push(done.map_err(io::Error::other)??);
        }
    }
    while let Some(done) = workers.join_next().await {
        held.push(done.map_err(io::Error::other)??);
    }
    report(held.len(), began.elapsed(), 0, Vec::new());
    let mut nothing = Vec::new();
    tokio::io::stdin().read_to_end(&mut nothing).await?;
    Ok(())
}

/// Octets of a body that are sent at a time, at most.
const PIECE: usize = 1024 * 1024;

/// The same request so many times over kept connections, so many at once.
async fn http(address: &str, head: &str, length: usize, count: usize, at_once: usize) -> io::Result<()> {
    // A small body goes with the head, as clients send it; of a large one the rest is the same piece again and again.
    let (content, address) = (Arc::<[u8]>::from(vec![b'x'; length.min(PIECE)]), Arc::<str>::from(address));
    let (next, octets) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for at_work in 0..at_once {
        let (address, next, octets) = (Arc::clone(&address), Arc::clone(&next), Arc::clone(&octets));
        let first = [head.replace("{n}", &at_work.to_string()).as_bytes(), &content].concat();
        let content = Arc::clone(&content);
        workers.spawn(async move {
            let mut stream = tcp(&address).await?;
            let mut buffer = vec![0; 256 * 1024];
            let mut each = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let began = Instant::now();
                stream.write_all(&first).await?;
                let mut left = length.saturating_sub(PIECE);
                while left > 0 {
                    let piece = content.get(..left.min(PIECE)).unwrap_or_default();
                    stream.write_all(piece).await?;
                    left -= piece.len();
                }
                quickack(&stream);
                octets.fetch_add(length + body(&mut stream, &mut buffer).await?, Ordering::Relaxed);
                each.push(began.elapsed());
            }
            Ok::<_, io::Error>(each)
        });
    }
    let each = collect(workers).await?;
    report(each.len(), began.elapsed(), octets.load(Ordering::Relaxed), each);
    Ok(())
}

/// Reads one answer to its end; the octets of its body.
async fn body(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let mut had = 0;
    let (head, after) = loop {
        let length = stream.read(buffer.get_mut(had..).unwrap_or_default()).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        had += length;
        let seen = buffer.get(..had).unwrap_or_default();
        if let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(seen.get(..end).unwrap_or_default()).to_ascii_lowercase();
            break (head, seen.get(end + 4..).unwrap_or_default().to_vec());
        }
    };
    if !head.starts_with("http/1.1 2") {
        return Err(io::Error::other(head));
    }
    // RFC 9110 §6.4.1: this one has no body.
    if head.starts_with("http/1.1 204") {
        return Ok(0);
    }
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
    if let Some(length) = field("content-length:") {
        let length: usize = length.parse().map_err(io::Error::other)?;
        let mut got = after.len();
        while got < length {
            let more = stream.read(buffer).await?;
            if more == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            got += more;
        }
        return Ok(length);
    }
    // Chunked: only the end matters, and it is the only place where the last chunk stands at the end of what has come.
    let (mut got, mut tail) = (after.len(), after);
    while !tail.ends_with(b"\r\n0\r\n\r\n") && tail != b"0\r\n\r\n" {
        let more = stream.read(buffer).await?;
        if more == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        got += more;
        tail.extend_from_slice(buffer.get(..more).unwrap_or_default());
        let cut = tail.len().saturating_sub(16);
        tail.drain(..cut);
    }
    Ok(got)
}
