//! HTTP, as much of it as is asked here, and the JSON in it.

use crate::{Result, line::Line, wrong};
use serde_json::Value;

/// HTTP/1.1 over a kept connection.
pub struct Http {
    line: Line,
    host: String,
    is_closed: bool,
    /// Whether the server keeps connections. One that does not is asked over a new one each time.
    pub keeps: bool,
    /// Header fields of every request, each with its line's end.
    pub fields: String,
}

/// Without the fields: a password is among them.
impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("host", &self.host).field("is_closed", &self.is_closed).finish_non_exhaustive()
    }
}

impl Http {
    /// Connects; `fields` are header fields of every request, each with its line's end.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn open(address: &str, fields: String) -> Result<Self> {
        Ok(Self { line: Line::open(address).await?, host: address.to_owned(), is_closed: false, keeps: true, fields })
    }

    /// Sends a request with JSON and reads its answer whole: the header and the body.
    ///
    /// # Errors
    /// Of the connection; an answer that does not say that it was done.
    pub async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(String, Vec<u8>)> {
        self.ask_with(method, path, "Content-Type: application/json\r\nAccept: application/json\r\n", body).await
    }

    /// The same with header fields of its own, each with its line's end.
    ///
    /// # Errors
    /// As for [`Self::ask`].
    pub async fn ask_with(&mut self, method: &str, path: &str, fields: &str, body: &str) -> Result<(String, Vec<u8>)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}{fields}Content-Length: {}\r\n\r\n{body}",
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
        // RFC 9112 §9.3: without a word HTTP/1.0 does not keep them.
        let keeps = match field("connection:").as_deref() {
            Some(word) => word != "close",
            None => !lower.starts_with("http/1.0"),
        };
        self.is_closed = !(self.keeps && keeps);
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

/// JSON; null where it is none.
pub fn document(octets: &[u8]) -> Value {
    serde_json::from_slice(octets).unwrap_or_default()
}

/// What stands at a place in a document (RFC 6901); null where nothing does.
pub fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}
