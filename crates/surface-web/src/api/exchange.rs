//! `/api/calendars/export` and `import`, `/api/contacts/export` and `import`: collections as files, and files into collections.

use super::{Answer, Call, json, packing::sent, problem::Refused};
use http::{StatusCode, header::CONTENT_TYPE};
use passerelle_core::{Error, Read, ports::Telling};
use passerelle_exchange::{Asked, Duplicates, Form, Imported, LARGEST_FILE, Left, Mode, Opened, named, whole};
use passerelle_model::{CollectionFamily, CollectionRef};
use passerelle_net::http::{Exchange, Unread, read_whole};
use serde_json::json;

/// The type that the file of an import has: no form can send it.
const FILE: &str = "application/octet-stream";

/// Whether a request's body is a file.
pub(super) fn is_file(exchange: &Exchange) -> bool {
    exchange.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(FILE.as_bytes()))
}

fn collection(call: &Call<'_>, family: CollectionFamily) -> Answer<CollectionRef> {
    Ok(named(&call.session, &call.parameter("owner"), family, &call.parameter("name"))?)
}

pub(super) async fn export(call: Call<'_>, family: CollectionFamily) -> Answer {
    let form = Form::parse(&call.parameter("format"), family).ok_or(Error::invalid("no format of these"))?;
    let handle = call.session.open::<_, Read>(collection(&call, family)?).await?;
    let turn = call.web.archives.turn(call.session.principal()?.account())?;
    let seen = handle.look(Telling::Facts).await?.collection;
    let name = seen.facts.display_name.unwrap_or(seen.name).replace(['/', '\\'], "_");
    // What cannot be listed is told before the first octet.
    let octets = whole(handle, Some(call.session.clone()), form, Left::default()).await?;
    Ok(sent(call.session, octets, turn, &format!("{name}{}", form.ending()), form.media_type()))
}

pub(super) async fn import(mut call: Call<'_>, family: CollectionFamily) -> Answer {
    let duplicates = match call.parameter("duplicates").as_str() {
        "" => Some(Duplicates::Skip),
        word => Duplicates::parse(word),
    };
    let duplicates = duplicates.ok_or(Error::invalid("no way with duplicates"))?;
    let mode = match call.parameter("mode").as_str() {
        "dryRun" => Mode::DryRun,
        "write" => Mode::Write,
        // What is done by chance is not undone.
        _ => return Err(Error::invalid("the mode is dryRun or write").into()),
    };
    // Who may not write is told so before a file is read.
    let opened = Opened::open(&call.session, &collection(&call, family)?, duplicates).await?;
    let turn = call.web.archives.turn(call.session.principal()?.account())?;
    let octets = read_whole(call.exchange.body.take(), LARGEST_FILE).await.map_err(|unread| match unread {
        Unread::TooLarge => Refused::Gate(Error::TooLarge { most: u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX) }),
        Unread::Gone => Refused::Unread,
    })?;
    let asked = Asked { duplicates, mode, first_line: 1 };
    let done = Box::pin(opened.bring_in(&call.session, octets.to_vec(), asked)).await?;
    drop(turn);
    let Imported { format, new, replaced, same, skipped, failed, rows, more } = done;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| json!({ "line": row.line, "title": row.title, "outcome": row.outcome, "what": row.what }))
        .collect();
    let told = json!({
        "format": format, "new": new, "replaced": replaced, "same": same, "skipped": skipped, "failed": failed,
        "rows": rows, "more": more,
    });
    Ok(json(StatusCode::OK, &told))
}
