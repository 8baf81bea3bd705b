//! Trying to reach the MTA as a message would, for `doctor`.

use crate::{
    connect::{self, step},
    settings::{Security, Server},
};
use passerelle_core::{
    Error,
    ports::{Abilities, Leg, Verdict},
};

/// TCP, TLS, greeting, log-in; and what it can.
pub(crate) async fn examine(server: &Server) -> Vec<Leg> {
    match connect::connect(server, None).await {
        Ok(mut mta) => {
            let told = abilities(mta.announced.abilities);
            let mut legs =
                vec![Leg { name: "smtp", verdict: Verdict::Works(format!("{} takes {told}", mta.announced.name)) }];
            if let Some(login) = &server.login {
                legs.push(Leg { name: "login", verdict: Verdict::Works(format!("as {}", login.user)) });
            }
            // Whether the goodbye arrives changes nothing.
            let _ = mta.wire.send(b"QUIT\r\n").await;
            legs
        }
        Err(error) => {
            let doing = match &error {
                Error::Unavailable { doing, .. } => doing.as_str(),
                _ => "",
            };
            let (name, remedy) = match doing {
                step::TLS => ("tls", tls_remedy(&server.security)),
                step::GREETING => ("smtp", "let the MTA greet this host; see its log for why it does not"),
                step::LOGIN => ("login", "correct [submission] login, or let the MTA take this account"),
                _ => ("tcp", "start the MTA, or correct the address in [submission]"),
            };
            vec![Leg { name, verdict: Verdict::Fails { what: error.chain(), remedy } }]
        }
    }
}

fn tls_remedy(security: &Security) -> &'static str {
    match security {
        Security::Starttls(_) | Security::Implicit(_) => {
            "check tls, server_name and ca of [submission] against the MTA's certificate"
        }
        Security::Clear => "write tls = \"none\" only for an MTA that speaks in clear",
    }
}

fn abilities(can: Abilities) -> String {
    let size = can.size.map_or_else(|| "messages of any size".to_owned(), |size| format!("{size} octets a message"));
    let words = [(can.eight_bit, "8BITMIME"), (can.utf8, "SMTPUTF8"), (can.reports, "DSN")];
    words.iter().filter(|(it, _)| *it).fold(size, |all, (_, word)| format!("{all}, {word}"))
}
