//! What JMAP calls things of a mail store: mailboxes, messages with their headers and parts.

mod body;
mod compose;
mod decoding;
mod fields;
mod header;
mod mailboxes;
mod parsed;
mod thread;

pub(crate) use body::{
    Body, DEFAULT as PART_DEFAULT, PROPERTIES as PART_PROPERTIES, Parts, Telling, charset, part_id, part_json,
};
pub(crate) use compose::{Given, Piece, compose};
pub(crate) use decoding::{Decoder, charset_text};
pub(crate) use header::{CONVENIENT, Field, Fields, convenient, first_message_id};
pub(crate) use mailboxes::{Mailbox, Mailboxes, UPLOADS, properties as mailbox_properties, use_for};
pub(crate) use parsed::{LARGEST_PARSED, Parsed};
pub(crate) use thread::{ROOT_FIELDS, thread_of};
