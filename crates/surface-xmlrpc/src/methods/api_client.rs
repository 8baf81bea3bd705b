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
use passerelle_model::{InstitutionId, InstitutionRef, Secret};

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
            optional(
                "certificate",
                Kind::Text,
                "SHA-256 of the certificate that it shows in place of a token, in hexadecimal, as openssl x509 -fingerprint -sha256 prints it",
            ),
        ],
        answer: "struct",
        help: "Makes an API client, which calls with Authorization: Bearer and its token. It administers its institutions within its methods, and opens nobody's mail or files. Answers {id, name, institutions, methods, until, token}: the token is told this once and kept nowhere; with a certificate there is none.",
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
    let certificate = arguments.maybe_text("certificate").map(fingerprint).transpose()?;
    let made = institution.make_client(&others, name, &methods, until, certificate).await?;
    let token = made.token.as_ref().and_then(Secret::expose_str).unwrap_or_default();
    let [id, name, institutions, methods, _, until, _] = row(&made.row);
    Ok(structure([id, name, institutions, methods, until, ("token", text(token))]))
}

/// 64 hexadecimal digits, with colons between their pairs or without.
fn fingerprint(text: &str) -> Result<[u8; 32], Refusal> {
    let wrong = || Refusal::Params("certificate: 64 hexadecimal digits are meant".to_owned());
    let digits: Vec<u8> = text.bytes().filter(|octet| *octet != b':').collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    let octets = pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let octets: Option<Vec<u8>> = octets.collect();
    octets.filter(|_| rest.is_empty()).and_then(|octets| octets.try_into().ok()).ok_or_else(wrong)
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
