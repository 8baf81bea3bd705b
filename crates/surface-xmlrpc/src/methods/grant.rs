//! `grant.*`: who may do what on the institution's people's files and mail, and who may send mail in their names.

use super::{Effect, Method};
use crate::{
    arguments::{Arguments, texts_of},
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{grantee, grantee_value, moment, rights, structure, target, text, texts},
};
use dxr::Value;
use passerelle_core::{Error, Session, ports::state::Granted};
use passerelle_model::{Account, Grant};

const OWNER: Param = needed("owner", Kind::Text, "whose: a login, or login@domain");
const KIND: Param = optional(
    "kind",
    Kind::Text,
    "file, mailbox, calendar, addressbook, or account for sending mail in the owner's name; file when left out",
);
const MOUNT: Param = optional("mount", Kind::Text, "which file tree; the owner's when left out: home, or the space");
const PATH: Param = optional(
    "path",
    Kind::Text,
    "the place in it, or the mailbox, with / between levels, or the name of the calendar or address book; empty is all of it",
);
const TARGET: Param = needed("target", Kind::Members(&[OWNER, KIND, MOUNT, PATH]), "on what; it holds for all below");
const GRANTEE: Param = needed(
    "grantee",
    Kind::Members(&[
        optional("account", Kind::Text, "a login, or login@domain"),
        optional("group", Kind::Text, "a group"),
        optional("of", Kind::Text, "the group's institution, where it is another"),
        optional("institution", Kind::Text, "everybody of the owner's institution, by its id"),
    ]),
    "to whom: one of account, group, institution",
);

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "grant.list",
        params: &[OWNER, KIND, MOUNT, PATH],
        answer: "array",
        help: "The grants on a place and above it: {owner, kind, mount, path, to, rights, until}. With an owner alone: all that this owner has granted.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(list(caller, arguments)),
    },
    Method {
        name: "grant.remove",
        params: &[TARGET, GRANTEE],
        answer: "boolean",
        help: "Takes a grant back. False when there was none.",
        effect: Effect::Changes("target"),
        run: |caller, arguments| Box::pin(remove(caller, arguments)),
    },
    Method {
        name: "grant.set",
        params: &[
            TARGET,
            GRANTEE,
            needed(
                "rights",
                Kind::Texts,
                "of lookup, freebusy, read, add, edit, remove, manage; on an account send-as alone",
            ),
            optional("until", Kind::Moment, "when it ends; left out, never"),
        ],
        answer: "boolean",
        help: "Gives somebody rights on a file, folder or mailbox that is there, and on all below it, or the right to send mail as an account. The grant before, if any, is replaced.",
        effect: Effect::Changes("target"),
        run: |caller, arguments| Box::pin(set(caller, arguments)),
    },
];

async fn list(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.account(&arguments, "owner").await?;
    let owner = Account { institution: institution.target().0.clone(), id };
    let whole = !["kind", "mount", "path"].iter().any(|name| arguments.has(name));
    let granted = if whole {
        institution.granted_by(&owner).await?
    } else {
        let part = |name: &str| arguments.maybe_text(name);
        institution.grants_on(&target(owner, part("kind"), part("mount"), part("path"))?).await?
    };
    Ok(Value::Array(granted.iter().map(|granted| row(&caller.session, granted)).collect()))
}

async fn set(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, place) = placed(caller, &arguments).await?;
    let members = arguments.members("grantee").ok_or(Error::NotFound)?;
    let to = grantee(&caller.session, &institution.target().0, members)?;
    let words = arguments.value("rights").map(texts_of).unwrap_or_default();
    let rights = rights(&words)?;
    if rights.is_empty() {
        return Err(Refusal::Params("rights: none is named; use grant.remove to take a grant back".to_owned()));
    }
    institution.set_grant(&place, &Grant { to, rights, until: arguments.moment("until") }).await?;
    Ok(Value::Boolean(true))
}

async fn remove(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, place) = placed(caller, &arguments).await?;
    let members = arguments.members("grantee").ok_or(Error::NotFound)?;
    let to = grantee(&caller.session, &institution.target().0, members)?;
    Ok(Value::Boolean(institution.remove_grant(&place, &to).await?))
}

type Placed =
    (passerelle_core::Authorized<passerelle_model::InstitutionRef, passerelle_core::Manage>, passerelle_model::Target);

/// The place that a call's target names, and the handle on its owner's institution.
async fn placed(caller: &Caller, arguments: &Arguments) -> Result<Placed, Refusal> {
    let members = arguments.members("target").ok_or(Error::NotFound)?;
    let part = |name: &str| members.get(name).and_then(crate::arguments::text_of);
    let owner = arguments.with_text("owner", part("owner").unwrap_or_default());
    let (institution, id) = caller.account(&owner, "owner").await?;
    let owner = Account { institution: institution.target().0.clone(), id };
    Ok((institution, target(owner, part("kind"), part("mount"), part("path"))?))
}

fn row(session: &Session, Granted { target, grant }: &Granted) -> Value {
    let owner = target.owner.as_ref().map(|id| Account { institution: target.institution.clone(), id: id.clone() });
    structure([
        ("owner", text(owner.map(|owner| session.name_of(&owner)).unwrap_or_default())),
        ("kind", text(target.kind.as_str())),
        ("mount", text(&target.tree)),
        ("path", text(&target.path)),
        ("to", grantee_value(session, &grant.to)),
        ("rights", texts(grant.rights.names())),
        ("until", moment(grant.until)),
    ])
}
