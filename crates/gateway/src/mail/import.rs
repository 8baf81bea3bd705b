//! Files into mailboxes. What is there already is left alone: a run that was cut off goes on when it is started again. A message
//! is known by its `Message-ID` and its length; one without the first by when it was received.

use super::{
    found::{Found, Mbox, single, singles},
    index, listed, message_id, names,
};
use crate::{
    Failure,
    command::{complain, say},
};
use passerelle_core::{Authorized, Error, Manage, Operator, ports::NewMessage};
use passerelle_model::{AccountRef, MailboxRef, Timestamp};
use passerelle_wire_mbox::Quoting;
use std::{
    collections::HashMap,
    fs, io,
    num::NonZeroU64,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Where messages go that no folder and no option says a mailbox for.
const USUAL: &str = "INBOX";

#[derive(Default)]
struct Counts {
    put: u64,
    there: u64,
    refused: u64,
    skipped: u64,
}

/// What names a message for good.
#[derive(PartialEq, Eq, Hash)]
struct Name {
    id: Option<Vec<u8>>,
    size: u64,
    received: Option<i64>,
}

impl Name {
    fn new(id: Option<Vec<u8>>, size: u64, received: Option<i64>) -> Self {
        let received = received.filter(|_| id.is_none());
        Self { id, size, received }
    }
}

/// Files that go into one mailbox.
enum Files {
    Mbox(PathBuf),
    Singles(PathBuf),
    Single(PathBuf),
}

/// Imports a file, or what an export has made of a folder.
pub(super) async fn import(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: Option<&str>,
    quoting: Quoting,
    file: &Path,
) -> Result<ExitCode, Failure> {
    let (mut all, mut counts) = (Vec::new(), Counts::default());
    if file.is_dir() {
        walk(file, Path::new(""), mailbox, &mut all, &mut counts)?;
    } else {
        let is_single = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml"));
        let files = if is_single { Files::Single(file.to_owned()) } else { Files::Mbox(file.to_owned()) };
        all.push((mailbox.unwrap_or(USUAL).to_owned(), files));
    }
    if all.is_empty() {
        return Err(format!("{}: neither NAME.mbox nor NAME.eml is there", file.display()).into());
    }
    let mut outcome = Ok(());
    for (name, files) in all {
        outcome = into(operator, account, &name, files, quoting, &mut counts).await;
        if outcome.is_err() {
            break;
        }
    }
    let Counts { put, there, refused, skipped } = counts;
    let passed_over = if skipped > 0 { format!("; {skipped} files skipped") } else { String::new() };
    say(&format!("{put} put in, {there} were there, {refused} refused{passed_over}"));
    match outcome {
        Ok(()) if refused == 0 && skipped == 0 => Ok(ExitCode::SUCCESS),
        Ok(()) => Ok(ExitCode::from(1)),
        Err(error) => {
            complain(&format_args!("{error}\nthe import is not whole: run it again, it goes on here"));
            Ok(ExitCode::from(1))
        }
    }
}

/// What is in a folder, and in those below it. Links are not followed: they may lead anywhere.
fn walk(
    root: &Path,
    below: &Path,
    mailbox: Option<&str>,
    all: &mut Vec<(String, Files)>,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let named = |place: &Path| {
        let wrong = || format!("{}: its name is no mailbox's", root.join(place).display());
        let own = names::mailbox(place).ok_or_else(wrong)?;
        Ok::<_, String>(match (mailbox, own.as_str()) {
            (None, "") => USUAL.to_owned(),
            (None, _) => own,
            (Some(above), "") => above.to_owned(),
            (Some(above), own) => format!("{above}/{own}"),
        })
    };
    let folder = root.join(below);
    let mut entries: Vec<_> = fs::read_dir(&folder)?.collect::<Result<_, io::Error>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let (mut has_singles, mut folders) = (false, Vec::new());
    for entry in entries {
        let (path, place) = (entry.path(), below.join(entry.file_name()));
        let ends = |end: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(end));
        match entry.file_type()? {
            kind if kind.is_dir() => folders.push(place),
            kind if kind.is_file() && ends("mbox") => all.push((named(&place.with_extension(""))?, Files::Mbox(path))),
            kind if kind.is_file() && ends("eml") => has_singles = true,
            kind if kind.is_file() && entry.file_name() == index::NAME => {}
            kind => {
                counts.skipped = counts.skipped.saturating_add(1);
                let what = if kind.is_symlink() { "it is a link" } else { "it is neither NAME.mbox nor NAME.eml" };
                complain(&format_args!("{}: skipped: {what}", path.display()));
            }
        }
    }
    if has_singles {
        all.push((named(below)?, Files::Singles(folder)));
    }
    folders.iter().try_for_each(|place| walk(root, place, mailbox, all, counts))
}

