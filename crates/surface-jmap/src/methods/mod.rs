//! The methods (RFC 8620 §4, §5; RFC 8621; RFC 9610), one file each, and the table by which they are called.

mod arguments;
pub(crate) mod blobs;
pub(crate) mod calendars;
mod conditions;
pub(crate) mod contacts;
pub(crate) mod email;
mod identity;
mod listed;
mod mailbox;
mod nothing;
mod paging;
mod patch;
pub(crate) mod principal;
mod quota;
pub(crate) mod set;
pub(crate) mod sharing;
mod sieve;
mod submission;
mod thread;
mod vacation;

use calendars::What;

use crate::{
    call::{
        AVAILABILITY, BLOB, CALENDARS, CONTACTS, CORE, MAIL, NOTES, PRINCIPALS, QUOTA, SIEVE, SUBMISSION, TASKS,
        VACATION,
    },
    desk::Desk,
    error::MethodError,
    limits::MOST_GOT,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Echo,
    MailboxGet,
    MailboxChanges,
    MailboxQuery,
    MailboxQueryChanges,
    MailboxSet,
    ThreadGet,
    ThreadChanges,
    EmailGet,
    EmailChanges,
    EmailQuery,
    EmailQueryChanges,
    EmailSet,
    EmailCopy,
    EmailImport,
    EmailParse,
    SnippetGet,
    Availability,
    CalendarGet,
    CalendarChanges,
    CalendarSet,
    EventGet,
    EventChanges,
    EventQuery,
    EventQueryChanges,
    EventSet,
    EventCopy,
    EventParse,
    EventNotificationGet,
    EventNotificationChanges,
    EventNotificationQuery,
    EventNotificationQueryChanges,
    EventNotificationSet,
    TaskListGet,
    TaskListChanges,
    TaskListSet,
    TaskGet,
    TaskChanges,
    TaskQuery,
    TaskQueryChanges,
    TaskSet,
    TaskCopy,
    NotebookGet,
    NotebookChanges,
    NotebookSet,
    NoteGet,
    NoteChanges,
    NoteQuery,
    NoteQueryChanges,
    NoteSet,
    NoteCopy,
    AddressBookGet,
    AddressBookChanges,
    AddressBookSet,
    CardGet,
    CardChanges,
    CardQuery,
    CardQueryChanges,
    CardSet,
    CardCopy,
    ParticipantIdentityGet,
    ParticipantIdentityChanges,
    IdentityGet,
    IdentityChanges,
    IdentitySet,
    SubmissionGet,
    SubmissionChanges,
    SubmissionQuery,
    SubmissionQueryChanges,
    SubmissionSet,
    VacationGet,
    VacationSet,
    SieveGet,
    SieveSet,
    SieveQuery,
    SieveValidate,
    PrincipalGet,
    PrincipalChanges,
    PrincipalQuery,
    PrincipalQueryChanges,
    PrincipalSet,
    NotificationGet,
    NotificationChanges,
    NotificationQuery,
    NotificationQueryChanges,
    NotificationSet,
    QuotaGet,
    QuotaChanges,
    QuotaQuery,
    QuotaQueryChanges,
    BlobUpload,
    BlobGet,
    BlobLookup,
    BlobCopy,
}

