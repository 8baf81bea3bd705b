//! What serves a stream.

use crate::Connection;
use std::{future::Future, pin::Pin};

/// A surface that speaks its protocol on a stream: IMAP, POP3, SMTP, ManageSieve, FTP.
pub trait StreamSurface: Send + Sync + 'static {
    /// Its name, for logs and metrics.
    fn name(&self) -> &'static str;

    /// Serves one connection to its end. What it does when it waits for nothing but octets decides how many clients fit
    /// in memory.
    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
