//! What is offered: what the MTA behind can, and what is done here for any MTA. Nothing that would not be done.

use passerelle_core::SendingOffer;
use passerelle_net::{ClientStream, Connection};
use passerelle_wire_smtp::Reply;

/// The mechanisms everywhere, and those where the realm of the host that the client came to takes tokens.
pub(crate) const MECHANISMS: &str = "PLAIN LOGIN";
pub(crate) const MECHANISMS_WITH_TOKENS: &str = "PLAIN LOGIN OAUTHBEARER XOAUTH2";

/// The answer to EHLO (RFC 5321 §4.1.1.1).
pub(crate) fn extensions(host: &str, connection: &Connection, offer: &SendingOffer, mechanisms: &str) -> Reply {
    let can = offer.abilities;
    // RFC 1870 §4: without a number when no limit is known.
    let size = can.size.map_or_else(|| "SIZE".to_owned(), |size| format!("SIZE {size}"));
    let mut lines = vec![host.to_owned(), "PIPELINING".to_owned(), size];
    let words = [(can.eight_bit, "8BITMIME"), (can.utf8, "SMTPUTF8"), (can.reports, "DSN")];
    lines.extend(words.iter().filter(|(it, _)| *it).map(|(_, word)| (*word).to_owned()));
    // RFC 3030: chunks are put together here, whatever the MTA takes. RFC 9422 §4.2.
    lines.extend(["ENHANCEDSTATUSCODES".to_owned(), "CHUNKING".to_owned()]);
    lines.push(format!("LIMITS RCPTMAX={}", offer.recipients));
    if connection.starttls.is_some() && matches!(connection.stream, ClientStream::Plain(_)) {
        lines.push("STARTTLS".to_owned());
    }
    if connection.may_log_in {
        lines.push(format!("AUTH {mechanisms}"));
    }
    Reply { code: 250, lines }
}

/// The answer as it goes out: no status, which EHLO's answer has none of (RFC 2034 §3).
pub(crate) fn plain(reply: &Reply) -> String {
    let last = reply.lines.len().saturating_sub(1);
    let line =
        |(index, text): (usize, &String)| format!("{}{}{text}\r\n", reply.code, if index == last { ' ' } else { '-' });
    reply.lines.iter().enumerate().map(line).collect()
}
