//! One search on one connection, whole or not at all, in pages where the server caps its answers.

use crate::entry::Entry;
use ldap3::{
    Ldap, LdapError, LdapResult, Scope, SearchOptions,
    asn1::{StructureTag, parse_tag},
    controls::{Control, ControlType, PagedResults, RawControl},
};
use passerelle_wire_filter::Filter;
use tokio::sync::Mutex;

/// Most pages of one search; a server that sends ever more has lost its way.
const MOST_PAGES: usize = 1000;

// RFC 4511 §4.1.9
const SUCCESS: u32 = 0;
const SIZE_LIMIT_EXCEEDED: u32 = 4;
const ADMIN_LIMIT_EXCEEDED: u32 = 11;
const NO_SUCH_OBJECT: u32 = 32;
const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;

/// What is searched for.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) base: &'a str,
    pub(crate) scope: Scope,
    pub(crate) filter: &'a Filter,
    pub(crate) attributes: &'a [&'a str],
    /// Most entries of the answer.
    pub(crate) most: usize,
    pub(crate) capped: Capped,
}

/// What it means when the server does not give all that was asked for, by its own limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capped {
    /// There are more.
    More,
    /// The question has no answer.
    Fails,
}

/// The entries found.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) entries: Vec<Entry>,
    /// Whether there are more than were asked for.
    pub(crate) more: bool,
}

/// Why a search has no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The connection is of no more use, or the server says that it is; another may serve.
    Lost(String),
    /// The server refuses.
    Refused(Box<LdapResult>),
}

impl From<LdapError> for Trouble {
    fn from(error: LdapError) -> Self {
        match error {
            LdapError::LdapResult { result } => result.into(),
            error => Self::Lost(error.to_string()),
        }
    }
}

impl From<LdapResult> for Trouble {
    fn from(result: LdapResult) -> Self {
        match result.rc {
            BUSY | UNAVAILABLE => Self::Lost(crate::failure::told(&result)),
            _ => Self::Refused(Box::new(result)),
        }
    }
}

/// A connection for searches, shared.
#[derive(Debug)]
pub(crate) struct Line {
    ldap: Ldap,
    /// Held while pages are turned: servers keep the place for one paged search of a connection only, OpenLDAP for one.
    paging: Mutex<()>,
}

impl Line {
    pub(crate) fn new(ldap: Ldap) -> Self {
        Self { ldap, paging: Mutex::new(()) }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.ldap.clone().is_closed()
    }

    /// Searches. Asks for pages only when the server caps a plain search, because pages need the connection's one place.
    pub(crate) async fn search(&self, question: &Question<'_>, page_size: i32) -> Result<Answer, Trouble> {
        let mut ldap = self.ldap.clone();
        let mut answer = Answer::default();
        let limit = i32::try_from(question.most.saturating_add(1)).unwrap_or(i32::MAX);
        let result = collect(&mut ldap, question, limit, None, &mut answer).await?;
        match result.rc {
            SIZE_LIMIT_EXCEEDED | ADMIN_LIMIT_EXCEEDED if !answer.more => {
                let _place = self.paging.lock().await;
                pages(&mut ldap, question, page_size).await
            }
            _ => judge(question, answer, result),
        }
    }
}

/// RFC 2696: pages until the cookie is empty, or enough was found.
async fn pages(ldap: &mut Ldap, question: &Question<'_>, page_size: i32) -> Result<Answer, Trouble> {
    let (mut answer, mut cookie) = (Answer::default(), Vec::new());
    for _ in 0..MOST_PAGES {
        let page: RawControl = PagedResults { size: page_size, cookie }.into();
        let result = collect(ldap, question, 0, Some(page), &mut answer).await?;
        let next = result.ctrls.iter().find_map(|Control(kind, raw)| match kind {
            Some(ControlType::PagedResults) => next_page(raw.val.as_deref()?),
            _ => None,
        });
        match next {
            Some(next) if result.rc == SUCCESS && !next.is_empty() && !answer.more => cookie = next,
            _ => return judge(question, answer, result),
        }
    }
    Err(Trouble::Lost("a paged search does not end".to_owned()))
}

/// The cookie of `realSearchControlValue ::= SEQUENCE { size INTEGER, cookie OCTET STRING }` (RFC 2696 §2). The library's
/// own reader panics on other octets.
fn next_page(value: &[u8]) -> Option<Vec<u8>> {
    let (_, sequence): (_, StructureTag) = parse_tag(value).ok()?;
    sequence.expect_constructed()?.into_iter().nth(1)?.expect_primitive()
}

async fn collect(
    ldap: &mut Ldap,
    question: &Question<'_>,
    limit: i32,
    page: Option<RawControl>,
    answer: &mut Answer,
) -> Result<LdapResult, Trouble> {
    ldap.with_search_options(SearchOptions::new().sizelimit(limit));
    if let Some(page) = page {
        ldap.with_controls(page);
    }
    let filter = question.filter.to_string();
    let mut stream = ldap.streaming_search(question.base, question.scope, &filter, question.attributes).await?;
    while let Some(found) = stream.next().await? {
        // References to other servers are not followed (RFC 4511 §4.5.3).
        if found.is_ref() || found.is_intermediate() {
            continue;
        }
        let entry = Entry::read(found.0).ok_or_else(|| Trouble::Lost("an entry that cannot be read".to_owned()))?;
        if answer.entries.len() < question.most {
            answer.entries.push(entry);
        } else {
            answer.more = true;
        }
    }
    Ok(stream.finish().await)
}

fn judge(question: &Question<'_>, mut answer: Answer, result: LdapResult) -> Result<Answer, Trouble> {
    match result.rc {
        SUCCESS => Ok(answer),
        SIZE_LIMIT_EXCEEDED if answer.more => Ok(answer),
        SIZE_LIMIT_EXCEEDED | ADMIN_LIMIT_EXCEEDED if question.capped == Capped::More => {
            answer.more = true;
            Ok(answer)
        }
        // The entry that was asked about is gone; a base of the settings that is gone is a fault.
        NO_SUCH_OBJECT if question.scope == Scope::Base => Ok(Answer::default()),
        _ => Err(result.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies() {
        assert_eq!(next_page(&[0x30, 7, 2, 1, 0, 4, 2, 9, 8]), Some(vec![9, 8]));
        assert_eq!(next_page(&[0x30, 5, 2, 1, 0, 4, 0]), Some(vec![]));
        for nonsense in [&[][..], &[0x30], &[0x30, 5, 2], &[4, 1, 0], &[0x30, 3, 2, 1, 0]] {
            assert_eq!(next_page(nonsense), None);
        }
    }
}
