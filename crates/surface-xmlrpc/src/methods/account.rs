//! `account.*`: people of the directory.

use super::{
    Answers, Effect, Method, Together,
    pages::{CURSOR, LIMIT, page, place},
};
use crate::{
    arguments::{Arguments, texts_of},
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{administered, person, structure, text, whereabouts},
};
use dxr::Value;
use passerelle_core::{
    Error, Manage,
    ports::{AccountLock, Details, Field, NewAccount},
};
use passerelle_model::{AccountId, InstitutionId, InstitutionRef, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How many people are answered when nobody says.
const USUAL: usize = 50;

const LOGIN: Param = needed("login", Kind::Text, "a login of the institution, or login@domain");
const NEW_LOGIN: &str = "1 to 64 letters and digits of ASCII, dots, hyphens and underscores";
const NAME: Param = optional("name", Kind::Text, "the name to show");
const GIVEN_NAME: Param = optional("givenName", Kind::Text, "the given name");
const SURNAME: Param = optional("surname", Kind::Text, "the surname");
const MAILS: Param = optional("mails", Kind::Texts, "mail addresses, the main one first");
const PHONE: Param = optional("phone", Kind::Texts, "telephone numbers");
const LANGUAGE: Param = optional("language", Kind::Text, "the preferred language");
const AFFILIATIONS: Param =
    optional("affiliations", Kind::Texts, "what the person is to the institution: student, faculty, ...");
const ATTRIBUTES: Param = optional(
    "attributes",
    Kind::Named,
    "other attributes of the directory by their own names, as far as the settings let them be written; an empty array removes",
);
const PASSWORD: &str = "1 to 1024 octets of UTF-8 without control characters; the directory's policy may want more";

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "account.create",
        params: &[
            needed("login", Kind::Text, NEW_LOGIN),
            NAME,
            GIVEN_NAME,
            SURNAME,
            MAILS,
            optional("password", Kind::Secret, PASSWORD),
            PHONE,
            LANGUAGE,
            AFFILIATIONS,
            ATTRIBUTES,
        ],
        answer: "struct",
        help: "Makes an account in the directory. Answers {login, name}. Of two who make the same one, one gets 409; so does a login or an address that is somebody's, also that of a deleted account: its mail and files are still there. Without a password nobody signs on by password yet.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(create(caller, arguments)),
    },
    Method {
        name: "account.delete",
        params: &[LOGIN],
        answer: "struct",
        help: "Takes an account out of use: locked, out of its static groups, its app passwords withdrawn, what it has open ended on every node, and moved to the branch that the settings name. Nothing is destroyed: answers {login, data}, an array of {kind, store, place} that says where its mail and files are. account.unlock brings it back.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(delete(caller, arguments)),
    },
    Method {
        name: "account.expire",
        params: &[
            LOGIN,
            optional("when", Kind::Moment, "when the subscription ends; left out, now. The account is locked then"),
        ],
        answer: "struct",
        help: "Sets the end of an account's subscription. At that moment, or within ten minutes behind it, the account is locked. Answers {login, ends, locked}.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(expire(caller, arguments)),
    },
    Method {
        name: "account.find",
        params: &[
            needed(
                "text",
                Kind::Text,
                "what name, login or mail contains: 2 characters at least; empty is everybody, by pages only",
            ),
            LIMIT,
            CURSOR,
        ],
        answer: "struct",
        help: "People whose name, login or mail contains the text, in order of their logins. Answers {people, next, more}: next is the cursor of the next page, and empty at the end; a page may be short without being the last. People who asked not to be listed are found by a whole list only, with an empty text.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(find(caller, arguments)),
    },
    Method {
        name: "account.get",
        params: &[LOGIN],
        answer: "struct",
        help: "One account, locked and deleted ones too: {login, name, givenName, surname, mail, mails, phone, language, groups, affiliations, attributes, locked, disabled}; attributes has those that may be written.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(get(caller, arguments)),
    },
    Method {
        name: "account.lock",
        params: &[LOGIN],
        answer: "boolean",
        help: "Locks an account: nobody signs on as it, by whatever proof, and what it has open ends on every node. False when it was locked already.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(lock(caller, arguments, AccountLock::Lock)),
    },
    Method {
        name: "account.rename",
        params: &[LOGIN, needed("newLogin", Kind::Text, NEW_LOGIN)],
        answer: "struct",
        help: "Gives an account another login. Its static groups, grants, links, app passwords, locks, properties and card follow; what it has open ends. Mail and files stay where they are: answers {login, data, newData}, arrays of {kind, store, place} that say where they are and where they are looked for from now on.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(rename(caller, arguments)),
    },
    Method {
        name: "account.setPassword",
        params: &[LOGIN, needed("password", Kind::Secret, PASSWORD)],
        answer: "boolean",
        help: "Sets an account's password, by the directory's own rules for passwords. What the account has open ends; its app passwords stay.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(set_password(caller, arguments)),
    },
    Method {
        name: "account.unlock",
        params: &[LOGIN],
        answer: "boolean",
        help: "Unlocks an account, and brings a deleted one back into use. False when it was not locked.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(lock(caller, arguments, AccountLock::Unlock)),
    },
    Method {
        name: "account.update",
        params: &[LOGIN, NAME, GIVEN_NAME, SURNAME, MAILS, PHONE, LANGUAGE, AFFILIATIONS, ATTRIBUTES],
        answer: "struct",
        help: "Changes what is named; what is not named stays, and an empty text or array removes. Answers {login, name}.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(update(caller, arguments)),
    },
];

