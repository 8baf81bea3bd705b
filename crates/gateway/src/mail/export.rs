//! Mailboxes into files: mbox (RFC 4155), one a mailbox, or a file for each message.

use super::{Marked, index, listed, marks_of, names};
use crate::{
    Failure,
    command::{Format, complain},
    target,
};
use futures::StreamExt;
use passerelle_core::{
    Authorized, Error, Manage, OpenedMailbox, Operator,
    ports::{Listed, Section, Wanted},
};
use passerelle_model::AccountRef;
use passerelle_wire_mbox::{Ending, Writer};
use std::{
    io::{self, Write},
    num::NonZeroU32,
    path::Path,
    process::ExitCode,
};

/// Largest message that is held whole, in octets: its end has to be seen before its beginning is written.
const SMALL: u64 = 1024 * 1024;

#[derive(Default)]
struct Counts {
    messages: u64,
    gone: u64,
}

/// Exports a mailbox, or all of them.
pub(super) async fn export(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: Option<&str>,
    format: Format,
    out: &Path,
) -> Result<ExitCode, Failure> {
    let mailboxes = match mailbox {
        Some(name) => vec![name.to_owned()],
        None => all(account).await?,
    };
    let mut counts = Counts::default();
    if out.as_os_str() == "-" {
        let (Format::Mbox, [mailbox]) = (format, mailboxes.as_slice()) else {
            return Err("one mailbox as mbox can go to standard output; name a folder".into());
        };
        let mut stdout = io::stdout().lock();
        mbox(operator, account, mailbox, &mut stdout, &mut counts).await?;
        stdout.flush()?;
        return Ok(told(&counts, mailboxes.len()));
    }
    let target = target::Target::new(out)?;
    let done = match (format, mailbox) {
        (Format::Mbox, Some(name)) => mbox_file(operator, account, name, target.part(), &mut counts).await,
        _ => folder(operator, account, &mailboxes, format, target.part(), &mut counts).await,
    };
    match done {
        Ok(()) => target.finish()?,
        Err(error) => {
            complain(&format_args!(
                "{error}\nthe export is not whole: what there is of it is {}",
                target.part().display()
            ));
            return Ok(ExitCode::from(1));
        }
    }
    Ok(told(&counts, mailboxes.len()))
}

/// To standard error: standard output may be the archive.
fn told(counts: &Counts, mailboxes: usize) -> ExitCode {
    let Counts { messages, gone } = counts;
    let gone = if *gone > 0 { format!("; {gone} were removed by somebody meanwhile") } else { String::new() };
    complain(&format_args!("{messages} messages of {mailboxes} mailboxes exported{gone}"));
    ExitCode::SUCCESS
}

/// Every mailbox of the owner's own that can be opened. What others share with them is theirs to export.
async fn all(account: &Authorized<AccountRef, Manage>) -> Result<Vec<String>, Failure> {
    let listing = account.mailboxes().await.map_err(|error| error.chain())?;
    if listing.unnamable > 0 {
        return Err(format!(
            "{} mailboxes have names that cannot be read; export the others one by one",
            listing.unnamable
        )
        .into());
    }
    let own =
        listing.mailboxes.into_iter().filter(|it| it.opens && it.place == passerelle_core::ports::MailboxPlace::Own);
    Ok(own.map(|it| it.name).collect())
}

async fn folder(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailboxes: &[String],
    format: Format,
    part: &Path,
    counts: &mut Counts,
) -> Result<(), Failure> {
    target::folder(part)?;
    for name in mailboxes {
        let mut place = part.join(names::place(name));
        match format {
            Format::Mbox => {
                place.as_mut_os_string().push(".mbox");
                target::folder(place.parent().unwrap_or(part))?;
                mbox_file(operator, account, name, &place, counts).await?;
            }
            Format::Eml => {
                target::folder(&place)?;
                files(operator, account, name, &place, counts).await?;
            }
        }
    }
    Ok(())
}

async fn mbox_file(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: &str,
    path: &Path,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let mut file = target::file(path)?;
    mbox(operator, account, mailbox, &mut file, counts).await?;
    Ok(target::close(file)?)
}

