//! A client that says exactly what it is told to.

use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Who asks, and whom.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    authorization: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Whether the body came to its proper end.
    pub(crate) whole: bool,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The reply without what differs from one request to the next.
    pub(crate) fn plain(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "date" && name != "x-request-id");
        self
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, login: Option<&str>) -> Self {
        let authorization = login.map(|login| {
            let uid = login.split('@').next().unwrap_or_default();
            format!("Basic {}", base64(format!("{login}:pw-{uid}").as_bytes()))
        });
        Self { address, authorization }
    }

    /// A request without a body.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(method, path, headers, "").await
    }

    /// A request with a body.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = self.head(method, path, headers);
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        let mut stream = self.begin(&request).await;
        reply(&mut stream, method == "HEAD").await
    }

    /// A request with a body as it stands, in chunks or cut short.
    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], rest: &str) -> TcpStream {
        let request = self.head(method, path, headers) + rest;
        self.begin(&request).await
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {}\r\n", self.address));
        }
        if let Some(authorization) = &self.authorization {
            head.push_str(&format!("authorization: {authorization}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    async fn begin(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }
}

/// Reads an answer to its end.
pub(crate) async fn reply(stream: &mut TcpStream, headless: bool) -> Reply {
    let mut octets = Vec::new();
    // A connection that is broken off shows in what is missing.
    let _ = stream.read_to_end(&mut octets).await;
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(octets[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let rest = &octets[end + 4..];
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (body, whole) = if headless {
        (rest.to_vec(), true)
    } else if header("transfer-encoding").is_some() {
        unchunk(rest)
    } else {
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        (rest.to_vec(), rest.len() == length)
    };
    Reply { status, headers, body: String::from_utf8_lossy(&body).into_owned(), whole }
}

fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else { return (body, false) };
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else { return (body, false) };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
}

pub(crate) fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in octets.chunks(3) {
        let number =
            three.iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = if at <= three.len() { LETTERS[(number >> (18 - 6 * at) & 63) as usize] } else { b'=' };
            text.push(char::from(letter));
        }
    }
    text
}
