//! `appPassword.*`: what people's programs sign on with, for who administers.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{moment, structure, text},
};
use dxr::Value;
use passerelle_core::{
    Error,
    ports::state::{AppPassword, Scope},
};

const LOGIN: Param = needed("login", Kind::Text, "whose: a login of the institution, or login@domain");

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "appPassword.list",
        params: &[LOGIN],
        answer: "array",
        help: "An account's app passwords, the newest first: {id, name, scope, made, until, lastUsed}. Never what they open with.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(list(caller, arguments)),
    },
    Method {
        name: "appPassword.make",
        params: &[
            LOGIN,
            needed("name", Kind::Text, "what it is called: 1 to 64 characters"),
            optional(
                "scope",
                Kind::Text,
                "all, mail or files, or to read only all-reading, mail-reading or files-reading; all when left out",
            ),
            optional("until", Kind::Moment, "when it ends; left out, never"),
        ],
        answer: "struct",
        help: "Makes an app password for an account. Answers {id, name, scope, until, password}: the password is told this once and kept nowhere.",
        effect: Effect::Makes("login"),
        run: |caller, arguments| Box::pin(make(caller, arguments)),
    },
    Method {
        name: "appPassword.remove",
        params: &[LOGIN, needed("id", Kind::Text, "its id")],
        answer: "boolean",
        help: "Withdraws an app password, and ends what it has open on every node. False when the account has none of that id.",
        effect: Effect::Changes("login"),
        run: |caller, arguments| Box::pin(remove(caller, arguments)),
    },
];

async fn list(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    Ok(Value::Array(institution.app_passwords_of(&id).await?.iter().map(row).collect()))
}

async fn make(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    let scope = match arguments.maybe_text("scope") {
        None => Scope::All,
        Some(word) => {
            let all = || Scope::ALL.map(Scope::as_str).join(", ");
            Scope::parse(word).ok_or_else(|| Refusal::Params(format!("scope: one of {} is meant", all())))?
        }
    };
    let made = institution.make_app_password_for(&id, arguments.text("name"), scope, arguments.moment("until")).await?;
    let shown = made.text.expose_str().ok_or_else(|| Error::internal("making an app password", "it is no text"))?;
    Ok(structure([
        ("id", text(&made.row.id)),
        ("name", text(&made.row.name)),
        ("scope", text(made.row.scope.as_str())),
        ("until", moment(made.row.until)),
        ("password", text(shown)),
    ]))
}

async fn remove(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "login").await?;
    Ok(Value::Boolean(institution.remove_app_password_of(&id, arguments.text("id")).await?))
}

fn row(row: &AppPassword) -> Value {
    structure([
        ("id", text(&row.id)),
        ("name", text(&row.name)),
        ("scope", text(row.scope.as_str())),
        ("made", moment(Some(row.made))),
        ("until", moment(row.until)),
        ("lastUsed", moment(row.last_used)),
    ])
}