async fn mbox(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: &str,
    to: &mut impl Write,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let (mut opened, messages) = listed(operator, account, mailbox).await?;
    for (message, marked) in &messages {
        let Some((marked, ending)) = with_end(&mut opened, message, marked.as_ref(), mailbox).await? else {
            counts.gone = counts.gone.saturating_add(1);
            continue;
        };
        let (mut writer, head) = Writer::begin(marked.received.0, &marks_of(&marked.flags), ending.ending());
        to.write_all(&head)?;
        let mut out = Vec::new();
        if let End::Held(octets) = &ending {
            writer.write(octets, &mut out);
        } else {
            pour(&mut opened, message.uid, mailbox, |piece| {
                writer.write(piece, &mut out);
                to.write_all(&out)?;
                out.clear();
                Ok(())
            })
            .await?;
        }
        writer.end(&mut out);
        to.write_all(&out)?;
        counts.messages = counts.messages.saturating_add(1);
    }
    opened.close().await;
    Ok(())
}

async fn files(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: &str,
    place: &Path,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let (mut opened, messages) = listed(operator, account, mailbox).await?;
    let mut kept = target::file(&place.join(index::NAME))?;
    for (message, marked) in &messages {
        let name = format!("{:010}.eml", message.uid);
        let path = place.join(&name);
        let poured = match marked {
            Some(_) => {
                let mut file = target::file(&path)?;
                let poured = pour_if_there(&mut opened, message.uid, mailbox, |piece| file.write_all(piece)).await?;
                target::close(file)?;
                poured
            }
            None => false,
        };
        let (Some(marked), true) = (marked, poured) else {
            let _ = std::fs::remove_file(&path);
            counts.gone = counts.gone.saturating_add(1);
            continue;
        };
        kept.write_all(index::line(&name, marked.received.0, &marked.flags).as_bytes())?;
        counts.messages = counts.messages.saturating_add(1);
    }
    target::close(kept)?;
    opened.close().await;
    Ok(())
}

/// What is known of a message's end.
enum End {
    /// It is small, and here.
    Held(Vec<u8>),
    /// It is large.
    Seen(Ending),
}

impl End {
    fn ending(&self) -> Ending {
        match self {
            Self::Held(octets) => ending(octets),
            Self::Seen(ending) => *ending,
        }
    }
}

fn ending(octets: &[u8]) -> Ending {
    if octets.ends_with(b"\n") { Ending::WithALine } else { Ending::InALine }
}

/// A message's marks, and how it ends; `None` when it is gone.
async fn with_end<'m>(
    opened: &mut OpenedMailbox,
    message: &Listed,
    marked: Option<&'m Marked>,
    mailbox: &str,
) -> Result<Option<(&'m Marked, End)>, Failure> {
    let Some(marked) = marked else { return Ok(None) };
    let octets = if message.size <= SMALL {
        None
    } else {
        let last =
            u32::try_from(message.size.saturating_sub(1)).map_err(|_| format!("{mailbox}: a message of 4 GiB"))?;
        Some((last, NonZeroU32::MIN))
    };
    let mut held = Vec::new();
    let wanted = Wanted { uid: message.uid, section: Section::Message, octets };
    let there = read(opened, &wanted, mailbox, |piece| {
        held.extend_from_slice(piece);
        Ok(())
    })
    .await?;
    Ok(there.then(|| (marked, if octets.is_none() { End::Held(held) } else { End::Seen(ending(&held)) })))
}

async fn pour(
    opened: &mut OpenedMailbox,
    uid: u32,
    mailbox: &str,
    each: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Failure> {
    match pour_if_there(opened, uid, mailbox, each).await? {
        true => Ok(()),
        // Its beginning is written already.
        false => Err(format!("{mailbox}: a message was removed while it was read").into()),
    }
}

async fn pour_if_there(
    opened: &mut OpenedMailbox,
    uid: u32,
    mailbox: &str,
    each: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<bool, Failure> {
    read(opened, &Wanted { uid, section: Section::Message, octets: None }, mailbox, each).await
}

/// Reads a message or a piece of it; `false` when it is gone.
async fn read(
    opened: &mut OpenedMailbox,
    wanted: &Wanted,
    mailbox: &str,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<bool, Failure> {
    let failed = |error: Error| format!("{mailbox}, message {}: {}", wanted.uid, error.chain());
    let mut content = match opened.read(wanted).await {
        Ok(content) => content,
        Err(Error::NotFound) => return Ok(false),
        Err(error) => return Err(failed(error).into()),
    };
    while let Some(piece) = content.next().await {
        each(&piece.map_err(failed)?)?;
    }
    Ok(true)
}