/// Each method with its name and the capability that it comes with.
const METHODS: &[(&str, &str, Method)] = &[
    ("Core/echo", CORE, Method::Echo),
    ("Mailbox/get", MAIL, Method::MailboxGet),
    ("Mailbox/changes", MAIL, Method::MailboxChanges),
    ("Mailbox/query", MAIL, Method::MailboxQuery),
    ("Mailbox/queryChanges", MAIL, Method::MailboxQueryChanges),
    ("Mailbox/set", MAIL, Method::MailboxSet),
    ("Thread/get", MAIL, Method::ThreadGet),
    ("Thread/changes", MAIL, Method::ThreadChanges),
    ("Email/get", MAIL, Method::EmailGet),
    ("Email/changes", MAIL, Method::EmailChanges),
    ("Email/query", MAIL, Method::EmailQuery),
    ("Email/queryChanges", MAIL, Method::EmailQueryChanges),
    ("Email/set", MAIL, Method::EmailSet),
    ("Email/copy", MAIL, Method::EmailCopy),
    ("Email/import", MAIL, Method::EmailImport),
    ("Email/parse", MAIL, Method::EmailParse),
    ("SearchSnippet/get", MAIL, Method::SnippetGet),
    ("Principal/getAvailability", AVAILABILITY, Method::Availability),
    ("Calendar/get", CALENDARS, Method::CalendarGet),
    ("Calendar/changes", CALENDARS, Method::CalendarChanges),
    ("Calendar/set", CALENDARS, Method::CalendarSet),
    ("CalendarEvent/get", CALENDARS, Method::EventGet),
    ("CalendarEvent/changes", CALENDARS, Method::EventChanges),
    ("CalendarEvent/query", CALENDARS, Method::EventQuery),
    ("CalendarEvent/queryChanges", CALENDARS, Method::EventQueryChanges),
    ("CalendarEvent/set", CALENDARS, Method::EventSet),
    ("CalendarEvent/copy", CALENDARS, Method::EventCopy),
    ("CalendarEvent/parse", CALENDARS, Method::EventParse),
    ("ParticipantIdentity/get", CALENDARS, Method::ParticipantIdentityGet),
    ("ParticipantIdentity/changes", CALENDARS, Method::ParticipantIdentityChanges),
    ("CalendarEventNotification/get", CALENDARS, Method::EventNotificationGet),
    ("CalendarEventNotification/changes", CALENDARS, Method::EventNotificationChanges),
    ("CalendarEventNotification/query", CALENDARS, Method::EventNotificationQuery),
    ("CalendarEventNotification/queryChanges", CALENDARS, Method::EventNotificationQueryChanges),
    ("CalendarEventNotification/set", CALENDARS, Method::EventNotificationSet),
    ("TaskList/get", TASKS, Method::TaskListGet),
    ("TaskList/changes", TASKS, Method::TaskListChanges),
    ("TaskList/set", TASKS, Method::TaskListSet),
    ("Task/get", TASKS, Method::TaskGet),
    ("Task/changes", TASKS, Method::TaskChanges),
    ("Task/query", TASKS, Method::TaskQuery),
    ("Task/queryChanges", TASKS, Method::TaskQueryChanges),
    ("Task/set", TASKS, Method::TaskSet),
    ("Task/copy", TASKS, Method::TaskCopy),
    ("TaskNotification/get", TASKS, Method::EventNotificationGet),
    ("TaskNotification/changes", TASKS, Method::EventNotificationChanges),
    ("TaskNotification/query", TASKS, Method::EventNotificationQuery),
    ("TaskNotification/queryChanges", TASKS, Method::EventNotificationQueryChanges),
    ("TaskNotification/set", TASKS, Method::EventNotificationSet),
    ("Notebook/get", NOTES, Method::NotebookGet),
    ("Notebook/changes", NOTES, Method::NotebookChanges),
    ("Notebook/set", NOTES, Method::NotebookSet),
    ("Note/get", NOTES, Method::NoteGet),
    ("Note/changes", NOTES, Method::NoteChanges),
    ("Note/query", NOTES, Method::NoteQuery),
    ("Note/queryChanges", NOTES, Method::NoteQueryChanges),
    ("Note/set", NOTES, Method::NoteSet),
    ("Note/copy", NOTES, Method::NoteCopy),
    ("AddressBook/get", CONTACTS, Method::AddressBookGet),
    ("AddressBook/changes", CONTACTS, Method::AddressBookChanges),
    ("AddressBook/set", CONTACTS, Method::AddressBookSet),
    ("ContactCard/get", CONTACTS, Method::CardGet),
    ("ContactCard/changes", CONTACTS, Method::CardChanges),
    ("ContactCard/query", CONTACTS, Method::CardQuery),
    ("ContactCard/queryChanges", CONTACTS, Method::CardQueryChanges),
    ("ContactCard/set", CONTACTS, Method::CardSet),
    ("ContactCard/copy", CONTACTS, Method::CardCopy),
    ("Identity/get", SUBMISSION, Method::IdentityGet),
    ("Identity/changes", SUBMISSION, Method::IdentityChanges),
    ("Identity/set", SUBMISSION, Method::IdentitySet),
    ("EmailSubmission/get", SUBMISSION, Method::SubmissionGet),
    ("EmailSubmission/changes", SUBMISSION, Method::SubmissionChanges),
    ("EmailSubmission/query", SUBMISSION, Method::SubmissionQuery),
    ("EmailSubmission/queryChanges", SUBMISSION, Method::SubmissionQueryChanges),
    ("EmailSubmission/set", SUBMISSION, Method::SubmissionSet),
    ("VacationResponse/get", VACATION, Method::VacationGet),
    ("VacationResponse/set", VACATION, Method::VacationSet),
    ("SieveScript/get", SIEVE, Method::SieveGet),
    ("SieveScript/set", SIEVE, Method::SieveSet),
    ("SieveScript/query", SIEVE, Method::SieveQuery),
    ("SieveScript/validate", SIEVE, Method::SieveValidate),
    ("Principal/get", PRINCIPALS, Method::PrincipalGet),
    ("Principal/changes", PRINCIPALS, Method::PrincipalChanges),
    ("Principal/query", PRINCIPALS, Method::PrincipalQuery),
    ("Principal/queryChanges", PRINCIPALS, Method::PrincipalQueryChanges),
    ("Principal/set", PRINCIPALS, Method::PrincipalSet),
    ("ShareNotification/get", PRINCIPALS, Method::NotificationGet),
    ("ShareNotification/changes", PRINCIPALS, Method::NotificationChanges),
    ("ShareNotification/query", PRINCIPALS, Method::NotificationQuery),
    ("ShareNotification/queryChanges", PRINCIPALS, Method::NotificationQueryChanges),
    ("ShareNotification/set", PRINCIPALS, Method::NotificationSet),
    ("Quota/get", QUOTA, Method::QuotaGet),
    ("Quota/changes", QUOTA, Method::QuotaChanges),
    ("Quota/query", QUOTA, Method::QuotaQuery),
    ("Quota/queryChanges", QUOTA, Method::QuotaQueryChanges),
    ("Blob/upload", BLOB, Method::BlobUpload),
    ("Blob/get", BLOB, Method::BlobGet),
    ("Blob/lookup", BLOB, Method::BlobLookup),
    ("Blob/copy", CORE, Method::BlobCopy),
];