/// Portals make accounts by the thousand: those of one multicall are looked for together.
pub(super) const CREATE: Together =
    Together { name: "account.create", run: |caller, all| Box::pin(create_all(caller, all)) };

async fn create(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let lost = || Err(Error::internal("making an account", "it got no answer").into());
    create_all(caller, vec![arguments]).await.pop().unwrap_or_else(lost)
}

async fn create_all(caller: &Caller, all: Vec<Arguments>) -> Answers {
    let wanted: Vec<Result<(InstitutionId, NewAccount), Refusal>> =
        all.iter().map(|arguments| new_account(caller, arguments)).collect();
    let institutions: BTreeSet<&InstitutionId> = wanted.iter().flatten().map(|(institution, _)| institution).collect();
    let mut made = BTreeMap::new();
    for institution in institutions {
        let of_it = wanted.iter().flatten().filter(|(theirs, _)| theirs == institution);
        let of_it: Vec<&NewAccount> = of_it.map(|(_, new)| new).collect();
        let outcomes = match caller.session.open::<_, Manage>(InstitutionRef(institution.clone())).await {
            Ok(handle) => handle.create_accounts(&of_it).await,
            Err(error) => of_it.iter().map(|_| Err(error.clone())).collect(),
        };
        made.insert(institution.clone(), outcomes.into_iter());
    }
    let lost = || Err(Error::internal("making an account", "it got no answer"));
    let answer = |wanted: Result<(InstitutionId, NewAccount), Refusal>| {
        let outcome = made.get_mut(&wanted?.0).and_then(Iterator::next);
        Ok(short(&outcome.unwrap_or_else(lost)?))
    };
    wanted.into_iter().map(answer).collect()
}

fn new_account(caller: &Caller, arguments: &Arguments) -> Result<(InstitutionId, NewAccount), Refusal> {
    let institution = caller.institution(arguments)?;
    let id =
        AccountId::parse(arguments.text("login")).map_err(|_| Error::invalid(format_args!("login: {NEW_LOGIN}")))?;
    Ok((institution, NewAccount { id, details: details(arguments), password: arguments.secret("password") }))
}

async fn delete(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    let data = institution.delete_account(&id).await?;
    Ok(structure([("login", text(id.as_str())), ("data", whereabouts(&data))]))
}

async fn expire(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    institution.account(&id).await?.ok_or(Error::NotFound)?;
    let ends = arguments.moment("when");
    let card = institution.card(&id).await?;
    let (ends, locked) = match ends.filter(|ends| *ends > institution.now()) {
        Some(later) => (later, false),
        None => {
            institution.lock_account(&id, AccountLock::Lock).await?;
            (ends.unwrap_or_else(|| institution.now()), true)
        }
    };
    institution.set_card(&id, &card, &card.text, Some(ends)).await?;
    Ok(structure([("login", text(id.as_str())), ("ends", moment(ends)), ("locked", Value::Boolean(locked))]))
}

async fn find(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let (sought, limit) = (arguments.text("text"), arguments.limit("limit", USUAL)?);
    if sought.chars().count() == 1 {
        return Err(Error::invalid("a search needs at least two characters").into());
    }
    let list = format!("account.find {} {sought}", institution.target().0);
    let after = place(caller, &arguments, &list)?;
    let found = institution.people_after(sought, after.as_deref(), limit).await?;
    page(caller, &list, ("people", found.items.iter().map(person).collect()), found.next)
}

async fn get(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    let found = institution.account(&id).await?.ok_or(Error::NotFound)?;
    Ok(administered(&found, &institution.details_of(&found.person)))
}

async fn lock(caller: &Caller, arguments: Arguments, lock: AccountLock) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    Ok(Value::Boolean(institution.lock_account(&id, lock).await?))
}

async fn rename(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    let to = AccountId::parse(arguments.text("newLogin"))
        .map_err(|_| Error::invalid(format_args!("newLogin: {NEW_LOGIN}")))?;
    institution.rename_account(&id, &to).await?;
    Ok(structure([
        ("login", text(to.as_str())),
        ("data", whereabouts(&institution.whereabouts(&id))),
        ("newData", whereabouts(&institution.whereabouts(&to))),
    ]))
}

async fn set_password(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    let password = arguments.secret("password").unwrap_or_else(|| passerelle_model::Secret::new(""));
    institution.set_password(&id, &password).await?;
    Ok(Value::Boolean(true))
}

async fn update(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    let changes = details(&arguments);
    if changes.is_empty() {
        return Err(Refusal::Params("nothing is named that is to change".to_owned()));
    }
    Ok(short(&institution.change_account(&id, &changes).await?))
}

fn details(arguments: &Arguments) -> Details {
    let mut details = Details::default();
    for field in Field::ALL {
        if let Some(value) = arguments.value(field.as_str()) {
            // An empty text is no value: it removes, as an empty array does.
            let values = texts_of(value).into_iter().filter(|text| !text.is_empty()).collect();
            details.fields.insert(field, values);
        }
    }
    let others = arguments.members("attributes").into_iter().flatten();
    details.attributes = others.map(|(name, value)| (name.clone(), texts_of(value))).collect::<BTreeMap<_, _>>();
    details
}

fn short(person: &passerelle_model::Person) -> Value {
    structure([("login", text(person.account.as_str())), ("name", text(&person.display_name))])
}

fn moment(at: Timestamp) -> Value {
    crate::values::moment(Some(at))
}
