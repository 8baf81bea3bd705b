//! The other side of the measurements: a canned IMAP store and load clients, each a process of its own.
//!
//! `cargo xtask bench peers` starts them; they measure nothing of themselves.

pub mod http;
pub mod line;

use std::io;

/// What a load client ends with.
pub type Result<T> = io::Result<T>;

/// A side that answers something else than it was asked for.
pub fn wrong(what: &str, answer: impl std::fmt::Display) -> io::Error {
    let answer: String = answer.to_string().chars().take(2000).collect();
    io::Error::other(format!("{what}: {answer}"))
}

/// The middle of some times, in milliseconds.
pub fn median_ms(mut each: Vec<std::time::Duration>) -> f64 {
    each.sort();
    each.get(each.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0
}