async fn into(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    name: &str,
    files: Files,
    quoting: Quoting,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let handle = operator.mailbox(account, name).map_err(|error| format!("{name}: {}", error.chain()))?;
    let mut there = match handle.create(None).await {
        Ok(()) => HashMap::new(),
        Err(Error::Conflict) => names_in(operator, account, name).await?,
        // INBOX is always there, and a store may say so in words of its own.
        Err(error) => names_in(operator, account, name).await.map_err(|_| format!("{name}: {}", error.chain()))?,
    };
    match files {
        Files::Mbox(path) => {
            let told = |error: io::Error| format!("{}: {error}", path.display());
            let mut mbox = Mbox::open(&path, quoting).map_err(told)?;
            while let Some(found) = mbox.next().map_err(told)? {
                put(&handle, found, &mut there, counts).await?;
            }
        }
        Files::Singles(folder) => {
            for (path, told) in singles(&folder)? {
                put(&handle, single(&path, told)?, &mut there, counts).await?;
            }
        }
        Files::Single(path) => {
            let found = single(&path, None).map_err(|error| format!("{}: {error}", path.display()))?;
            put(&handle, found, &mut there, counts).await?;
        }
    }
    Ok(())
}

/// How many messages of each name there are.
async fn names_in(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: &str,
) -> Result<HashMap<Name, u32>, Failure> {
    let (opened, messages) = listed(operator, account, mailbox).await?;
    opened.close().await;
    let mut there: HashMap<Name, u32> = HashMap::new();
    for (message, marked) in messages {
        let Some(marked) = marked else { continue };
        let name = Name::new(message_id(&marked.id_field), message.size, Some(marked.received.0));
        let count = there.entry(name).or_default();
        *count = count.saturating_add(1);
    }
    Ok(there)
}

/// Puts a message in, unless it is there. An error ends the import; a message that the store does not take does not.
async fn put(
    handle: &Authorized<MailboxRef, Manage>,
    found: Found,
    there: &mut HashMap<Name, u32>,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let mut refused = |what: &str| {
        counts.refused = counts.refused.saturating_add(1);
        complain(&format_args!("{}: refused: {what}", found.place));
    };
    let Some(size) = NonZeroU64::new(found.size) else {
        refused("it is empty");
        return Ok(());
    };
    if found.has_nul {
        // RFC 9051 §4.3: what a literal may not have.
        refused("it has a NUL in it, which no mail store takes");
        return Ok(());
    }
    if let Some(count) = there.get_mut(&Name::new(found.id.clone(), found.size, found.received)).filter(|it| **it > 0) {
        *count = count.saturating_sub(1);
        counts.there = counts.there.saturating_add(1);
        return Ok(());
    }
    let octets = found.octets().map_err(|error| format!("{}: {error}", found.place))?;
    let received = found.received.map(Timestamp);
    let message = NewMessage { size, flags: found.flags.clone(), received, octets };
    match handle.append(message).await {
        Ok(_) => counts.put = counts.put.saturating_add(1),
        Err(Error::OverQuota) => {
            let words = "the mailbox's quota is used up: make room, or raise it";
            return Err(format!("{}: {words}", found.place).into());
        }
        Err(error @ (Error::Invalid { .. } | Error::TooLarge { .. })) => refused(&error.chain()),
        Err(error) => return Err(format!("{}: {}", found.place, error.chain()).into()),
    }
    Ok(())
}
