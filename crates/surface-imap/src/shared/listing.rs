//! NAMESPACE, LIST and LSUB: what the own store lists, and what others share and what is elsewhere beside it. When the store of somebody who shares
//! cannot be asked, the whole answer is NO: a list cut short would look like mailboxes that are gone.

use super::{
    Enabled, Side,
    access::told,
    command::{Command, list_of_atoms},
    foreign::Foreign,
    names::{EXTERNAL, NAMESPACE, of_owner, wire},
};
use crate::relay::{End, Relay};
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{Error, Lookup, Session, ports::ClientFacts};
use passerelle_model::{Account, MailboxRef};
use passerelle_wire_imap::{Word, decoded, matches, may_match, quoted, words};
use std::collections::{BTreeMap, BTreeSet};

/// Stores of other people that are asked at once, for one client.
const AT_ONCE: usize = 4;
/// Attributes of an owner's mailbox that mean the same to others. Special uses are the owner's own.
const TOLD: [&str; 5] = ["\\HasChildren", "\\HasNoChildren", "\\Noinferiors", "\\NonExistent", "\\Noselect"];

/// What is listed of a name.
pub(super) struct Row {
    pub(super) attributes: Vec<String>,
    /// STATUS of it, where it was asked for: `(MESSAGES 3)`.
    pub(super) counts: Option<Vec<u8>>,
}

impl Row {
    /// Whether it can be opened.
    pub(super) fn is_selectable(&self) -> bool {
        !self.attributes.iter().any(|it| ["\\Noselect", "\\NonExistent"].contains(&it.as_str()))
    }

    /// A level that holds others and no messages.
    pub(super) fn level() -> Self {
        Self { attributes: vec!["\\Noselect".to_owned(), "\\HasChildren".to_owned()], counts: None }
    }
}

/// What a LIST asks for.
pub(super) struct Asked {
    pub(super) patterns: Vec<String>,
    /// `(MESSAGES UNSEEN)` behind RETURN (STATUS ...) (RFC 5819).
    pub(super) counts: Option<Vec<u8>>,
    /// Only what has a special use is wanted.
    is_special: bool,
    subscribed: bool,
}

impl Relay {
    /// NAMESPACE (RFC 2342): what others share stands among those of other users, one's accounts elsewhere among the personal
    /// ones.
    pub(crate) async fn namespace(&mut self, command: &Command) -> Result<(), End> {
        let mut answer = self.ask_own(command.tag(), b"NAMESPACE").await?;
        for response in &mut answer.untagged {
            let told = words(response).unwrap_or_default();
            if told.get(1).is_some_and(|placed| placed.word.is("NAMESPACE"))
                && let (Some(personal), Some(others)) = (told.get(2), told.get(3))
            {
                let between = response.get(personal.place.end..others.place.start).unwrap_or_default();
                let mut said = response.get(..personal.place.start).unwrap_or_default().to_vec();
                with_space(&personal.word, self.namespaces.contains(&EXTERNAL).then_some(EXTERNAL), &mut said);
                said.extend_from_slice(between);
                with_space(&others.word, Some(NAMESPACE), &mut said);
                said.extend_from_slice(response.get(others.place.end..).unwrap_or_default());
                *response = said;
            }
        }
        self.hand_on(command, &answer);
        Ok(())
    }

    /// LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9).
    pub(crate) async fn list(&mut self, command: &Command) -> Result<(), End> {
        let Some(asked) = asked(command, self.enabled) else { return self.pass_own(command) };
        let may_be_ours = |pattern: &String| self.namespaces.iter().any(|namespace| may_match(pattern, namespace));
        if asked.is_special || !asked.patterns.iter().any(may_be_ours) {
            return self.pass_own(command);
        }
        let rows = match self.rows(&asked).await {
            Ok(rows) => rows,
            Err(error) => {
                self.say(command.tag(), told(&error).as_bytes());
                return Ok(());
            }
        };
        if rows.is_empty() {
            return self.pass_own(command);
        }
        let answer = self.ask_own(command.tag(), &command.line()).await?;
        self.pipes.say(&answer.untagged.concat());
        if answer.is_ok() {
            let said = self.lines(&command.verb(), &asked, rows);
            self.pipes.say(&said);
        }
        self.pipes.say(&[command.tag(), b" ", &answer.tagged].concat());
        Ok(())
    }

