//! The methods: one table for each area, and the one way through which every call goes.

mod account;
mod api_client;
mod app_password;
mod archive;
mod audit;
mod card;
mod exchange;
mod grant;
mod group;
mod import;
mod institution;
mod mail;
mod pages;
mod run;
mod session;
mod system;

pub(crate) use run::run;
pub(crate) use system::{MOST_CALLS, MULTICALL, multi, signatures};

use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{INSTITUTION, Param},
};
use dxr::Value;
use std::{future::Future, pin::Pin};

/// A method's future.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send + 'a>>;

/// A method.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) params: &'static [Param],
    /// The type of the answer.
    pub(crate) answer: &'static str,
    pub(crate) help: &'static str,
    pub(crate) effect: Effect,
    run: for<'a> fn(&'a Caller, Arguments) -> Answer<'a>,
}

/// The answers of several calls, in their order.
pub(crate) type Answers = Vec<Result<Value, Refusal>>;

/// The future of several calls.
pub(crate) type AnswerAll<'a> = Pin<Box<dyn Future<Output = Answers> + Send + 'a>>;

/// A method whose calls in a row of a multicall are made together.
#[derive(Debug)]
pub(crate) struct Together {
    name: &'static str,
    run: for<'a> fn(&'a Caller, Vec<Arguments>) -> AnswerAll<'a>,
}

/// What a method does beside answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Tells of the interface itself; anybody who is signed on may ask.
    Tells,
    /// Reads.
    Reads,
    /// Changes something: the trail has it, with this parameter as its target.
    Changes(&'static str),
    /// The same, and its answer holds a secret that is shown once.
    Makes(&'static str),
    /// Changes the institution itself, which is the target.
    ChangesInstitution,
    /// Changes something when this second parameter is there.
    ChangesWith(&'static str, &'static str),
}

impl Effect {
    /// The parameter that names what is changed, when anything is.
    pub(crate) fn target(self, arguments: Option<&Arguments>) -> Option<&'static str> {
        match self {
            Self::Tells | Self::Reads => None,
            Self::Changes(target) | Self::Makes(target) => Some(target),
            Self::ChangesInstitution => Some(INSTITUTION),
            Self::ChangesWith(target, with) => arguments.is_none_or(|arguments| arguments.has(with)).then_some(target),
        }
    }
}

/// The areas, in the order of the reference.
pub(crate) const AREAS: &[(&str, &[Method])] = &[
    ("account", account::METHODS),
    ("account", card::METHODS),
    ("account", import::METHODS),
    ("group", group::METHODS),
    ("grant", grant::METHODS),
    ("appPassword", app_password::METHODS),
    ("institution", institution::METHODS),
    ("mail", mail::METHODS),
    ("mail", archive::METHODS),
    ("calendar", exchange::CALENDARS),
    ("contacts", exchange::CONTACTS),
    ("session", session::METHODS),
    ("audit", audit::METHODS),
    ("apiClient", api_client::METHODS),
    ("system", system::METHODS),
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Method> {
    AREAS.iter().flat_map(|(_, methods)| methods.iter())
}

/// A method by its name.
pub(crate) fn find(name: &str) -> Result<&'static Method, Refusal> {
    all().find(|method| method.name == name).ok_or(Refusal::NoMethod)
}
