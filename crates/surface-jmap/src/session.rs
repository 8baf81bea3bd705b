//! The session object (RFC 8620 §2): who somebody is here, what there is, and where.

use crate::{
    answer,
    call::{
        AVAILABILITY, BLOB, CALENDARS, CONTACTS, CORE, MAIL, NOTES, OWNER, PICTURES, PRINCIPALS, QUOTA, SHARING, SIEVE,
        SUBMISSION, TASK_ALERTS, TASK_RECURRENCES, TASKS, VACATION, WEBSOCKET,
    },
    id,
    limits::{LARGEST_REQUEST, LARGEST_UPLOAD, MOST_CALLS, MOST_GOT, MOST_REQUESTS, MOST_SET, MOST_UPLOADS},
    methods::{blobs, calendars, contacts::directory, email::SORTS, principal},
    shares::{self, Kept},
    state::mark,
};
use http::StatusCode;
use passerelle_core::{
    Error, Read, SendAs, Session, Tool,
    ports::{FilterPowers, LARGEST_SCRIPT, MOST_SCRIPTS, ScriptName},
};
use passerelle_model::{Account, AccountRef, CollectionFamily, Grantee};
use passerelle_net::http::{Exchange, Response};
use serde_json::{Map, Value, json};

/// What a capability says of an account that is the person's own, or is not.
type OfAccount = fn(bool) -> Value;
/// What lies in collections: its capability, and what that says of an account, which is the person's own or not.
const COLLECTIONS: [(CollectionFamily, &str, OfAccount); 6] = [
    (calendars::FAMILY, CALENDARS, calendars::capability),
    (calendars::FAMILY, TASKS, calendars::tasks_capability),
    (calendars::FAMILY, TASK_RECURRENCES, calendars::recurrences_capability),
    (calendars::FAMILY, TASK_ALERTS, calendars::alerts_capability),
    (calendars::FAMILY, NOTES, calendars::notes_capability),
    (CollectionFamily::Contacts, CONTACTS, contacts),
];

pub(crate) async fn show(session: &Session, exchange: &Exchange) -> Response {
    // Clients want whole addresses.
    match object(session, &exchange.origin().unwrap_or_default()).await {
        Ok(object) => answer::json(StatusCode::OK, &object),
        Err(error) => answer::refused(&error, &exchange.id),
    }
}

pub(crate) async fn object(session: &Session, origin: &str) -> passerelle_core::Result<Value> {
    let principal = session.principal()?;
    let own = session.open::<_, Read>(AccountRef(principal.account().clone())).await?;
    let only_reads = own.only_reads();
    let name = session.name_of(principal.account());
    let account = id::of_account(&name);
    let has_mail = session.institution()?.tools.has(Tool::Mail);
    let mut of_account = Map::new();
    let mut primary = Map::new();
    if has_mail {
        of_account.insert(MAIL.to_owned(), mail(true));
        primary.insert(MAIL.to_owned(), json!(account));
        if sends(session).await? {
            of_account.insert(SUBMISSION.to_owned(), json!({ "maxDelayedSend": 0, "submissionExtensions": {} }));
            primary.insert(SUBMISSION.to_owned(), json!(account));
        }
        for (capability, value) in [(QUOTA, json!({})), (BLOB, blobs())] {
            of_account.insert(capability.to_owned(), value);
            primary.insert(capability.to_owned(), json!(account));
        }
    }
    for (family, capability, of) in COLLECTIONS {
        if session.has_collections(principal.account(), family) {
            of_account.insert(capability.to_owned(), of(true));
            primary.insert(capability.to_owned(), json!(account));
        }
    }
    let has_any = !primary.is_empty();
    if has_any {
        // Clients look under the core for whose account it is.
        primary.insert(CORE.to_owned(), json!(account));
    }
    let always = [MAIL, CALENDARS, TASKS, TASK_RECURRENCES, TASK_ALERTS, NOTES, CONTACTS, SUBMISSION, QUOTA, BLOB];
    let mut here = Map::from_iter(always.map(|it| (it.to_owned(), json!({}))));
    // wss where this very page came by TLS (RFC 8887 §3).
    let url = format!("{}/jmap/ws", origin.replacen("http", "ws", 1));
    here.insert(WEBSOCKET.to_owned(), json!({ "url": url, "supportsPush": true }));
    if own.has_filters() {
        // Filters that are away keep nobody from their mail: the methods say then that they are.
        let powers = own.filter_powers().await.unwrap_or_default();
        here.insert(VACATION.to_owned(), json!({}));
        here.insert(SIEVE.to_owned(), json!({ "implementation": powers.program }));
        for (capability, value) in [(VACATION, json!({})), (SIEVE, sieve(&powers))] {
            of_account.insert(capability.to_owned(), value);
            primary.insert(capability.to_owned(), json!(account));
        }
    }
    let knows_people = has_any && principal::directory(session).await?.is_some();
    // Whose account it is (RFC 9670 §1.5.2).
    let owned = |owner: &Account| {
        let id = principal::id_of(&Grantee::Account(owner.clone()));
        json!({ "accountIdForPrincipal": account, "principalId": id })
    };
    if knows_people {
        here.insert(PRINCIPALS.to_owned(), json!({}));
        here.insert(SHARING.to_owned(), json!({}));
        let id = principal::id_of(&Grantee::Account(principal.account().clone()));
        of_account.insert(PRINCIPALS.to_owned(), json!({ "currentUserPrincipalId": id }));
        of_account.insert(OWNER.to_owned(), owned(principal.account()));
        of_account.insert(SHARING.to_owned(), json!({}));
        primary.insert(PRINCIPALS.to_owned(), json!(account));
        if of_account.contains_key(CALENDARS) {
            here.insert(AVAILABILITY.to_owned(), json!({}));
            of_account.insert(AVAILABILITY.to_owned(), calendars::availability());
        }
    }
    if own.has_remote_images() {
        here.insert(PICTURES.to_owned(), json!({ "url": format!("{origin}/jmap/image?url={{url}}") }));
        of_account.insert(PICTURES.to_owned(), json!({}));
        primary.insert(PICTURES.to_owned(), json!(account));
    }
    let mut accounts = Map::new();
    accounts.insert(
        account.clone(),
        json!({
            "name": name,
            "isPersonal": true,
            "isReadOnly": only_reads,
            "accountCapabilities": of_account,
        }),
    );
    for (owner, shared) in shares::owners(session).await? {
        let name = session.name_of(&owner);
        let mut capabilities = Map::new();
        if shared.has(Kept::Mail) {
            capabilities.extend([(MAIL.to_owned(), mail(false)), (BLOB.to_owned(), blobs())]);
        }
        let collections = COLLECTIONS.iter().filter(|(family, ..)| shared.has(Kept::Collections(*family)));
        capabilities.extend(collections.map(|(_, capability, of)| ((*capability).to_owned(), of(false))));
        if knows_people {
            capabilities.insert(OWNER.to_owned(), owned(&owner));
            if shared.has(Kept::Mail) {
                capabilities.insert(SHARING.to_owned(), json!({}));
            }
        }
        accounts.insert(
            id::of_account(&name),
            json!({
                "name": name,
                "isPersonal": false,
                "isReadOnly": shared.only_reads(),
                "accountCapabilities": capabilities,
            }),
        );
    }
    if let Some((id, name)) = directory::account(session).await? {
        accounts.insert(
            id,
            json!({
                "name": name,
                "isPersonal": false,
                "isReadOnly": true,
                "accountCapabilities": { CONTACTS: contacts(false) },
            }),
        );
    }
    let mut object = json!({
        "capabilities": {
            CORE: {
                "maxSizeUpload": LARGEST_UPLOAD,
                "maxConcurrentUpload": MOST_UPLOADS,
                "maxSizeRequest": LARGEST_REQUEST,
                "maxConcurrentRequests": MOST_REQUESTS,
                "maxCallsInRequest": MOST_CALLS,
                "maxObjectsInGet": MOST_GOT,
                "maxObjectsInSet": MOST_SET,
                "collationAlgorithms": ["i;unicode-casemap"],
            },
        },
        "accounts": accounts,
        "primaryAccounts": primary,
        "username": name,
        "apiUrl": format!("{origin}/jmap/api"),
        "downloadUrl": format!("{origin}/jmap/download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}"),
        "uploadUrl": format!("{origin}/jmap/upload/{{accountId}}"),
        "eventSourceUrl": format!("{origin}/jmap/eventsource?types={{types}}&closeafter={{closeafter}}&ping={{ping}}"),
        "state": state(session),
    });
    if let Some(capabilities) = object.get_mut("capabilities").and_then(Value::as_object_mut) {
        capabilities.append(&mut here);
    }
    Ok(object)
}

