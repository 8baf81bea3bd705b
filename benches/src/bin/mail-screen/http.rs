//! HTTP, as much of it as is asked here, and the JSON in it.

use crate::{Result, line::Line, wrong};
use serde_json::Value;

/// HTTP/1.1 over a kept connection.
pub(crate) struct Http {
    line: Line,
    host: String,
    is_closed: bool,
    /// Whether the server keeps connections. One that does not is asked over a new one each time.
    pub(crate) keeps: bool,
    /// Header fields of every request, each with its line's end.
    pub(crate) fields: String,
}

impl Http {
    pub(crate) async fn open(address: &str, fields: String) -> Result<Self> {
        Ok(Self { line: Line::open(address).await?, host: address.to_owned(), is_closed: false, keeps: true, fields })
    }

    /// Sends a request and reads its answer whole: the header and the body.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(String, Vec<u8>)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            self.fields,
            body.len()
        );
        if self.is_closed {
            self.line = Line::open(&self.host).await?;
        }
        self.line.send(request.as_bytes()).await?;
        let end = self.line.until(b"\r\n\r\n", 0).await? + 4;
        let head = String::from_utf8_lossy(&self.line.take(end)).into_owned();
        let lower = head.to_ascii_lowercase();
        let field = |name: &str| lower.lines().find_map(|line| line.strip_prefix(name).map(|it| it.trim().to_owned()));
        self.is_closed = !self.keeps || field("connection:").is_some_and(|it| it == "close");
        let mut content = Vec::new();
        if let Some(length) = field("content-length:") {
            let length: usize = length.parse().map_err(|_| wrong("the length", &head))?;
            while self.line.had.len() < length {
                self.line.more().await?;
            }
            content = self.line.take(length);
        } else if field("transfer-encoding:").is_some() {
            loop {
                let size = self.line.line().await?;
                let size = size.split(';').next().unwrap_or_default();
                let size = usize::from_str_radix(size, 16).map_err(|_| wrong("a chunk's size", size))?;
                while self.line.had.len() < size + 2 {
                    self.line.more().await?;
                }
                content.extend(self.line.take(size));
                self.line.take(2);
                if size == 0 {
                    break;
                }
            }
        }
        if !(lower.starts_with("http/1.1 2") || lower.starts_with("http/1.0 2")) {
            return Err(wrong(path, format!("{head}{}", String::from_utf8_lossy(&content))));
        }
        Ok((head, content))
    }
}

pub(crate) fn document(octets: &[u8]) -> Value {
    serde_json::from_slice(octets).unwrap_or_default()
}

/// What stands at a place in a document (RFC 6901); null where nothing does.
pub(crate) fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}
