//! ManageSieve (RFC 5804) as octets: the commands of a client, and where a server's response ends. No socket and no clock;
//! every size is bounded, and no input makes it panic.

mod command;
mod reader;
mod response;

pub use command::{Command, LONGEST_HEAD, LONGEST_NAME, Parsed, Script, quoted, verbs};
pub use reader::Answer;
pub use response::{Capability, Ended, Listed, Responses, capabilities, ending, script, scripts};