/// What blobs can by calls (RFC 9404 §2).
fn blobs() -> Value {
    json!({
        "maxSizeBlobSet": blobs::LARGEST,
        "maxDataSources": blobs::MOST_SOURCES,
        "supportedTypeNames": blobs::TYPES,
        "supportedDigestAlgorithms": blobs::DIGESTS,
    })
}

/// What filter scripts can here (RFC 9661 §1.3).
fn sieve(powers: &FilterPowers) -> Value {
    let notify = (!powers.notify.is_empty()).then_some(&powers.notify);
    json!({
        "maxSizeScriptName": ScriptName::LONGEST,
        "maxSizeScript": LARGEST_SCRIPT,
        "maxNumberScripts": MOST_SCRIPTS,
        "maxNumberRedirects": powers.redirects,
        "sieveExtensions": powers.extensions,
        "notificationMethods": notify,
        "externalLists": null,
    })
}

/// Whether this session can send: there is an MTA, and it was not let in to read only.
async fn sends(session: &Session) -> passerelle_core::Result<bool> {
    match session.open::<_, SendAs>(session.identity(None).await?).await {
        Ok(_) => Ok(true),
        Err(Error::Unsupported { .. } | Error::Forbidden | Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What mail can here (RFC 8621 §1.3.1). A message of IMAP lies in one mailbox: another copy of it is another message.
fn mail(is_own: bool) -> Value {
    json!({
        "maxMailboxesPerEmail": 1,
        "maxMailboxDepth": null,
        "maxSizeMailboxName": 255,
        "maxSizeAttachmentsPerEmail": LARGEST_UPLOAD,
        "emailQuerySortOptions": SORTS,
        "mayCreateTopLevelMailbox": is_own,
    })
}

/// What contacts can here (RFC 9610 §1.4.1). A card lies in one address book: another copy of it is another card.
fn contacts(is_own: bool) -> Value {
    json!({ "maxAddressBooksPerCard": 1, "mayCreateAddressBook": is_own })
}

/// Changes when the session object does, but for who shares something.
pub(crate) fn state(session: &Session) -> String {
    let object = session.principal().map(|principal| {
        let has = |tool| session.institution().is_ok_and(|it| it.tools.has(tool));
        let has = [Tool::Mail, Tool::Calendars, Tool::Contacts].map(has);
        format!("6 {} {has:?}", session.name_of(principal.account()))
    });
    u32::from_be_bytes(mark(&object.unwrap_or_default())).to_string()
}
