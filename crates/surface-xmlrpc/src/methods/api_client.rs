//! `apiClient.*`: programs that administer. People make and remove them; they themselves do not.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, needed, optional},
    values::{moment, structure, text, texts},
};
use dxr::Value;
use passerelle_core::{Error, ports::state::ApiClient};
use passerelle_model::{InstitutionId, InstitutionRef};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "apiClient.list",
        params: &[],
        answer: "array",
        help: "The API clients of the institution: {id, name, institutions, methods, made, until, lastUsed}.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(list(caller, arguments)),
    },
    Method {
        name: "apiClient.make",
        params: &[
            needed("name", Kind::Text, "what it is called: 1 to 64 characters"),
            needed(
                "methods",
                Kind::Texts,
                "the methods that it may call, with * for any text: account.*, group.get. setPassword and appPassword.make open people's mail and files",
            ),
            optional(
                "institutions",
                Kind::Texts,
                "further institutions that it may administer, all of which the caller administers",
            ),
            optional("until", Kind::Moment, "when it ends; left out, never"),
        ],
        answer: "struct",
        help: "Makes an API client, which calls with Authorization: Bearer and its token. It administers its institutions within its methods, and opens nobody's mail or files. Answers {id, name, institutions, methods, until, token}: the token is told this once and kept nowhere.",
        effect: Effect::Makes("name"),
        run: |caller, arguments| Box::pin(make(caller, arguments)),
    },
    Method {
        name: "apiClient.remove",
        params: &[needed("id", Kind::Text, "its id")],
        answer: "boolean",
        help: "Removes an API client, for all of its institutions. Its next call is refused. False when the institution has none of that id.",
        effect: Effect::Changes("id"),
        run: |caller, arguments| Box::pin(remove(caller, arguments)),
    },
];

async fn list(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    Ok(Value::Array(institution.clients().await?.iter().map(|client| structure(row(client))).collect()))
}

async fn make(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let mut others = Vec::new();
    for id in arguments.texts("institutions") {
        let id = InstitutionId::parse(&id).map_err(|_| Error::NotFound)?;
        others.push(caller.session.open(InstitutionRef(id)).await?);
    }
    let (name, methods, until) = (arguments.text("name"), arguments.texts("methods"), arguments.moment("until"));
    let made = institution.make_client(&others, name, &methods, until).await?;
    let token =
        made.token.expose_str().ok_or_else(|| Error::internal("making an API client", "its token is no text"))?;
    let [id, name, institutions, methods, _, until, _] = row(&made.row);
    Ok(structure([id, name, institutions, methods, until, ("token", text(token))]))
}

async fn remove(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    Ok(Value::Boolean(institution.remove_client(arguments.text("id")).await?))
}

fn row(client: &ApiClient) -> [(&'static str, Value); 7] {
    [
        ("id", text(&client.id)),
        ("name", text(&client.name)),
        ("institutions", texts(client.institutions.iter().map(InstitutionId::as_str))),
        ("methods", texts(&client.methods)),
        ("made", moment(Some(client.made))),
        ("until", moment(client.until)),
        ("lastUsed", moment(client.last_used)),
    ]
}
