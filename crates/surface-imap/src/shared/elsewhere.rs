//! A person's accounts elsewhere: their folders in lists, and what becomes of a server that fails.
//!
//! A list that leaves out what is only out of reach would make programs delete at home; one that is refused for as long as
//! some stranger's server is down would take the person's own mail away. So the folders of each account are told as they were
//! when they were last read whole. Of an account that was never listed its own level is told, below which nobody has anything.

use super::{
    Enabled, Side,
    access::told,
    foreign::Foreign,
    listing::{Asked, Row, counts, listed_row},
    names::{EXTERNAL, is_in},
};
use crate::relay::{End, Relay, With};
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{
    Authorized, Error, ExternalFolder, Freshness, Lookup, Read, Session,
    ports::{ClientFacts, ExternalFault, state::ExternalAccount},
};
use passerelle_model::{AccountRef, ExternalRef};
use passerelle_wire_imap::{matches, may_match};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;

/// Servers that are asked at once, for one client.
const AT_ONCE: usize = 4;
/// How long a server elsewhere may take to be reached and to list its folders, and again for their counts, before what is
/// known of it is told.
const LISTING: Duration = Duration::from_secs(10);
/// Most folders of an account that are told.
const MOST_FOLDERS: usize = 5_000;

impl Relay {
    /// Whether a name lies in a namespace of ours.
    pub(crate) fn is_foreign(&self, name: &[u8]) -> bool {
        self.namespaces.iter().any(|namespace| is_in(name, namespace))
    }

    /// Whether a name lies among the person's accounts elsewhere.
    pub(crate) fn is_elsewhere(&self, name: &[u8]) -> bool {
        self.namespaces.contains(&EXTERNAL) && is_in(name, EXTERNAL)
    }

    /// The server elsewhere is gone, or as good as. What is under way is answered in its place; its folder stays selected
    /// and answers so until another is.
    pub(crate) fn lose_side(&mut self, fault: ExternalFault) -> Result<(), End> {
        let words = told(&Error::of_external(fault));
        let end = End { reason: "external", words: "The server elsewhere is gone" };
        let Some(side) = &mut self.side else { return Err(end) };
        side.broken = Some(fault);
        if !self.pipes.give_up(words.as_bytes()) {
            return Err(end);
        }
        if self.pipes.once {
            self.come_back();
        }
        self.turn_to(With::Own);
        Ok(())
    }

    /// What of the accounts elsewhere fits. What a server does is never a reason to tell nothing.
    pub(super) async fn external_rows(&self, session: &Session, asked: &Asked) -> Result<BTreeMap<String, Row>, Error> {
        let mut all = BTreeMap::new();
        let is_asked = asked.patterns.iter().any(|pattern| may_match(pattern, EXTERNAL));
        if !self.namespaces.contains(&EXTERNAL) || !is_asked {
            return Ok(all);
        }
        let owner = self.visitor.account().clone();
        let own = session.open::<_, Read>(AccountRef(owner)).await?;
        let is_deep = |pattern: &String| pattern.contains('*') || pattern.matches('/').count() > 1;
        let mut wanted = Vec::new();
        for account in own.external_accounts().await? {
            let place = place(&account);
            if asked.patterns.iter().any(|pattern| is_deep(pattern) && may_match(pattern, &place)) {
                wanted.push(account);
            } else {
                all.insert(place, Row::level());
            }
        }
        let (facts, enabled) = (&self.facts, self.enabled);
        let looks = wanted.into_iter().map(|account| of(session, facts, enabled, asked, account));
        let found: Vec<BTreeMap<String, Row>> = stream::iter(looks).buffer_unordered(AT_ONCE).try_collect().await?;
        all.extend(found.into_iter().flatten());
        Ok(all)
    }
}

fn place(account: &ExternalAccount) -> String {
    format!("{EXTERNAL}/{}", account.label)
}

