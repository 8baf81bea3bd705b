//! RETR and TOP (RFC 1939 §5, §7): from the store to the client in pieces. A message that cannot be sent to its end ends the
//! connection without the final dot, so that no client takes a part for the whole.

use crate::client::Client;
use futures::StreamExt;
use passerelle_core::{
    Error, OpenedMailbox, Result,
    ports::{Section, Wanted},
};
use passerelle_wire_pop3::Stuffing;
use std::{io, num::NonZeroU32};

/// How much of a message TOP asks for at once, in octets: most headers, and some lines.
const WINDOW: NonZeroU32 = NonZeroU32::new(16 * 1024).unwrap();

/// What came of it.
pub(crate) enum Sent {
    /// The whole, of so many octets of the message.
    Whole(u64),
    /// Nothing: it is answered with this error.
    Refused(Error),
    /// A part, and then this happened.
    Cut(Cut),
}

/// Why a message was cut.
#[derive(Debug)]
pub(crate) enum Cut {
    /// The store failed.
    Store(Error),
    /// The client is gone, or takes nothing.
    Client(io::Error),
}

/// Sends a message.
pub(crate) async fn whole(client: &mut Client, opened: &mut OpenedMailbox, uid: u32, size: u64) -> Sent {
    let wanted = Wanted { uid, section: Section::Message, octets: None };
    let mut content = match opened.read(&wanted).await {
        Ok(content) => content,
        Err(error) => return Sent::Refused(error),
    };
    // The first piece decides: until then the client may still hear that there is none.
    let mut piece = match content.next().await.transpose() {
        Ok(piece) => piece,
        Err(error) => return Sent::Refused(error),
    };
    if let Err(error) = client.say(&format!("+OK {size} octets\r\n")).await {
        return Sent::Cut(Cut::Client(error));
    }
    let (mut stuffing, mut out, mut octets) = (Stuffing::default(), Vec::new(), 0_u64);
    while let Some(octets_of) = piece {
        octets = octets.saturating_add(u64::try_from(octets_of.len()).unwrap_or(u64::MAX));
        stuffing.pass(&octets_of, &mut out);
        if let Err(error) = client.put(&out).await {
            return Sent::Cut(Cut::Client(error));
        }
        out.clear();
        piece = match content.next().await.transpose() {
            Ok(piece) => piece,
            Err(error) => return Sent::Cut(Cut::Store(error)),
        };
    }
    stuffing.finish(&mut out);
    match client.put(&out).await {
        Ok(()) => Sent::Whole(octets),
        Err(error) => Sent::Cut(Cut::Client(error)),
    }
}

/// Sends a message's header and so many lines behind it. The store is asked for a window after the other, so that the first
/// lines of a large message cost no more than those of a small one.
pub(crate) async fn top(client: &mut Client, opened: &mut OpenedMailbox, uid: u32, lines: u32) -> Sent {
    let (mut stuffing, mut out) = (Stuffing::top(lines), Vec::new());
    let mut from = 0_u32;
    loop {
        let window = match window(opened, uid, from).await {
            Ok(window) => window,
            Err(error) if from == 0 => return Sent::Refused(error),
            Err(error) => return Sent::Cut(Cut::Store(error)),
        };
        if from == 0 {
            out.extend_from_slice(b"+OK The top of it\r\n");
        }
        stuffing.pass(&window, &mut out);
        let length = u32::try_from(window.len()).unwrap_or(u32::MAX);
        let is_last = length < WINDOW.get() || stuffing.is_done();
        from = from.saturating_add(length);
        if is_last {
            stuffing.finish(&mut out);
            return match client.put(&out).await {
                Ok(()) => Sent::Whole(u64::from(from)),
                Err(error) => Sent::Cut(Cut::Client(error)),
            };
        }
        if let Err(error) = client.put(&out).await {
            return Sent::Cut(Cut::Client(error));
        }
        out.clear();
    }
}

async fn window(opened: &mut OpenedMailbox, uid: u32, from: u32) -> Result<Vec<u8>> {
    let wanted = Wanted { uid, section: Section::Message, octets: Some((from, WINDOW)) };
    let mut content = opened.read(&wanted).await?;
    let mut window = Vec::new();
    while let Some(piece) = content.next().await {
        window.extend_from_slice(&piece?);
    }
    Ok(window)
}