/// The names of all methods, for the tests that attack them.
pub fn method_names() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(name, ..)| *name)
}

/// Whether a method changes nothing, so that it can be left in the middle.
pub(crate) fn only_reads(name: &str) -> bool {
    !["/set", "/import", "/copy", "/upload"].iter().any(|it| name.ends_with(it))
}

/// Does a call; what it answers.
pub(crate) async fn call(
    desk: &mut Desk<'_>,
    using: &[String],
    name: &str,
    arguments: Map<String, Value>,
) -> Result<Value, MethodError> {
    let known = METHODS.iter().find(|(known, capability, _)| *known == name && using.iter().any(|it| it == capability));
    let (.., method) = known.ok_or_else(|| MethodError::new("unknownMethod"))?;
    Ok(match method {
        Method::Echo => Value::Object(arguments),
        Method::MailboxGet => mailbox::get::get(desk, read(arguments)?).await?,
        Method::MailboxChanges => mailbox::changes::changes(desk, read(arguments)?).await?,
        Method::MailboxQuery => mailbox::query::query(desk, read(arguments)?).await?,
        Method::MailboxQueryChanges => mailbox::query_changes::changes(desk, read(arguments)?).await?,
        Method::MailboxSet => mailbox::set::set(desk, read(arguments)?).await?,
        Method::ThreadGet => thread::get::get(desk, read(arguments)?).await?,
        Method::ThreadChanges => thread::changes::changes(desk, read(arguments)?).await?,
        Method::EmailGet => email::get::get(desk, read(arguments)?).await?,
        Method::EmailChanges => email::changes::changes(desk, read(arguments)?).await?,
        Method::EmailQuery => email::query::query(desk, read(arguments)?).await?,
        Method::EmailQueryChanges => email::query_changes::changes(desk, read(arguments)?).await?,
        Method::EmailSet => email::set::set(desk, read(arguments)?).await?,
        Method::EmailCopy => email::copy::copy(desk, read(arguments)?).await?,
        Method::EmailImport => email::import::import(desk, read(arguments)?).await?,
        Method::EmailParse => email::parse::parse(desk, read(arguments)?).await?,
        Method::SnippetGet => email::snippets::get(desk, read(arguments)?).await?,
        Method::Availability => calendars::availability::get(desk, read(arguments)?).await?,
        Method::CalendarGet => calendars::get_calendars(desk, What::Events, read(arguments)?).await?,
        Method::CalendarChanges => calendars::changes::of_calendars(desk, What::Events, read(arguments)?).await?,
        Method::CalendarSet => calendars::set_calendars(desk, read(arguments)?).await?,
        Method::EventGet => calendars::get(desk, What::Events, read(arguments)?).await?,
        Method::EventChanges => calendars::changes::of_objects(desk, What::Events, read(arguments)?).await?,
        Method::EventQuery => calendars::query(desk, What::Events, read(arguments)?).await?,
        Method::EventQueryChanges => calendars::query_changes(desk, What::Events, read(arguments)?).await?,
        Method::EventSet => calendars::set_events(desk, read(arguments)?).await?,
        Method::EventCopy => calendars::copy(desk, What::Events, read(arguments)?).await?,
        Method::EventParse => calendars::parse(desk, read(arguments)?).await?,
        Method::ParticipantIdentityGet => calendars::identities::get(desk, read(arguments)?).await?,
        Method::ParticipantIdentityChanges => calendars::identities::changes(desk, read(arguments)?).await?,
        Method::TaskListGet => calendars::get_calendars(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskListChanges => calendars::changes::of_calendars(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskListSet => calendars::set_lists(desk, read(arguments)?).await?,
        Method::TaskGet => calendars::get(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskChanges => calendars::changes::of_objects(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskQuery => calendars::query(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskQueryChanges => calendars::query_changes(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskSet => calendars::set_quietly(desk, What::Tasks, read(arguments)?).await?,
        Method::TaskCopy => calendars::copy(desk, What::Tasks, read(arguments)?).await?,
        Method::NotebookGet => calendars::get_calendars(desk, What::Notes, read(arguments)?).await?,
        Method::NotebookChanges => calendars::changes::of_calendars(desk, What::Notes, read(arguments)?).await?,
        Method::NotebookSet => calendars::set_notebooks(desk, read(arguments)?).await?,
        Method::NoteGet => calendars::get(desk, What::Notes, read(arguments)?).await?,
        Method::NoteChanges => calendars::changes::of_objects(desk, What::Notes, read(arguments)?).await?,
        Method::NoteQuery => calendars::query(desk, What::Notes, read(arguments)?).await?,
        Method::NoteQueryChanges => calendars::query_changes(desk, What::Notes, read(arguments)?).await?,
        Method::NoteSet => calendars::set_quietly(desk, What::Notes, read(arguments)?).await?,
        Method::NoteCopy => calendars::copy(desk, What::Notes, read(arguments)?).await?,
        Method::AddressBookGet => contacts::books::get(desk, read(arguments)?).await?,
        Method::AddressBookChanges => contacts::changes::of_books(desk, read(arguments)?).await?,
        Method::AddressBookSet => contacts::books_set::set(desk, read(arguments)?).await?,
        Method::CardGet => contacts::get::get(desk, read(arguments)?).await?,
        Method::CardQuery => contacts::query::query(desk, read(arguments)?).await?,
        Method::CardQueryChanges => contacts::query::changes(desk, read(arguments)?).await?,
        Method::CardSet => contacts::set::set(desk, read(arguments)?).await?,
        Method::CardCopy => contacts::copy::copy(desk, read(arguments)?).await?,
        Method::CardChanges => contacts::changes::of_cards(desk, read(arguments)?).await?,
        Method::IdentityGet => identity::get::get(desk, read(arguments)?).await?,
        Method::IdentityChanges => identity::get::changes(desk, read(arguments)?).await?,
        Method::IdentitySet => identity::set::set(desk, read(arguments)?).await?,
        Method::SubmissionGet | Method::NotificationGet | Method::EventNotificationGet => {
            nothing::get(desk, read(arguments)?)?
        }
        Method::SubmissionChanges | Method::NotificationChanges | Method::EventNotificationChanges => {
            nothing::changes(desk, &read(arguments)?)?
        }
        Method::SubmissionQuery | Method::NotificationQuery | Method::EventNotificationQuery => {
            nothing::query(desk, &read(arguments)?)?
        }
        Method::SubmissionQueryChanges | Method::NotificationQueryChanges | Method::EventNotificationQueryChanges => {
            nothing::query_changes(desk, &read(arguments)?)?
        }
        Method::NotificationSet | Method::EventNotificationSet => nothing::set(desk, read(arguments)?)?,
        Method::SubmissionSet => submission::set::set(desk, read(arguments)?).await?,
        Method::VacationGet => vacation::get::get(desk, read(arguments)?).await?,
        Method::VacationSet => vacation::set::set(desk, read(arguments)?).await?,
        Method::SieveGet => sieve::get::get(desk, read(arguments)?).await?,
        Method::SieveSet => sieve::set::set(desk, read(arguments)?).await?,
        Method::SieveQuery => sieve::query::query(desk, read(arguments)?).await?,
        Method::SieveValidate => sieve::validate::validate(desk, read(arguments)?).await?,
        Method::PrincipalGet => principal::get::get(desk, read(arguments)?).await?,
        Method::PrincipalChanges => principal::get::changes(desk, &read(arguments)?)?,
        Method::PrincipalQuery => principal::query::query(desk, read(arguments)?).await?,
        Method::PrincipalQueryChanges => principal::query::changes(desk, &read(arguments)?)?,
        Method::PrincipalSet => principal::set::set(desk, read(arguments)?)?,
        Method::QuotaGet => quota::get::get(desk, read(arguments)?).await?,
        Method::QuotaChanges => quota::changes::changes(desk, read(arguments)?).await?,
        Method::QuotaQuery => quota::query::query(desk, read(arguments)?).await?,
        Method::QuotaQueryChanges => quota::query::changes(desk, read(arguments)?).await?,
        Method::BlobUpload => blobs::upload::upload(desk, read(arguments)?).await?,
        Method::BlobGet => blobs::get::get(desk, read(arguments)?).await?,
        Method::BlobLookup => blobs::lookup::lookup(desk, read(arguments)?).await?,
        Method::BlobCopy => blobs::copy::copy(desk, read(arguments)?).await?,
    })
}

/// A method's arguments, of which each is known.
fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, MethodError> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| MethodError::invalid(error.to_string()))
}

/// The arguments of a `/get` (RFC 8620 §5.1).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Get {
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) ids: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) properties: Option<Vec<String>>,
}

impl arguments::Common for Get {
    const NAMES: &'static [&'static str] = &["accountId", "ids", "properties"];
}

