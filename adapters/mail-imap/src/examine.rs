//! Trying to open somebody's mail as the gateway would, for `doctor`.

use crate::{
    connect::{Wire, is_ok},
    login::log_in,
    settings::Store,
};
use passerelle_core::{
    Error, Permit, Read,
    ports::{Leg, Verdict},
};
use passerelle_model::AccountRef;
use tokio::time::timeout;

/// Logs in as the owner and looks into INBOX without leaving a mark (EXAMINE, RFC 9051 §6.3.3).
pub(crate) async fn examine(store: &Store, at: &Permit<AccountRef, Read>) -> Vec<Leg> {
    let owner = &at.target().0;
    let relay = match log_in(store, owner, at.actor(), at.delegation(), None).await {
        Ok(relay) => relay,
        Err(Error::Unsupported { .. }) => {
            let remark = "opened with what each person brings: a password, a ticket or a token; not tried";
            return vec![Leg { name: "login", verdict: Verdict::Works(remark.to_owned()) }];
        }
        Err(error) => {
            let remedy = "correct [mail.master]; the store must take this log-in for everybody, see its log";
            return vec![Leg { name: "login", verdict: fails(error.chain(), remedy) }];
        }
    };
    let mut legs = vec![Leg { name: "login", verdict: Verdict::Works(format!("as {}", owner.id)) }];
    let mut wire = Wire { stream: relay.stream, early: relay.early };
    let asked = async {
        wire.send(b"e EXAMINE INBOX\r\n").await?;
        let answer = wire.tagged("e").await?;
        // Whether the goodbye arrives changes nothing.
        let _ = wire.send(b"q LOGOUT\r\n").await;
        Ok::<_, std::io::Error>(answer)
    };
    let verdict = match timeout(store.deadline, asked).await {
        Ok(Ok(answer)) if is_ok(&answer, "e") => Verdict::Works("INBOX can be read".to_owned()),
        Ok(Ok(answer)) => fails(
            format!("{}: the store lets the gateway in as {} and then says {answer}", store.name, owner.id),
            "let the master log-in have the rights of the person: on Dovecot with acl, plugin { acl_user = %u }",
        ),
        Ok(Err(error)) => fails(format!("{}: EXAMINE: {error}", store.name), "look at the store's log"),
        Err(slow) => fails(format!("{}: EXAMINE: {slow}", store.name), "look at the store's log"),
    };
    legs.push(Leg { name: "inbox", verdict });
    legs
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
