//! AUTH (RFC 4954): PLAIN (RFC 4616), LOGIN, which has no RFC and many programs, and where tokens are taken OAUTHBEARER
//! (RFC 7628) and XOAUTH2.

use crate::{
    NAME,
    announce::{MECHANISMS, MECHANISMS_WITH_TOKENS},
    conversation::{Came, Ended, Signed, Talk},
    refusal::of_login,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{Errand, Error, Fault, Proof, Result, SendAs, Tool, Visit};
use passerelle_model::Secret;
use passerelle_observe::{BackendFault, InternalFault, LoginAccepted, LoginRefused, emit};
use passerelle_wire_sasl::{Given, INVALID_TOKEN, Mechanism};
use passerelle_wire_smtp::{Reply, Sasl};
use std::io;

/// Most wrong passwords on one connection.
const MOST_REFUSALS: u32 = 3;

impl Talk {
    pub(crate) async fn auth(&mut self, mechanism: &str, initial: Option<Sasl>) -> io::Result<Option<Ended>> {
        if self.signed.is_some() || !self.state.is_idle() {
            return self.answer(503, "5.5.1 You are logged in already");
        }
        if !self.hello.as_ref().is_some_and(|hello| hello.extended) {
            return self.answer(503, "5.5.1 Say EHLO first");
        }
        if !self.connection.may_log_in {
            emit(LoginRefused { surface: NAME, address: self.connection.peer.ip(), reason: "clear" });
            // RFC 4954 §6
            return self.answer(538, "5.7.11 Encryption is required: begin TLS first");
        }
        let offered = self.mechanisms();
        if !offered.split(' ').any(|it| it == mechanism) {
            let names = offered.replace(' ', ", ");
            return self.answer(504, &format!("5.5.4 The mechanisms are {names}"));
        }
        let (given, of_tokens) = match Mechanism::named(mechanism) {
            Some(mechanism) => (self.at_once(mechanism, initial).await?, mechanism.is_of_tokens()),
            None => (self.login(initial).await?, false),
        };
        match given {
            GivenSoFar::Proof(proof) => self.log_in(proof, of_tokens).await,
            GivenSoFar::Cancelled => self.answer(501, "5.7.0 Cancelled, or no base64"),
            GivenSoFar::Ended(ended) => Ok(Some(ended)),
        }
    }

    /// The mechanisms that are offered to this client.
    pub(crate) fn mechanisms(&self) -> &'static str {
        let takes_tokens = self.shared.door.takes_tokens_at(self.connection.host.as_deref());
        if takes_tokens { MECHANISMS_WITH_TOKENS } else { MECHANISMS }
    }

    /// A mechanism whose one message says everything.
    async fn at_once(&mut self, mechanism: Mechanism, initial: Option<Sasl>) -> io::Result<GivenSoFar> {
        let message = match self.response(initial, "334 \r\n").await? {
            Response::Octets(message) => message,
            Response::Cancelled => return Ok(GivenSoFar::Cancelled),
            Response::Ended(ended) => return Ok(GivenSoFar::Ended(ended)),
        };
        Ok(GivenSoFar::Proof(mechanism.read(message.expose()).and_then(|given| match given {
            Given::Password { login, password } => Proof::of_password(login.as_bytes(), password),
            Given::Token { login, token } => Proof::of_token(login.as_bytes(), token.as_bytes()),
        })))
    }

    async fn login(&mut self, initial: Option<Sasl>) -> io::Result<GivenSoFar> {
        let mut both = Vec::new();
        // "Username:" and "Password:", in base64: clients look for these very words.
        for (initial, question) in [(initial, "334 VXNlcm5hbWU6\r\n"), (None, "334 UGFzc3dvcmQ6\r\n")] {
            match self.response(initial, question).await? {
                Response::Octets(octets) => both.push(octets),
                Response::Cancelled => return Ok(GivenSoFar::Cancelled),
                Response::Ended(ended) => return Ok(GivenSoFar::Ended(ended)),
            }
        }
        let given = match both.as_slice() {
            [login, password] => Proof::of_password(login.expose(), password.expose()),
            _ => None,
        };
        Ok(GivenSoFar::Proof(given))
    }

    /// A response: what came with the command, or what comes to a question.
    async fn response(&mut self, initial: Option<Sasl>, question: &str) -> io::Result<Response> {
        let text = match initial {
            Some(initial) => initial,
            None => {
                self.say(question);
                match self.line().await? {
                    Came::Line(line) => Sasl::new(&String::from_utf8_lossy(&line)),
                    Came::Ended(ended) => return Ok(Response::Ended(ended)),
                }
            }
        };
        Ok(match text.expose() {
            "*" => Response::Cancelled,
            "=" => Response::Octets(Secret::new([])),
            text => STANDARD.decode(text).map_or(Response::Cancelled, |octets| Response::Octets(Secret::new(octets))),
        })
    }

    async fn log_in(&mut self, proof: Option<Proof>, of_tokens: bool) -> io::Result<Option<Ended>> {
        let outcome = match proof {
            Some(proof) => self.admit(&proof).await,
            None => Err(Error::Unauthenticated),
        };
        let error = match outcome {
            Ok(signed) => {
                let institution = &signed.account.institution;
                emit(LoginAccepted { institution, surface: NAME, address: self.connection.peer.ip() });
                self.signed = Some(signed);
                return self.answer(235, "2.7.0 Logged in");
            }
            Err(error) => error,
        };
        if of_tokens && matches!(error, Error::Unauthenticated | Error::Forbidden | Error::NotFound) {
            // RFC 7628 §3.2.3: why, and whatever the client answers to it, the refusal.
            let why = format!("334 {}\r\n", STANDARD.encode(INVALID_TOKEN));
            if let Response::Ended(ended) = self.response(None, &why).await? {
                return Ok(Some(ended));
            }
        }
        let reason = match (&error, error.fault()) {
            (Error::TooMany { .. }, _) => "too-many",
            (Error::Forbidden, _) => "institution",
            (_, Fault::Client) => "credentials",
            (_, Fault::Backend) => "unavailable",
            (_, Fault::Gateway) => "internal",
        };
        emit(LoginRefused { surface: NAME, address: self.connection.peer.ip(), reason });
        tell(&error);
        self.reply(&of_login(&error));
        self.refusals = self.refusals.saturating_add(1);
        if self.refusals >= MOST_REFUSALS {
            self.reply(&Reply::new(421, "4.7.0 Too many refusals"));
            return Ok(Some(Ended::Closed));
        }
        Ok(None)
    }

    async fn admit(&mut self, given: &Proof) -> Result<Signed> {
        let connection = &self.connection;
        let visit = Visit { host: connection.host.as_deref(), from: connection.peer.ip(), errand: Errand::Submission };
        let session = self.shared.door.login_by(given, visit).await?;
        let account = session.principal()?.account().clone();
        let institution = session.institution()?;
        let most = self.shared.network.limits().connections_per_account;
        let most = institution.limits.connections_per_account.map_or(most, |theirs| theirs.min(most));
        let slot = self.shared.accounts.take(&account, most).ok_or(Error::OverQuota)?;
        let rules = institution.sending.clone();
        // Whoever has no MTA hears it now, and not when the message is written.
        session.open::<_, SendAs>(session.identity(None).await?).await?;
        let withdrawn = Box::pin(session.tie().of_tool(Tool::Mail).withdrawn());
        Ok(Signed { session, account, rules, withdrawn, _slot: slot })
    }
}

/// Whose fault it is, for the log.
pub(crate) fn tell(error: &Error) {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: "" }),
    }
}

enum GivenSoFar {
    /// What was given; `None` cannot be anybody's.
    Proof(Option<Proof>),
    Cancelled,
    Ended(Ended),
}

enum Response {
    Octets(Secret),
    Cancelled,
    Ended(Ended),
}