/// The arguments of a `/changes` (RFC 8620 §5.2).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Changes {
    pub(crate) account_id: String,
    pub(crate) since_state: String,
    #[serde(default)]
    pub(crate) max_changes: Option<std::num::NonZeroU32>,
}

/// Whether so many objects may be asked for at once.
pub(crate) fn check_count(count: usize) -> Result<(), MethodError> {
    if count > MOST_GOT { Err(MethodError::new("requestTooLarge")) } else { Ok(()) }
}

/// Those of the known properties that are wanted, `id` always among them.
pub(crate) fn properties<'a>(
    wanted: Option<&'a Vec<String>>,
    known: &'static [&'static str],
) -> Result<Vec<&'a str>, MethodError> {
    let Some(wanted) = wanted else { return Ok(known.to_vec()) };
    if let Some(unknown) = wanted.iter().find(|it| !known.contains(&it.as_str())) {
        return Err(MethodError::invalid(format!("there is no property {unknown}")));
    }
    let others = wanted.iter().map(String::as_str).filter(|it| *it != "id");
    Ok(std::iter::once("id").chain(others).collect())
}

/// The answer of a `/parse`: what was read, what is none, and what is not there, each `null` where there is nothing of it.
pub(crate) fn parsed(account: &str, parsed: Map<String, Value>, wrong: Vec<String>, missing: Vec<String>) -> Value {
    let some = |all: Vec<String>| (!all.is_empty()).then_some(all);
    json!({
        "accountId": account,
        "parsed": (!parsed.is_empty()).then_some(parsed),
        "notParsable": some(wrong),
        "notFound": some(missing),
    })
}

/// The ids, each once.
pub(crate) fn distinct(ids: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    ids.into_iter().filter(|id| seen.insert(id.clone())).collect()
}
