//! SMTP (RFC 5321) as values: commands of clients, replies of servers, the content between DATA and the last dot, and what a
//! submission looks at in a message's header (RFC 6409).
//!
//! Strict where leniency has let one message be read as two: a line ends with CRLF and nothing else, everywhere. Pure:
//! octets in, values and octets out.

mod addresses;
mod command;
mod content;
mod date;
mod header;
mod line;
mod parameters;
mod path;
mod reply;

pub use addresses::{MOST_ADDRESSES, NoAddresses, addresses, recipients};
pub use command::{Command, Sasl, Wrong};
pub use content::{Content, Decoded, Impure, Purity, Stuffer};
pub use date::date;
pub use header::{Field, Gathered, Gatherer, Header, LARGEST_HEADER, MalformedHeader};
pub use line::{LONGEST_LINE, Line, line};
pub use parameters::{Body, MailParameters, Notify, RecipientParameters, Return};
pub use path::{Address, InvalidAddress, LONGEST_LOCAL, LONGEST_PATH};
pub use reply::{LARGEST_REPLY, ParsedReply, Reply};
