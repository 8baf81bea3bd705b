//! A transfer beside its control connection: where ABOR comes, and where it shows that the client has gone.

use crate::client::{Came, Client};
use passerelle_core::Error;
use passerelle_wire_ftp::{Command, Reply};
use std::{future::Future, io, pin::pin};

/// Why a transfer is not whole.
#[derive(Debug)]
pub(crate) enum Cut {
    /// The client did not come to the port.
    Absent(io::Error),
    /// The client broke off, or takes nothing.
    Client(io::Error),
    /// The store failed.
    Store(Error),
}

/// How a transfer ended.
#[derive(Debug)]
pub(crate) enum Ended<T> {
    /// By itself.
    Done(T),
    /// The client said ABOR.
    Aborted,
    /// The control connection is gone.
    Gone,
}

/// Runs a transfer to its end, or to that of the client's patience. What is dropped before its end is undone.
pub(crate) async fn beside<T>(client: &mut Client, transfer: impl Future<Output = T>) -> io::Result<Ended<T>> {
    let mut transfer = pin!(transfer);
    loop {
        let came = tokio::select! {
            // A client that has left is heard before the end of what it sent.
            biased;
            came = client.listen() => came,
            done = &mut transfer => return Ok(Ended::Done(done)),
        };
        match came {
            Ok(Came::Line(line)) => match Command::parse(&line) {
                Ok(Command::Abor) => return Ok(Ended::Aborted),
                // RFC 959 §4.1.3: STAT may be sent during a transfer.
                Ok(Command::Stat(None)) => client.say(&Reply::new(211, "A transfer is under way")).await?,
                // Everything else is for afterwards; too much of it is no client's.
                Ok(_) | Err(_) => {
                    if !client.keep(line) {
                        return Ok(Ended::Gone);
                    }
                }
            },
            Ok(Came::Gone | Came::TooLong | Came::Silent | Came::Drained) | Err(_) => return Ok(Ended::Gone),
        }
    }
}
