//! Opening a shared mailbox through the gate, and the words for what it says.

use super::{
    Side,
    ask::{Answer, Wire},
    names::meant,
};
use crate::relay::{End, Relay, With};
use passerelle_core::{Authorized, Error, Fault, Lookup, Right, Session};
use passerelle_model::MailboxRef;
use passerelle_observe::{BackendFault, InternalFault, emit};

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

/// Notes in the log what is not the client's fault, and gives the words for it.
pub(crate) fn told(error: &Error) -> &'static str {
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

    /// Opens the shared mailbox of this name.
    pub(crate) async fn open_named<R: Right>(&self, name: &[u8]) -> Result<Authorized<MailboxRef, R>, Error> {
        let session = self.session().await?;
        let mailbox = meant(&session, name, self.enabled.is_utf8()).ok_or(Error::NotFound)?;
        session.open(mailbox).await
    }

    /// The connection to the store of a mailbox's owner: the one there is, or a new one in its place.
    pub(crate) async fn reach<R: passerelle_core::Allows<Lookup>>(
        &mut self,
        handle: &Authorized<MailboxRef, R>,
    ) -> Result<&mut Side, Error> {
        let owner = &handle.target().owner;
        if self.side.as_ref().is_some_and(|side| side.owner != *owner) {
            self.drop_side().await;
        }
        let mut side = match self.side.take() {
            Some(side) => side,
            None => Box::new(Side::open(handle, &self.facts).await?),
        };
        side.enable(self.enabled).await?;
        Ok(&mut **self.side.insert(side))
    }

    /// A connection to an owner's store that leaves the one of the selected mailbox as it is.
    pub(crate) async fn reach_beside<R: passerelle_core::Allows<Lookup>>(
        &mut self,
        handle: &Authorized<MailboxRef, R>,
    ) -> Result<Borrowed<'_>, Error> {
        let is_taken =
            self.side.as_ref().is_some_and(|side| side.selected.is_some() && side.owner != handle.target().owner);
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
        self.with = With::Own;
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
