//! The whole of SMTP's vocabulary for our errors, in one place (RFC 5321 §4.2, RFC 3463, RFC 4954 §6).

use crate::{auth::tell, mail::told};
use passerelle_core::{Delivered, Error, Undelivered};
use passerelle_submission::Refusal;
use passerelle_wire_smtp::Reply;

/// The reply to a log-in.
pub(crate) fn of_login(error: &Error) -> Reply {
    let (code, text) = match error {
        Error::Unauthenticated | Error::NotFound => (535, "5.7.8 Login or password is wrong"),
        Error::Forbidden => (535, "5.7.8 Your account belongs to no institution here"),
        Error::TooMany { .. } => (454, "4.7.0 Too many wrong passwords, wait and try again"),
        Error::Unavailable { .. } | Error::Unsettled { .. } => {
            (454, "4.7.0 The service cannot be reached, try again later")
        }
        Error::Unsupported { .. } => (535, "5.7.8 No mail is sent for this account here"),
        Error::OverQuota => (454, "4.7.0 Too many connections"),
        Error::Conflict | Error::Locked => (454, "4.7.0 Try again later"),
        Error::NoParent | Error::TooLarge { .. } | Error::Invalid { .. } => {
            (535, "5.7.8 This login cannot be used to send mail")
        }
        Error::Internal { .. } => (454, "4.3.0 An internal fault, it has been logged"),
    };
    Reply::new(code, text)
}

/// The reply to a sender, a recipient or a message.
pub(crate) fn of_message(error: &Error) -> Reply {
    let (code, text) = match error {
        // What is not there and what is none of the person's business answer alike.
        Error::NotFound | Error::Forbidden => (553, "5.7.1 You may not send as this address"),
        Error::Unauthenticated => (530, "5.7.0 Your access was withdrawn, log in again"),
        Error::TooMany { .. } => (450, "4.7.1 Too many messages in an hour, wait and try again"),
        Error::Unavailable { .. } | Error::Unsettled { .. } => {
            (451, "4.4.1 The mail server cannot be reached, try again later")
        }
        Error::Unsupported { .. } => (555, "5.5.4 The mail server cannot do what is asked for"),
        Error::OverQuota => (452, "4.3.1 No room, try again later"),
        Error::TooLarge { .. } => (552, "5.3.4 The message is larger than is taken here"),
        Error::Conflict | Error::Locked => (451, "4.3.0 Try again later"),
        Error::NoParent | Error::Invalid { .. } => (550, "5.6.0 This message cannot be sent"),
        Error::Internal { .. } => (451, "4.3.0 An internal fault, it has been logged"),
    };
    Reply::new(code, text)
}

/// The reply when the MTA fell silent behind the end of a message. It may have it, or not: another try may bring it twice,
/// and a refusal might lose it (RFC 5321 §4.5.3.2.6, RFC 1047).
fn of_silence() -> Reply {
    Reply::new(451, "4.4.2 The mail server fell silent behind the end: it may have the message or not")
}

/// The reply to a message that came to no answer of the MTA.
fn of_undelivered(undelivered: &Undelivered) -> Reply {
    match undelivered {
        Undelivered::Withdrawn(error) => of_message(error),
        // RFC 3463 §3.8: which scanner it was is not for the sender, what it found is.
        Undelivered::Found { what, .. } => Reply::new(554, format!("5.7.1 The message is refused: {what}")),
        Undelivered::Later => Reply::new(451, "4.7.1 The message cannot be taken now, try again later"),
        Undelivered::Unscanned(error) => {
            tell(error);
            Reply::new(451, "4.7.1 The message could not be looked at, try again later")
        }
        Undelivered::Lost(error) => {
            tell(error);
            of_message(error)
        }
        Undelivered::Silent(error) => {
            tell(error);
            of_silence()
        }
    }
}

/// The reply to a message at its end.
pub(crate) fn of_outcome(outcome: Result<Delivered, Refusal>) -> Reply {
    let refusal = match outcome {
        Ok(delivered) => {
            delivered.unscanned.iter().for_each(tell);
            return told(delivered.reply);
        }
        Err(refusal) => refusal,
    };
    let (code, text) = match refusal {
        Refusal::MalformedHeader => (550, "5.6.0 A line of the header is no header field"),
        Refusal::LargeHeader => (552, "5.3.4 The header is larger than 256 KiB"),
        Refusal::Circles => (554, "5.4.6 The message goes round in circles"),
        Refusal::NoAuthor => (550, "5.7.1 The message has no From field"),
        Refusal::TwoAuthors => (550, "5.7.1 The message names its author twice"),
        Refusal::UnreadAuthor => (550, "5.7.1 The message does not name its author in a way that can be checked"),
        Refusal::ForbiddenAuthor => (550, "5.7.1 The message names an author as whom you may not send"),
        Refusal::Impure => (550, "5.6.0 A line ends with CR and LF, never with one of them"),
        Refusal::Failed(error) => {
            tell(&error);
            return of_message(&error);
        }
        Refusal::Mta(reply) => return told(reply),
        Refusal::Undelivered(undelivered) => return of_undelivered(&undelivered),
    };
    Reply::new(code, text)
}
