//! Writes: over one connection under the account that may write, renewed when it breaks, and never sent twice. What the
//! server says of a write becomes the gate's words here.

use crate::{
    dial::{Dialer, Purpose},
    failure::{Failure, Step, told},
};
use ldap3::{Ldap, LdapError, LdapResult};
use passerelle_core::Error;
use std::{
    collections::HashSet,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// Longest part of what a server says that is passed on, in characters.
const LONGEST_REMARK: usize = 200;

/// Attributes with their values, as they are sent.
pub(crate) type Values = Vec<(String, HashSet<String>)>;

/// The connection for writes.
#[derive(Debug)]
pub(crate) struct Writer {
    dialer: Arc<Dialer>,
    line: Mutex<Option<Live>>,
    /// Whether an account that was made here was found by a search since.
    read_back: AtomicBool,
}

#[derive(Debug, Clone)]
struct Live {
    ldap: Ldap,
    server: usize,
}

/// One operation under way.
pub(crate) type Sent = Pin<Box<dyn Future<Output = Result<LdapResult, LdapError>> + Send>>;

impl Writer {
    pub(crate) fn new(dialer: Arc<Dialer>) -> Self {
        Self { dialer, line: Mutex::new(None), read_back: AtomicBool::new(false) }
    }

    pub(crate) fn has_read_back(&self) -> bool {
        self.read_back.load(Ordering::Relaxed)
    }

    pub(crate) fn read_back(&self) {
        self.read_back.store(true, Ordering::Relaxed);
    }

    /// Sends one operation. When the connection breaks under it nobody knows whether it was done, so it is not sent again.
    pub(crate) async fn send(
        &self,
        deadline: Instant,
        operation: impl FnOnce(Ldap) -> Sent,
    ) -> Result<LdapResult, Failure> {
        let Live { ldap, server } = self.live(deadline).await?;
        let url = self.dialer.url(server);
        let sent = timeout_at(deadline, operation(ldap)).await;
        match sent {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(LdapError::LdapResult { result })) => return Ok(result),
            Ok(Err(_)) | Err(_) => {}
        }
        *self.line.lock().await = None;
        match sent {
            Ok(Err(error)) => {
                let what = format_args!("the connection broke during a write: {error}");
                Err(Failure::new(Step::Write, url, what, "look whether it was done, and at the directory's log"))
            }
            _ => {
                self.dialer.silent(server);
                Err(Failure::late(Step::Write, url))
            }
        }
    }

    async fn live(&self, deadline: Instant) -> Result<Live, Failure> {
        let late = || Failure::late(Step::Tcp, self.dialer.url(0));
        let mut line = timeout_at(deadline, self.line.lock()).await.map_err(|_| late())?;
        if let Some(live) = line.as_mut()
            && !live.ldap.is_closed()
        {
            return Ok(live.clone());
        }
        let dialed = self.dialer.dial(Purpose::Search, deadline).await?;
        let live = Live { ldap: dialed.ldap, server: dialed.server };
        *line = Some(live.clone());
        Ok(live)
    }
}

/// What a refused write means (RFC 4511 §4.1.9); `None` when it was done.
pub(crate) fn refusal(backend: &str, doing: &'static str, result: &LdapResult) -> Option<Error> {
    let remark = || {
        let said: String = result.text.chars().filter(|c| !c.is_control()).take(LONGEST_REMARK).collect();
        if said.is_empty() { told(result) } else { said }
    };
    Some(match result.rc {
        0 => return None,
        // entryAlreadyExists, attributeOrValueExists
        68 | 20 => Error::Conflict,
        32 => Error::NotFound,
        // undefinedAttributeType, inappropriateMatching, constraintViolation, invalidAttributeSyntax, invalidDNSyntax,
        // namingViolation, objectClassViolation, notAllowedOnRDN, objectClassModsProhibited: the schema or a policy.
        17 | 18 | 19 | 21 | 34 | 64 | 65 | 67 | 69 => {
            Error::invalid(format_args!("the directory does not take it: {}", remark()))
        }
        // referral, insufficientAccessRights, unwillingToPerform: a copy that is only read, or an account that may not.
        10 | 50 | 53 => {
            tracing::warn!(directory = backend, "{doing}: {}", told(result));
            Error::Unsupported { what: "a change that the directory does not let the gateway make" }
        }
        _ => Error::unavailable(backend, doing, told(result)),
    })
}

/// Values for one attribute.
pub(crate) fn set<S: Into<String>>(values: impl IntoIterator<Item = S>) -> HashSet<String> {
    values.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rc: u32, expected: &str) {
        let result = LdapResult {
            rc,
            matched: String::new(),
            text: "mail: value #0\r\ninvalid".to_owned(),
            refs: vec![],
            ctrls: vec![],
        };
        let word = refusal("x", "writing", &result).map_or("done", |error| error.word());
        assert_eq!(word, expected, "{rc}");
    }

    #[test]
    fn what_a_server_says_of_a_write() {
        for (rc, word) in [
            (0, "done"),
            (68, "conflict"),
            (20, "conflict"),
            (32, "not found"),
            (19, "invalid"),
            (65, "invalid"),
            (50, "unsupported"),
            (53, "unsupported"),
            (10, "unsupported"),
            (51, "unavailable"),
            (80, "unavailable"),
        ] {
            check(rc, word);
        }
    }
}
