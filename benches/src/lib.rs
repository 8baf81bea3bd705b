//! The other side of the measurements: a canned IMAP store and a load client, each a process of its own.
//!
//! `cargo xtask bench peers` starts them; they measure nothing of themselves.
