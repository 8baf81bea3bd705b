//! A provider that believes every browser: whoever comes back with `who` in the address is that person.

use passerelle_core::{
    Error,
    ports::{
        AccessTokens, Answer, Assertion, BrowserSignOn, Call, Delegated, Destination, Ended, Fut, Health, Leg, Once,
        PortalWord, Refreshing, SignOnStart, SignedOn, SsoProvider, Through, Ticketing, TokenHolder, Tokens, Verdict,
        Vouched, Vouching,
    },
};
use passerelle_model::{Login, Secret, Timestamp};
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// The provider. Its kind is `cas`; its steps are `callback` (parameters `who`, `index`, `once`, `kept`,
/// `tokens`: for how many seconds they last), `keep` (`name`,
/// `value`) and `ended` (`index`).
#[derive(Debug, Default)]
pub struct MemorySso {
    label: BTreeMap<String, String>,
    refreshed: AtomicUsize,
}

impl MemorySso {
    /// How often tokens were changed for fresh ones.
    pub fn refreshed(&self) -> usize {
        self.refreshed.load(Ordering::SeqCst)
    }
}

impl SsoProvider for MemorySso {
    fn kind(&self) -> &'static str {
        "cas"
    }

    fn as_browser(&self) -> Option<&dyn BrowserSignOn> {
        Some(self)
    }

    fn as_tickets(&self) -> Option<&dyn Ticketing> {
        Some(self)
    }

    fn as_refreshing(&self) -> Option<&dyn Refreshing> {
        Some(self)
    }

    fn as_access_tokens(&self) -> Option<&dyn AccessTokens> {
        Some(self)
    }

    fn as_vouching(&self) -> Option<&dyn Vouching> {
        Some(self)
    }
}

impl BrowserSignOn for MemorySso {
    fn label(&self) -> &BTreeMap<String, String> {
        &self.label
    }

    fn begin<'a>(&'a self, start: &'a SignOnStart<'a>) -> Fut<'a, Answer> {
        let to = Destination::Address(format!("https://sso.test/?t={}&prompt={:?}", start.id, start.prompt));
        Box::pin(std::future::ready(Ok(Answer::Go { to, facts: b"remember".to_vec() })))
    }

    fn answer<'a>(&'a self, call: &'a Call<'a>) -> Fut<'a, Answer> {
        let text = |name: &str| call.query.single(name).unwrap_or_default().to_owned();
        let answer = match call.step {
            "callback" if text("who").is_empty() => Ok(Answer::Nobody),
            "callback" if call.begun.is_some_and(|facts| facts != b"remember") => Err(Error::Unauthenticated),
            "callback" => Login::parse(text("who").as_bytes()).map_err(|_| Error::Unauthenticated).map(|subject| {
                Answer::Proved(Assertion {
                    subject,
                    index: text("index"),
                    once: call.query.single("once").map(|id| Once { id: id.to_owned(), seconds: 300 }),
                    delegated: match (call.query.single("kept"), call.query.single("tokens")) {
                        (Some(name), _) => Delegated::GrantingKept(Secret::new(name)),
                        (None, Some(seconds)) => Delegated::Tokens(Tokens {
                            access: Secret::new("first"),
                            expires: call.now.plus(seconds.parse().unwrap_or_default()),
                            refresh: Some(Secret::new("refresh")),
                            identity: Secret::new(""),
                        }),
                        (None, None) => Delegated::Nothing,
                    },
                    leave: String::new(),
                })
            }),
            "keep" => Ok(Answer::Keep { name: Secret::new(text("name")), value: Secret::new(text("value")) }),
            "ended" => Ok(Answer::Ended(Ended { sessions: vec![text("index")], ..Ended::default() })),
            _ => Err(Error::NotFound),
        };
        Box::pin(std::future::ready(answer))
    }

    fn leave<'a>(&'a self, _: &'a SignedOn, _: Option<&'a Tokens>, back: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(Some(format!("https://sso.test/leave?{back}")))))
    }
}

/// A portal's ticket is `PT-`, who, the ticket's own number and the chain of proxies, with spaces between; `down` stands for a
/// server that does not answer.
impl Vouching for MemorySso {
    fn vouch<'a>(&'a self, word: &'a PortalWord<'a>) -> Fut<'a, Vouched> {
        let said = word.credential.expose_str().unwrap_or_default();
        let mut words = said.strip_prefix("PT-").unwrap_or_default().split(' ');
        let (who, index) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let vouched = match Login::parse(who.as_bytes()) {
            _ if said == "down" => Err(Error::unavailable("sso (memory)", "validating", "it is down")),
            Ok(subject) => Ok(Vouched {
                assertion: Assertion {
                    subject,
                    index: index.to_owned(),
                    once: Some(Once { id: said.to_owned(), seconds: 300 }),
                    delegated: Delegated::Nothing,
                    leave: String::new(),
                },
                through: Through::Proxies(words.map(str::to_owned).collect()),
            }),
            Err(_) => Err(Error::Unauthenticated),
        };
        Box::pin(std::future::ready(vouched))
    }
}

/// A program's token is `at`, who, the sign-on that it is of (empty for none), when it was issued and when it runs out, with
/// tildes between; `down` stands for a provider that does not answer.
impl AccessTokens for MemorySso {
    fn check<'a>(&'a self, token: &'a Secret, now: Timestamp) -> Fut<'a, TokenHolder> {
        let said = token.expose_str().unwrap_or_default();
        let holder = match said.split('~').collect::<Vec<_>>().as_slice() {
            ["down"] => Err(Error::unavailable("sso (memory)", "checking a token", "it is down")),
            ["at", who, index, issued, expires] => {
                let time = |text: &str| text.parse().map(Timestamp).map_err(|_| Error::Unauthenticated);
                let holder = Login::parse(who.as_bytes()).map_err(|_| Error::Unauthenticated).and_then(|subject| {
                    let index = (!index.is_empty()).then(|| (*index).to_owned());
                    Ok(TokenHolder { subject, index, issued: time(issued)?, expires: time(expires)? })
                });
                holder.and_then(|holder| if now < holder.expires { Ok(holder) } else { Err(Error::Unauthenticated) })
            }
            _ => Err(Error::Unauthenticated),
        };
        Box::pin(std::future::ready(holder))
    }
}

impl Refreshing for MemorySso {
    fn refresh<'a>(&'a self, old: &'a Tokens) -> Fut<'a, Tokens> {
        Box::pin(async move {
            // Long enough for others to come meanwhile.
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.refreshed.fetch_add(1, Ordering::SeqCst);
            Ok(Tokens { access: Secret::new("fresh"), expires: Timestamp(i64::MAX), ..old.clone() })
        })
    }
}

impl Ticketing for MemorySso {
    fn ticket<'a>(&'a self, granting: &'a Secret, back_end: &'a str) -> Fut<'a, Secret> {
        let granting = granting.expose_str().unwrap_or_default();
        Box::pin(std::future::ready(Ok(Secret::new(format!("{granting} for {back_end}")))))
    }
}

impl Health for MemorySso {
    fn name(&self) -> &str {
        "sso (memory)"
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(std::future::ready(vec![Leg { name: "open", verdict: Verdict::Works("in memory".to_owned()) }]))
    }
}
