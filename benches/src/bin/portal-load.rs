//! A portal at nine in the morning: `portal-load ADDR KEY PEOPLE RATE STORE SECONDS`.
//!
//! Signs a token for each of `u00001` to PEOPLE and changes it for a bearer, sixteen at a time; asks once for everybody's counts
//! at RATE a second, and then again and again for so many seconds. A request is sent when its time has come, whether those
//! before it are answered or not, and its latency counts from that time: a server that falls behind cannot hide it. The
//! store on port STORE tells how often it was asked for STATUS. Prints one line of JSON for each part.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use std::{
    env, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Connections that the portal keeps.
const CONNECTIONS: usize = 64;
/// Tokens that are changed at once.
const EXCHANGES: usize = 16;
/// Windows of the warm part.
const WINDOWS: usize = 5;

#[tokio::main(worker_threads = 1)]
async fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [address, key, people, rate, store, seconds] = words.as_slice() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "see the first lines of portal-load.rs"));
    };
    let (people, rate, seconds) = (number(people)?, number(rate)?, number(seconds)?);
    let address: Arc<str> = address.as_str().into();
    let key = EncodingKey::from_ed_pem(&std::fs::read(key)?).map_err(io::Error::other)?;

    let began = Instant::now();
    let bearers = exchange(&address, key, people).await?;
    let took = began.elapsed();
    say(&serde_json::json!({"part": "exchange", "done": bearers.len(), "seconds": took.as_secs_f64()}));
    let bearers: Arc<[String]> = bearers.into();
    let before = asked(store).await?;
    let first = ask(&address, &bearers, rate, people).await?;
    say(&told("first", first, asked(store).await?.saturating_sub(before)));
    for _ in 0..WINDOWS {
        let before = asked(store).await?;
        let count = rate.saturating_mul(seconds);
        let each = ask(&address, &bearers, rate, count).await?;
        say(&told("warm", each, asked(store).await?.saturating_sub(before)));
    }
    Ok(())
}

fn number(word: &str) -> io::Result<usize> {
    word.parse().map_err(io::Error::other)
}

fn say(line: &serde_json::Value) {
    // Whoever started this reads it; without a reader there is nothing to do.
    let _ = io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes());
}

fn told(part: &str, (mut each, took): (Vec<Duration>, Duration), statuses: usize) -> serde_json::Value {
    each.sort();
    let at = |share: usize| {
        let index = each.len().saturating_mul(share).checked_div(1000).unwrap_or_default();
        each.get(index.min(each.len().saturating_sub(1))).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
    };
    serde_json::json!({
        "part": part, "done": each.len(), "seconds": took.as_secs_f64(),
        "median_ms": at(500), "p99_ms": at(990), "worst_ms": at(1000), "statuses": statuses,
    })
}

/// Changes a token of each person for a bearer.
async fn exchange(address: &Arc<str>, key: EncodingKey, people: usize) -> io::Result<Vec<String>> {
    let (key, next) = (Arc::new(key), Arc::new(AtomicUsize::new(0)));
    let bearers = Arc::new(Mutex::new(vec![String::new(); people]));
    let mut workers = JoinSet::new();
    for _ in 0..EXCHANGES {
        let (key, next, address, bearers) =
            (Arc::clone(&key), Arc::clone(&next), Arc::clone(address), Arc::clone(&bearers));
        workers.spawn(async move {
            let mut stream = tcp(&address).await?;
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= people {
                    return Ok::<_, io::Error>(());
                }
                let body = format!("jwt={}", token(&key, index)?);
                let request = format!(
                    "POST /portal/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let answer = round(&mut stream, &request).await?;
                let answer: serde_json::Value = serde_json::from_slice(&answer).map_err(io::Error::other)?;
                let bearer = answer.get("access_token").and_then(serde_json::Value::as_str).unwrap_or_default();
                let mut all = bearers.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(place) = all.get_mut(index) {
                    bearer.clone_into(place);
                }
            }
        });
    }
    while let Some(done) = workers.join_next().await {
        done.map_err(io::Error::other)??;
    }
    let bearers = bearers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(bearers)
}

fn token(key: &EncodingKey, index: usize) -> io::Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let claims = serde_json::json!({
        "iss": "https://ent.test", "aud": "https://office.test", "sub": format!("u{:05}", index + 1),
        "exp": now.as_secs() + 120, "jti": format!("{}-{index}", now.as_nanos()),
    });
    encode(&Header::new(Algorithm::EdDSA), &claims, key).map_err(io::Error::other)
}

/// Asks for counts, of everybody in turn, at this rate.
async fn ask(
    address: &Arc<str>,
    bearers: &Arc<[String]>,
    rate: usize,
    count: usize,
) -> io::Result<(Vec<Duration>, Duration)> {
    let (next, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut workers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, address, bearers) = (Arc::clone(&next), Arc::clone(address), Arc::clone(bearers));
        workers.spawn(async move {
            let (mut stream, mut each) = (tcp(&address).await?, Vec::new());
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return Ok::<_, io::Error>(each);
                }
                let due = began
                    + Duration::from_secs(1).saturating_mul(u32::try_from(index).unwrap_or(u32::MAX))
                        / u32::try_from(rate).unwrap_or(1);
                tokio::time::sleep_until(due.into()).await;
                let bearer = bearers.get(index % bearers.len()).map_or("", String::as_str);
                let request =
                    format!("GET /portal/counts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\r\n");
                let answer = round(&mut stream, &request).await?;
                if !answer.windows(17).any(|window| window == b"\"errorCause\":null") {
                    return Err(io::Error::other(String::from_utf8_lossy(&answer).into_owned()));
                }
                each.push(due.elapsed());
            }
        });
    }
    let mut each = Vec::with_capacity(count);
    while let Some(done) = workers.join_next().await {
        each.extend(done.map_err(io::Error::other)??);
    }
    Ok((each, began.elapsed()))
}

async fn tcp(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One request and its answer's body.
async fn round(stream: &mut TcpStream, request: &str) -> io::Result<Vec<u8>> {
    stream.write_all(request.as_bytes()).await?;
    // The kernel forgets it after a while; it is set again before each wait.
    let _ = rustix::net::sockopt::set_tcp_quickack(&*stream, true);
    let (mut seen, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        seen.extend_from_slice(piece.get(..length).unwrap_or_default());
        let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(seen.get(..end).unwrap_or_default()).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.unwrap_or("0").trim().parse().map_err(io::Error::other)?;
        if seen.len() >= end + 4 + length {
            if !head.starts_with("http/1.1 200") {
                return Err(io::Error::other(String::from_utf8_lossy(&seen).into_owned()));
            }
            return Ok(seen.split_off(end + 4));
        }
    }
}

/// How often the canned store was asked for STATUS.
async fn asked(port: &str) -> io::Result<usize> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await?;
    stream.write_all(b"x XSTATUSES\r\n").await?;
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"x OK") {
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        seen.extend_from_slice(piece.get(..length).unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&seen).into_owned();
    let number = text.lines().find_map(|line| line.strip_prefix("* XSTATUSES ")).unwrap_or_default();
    number.trim().parse().map_err(io::Error::other)
}
