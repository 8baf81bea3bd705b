//! Institutions changed while they are served: by XML-RPC, on every node, and by templates and files.

mod admin;
mod files;
mod limits;
mod nodes;
mod run_time;
mod tools;

use crate::{
    harness::{Answer, Gateway, curl},
    xmlrpc::{ADMINISTRATOR, python},
};

/// Calls as the administrator of garonne; what the script prints, line by line.
#[track_caller]
pub(crate) fn administer(gateway: &Gateway, script: &str) -> Vec<String> {
    python(gateway, ADMINISTRATOR, script).lines().map(str::to_owned).collect()
}

#[track_caller]
pub(crate) fn update(gateway: &Gateway, settings: &str) {
    administer(gateway, &format!("s.institution.update({settings})"));
}

/// What anybody sees of garonne.
#[track_caller]
pub(crate) fn look(gateway: &Gateway, path: &str) -> Answer {
    curl(gateway, "garonne.localhost", None, "GET", path, &["-H", "Accept-Language: en"])
}
