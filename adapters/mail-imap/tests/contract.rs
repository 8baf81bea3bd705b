//! The contract of the typed mail store on the campus's stores, whole and as older ones are. Each test has a person of its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod stores;

use passerelle_core::ports::MailStore;
use passerelle_testkit::mail_contract::{
    append::keeps_whole_messages_or_none,
    changing::{Tells, copies_and_moves, tells_changes},
    finding::{finds_what_is_sought, shows_what_messages_say, tells_parts},
    tree::makes_and_moves_mailboxes,
    watching::tells_what_happens,
};
use std::sync::Arc;
use stores::{a, b, cyrus, without};

async fn all(store: impl Fn() -> Arc<dyn MailStore>, login: &str, kind: &str, tells: Tells) {
    makes_and_moves_mailboxes(store(), login, &format!("{kind} tree")).await;
    keeps_whole_messages_or_none(store(), login, &format!("{kind} append")).await;
    finds_what_is_sought(store(), login, &format!("{kind} find")).await;
    shows_what_messages_say(store(), login, &format!("{kind} show")).await;
    tells_parts(store(), login, &format!("{kind} parts")).await;
    copies_and_moves(store(), login, &format!("{kind} copy")).await;
    tells_changes(store(), login, &format!("{kind} changes"), tells).await;
    tells_what_happens(store(), login, &format!("{kind} watch")).await;
}

#[tokio::test]
async fn campus_a_maildir_keeps_the_contract() {
    all(a, "u00009", "whole", Tells::Everything).await;
}

#[tokio::test]
async fn campus_an_mdbox_keeps_the_contract() {
    all(b, "u00009", "whole", Tells::Everything).await;
}

#[tokio::test]
async fn campus_a_cyrus_keeps_the_contract() {
    all(cyrus, "u00009", "whole", Tells::Everything).await;
}

/// What no store of the last twenty years lacks all of.
const OLD: &[&str] = &[
    "SORT",
    "SORT=DISPLAY",
    "THREAD=REFERENCES",
    "THREAD=REFS",
    "THREAD=ORDEREDSUBJECT",
    "ESEARCH",
    "ESORT",
    "CONTEXT=SEARCH",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "CONDSTORE",
    "QRESYNC",
    "MOVE",
    "LITERAL+",
    "PREVIEW",
    "OBJECTID",
    "NAMESPACE",
    "ENABLE",
    "SNIPPET=FUZZY",
    "UNSELECT",
];

#[tokio::test]
async fn campus_an_old_maildir_keeps_the_contract() {
    all(|| without("CAMPUS_IMAP_A", OLD), "u00007", "old", Tells::Additions).await;
}

#[tokio::test]
async fn campus_an_old_cyrus_keeps_the_contract() {
    all(|| without("CAMPUS_CYRUS_IMAP", OLD), "u00007", "old", Tells::Additions).await;
}

/// Counts changes, forgets removals; threads by the names that the store gives them.
const FORGETFUL: &[&str] = &["QRESYNC", "SORT", "THREAD=REFERENCES", "THREAD=REFS"];

#[tokio::test]
async fn campus_a_forgetful_maildir_keeps_the_contract() {
    all(|| without("CAMPUS_IMAP_B", FORGETFUL), "u00006", "forgetful", Tells::NoRemovals).await;
}

#[tokio::test]
async fn campus_a_forgetful_cyrus_keeps_the_contract() {
    all(|| without("CAMPUS_CYRUS_IMAP", FORGETFUL), "u00006", "forgetful", Tells::NoRemovals).await;
}
