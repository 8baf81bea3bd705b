//! An MTA in memory: takes everything, and keeps what it took.

use bytes::{Bytes, BytesMut};
use passerelle_core::{
    Permit, SendAs,
    ports::{Abilities, Begun, Envelope, Fut, Health, Leg, MtaReply, Recipient, Submission, Transaction, Verdict},
};
use passerelle_model::IdentityRef;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// As whom it was sent.
    pub from: IdentityRef,
    /// To whom.
    pub to: Vec<Recipient>,
    /// Its octets.
    pub content: Bytes,
}

/// The MTA.
#[derive(Debug, Clone, Default)]
pub struct MemorySubmission {
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl MemorySubmission {
    /// What it took so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn fine(code: u16) -> MtaReply {
    MtaReply { code, lines: vec!["2.0.0 in memory".to_owned()] }
}

impl Submission for MemorySubmission {
    fn abilities(&self) -> Fut<'_, Abilities> {
        Box::pin(async { Ok(Abilities { size: None, eight_bit: true, utf8: true, reports: true }) })
    }

    fn begin<'a>(&'a self, from: &'a Permit<IdentityRef, SendAs>, _envelope: &'a Envelope) -> Fut<'a, Begun> {
        let (from, all) = (from.target().clone(), Arc::clone(&self.taken));
        let message = Message { from, to: Vec::new(), content: BytesMut::new(), all };
        Box::pin(async move { Ok(Begun::Open(Box::new(message), fine(250))) })
    }
}

impl Health for MemorySubmission {
    fn name(&self) -> &'static str {
        "MTA in memory"
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async { vec![Leg { name: "smtp", verdict: Verdict::Works(String::new()) }] })
    }
}

struct Message {
    from: IdentityRef,
    to: Vec<Recipient>,
    content: BytesMut,
    all: Arc<Mutex<Vec<Taken>>>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message")
    }
}

impl Transaction for Message {
    fn recipients<'a>(&'a mut self, some: &'a [Recipient]) -> Fut<'a, Vec<MtaReply>> {
        self.to.extend_from_slice(some);
        Box::pin(async move { Ok(some.iter().map(|_| fine(250)).collect()) })
    }

    fn content(&mut self) -> Fut<'_, MtaReply> {
        Box::pin(async { Ok(fine(354)) })
    }

    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Fut<'a, Option<MtaReply>> {
        self.content.extend_from_slice(piece);
        Box::pin(async { Ok(None) })
    }

    fn commit<'a>(self: Box<Self>) -> Fut<'a, MtaReply>
    where
        Self: 'a,
    {
        let Self { from, to, content, all } = *self;
        let taken = Taken { from, to, content: content.freeze() };
        all.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
        Box::pin(async { Ok(fine(250)) })
    }
}
