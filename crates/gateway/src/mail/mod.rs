//! `passerelle mail export` and `mail import`: somebody's mailboxes into files that every mail program reads, and back. Messages
//! pass in pieces, none is held whole but a small one; the operator acts in the owner's name, through the gate.

mod export;
mod found;
mod import;
mod index;
mod names;

use crate::{
    Failure, assemble,
    command::{ExportArguments, ImportArguments, MailAction},
    serve::now,
};
use futures::StreamExt;
use passerelle_core::{
    Authorized, Manage, Operator,
    ports::{Flag, HeaderName, Item, Items, LastingNames, Listed},
};
use passerelle_model::{AccountRef, Timestamp};
use passerelle_settings::Settings;
use passerelle_wire_mbox::Marks;
use std::{collections::HashMap, path::Path, process::ExitCode};

/// What the trail calls it.
const JOB: &str = "mail";

/// Runs one of them.
pub(crate) fn mail(action: MailAction) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match action {
            MailAction::Export(ExportArguments { config, user, mailbox, format, out }) => {
                let (operator, account) = open(&config, &user).await?;
                export::export(&operator, &account, mailbox.as_deref(), format, &out).await
            }
            MailAction::Import(ImportArguments { config, user, mailbox, quoting, file }) => {
                let (operator, account) = open(&config, &user).await?;
                import::import(&operator, &account, mailbox.as_deref(), quoting, &file).await
            }
        }
    })
}

async fn open(config: &Path, user: &str) -> Result<(Operator, Authorized<AccountRef, Manage>), Failure> {
    let settings = Settings::load(config)?;
    let factory = assemble::state_factory(&settings)?;
    let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
    let operator = Operator::new(assemble::parts(&settings)?, state, now, JOB).await.map_err(|error| error.chain())?;
    let account = operator.account(user).await.map_err(|error| format!("{user}: {}", error.chain()))?;
    Ok((operator, account))
}

/// What an archive keeps of a message beside its octets.
struct Marked {
    flags: Vec<Flag>,
    received: Timestamp,
    /// Its `Message-ID` field as it stands in the header; empty where it has none.
    id_field: Vec<u8>,
}

/// Messages that are asked about together.
const TOGETHER: usize = 1000;

/// Every message of a mailbox, and what is marked on each; a message that somebody removed meanwhile has no marks.
async fn listed(
    operator: &Operator,
    account: &Authorized<AccountRef, Manage>,
    mailbox: &str,
) -> Result<(passerelle_core::OpenedMailbox, Vec<(Listed, Option<Marked>)>), Failure> {
    let failed = |error: passerelle_core::Error| format!("{mailbox}: {}", error.chain());
    let handle = operator.mailbox(account, mailbox).map_err(failed)?;
    let mut opened = handle.keep_open(None).await.map_err(failed)?;
    let listed = opened.list(LastingNames::Untold).await.map_err(failed)?;
    let mut all = Vec::with_capacity(listed.len());
    let headers = HeaderName::parse("Message-ID").into_iter().collect();
    let items = Items { items: vec![Item::Flags, Item::Received], headers };
    for some in listed.chunks(TOGETHER) {
        let uids: Vec<u32> = some.iter().map(|it| it.uid).collect();
        let mut marked = HashMap::new();
        let mut shown = opened.show(&uids, &items).await.map_err(failed)?;
        while let Some(summary) = shown.next().await {
            let summary = summary.map_err(failed)?;
            if let (Some(flags), Some(received)) = (summary.flags, summary.received) {
                let id_field = summary.headers.unwrap_or_default();
                marked.insert(summary.uid, Marked { flags, received, id_field });
            }
        }
        drop(shown);
        all.extend(some.iter().map(|it| (it.clone(), marked.remove(&it.uid))));
    }
    Ok((opened, all))
}

/// Flags as a file keeps them.
fn marks_of(flags: &[Flag]) -> Marks {
    Marks::of_flags(flags.iter().map(Flag::as_str))
}

/// Flags as the store takes them; keywords that no store takes are left out.
fn flags_of(marks: &Marks) -> Vec<Flag> {
    let Marks { seen, answered, flagged, draft, deleted, keywords } = marks;
    let system = [
        (seen, "\\Seen"),
        (answered, "\\Answered"),
        (flagged, "\\Flagged"),
        (draft, "\\Draft"),
        (deleted, "\\Deleted"),
    ];
    let on = system.into_iter().filter(|(on, _)| **on).map(|(_, name)| name);
    let keywords = keywords.iter().map(String::as_str).filter(|word| !word.starts_with('\\'));
    on.chain(keywords).filter_map(Flag::parse).collect()
}

/// What names a message for good, without the spaces and folds around it: of `Message-ID: <a@b>` the second word.
fn message_id(header: &[u8]) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"message-id:";
    let mut lines = header
        .split(|octet| *octet == b'\n')
        .skip_while(|line| !line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)));
    let mut text = lines.next()?.get(NAME.len()..)?.to_vec();
    for line in lines.take_while(|line| matches!(line.first(), Some(b' ' | b'\t'))) {
        text.extend_from_slice(line);
    }
    text.retain(|octet| !octet.is_ascii_whitespace());
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_message() {
        for (header, expected) in [
            (&b"Subject: x\r\nMessage-ID: <a@b>\r\nTo: y\r\n"[..], Some(&b"<a@b>"[..])),
            (b"message-id:\r\n <a@b>\r\n", Some(b"<a@b>")),
            (b"X-Message-ID: <a@b>\r\n", None),
            (b"Message-ID: \r\n", None),
        ] {
            assert_eq!(message_id(header).as_deref(), expected);
        }
    }

    #[test]
    fn flags_there_and_back() {
        let flags: Vec<Flag> = ["\\Seen", "\\Deleted", "$Junk"].into_iter().filter_map(Flag::parse).collect();
        assert_eq!(flags_of(&marks_of(&flags)), flags);
    }
}
