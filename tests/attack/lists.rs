//! Every operation of every surface is in an attack table, or in `tests/lists/unguarded.txt` with a reason.

use crate::{Site, collections, dav, ftp, fuse, imap, jmap, lmtp, pop3, portal, sieve, smtp, sso, web, xmlrpc};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// How many lines the list may have. Make it smaller with the list, never larger: a new operation belongs in a table.
const MOST_UNGUARDED: usize = 9;

/// What a surface can do, and what of it is attacked.
struct Surface {
    operations: BTreeSet<String>,
    attacked: BTreeSet<String>,
}

async fn surfaces() -> BTreeMap<&'static str, Surface> {
    let site = Site::start().await;
    let surface = |operations, attacked| Surface { operations, attacked };
    BTreeMap::from([
        ("dav", surface(dav::operations(&site).await, &dav::attacked() | &collections::attacked())),
        ("ftp", surface(ftp::operations(), ftp::attacked())),
        ("fuse", surface(fuse::operations(), fuse::attacked())),
        ("imap", surface(imap::operations(&site).await, imap::attacked())),
        ("jmap", surface(jmap::operations(), jmap::attacked())),
        ("lmtp", surface(lmtp::operations(&site).await, lmtp::attacked())),
        ("pop3", surface(pop3::operations(), pop3::attacked())),
        ("portal", surface(portal::operations(), portal::attacked())),
        ("sieve", surface(sieve::operations(&site).await, sieve::attacked())),
        ("smtp", surface(smtp::operations(&site).await, smtp::attacked())),
        ("sso", surface(sso::operations(), sso::attacked())),
        ("web", surface(web::operations(), web::attacked())),
        ("xmlrpc", surface(xmlrpc::operations(&site).await, xmlrpc::attacked())),
    ])
}

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The list: surface and operation, with the reason.
fn unguarded() -> BTreeMap<(String, String), String> {
    let mut list = BTreeMap::new();
    for line in text("lists/unguarded.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (operation, reason) = line.split_once(" -- ").unwrap_or_else(|| panic!("no reason: {line}"));
        let (surface, operation) = operation.trim().split_once(' ').unwrap_or_else(|| panic!("no operation: {line}"));
        assert!(reason.len() > 10, "a reason is a sentence: {line}");
        let known = list.insert((surface.to_owned(), operation.trim().to_owned()), reason.to_owned());
        assert!(known.is_none(), "twice: {line}");
    }
    list
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_attacked_or_listed_with_a_reason() {
    let (surfaces, list) = (surfaces().await, unguarded());
    let mut wrong = Vec::new();
    for (name, Surface { operations, attacked }) in &surfaces {
        assert!(!operations.is_empty(), "{name} says nothing of what it can do");
        for operation in operations {
            let listed = list.contains_key(&((*name).to_owned(), operation.clone()));
            match (attacked.contains(operation), listed) {
                (false, false) => {
                    wrong.push(format!("{name} {operation}: add it to the table of tests/attack/{name}.rs"));
                }
                (true, true) => wrong.push(format!("{name} {operation}: it is attacked; take it off the list")),
                (true, false) | (false, true) => {}
            }
        }
        for gone in attacked.difference(operations) {
            wrong.push(format!("{name} {gone}: the table attacks what is not there"));
        }
    }
    for (surface, operation) in list.keys() {
        if !surfaces.get(surface.as_str()).is_some_and(|it| it.operations.contains(operation)) {
            wrong.push(format!("{surface} {operation}: the list names what is not there"));
        }
    }
    if list.len() > MOST_UNGUARDED {
        wrong.push(format!("the list has {} lines and may only shrink from {MOST_UNGUARDED}", list.len()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A new surface has no table yet: the registry of the gateway names it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_surface_of_the_registry_has_a_table() {
    let registry = text("../crates/gateway/src/registry.rs");
    let named: BTreeSet<&str> =
        registry.split("passerelle_surface_").skip(1).filter_map(|rest| rest.split("::").next()).collect();
    let tables = surfaces().await;
    let known: BTreeSet<&str> = tables.keys().copied().collect();
    assert_eq!(named, known, "write a table in tests/attack for each surface");
}
