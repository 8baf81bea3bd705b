//! Passwords checked by a bind, each on a connection of its own for that moment: a bind ends what else is under way on a
//! connection (RFC 4511 §4.2.1). A connection serves the next person as soon as its bind was answered, because a bind does
//! not depend on what came before; one that failed is dropped.

use crate::{
    dial::{Dialed, Dialer, Purpose},
    failure::{Failure, Step, told},
};
use ldap3::LdapResult;
use passerelle_model::Secret;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

/// Connections for binds.
#[derive(Debug)]
pub(crate) struct Binders {
    dialer: Arc<Dialer>,
    places: Semaphore,
    idle: Mutex<Vec<Dialed>>,
}

/// What came of a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The password is the person's.
    Right,
    /// It is not, or the person may not sign on.
    Wrong,
}

impl Binders {
    pub(crate) fn new(dialer: Arc<Dialer>, most: usize) -> Self {
        Self { dialer, places: Semaphore::new(most), idle: Mutex::new(Vec::new()) }
    }

    /// Whether this is the password of this entry.
    pub(crate) async fn check(&self, dn: &str, password: &Secret, deadline: Instant) -> Result<Bound, Failure> {
        // RFC 4513 §5.1: without a name it would be an anonymous bind, without a password an unauthenticated one. Both
        // may succeed and prove nothing.
        let Some(password) = password.expose_str().filter(|password| !password.is_empty() && !dn.is_empty()) else {
            return Ok(Bound::Wrong);
        };
        let busy = || Failure::new(Step::Bind, self.dialer.url(0), "all `bind_connections` are busy", "raise it");
        let _place = timeout_at(deadline, self.places.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())?;
        // An idle connection may have been closed meanwhile; a new one has no such excuse.
        while let Some(mut dialed) = self.take_idle() {
            let now = Instant::now();
            let half = now + deadline.saturating_duration_since(now) / 2;
            match timeout_at(half, dialed.ldap.simple_bind(dn, password)).await {
                Ok(Ok(result)) => return self.settle(dialed, &result),
                Ok(Err(_)) => {}
                Err(_) => {
                    self.dialer.silent(dialed.server);
                    break;
                }
            }
        }
        let mut dialed = self.dialer.dial(Purpose::Bind, deadline).await?;
        let url = self.dialer.url(dialed.server);
        match timeout_at(deadline, dialed.ldap.simple_bind(dn, password)).await {
            Ok(Ok(result)) => self.settle(dialed, &result),
            Ok(Err(error)) => {
                let what = format_args!("the connection broke during a bind: {error}");
                Err(Failure::new(Step::Bind, url, what, "look at the directory's log"))
            }
            Err(_) => {
                self.dialer.silent(dialed.server);
                Err(Failure::late(Step::Bind, url))
            }
        }
    }

    fn take_idle(&self) -> Option<Dialed> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut dialed) = idle.pop() {
            if !dialed.ldap.is_closed() {
                return Some(dialed);
            }
        }
        None
    }

    fn settle(&self, dialed: Dialed, result: &LdapResult) -> Result<Bound, Failure> {
        let bound = match result.rc {
            0 => Bound::Right,
            // RFC 4511 §4.1.9: what says that this person may not, now or with this: constraintViolation (a password
            // policy's lock), noSuchObject, invalidDNSyntax, inappropriateAuthentication (no password in the entry),
            // invalidCredentials, insufficientAccessRights, unwillingToPerform (an account out of use).
            19 | 32 | 34 | 48 | 49 | 50 | 53 => Bound::Wrong,
            _ => {
                let what = format_args!("bind as a person: {}", told(result));
                let remedy = match result.rc {
                    8 | 13 => "the server demands encryption: use ldaps:// or set `starttls = true`",
                    _ => "look at the directory's log",
                };
                return Err(Failure::new(Step::Bind, self.dialer.url(dialed.server), what, remedy));
            }
        };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(dialed);
        Ok(bound)
    }
}
