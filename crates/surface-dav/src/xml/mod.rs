//! XML as WebDAV uses it (RFC 4918 §14, §17): requests read under limits, answers written straight into octets.

mod name;
mod read;
mod write;

pub(crate) use name::{APPLE, CALDAV, CALENDAR_SERVER, CARDDAV, DAV, Name};
pub(crate) use read::{Element, Malformed, parse};
pub(crate) use write::{MEDIA_TYPE, Writer};
