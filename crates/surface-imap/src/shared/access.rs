//! Opening a shared mailbox through the gate, and the words for what it says.

use super::{
    Side,
    ask::{Answer, Wire},
    foreign::Foreign,
};
use crate::relay::{End, Relay, With};
use passerelle_core::{Allows, Error, Fault, Lookup, Session, ports::ExternalFault};
use passerelle_observe::{BackendFault, ExternalFailed, InternalFault, emit};

/// The response code and text for what the gate says of a shared mailbox (RFC 5530 §3).
pub(crate) const fn answer(error: &Error) -> &'static str {
    match error {
        Error::NotFound | Error::NoParent => "NO [NONEXISTENT] There is no such mailbox",
        Error::Forbidden => "NO [NOPERM] You may not do this here",
        Error::Unauthenticated => "NO [AUTHORIZATIONFAILED] Your access was withdrawn",
        Error::Unavailable { .. } => "NO [UNAVAILABLE] The mail store cannot be reached, try again later",
        Error::Unsettled { .. } => "NO [UNAVAILABLE] The mail store is gone, and nobody knows whether it was done",
        Error::Unsupported { .. } => "NO [CANNOT] This is not offered for shared mailboxes",
        Error::OverQuota | Error::TooLarge { .. } => "NO [OVERQUOTA] There is no room for it",
        Error::TooMany { .. } => "NO [LIMIT] Too many at once",
        Error::Conflict => "NO [ALREADYEXISTS] It is there already",
        Error::Locked => "NO [INUSE] Try again later",
        Error::Invalid { .. } => "NO [CANNOT] This cannot be done with these names",
        Error::Internal { .. } => "NO [SERVERBUG] An internal fault, it has been logged",
    }
}

/// The same for what a server elsewhere does.
const fn elsewhere(fault: ExternalFault) -> &'static str {
    match fault {
        ExternalFault::Password | ExternalFault::Sealed => {
            "NO [UNAVAILABLE] The server elsewhere does not take the password: give it anew on your page"
        }
        ExternalFault::Address | ExternalFault::Port | ExternalFault::Unprotected => {
            "NO [UNAVAILABLE] This server elsewhere may not be reached from here"
        }
        ExternalFault::Certificate => "NO [UNAVAILABLE] The certificate of the server elsewhere is not good",
        ExternalFault::Name
        | ExternalFault::Unreachable
        | ExternalFault::Slow
        | ExternalFault::Nonsense
        | ExternalFault::Unnumbered
        | ExternalFault::TooOften => "NO [UNAVAILABLE] The server elsewhere cannot be reached, try again later",
    }
}

/// Notes in the log what is not the client's fault, and gives the words for it.
pub(crate) fn told(error: &Error) -> &'static str {
    if let Some(fault) = error.external_fault() {
        emit(ExternalFailed { surface: crate::NAME, fault: fault.as_str() });
        return elsewhere(fault);
    }
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: crate::NAME, chain: &error.chain(), request: "" }),
        Fault::Gateway => emit(InternalFault { surface: crate::NAME, chain: &error.chain(), request: "" }),
    }
    answer(error)
}

/// The end of a relay whose own store does not answer any more.
pub(crate) fn lost(_: std::io::Error) -> End {
    End { reason: "store", words: "Your mail store does not answer" }
}

impl Relay {
    /// The person, as the directory knows them now.
    pub(crate) async fn session(&self) -> Result<Session, Error> {
        self.door.again(&self.visitor).await
    }

    /// The connection to the store of a mailbox: the one there is, or a new one in its place.
    pub(crate) async fn reach<R: Allows<Lookup>>(&mut self, handle: &Foreign<R>) -> Result<&mut Side, Error> {
        let home = handle.home();
        if self.side.as_ref().is_some_and(|side| side.home != home || side.broken.is_some()) {
            self.drop_side().await;
        }
        let mut side = match self.side.take() {
            Some(side) => side,
            None => Box::new(Side::open(handle, &self.facts).await?),
        };
        side.enable(self.enabled).await?;
        Ok(&mut **self.side.insert(side))
    }

    /// A connection to a store that leaves the one of the selected mailbox as it is.
    pub(crate) async fn reach_beside<R: Allows<Lookup>>(&mut self, handle: &Foreign<R>) -> Result<Borrowed<'_>, Error> {
        let home = handle.home();
        let is_taken = self
            .side
            .as_ref()
            .is_some_and(|side| side.selected.is_some() && (side.home != home || side.broken.is_some()));
        if is_taken {
            let mut side = Box::new(Side::open(handle, &self.facts).await?);
            side.enable(self.enabled).await?;
            return Ok(Borrowed::Apart(side));
        }
        Ok(Borrowed::Kept(self.reach(handle).await?))
    }

    /// Lets the connection to the other store go.
    pub(crate) async fn drop_side(&mut self) {
        if let Some(side) = self.side.take() {
            super::ask::log_out(side.stream).await;
        }
        self.turn_to(With::Own);
    }

    /// Asks the client's own store, in the client's words or ours.
    pub(crate) async fn ask_own(&mut self, tag: &[u8], command: &[u8]) -> Result<Answer, End> {
        let mut early = Vec::new();
        let answer = Wire { stream: &mut self.own, early: &mut early }.ask(tag, command).await.map_err(lost)?;
        self.own_used = tokio::time::Instant::now();
        if !early.is_empty() {
            self.pipes.pass_down(&early);
        }
        Ok(answer)
    }

    /// Says a command's answer.
    pub(crate) fn say(&mut self, tag: &[u8], answer: &[u8]) {
        self.pipes.say(&[tag, b" ", answer, b"\r\n"].concat());
    }
}

/// A connection to an owner's store for one command.
pub(crate) enum Borrowed<'r> {
    /// The client's.
    Kept(&'r mut Side),
    /// One of its own, closed behind it.
    Apart(Box<Side>),
}

impl Borrowed<'_> {
    pub(crate) fn side(&mut self) -> &mut Side {
        match self {
            Self::Kept(side) => side,
            Self::Apart(side) => side,
        }
    }

    pub(crate) async fn give_back(self) {
        if let Self::Apart(side) = self {
            super::ask::log_out(side.stream).await;
        }
    }
}
