//! The methods: one table, one file for each area.

mod account;
mod grant;
mod group;
mod system;

use crate::fault::Refusal;
use dxr::Value;
use passerelle_core::{Authorized, Manage, Session};
use passerelle_model::InstitutionRef;
use std::{future::Future, pin::Pin};

/// A method's future.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send + 'a>>;

/// A method.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    /// The type of the answer, then those of the parameters (`system.methodSignature`).
    pub(crate) signatures: &'static [&'static [&'static str]],
    pub(crate) help: &'static str,
    run: for<'a> fn(&'a Session, Vec<Value>) -> Answer<'a>,
}

/// All of them.
pub(crate) const METHODS: &[Method] = &[
    Method {
        name: "account.find",
        signatures: &[&["struct", "string"], &["struct", "string", "int"]],
        help: "People of your institution whose name, login or mail contains the text (2 characters at least). Answers people (an array) and more (whether the limit cut it short). People who asked not to be listed are left out.",
        run: |session, params| Box::pin(account::find(session, params)),
    },
    Method {
        name: "account.get",
        signatures: &[&["struct", "string"]],
        help: "One person of your institution, by login: login, name, mail, mails, groups, affiliations.",
        run: |session, params| Box::pin(account::get(session, params)),
    },
    Method {
        name: "grant.list",
        signatures: &[&["array", "struct"]],
        help: "The grants on a target {owner, kind: 'file', mount, path} and above it. With {owner} alone: all that this owner has granted.",
        run: |session, params| Box::pin(grant::list(session, params)),
    },
    Method {
        name: "grant.remove",
        signatures: &[&["boolean", "struct", "struct"]],
        help: "Removes the grant of a grantee {account | group, of | institution} on a target. False when there was none.",
        run: |session, params| Box::pin(grant::remove(session, params)),
    },
    Method {
        name: "grant.set",
        signatures: &[&["boolean", "struct", "struct", "array"], &["boolean", "struct", "struct", "array", "int"]],
        help: "Gives a grantee rights (lookup, freebusy, read, add, edit, remove, manage) on a target and all below it, until a moment in seconds since 1970, or for ever.",
        run: |session, params| Box::pin(grant::set(session, params)),
    },
    Method {
        name: "group.get",
        signatures: &[&["struct", "string"]],
        help: "One group of your institution, by name: name, description, dynamic.",
        run: |session, params| Box::pin(group::get(session, params)),
    },
    Method {
        name: "group.list",
        signatures: &[&["array", "string"], &["array", "string", "int"]],
        help: "Groups of your institution whose name contains the text, sorted by name. An empty text is every group, up to the limit.",
        run: |session, params| Box::pin(group::list(session, params)),
    },
    Method {
        name: "system.listMethods",
        signatures: &[&["array"]],
        help: "The names of all methods.",
        run: |_, params| Box::pin(async move { system::list_methods(&params) }),
    },
    Method {
        name: "system.methodHelp",
        signatures: &[&["string", "string"]],
        help: "What a method does.",
        run: |_, params| Box::pin(async move { system::method_help(params) }),
    },
    Method {
        name: "system.methodSignature",
        signatures: &[&["array", "string"]],
        help: "The signatures of a method: the type of the answer, then those of the parameters.",
        run: |_, params| Box::pin(async move { system::method_signature(params) }),
    },
    Method {
        name: "system.multicall",
        signatures: &[&["array", "array"]],
        help: "Up to 100 calls {methodName, params} in one. Each answer is an array of one value, or a fault.",
        run: |session, params| Box::pin(system::multicall(session, params)),
    },
];

/// Runs a method.
pub(crate) fn dispatch<'a>(session: &'a Session, name: &str, params: Vec<Value>) -> Answer<'a> {
    match find(name) {
        Ok(method) => (method.run)(session, params),
        Err(refusal) => Box::pin(std::future::ready(Err(refusal))),
    }
}

/// A method by its name.
pub(crate) fn find(name: &str) -> Result<&'static Method, Refusal> {
    METHODS.iter().find(|method| method.name == name).ok_or(Refusal::NoMethod)
}

/// The caller's institution, to be administered.
async fn administered(session: &Session) -> Result<Authorized<InstitutionRef, Manage>, Refusal> {
    let institution = session.institution()?.id.clone();
    Ok(session.open::<_, Manage>(InstitutionRef(institution)).await?)
}