    fn lines(&self, verb: &str, asked: &Asked, rows: BTreeMap<String, Row>) -> Vec<u8> {
        let mut said = Vec::new();
        for (name, row) in rows {
            let mut attributes = row.attributes;
            if asked.subscribed {
                attributes.push("\\Subscribed".to_owned());
            }
            let name = wire(&name, self.enabled.is_utf8());
            said.extend_from_slice(format!("* {verb} ({}) \"/\" ", attributes.join(" ")).as_bytes());
            quoted(&name, &mut said);
            said.extend_from_slice(b"\r\n");
            if let Some(counts) = row.counts {
                said.extend_from_slice(b"* STATUS ");
                quoted(&name, &mut said);
                said.extend_from_slice(&[b" ", &counts[..], b"\r\n"].concat());
            }
        }
        said
    }

    /// What of the namespace fits.
    async fn rows(&self, asked: &Asked) -> Result<BTreeMap<String, Row>, Error> {
        let session = self.session().await?;
        let mut owners: BTreeMap<Account, BTreeSet<String>> = BTreeMap::new();
        for granted in session.shared_mailboxes().await? {
            let (institution, Some(id)) = (granted.target.institution, granted.target.owner) else { continue };
            owners.entry(Account { institution, id }).or_default().insert(granted.target.path);
        }
        // Whether anything below an owner's own level can fit: only then is a store asked.
        let is_deep = |pattern: &String| pattern.contains('*') || pattern.matches('/').count() > 1;
        let mut all: BTreeMap<String, Row> =
            owners.keys().map(|owner| (of_owner(&session, owner), Row::level())).collect();
        let wanted = owners.into_iter().filter(|(owner, _)| {
            let place = of_owner(&session, owner);
            asked.patterns.iter().any(|pattern| is_deep(pattern) && may_match(pattern, &place))
        });
        let (session, facts, enabled) = (&session, &self.facts, self.enabled);
        let looks = wanted.map(|(owner, paths)| of(session, facts, enabled, asked, owner, paths));
        let found: Vec<BTreeMap<String, Row>> = stream::iter(looks).buffer_unordered(AT_ONCE).try_collect().await?;
        let has_stores = !found.is_empty();
        let found: BTreeMap<String, Row> = found.into_iter().flatten().collect();
        if has_stores {
            // Whose store has nothing of what is granted is not shown.
            all.clear();
        }
        all.extend(found);
        all.extend(self.external_rows(session, asked).await?);
        // The levels above, so that a client which asks level by level finds its way (RFC 9051 §6.3.9).
        let above: BTreeSet<String> = all.keys().flat_map(|name| levels_above(name)).collect();
        for level in above {
            all.entry(level).or_insert_with(Row::level);
        }
        all.retain(|name, _| asked.patterns.iter().any(|pattern| matches(pattern, name, '/')));
        Ok(all)
    }
}

/// `namespace = nil / "(" 1*namespace-descr ")"` (RFC 9051 §9), with one more.
fn with_space(spaces: &Word, more: Option<&str>, out: &mut Vec<u8>) {
    let Some(more) = more else { return spaces.write(out) };
    let mut all = spaces.list().map(<[Word]>::to_vec).unwrap_or_default();
    all.push(Word::List(vec![Word::Text(format!("{more}/").into_bytes()), Word::Text(b"/".to_vec())]));
    out.push(b'(');
    all.iter().for_each(|space| space.write(out));
    out.push(b')');
}

fn levels_above(name: &str) -> impl Iterator<Item = String> {
    name.match_indices('/').map(|(at, _)| name.get(..at).unwrap_or_default().to_owned())
}

