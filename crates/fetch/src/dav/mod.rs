//! Servers that speak WebDAV, for the adapters of files and of collections.

mod fault;
mod link;
mod server;

pub use fault::{lost, status_fault};
pub use link::{Link, method};
pub use server::{Server, encoded};
