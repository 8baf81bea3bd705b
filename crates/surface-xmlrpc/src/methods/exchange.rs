//! `calendar.import`, `calendar.export`, `contacts.import` and `contacts.export`: files of calendars and contacts, of one's own
//! collections and of those that others share. Whoever administers an institution reads nobody's calendar by that.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{structure, text},
};
use dxr::Value;
use passerelle_core::Read;
use passerelle_exchange::{Asked, Duplicates, Form, Imported, Mode, Opened, named, part};
use passerelle_model::{CollectionFamily, CollectionRef};

/// Most octets of one answer, before base64.
const MOST_OCTETS: usize = 512 * 1024;

const OWNER: Param = optional("owner", Kind::Text, "whose it is, login or login@domain; left out, the caller's own");
const CALENDAR: Param = needed("calendar", Kind::Text, "its name in addresses");
const BOOK: Param = needed("addressBook", Kind::Text, "its name in addresses");
const OCTETS: Param = needed(
    "octets",
    Kind::Octets,
    "a file, or a part of one that can be read by itself; what a call takes is its limit, some 700 KB",
);
const DUPLICATES: Param = optional(
    "duplicates",
    Kind::Text,
    "what is done with what is there already: skip, replace, or both; skip when left out",
);
const FIRST_LINE: Param =
    optional("firstLine", Kind::Number, "the line of the whole file that the part begins at, 1 when left out");
const MODE: Param = optional("mode", Kind::Text, "dryRun tells only what would be; write when left out");
const AFTER: Param = optional("after", Kind::Text, "go on behind this item: next of the answer before");

pub(super) const CALENDARS: &[Method] = &[
    Method {
        name: "calendar.export",
        params: &[CALENDAR, OWNER, AFTER],
        answer: "struct",
        help: "A calendar as iCalendar, some 512 KiB in an answer: {octets, items, next}, where each answer's octets are a file of their own with the time zones that it uses, and next is nil when that was all. Of private events of somebody else's calendar it is told when they are, and not what.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(export(caller, arguments, CollectionFamily::Calendars)),
    },
    Method {
        name: "calendar.import",
        params: &[CALENDAR, OCTETS, OWNER, DUPLICATES, MODE, FIRST_LINE],
        answer: "struct",
        help: "Puts what a file holds into a calendar that is there: iCalendar (each event, task or note with its exceptions is one) or vCalendar 1.0, recognised by its content. Answers {format, new, replaced, same, skipped, failed, rows, more}: rows has {line, title, outcome, what} of what was not the same already, at most 1000, of new ones 100, and more says whether there were others. What is there already is known by its UID. Made again, it makes nothing twice; a part that ends in a fault goes on so.",
        effect: Effect::Changes("owner"),
        run: |caller, arguments| Box::pin(import(caller, arguments, CollectionFamily::Calendars)),
    },
];

pub(super) const CONTACTS: &[Method] = &[
    Method {
        name: "contacts.export",
        params: &[
            BOOK,
            OWNER,
            AFTER,
            optional("format", Kind::Text, "vcard, or a table as google or outlook takes it; vcard when left out"),
        ],
        answer: "struct",
        help: "An address book, some 512 KiB in an answer: {octets, items, next} as calendar.export. In a table no cell is a formula.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(export(caller, arguments, CollectionFamily::Contacts)),
    },
    Method {
        name: "contacts.import",
        params: &[BOOK, OCTETS, OWNER, DUPLICATES, MODE, FIRST_LINE],
        answer: "struct",
        help: "Puts what a file holds into an address book that is there: vCard 2.1, 3.0 and 4.0, LDIF of address books, or a table of Thunderbird's, Outlook's (English, French) or Google's, recognised by its content. Answers as calendar.import. Known for the same are cards of one UID, and of one name with an address or number in common.",
        effect: Effect::Changes("owner"),
        run: |caller, arguments| Box::pin(import(caller, arguments, CollectionFamily::Contacts)),
    },
];

fn collection(caller: &Caller, arguments: &Arguments, family: CollectionFamily) -> Result<CollectionRef, Refusal> {
    let name = match family {
        CollectionFamily::Calendars => CALENDAR.name,
        CollectionFamily::Contacts => BOOK.name,
    };
    Ok(named(&caller.session, arguments.maybe_text("owner").unwrap_or_default(), family, arguments.text(name))?)
}

async fn export(caller: &Caller, arguments: Arguments, family: CollectionFamily) -> Result<Value, Refusal> {
    let form = Form::parse(arguments.maybe_text("format").unwrap_or_default(), family);
    let form = form.ok_or_else(|| Refusal::Params("format: vcard, google or outlook".to_owned()))?;
    let handle = caller.session.open::<_, Read>(collection(caller, &arguments, family)?).await?;
    let told = part(&handle, form, arguments.maybe_text("after").unwrap_or_default(), MOST_OCTETS).await?;
    Ok(structure([
        ("octets", Value::Base64(told.octets)),
        ("items", number(told.items)),
        ("next", told.next.map_or(Value::Nil, text)),
    ]))
}

async fn import(caller: &Caller, arguments: Arguments, family: CollectionFamily) -> Result<Value, Refusal> {
    let duplicates = Duplicates::parse(arguments.maybe_text("duplicates").unwrap_or("skip"));
    let duplicates = duplicates.ok_or_else(|| Refusal::Params("duplicates: skip, replace or both".to_owned()))?;
    let mode = match arguments.maybe_text("mode").unwrap_or("write") {
        "write" => Mode::Write,
        "dryRun" => Mode::DryRun,
        _ => return Err(Refusal::Params("mode: write or dryRun".to_owned())),
    };
    let first_line = arguments.number("firstLine")?.unwrap_or(1);
    let first_line = usize::try_from(first_line).ok().filter(|line| *line > 0);
    let first_line = first_line.ok_or_else(|| Refusal::Params("firstLine: a line, from 1".to_owned()))?;
    let to = collection(caller, &arguments, family)?;
    let opened = Opened::open(&caller.session, &to, duplicates).await?;
    let octets = arguments.octets("octets").to_vec();
    let done = Box::pin(opened.bring_in(&caller.session, octets, Asked { duplicates, mode, first_line })).await?;
    let Imported { format, new, replaced, same, skipped, failed, rows, more } = done;
    let rows = rows.into_iter().map(|row| {
        structure([
            ("line", number(row.line)),
            ("title", text(row.title)),
            ("outcome", text(row.outcome)),
            ("what", text(row.what)),
        ])
    });
    Ok(structure([
        ("format", text(format)),
        ("new", number(new)),
        ("replaced", number(replaced)),
        ("same", number(same)),
        ("skipped", number(skipped)),
        ("failed", number(failed)),
        ("rows", Value::Array(rows.collect())),
        ("more", Value::Boolean(more)),
    ]))
}

fn number(number: usize) -> Value {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}