/// What an owner shares: the owner's mailboxes, at and below what is granted.
async fn of(
    session: &Session,
    facts: &ClientFacts,
    enabled: Enabled,
    asked: &Asked,
    owner: Account,
    paths: BTreeSet<String>,
) -> Result<BTreeMap<String, Row>, Error> {
    let place = of_owner(session, &owner);
    let first = paths.iter().next().cloned().unwrap_or_default();
    let granted = MailboxRef { owner: owner.clone(), name: first };
    let handle = match session.open::<_, Lookup>(granted).await {
        Ok(handle) => handle,
        // Withdrawn this moment.
        Err(Error::NotFound) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let mut side = match Side::open(&Foreign::Shared(handle), facts).await {
        Ok(side) => side,
        // A store that opens for its owners only shares nothing this way.
        Err(Error::Unsupported { .. }) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    side.enable(enabled).await?;
    let is_shared = |name: &str| {
        paths.iter().any(|path| {
            path.is_empty()
                || name.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let mut listed = Vec::new();
    for path in &paths {
        let places = if path.is_empty() { vec!["*".to_owned()] } else { vec![path.clone(), format!("{path}/*")] };
        for place in places {
            let mut line = b"LIST \"\" ".to_vec();
            quoted(&wire(&place, enabled.is_utf8()), &mut line);
            let mut told = side.ask(&line).await?;
            if !told.is_ok() {
                let said = String::from_utf8_lossy(&told.tagged).into_owned();
                return Err(Error::unavailable("the owner's mail store", "listing what is shared", said));
            }
            listed.append(&mut told.untagged);
        }
    }
    let mut rows = BTreeMap::new();
    for response in &listed {
        let Some((attributes, name)) = listed_row(response, &side).filter(|(_, name)| is_shared(name)) else {
            continue;
        };
        let full = format!("{place}/{name}");
        let is_wanted = asked.patterns.iter().any(|pattern| matches(pattern, &full, '/'));
        let mut row = Row { attributes, counts: None };
        if let Some(items) = asked.counts.as_ref().filter(|_| is_wanted && row.is_selectable()) {
            row.counts = counts(&mut side, &name, items).await?;
        }
        rows.insert(full, row);
    }
    super::ask::log_out(side.stream).await;
    Ok(rows)
}

/// `* LIST (\HasNoChildren) "/" name`
pub(super) fn listed_row(response: &[u8], side: &Side) -> Option<(Vec<String>, String)> {
    let told = words(response)?;
    let word = |at: usize| told.get(at).map(|placed| &placed.word);
    word(1)?.is("LIST").then_some(())?;
    let has = |attribute: &&&str| word(2).and_then(Word::list).is_some_and(|all| all.iter().any(|it| it.is(attribute)));
    let attributes = TOLD.iter().filter(has).map(|attribute| (*attribute).to_owned()).collect();
    Some((attributes, side.mailbox(word(4)?.text()?)?))
}

/// The counts of a mailbox; none where the store refuses them for this one.
pub(super) async fn counts(side: &mut Side, mailbox: &str, items: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let Some(name) = side.name(mailbox) else { return Ok(None) };
    let told = side.ask(&[b"STATUS ", &name[..], b" ", items].concat()).await?;
    Ok(told.untagged.iter().find_map(|response| {
        let words = words(response)?;
        words.get(1)?.word.is("STATUS").then_some(())?;
        list_of_atoms(&words.get(3)?.word)
    }))
}

/// `list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]` (RFC 9051 §9). `None` for what is
/// none, and for the question for the delimiter.
fn asked(command: &Command, enabled: Enabled) -> Option<Asked> {
    let mut words = command.arguments().iter().map(|placed| &placed.word).peekable();
    let options = match words.peek()?.list() {
        Some(options) => {
            words.next();
            options.to_vec()
        }
        None => Vec::new(),
    };
    let text = |word: &Word| {
        let octets = word.text()?;
        if enabled.is_utf8() { String::from_utf8(octets.to_vec()).ok() } else { decoded(octets) }
    };
    let reference = text(words.next()?)?;
    let patterns = match words.next()? {
        Word::List(patterns) => patterns.iter().map(text).collect::<Option<Vec<_>>>()?,
        pattern => vec![text(pattern)?],
    };
    if patterns.iter().all(String::is_empty) || patterns.iter().any(|pattern| pattern.len() > MailboxRef::LONGEST) {
        return None;
    }
    let returned = words.nth(1).and_then(|options| options.list().map(<[Word]>::to_vec)).unwrap_or_default();
    let at = returned.iter().position(|word| word.is("STATUS"));
    let counts = at.and_then(|at| returned.get(at.checked_add(1)?)).and_then(list_of_atoms);
    let has = |all: &[Word], name: &str| all.iter().any(|word| word.is(name));
    Some(Asked {
        patterns: patterns.into_iter().map(|pattern| format!("{reference}{pattern}")).collect(),
        counts,
        is_special: has(&options, "SPECIAL-USE"),
        subscribed: command.verb() == "LIST" && (has(&options, "SUBSCRIBED") || has(&returned, "SUBSCRIBED")),
    })
}
