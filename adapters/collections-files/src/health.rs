//! Examining: the files below are examined under their own name; here is said what is kept in them.

use passerelle_core::{
    CollectionFolder,
    ports::{Leg, Verdict},
};

pub(crate) async fn examine(files: &CollectionFolder) -> Vec<Leg> {
    let legs = files.store().examine().await;
    let verdict = match legs.iter().find(|leg| matches!(leg.verdict, Verdict::Fails { .. })) {
        None => Verdict::Works(format!("{} in each tree of {}", files.path().as_str(), files.store().name())),
        Some(leg) => Verdict::Fails {
            what: format!("reach the files that they lie in: {} fails at {}", files.store().name(), leg.name),
            remedy: "mend the store of files first",
        },
    };
    vec![Leg { name: "folder", verdict }]
}
