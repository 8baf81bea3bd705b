//! MAIL: the sender is opened through the gate, and announced to the MTA.

use crate::{
    auth::tell,
    conversation::{Ended, Talk},
    refusal::of_message,
    transaction::{State, Transaction},
};
use passerelle_core::{
    Error, Opening, Result, SendAs,
    ports::{ClientFacts, Envelope, MtaReply, Returned},
};
use passerelle_wire_smtp::{Address, Body, MailParameters, Reply, Return};
use std::io;

impl Talk {
    pub(crate) async fn mail(
        &mut self,
        address: Option<Address>,
        parameters: MailParameters,
    ) -> io::Result<Option<Ended>> {
        if self.hello.is_none() {
            return self.answer(503, "5.5.1 Say EHLO first");
        }
        if matches!(self.state, State::Open(_)) {
            return self.answer(503, "5.5.1 A sender was named already");
        }
        if self.signed.is_none() {
            return self.answer(530, "5.7.0 Log in first");
        }
        // RFC 6531 §3.5: an address beyond ASCII needs SMTPUTF8.
        if !parameters.utf8 && address.as_ref().is_some_and(|address| !address.is_ascii()) {
            return self.answer(553, "5.6.7 The address needs SMTPUTF8");
        }
        self.state = State::Idle;
        match self.open(address, parameters).await {
            Ok((transaction, reply)) => {
                if let Some(transaction) = transaction {
                    self.state = State::Open(Box::new(transaction));
                }
                self.reply(&told(reply));
            }
            Err(error) => {
                tell(&error);
                self.reply(&of_message(&error));
            }
        }
        Ok(None)
    }

    async fn open(
        &mut self,
        address: Option<Address>,
        parameters: MailParameters,
    ) -> Result<(Option<Transaction>, MtaReply)> {
        let Some(signed) = &self.signed else { return Err(Error::Unauthenticated) };
        let session = &signed.session;
        let identity = session.identity(address.as_ref().map(Address::as_str)).await?;
        let identity = session.open::<_, SendAs>(identity).await?;
        let largest = identity.abilities().await?.size;
        // RFC 1870 §6.1: refused before it is read.
        if let (Some(size), Some(most)) = (parameters.size, largest)
            && size > most
        {
            return Err(Error::TooLarge { most });
        }
        let peer = self.connection.peer;
        let envelope = Envelope {
            size: parameters.size,
            eight_bit: parameters.body == Some(Body::EightBitMime),
            utf8: parameters.utf8,
            returned: parameters.returned.map(|part| match part {
                Return::Full => Returned::Full,
                Return::Headers => Returned::Headers,
            }),
            envelope_id: parameters.envelope_id,
            client: ClientFacts { address: peer.ip(), port: peer.port() },
        };
        Ok(match identity.begin(&envelope).await? {
            Opening::Refused(reply) => (None, reply),
            Opening::Open(sending, reply) => {
                let from = identity.target().clone();
                let utf8 = envelope.utf8;
                (Some(Transaction { sending: Some(*sending), from, utf8, largest, accepted: 0, chunks: None }), reply)
            }
        })
    }
}

/// The MTA's words, for the client.
pub(crate) fn told(reply: MtaReply) -> Reply {
    Reply { code: reply.code, lines: reply.lines }
}