/// What an account has: as its server says now, or as it said last.
async fn of(
    session: &Session,
    facts: &ClientFacts,
    enabled: Enabled,
    asked: &Asked,
    account: ExternalAccount,
) -> Result<BTreeMap<String, Row>, Error> {
    let place = place(&account);
    let handle: Authorized<ExternalRef, Lookup> =
        session.open(ExternalRef { owner: account.owner, id: account.id }).await?;
    let (known, freshness) = match handle.known_folders().await {
        Ok(known) => known,
        // Removed this moment.
        Err(Error::NotFound) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let asks = match freshness {
        Freshness::Failing => false,
        Freshness::Fresh => asked.counts.is_some(),
        Freshness::Stale => true,
    };
    let foreign = Foreign::External(handle, String::new());
    let live = if asks { reached(&foreign, facts, enabled).await? } else { None };
    let (side, folders) = match live {
        Some((side, folders)) => (Some(side), Some(folders)),
        None => (None, known),
    };
    let mut rows = BTreeMap::from([(place.clone(), Row::level())]);
    for folder in folders.unwrap_or_default() {
        let attributes = folder.attributes.split_ascii_whitespace().map(str::to_owned).collect();
        rows.insert(format!("{place}/{}", folder.name), Row { attributes, counts: None });
    }
    let Some(mut side) = side else { return Ok(rows) };
    if let Some(items) = &asked.counts {
        let counted = count(&mut side, asked, &place, items, &mut rows);
        // Counts that cannot be had are left out, which is not to say 0 (RFC 5819 §2).
        let counted = timeout(LISTING, counted).await;
        if let Err(error) = counted.unwrap_or(Err(Error::of_external(ExternalFault::Slow))) {
            note(&foreign, &error).await?;
        }
    }
    super::ask::log_out(side.stream).await;
    Ok(rows)
}

async fn count(
    side: &mut Side,
    asked: &Asked,
    place: &str,
    items: &[u8],
    rows: &mut BTreeMap<String, Row>,
) -> Result<(), Error> {
    for (name, row) in rows {
        let folder = name.strip_prefix(place).and_then(|rest| rest.strip_prefix('/'));
        let is_wanted = asked.patterns.iter().any(|pattern| matches(pattern, name, '/'));
        if let Some(folder) = folder.filter(|_| is_wanted && row.is_selectable()) {
            row.counts = counts(side, folder, items).await?;
        }
    }
    Ok(())
}

/// The server and its folders; `None` when it cannot say them now.
async fn reached(
    foreign: &Foreign<Lookup>,
    facts: &ClientFacts,
    enabled: Enabled,
) -> Result<Option<(Side, Vec<ExternalFolder>)>, Error> {
    let error = match timeout(LISTING, listed(foreign, facts, enabled)).await {
        Ok(Ok((side, folders))) => {
            if let Foreign::External(handle, _) = foreign {
                handle.note_folders(&folders).await?;
            }
            return Ok(Some((side, folders)));
        }
        Ok(Err(error)) => error,
        Err(_) => Error::of_external(ExternalFault::Slow),
    };
    note(foreign, &error).await?;
    Ok(None)
}

/// Notes what a server did, so that the next list does not wait for it again.
async fn note(foreign: &Foreign<Lookup>, error: &Error) -> Result<(), Error> {
    told(error);
    if let (Foreign::External(handle, _), Some(fault)) = (foreign, error.external_fault()) {
        handle.note_fault(fault).await?;
    }
    Ok(())
}

/// The folders as the server tells them, whole or not at all.
async fn listed(
    foreign: &Foreign<Lookup>,
    facts: &ClientFacts,
    enabled: Enabled,
) -> Result<(Side, Vec<ExternalFolder>), Error> {
    let mut side = Side::open(foreign, facts).await?;
    side.enable(enabled).await?;
    let answer = side.ask(b"LIST \"\" \"*\"").await?;
    if !answer.is_ok() || answer.untagged.len() > MOST_FOLDERS {
        return Err(Error::of_external(ExternalFault::Nonsense));
    }
    let folder = |response: &Vec<u8>| {
        let (attributes, name) = listed_row(response, &side)?;
        Some(ExternalFolder { name, attributes: attributes.join(" ") })
    };
    let folders = answer.untagged.iter().filter_map(folder).collect();
    Ok((side, folders))
}
