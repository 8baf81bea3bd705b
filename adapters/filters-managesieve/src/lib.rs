//! Filter scripts in a store that speaks ManageSieve (RFC 5804): the relay's way in.
//!
//! The gateway logs in as the person with a master log-in (SASL PLAIN with an authorization identity, or `login*master`), or
//! with the person's own password, as the IMAP store is reached. A login that contains the master's separator never gets
//! there.

mod connect;
mod login;
mod powers;
mod scripts;
mod settings;

use connect::connect;
use passerelle_core::{
    Edit, Error, FiltersFactory, Permit, Read,
    config::{Block, ConfigFault},
    ports::{
        ClientFacts, FilterConnection, FilterPowers, FilterRelay, FilterScript, Filters, Fut, Health, Leg, Legs,
        ScriptName, Verdict,
    },
};
use passerelle_model::AccountRef;
use powers::Told;
use settings::Store;
use std::sync::Arc;

/// How the settings name this adapter.
pub const FACTORY: FiltersFactory = FiltersFactory { kind: "managesieve", build };

fn build(block: &Block) -> Result<Arc<dyn Filters>, ConfigFault> {
    Ok(Arc::new(ManageSieve { store: Store::read(block)?, told: Told::default() }))
}

/// One store of scripts.
struct ManageSieve {
    store: Store,
    /// What it said last that it can.
    told: Told,
}

impl Filters for ManageSieve {
    fn list<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, Vec<FilterScript>> {
        Box::pin(scripts::list(&self.store, at))
    }

    fn read<'a>(&'a self, at: &'a Permit<AccountRef, Read>, name: &'a ScriptName) -> Fut<'a, Vec<u8>> {
        Box::pin(scripts::read(&self.store, at, name))
    }

    fn read_all<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, Vec<(FilterScript, Vec<u8>)>> {
        Box::pin(scripts::read_all(&self.store, at))
    }

    fn check<'a>(&'a self, at: &'a Permit<AccountRef, Read>, script: &'a [u8]) -> Fut<'a, ()> {
        Box::pin(scripts::check(&self.store, at, script))
    }

    fn powers(&self) -> Fut<'_, FilterPowers> {
        Box::pin(self.told.ask(&self.store))
    }

    fn put<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: &'a ScriptName, script: &'a [u8]) -> Fut<'a, ()> {
        Box::pin(scripts::put(&self.store, at, name, script))
    }

    fn activate<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: Option<&'a ScriptName>) -> Fut<'a, ()> {
        Box::pin(scripts::activate(&self.store, at, name))
    }

    fn remove<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: &'a ScriptName) -> Fut<'a, ()> {
        Box::pin(scripts::remove(&self.store, at, name))
    }

    fn examine_as<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Legs<'a> {
        Box::pin(async move {
            let owner = &at.target().0;
            let verdict = match scripts::list(&self.store, at).await {
                Ok(_) => Verdict::Works(format!("as {}", owner.id)),
                Err(Error::Unsupported { .. }) => {
                    Verdict::Works("opened with each person's own password; not tried".to_owned())
                }
                Err(error) => Verdict::Fails {
                    what: error.chain(),
                    remedy: "correct [filters.master]; the store must take this log-in for everybody, see its log",
                },
            };
            vec![Leg { name: "login", verdict }]
        })
    }

    fn as_filter_relay(&self) -> Option<&dyn FilterRelay> {
        Some(self)
    }
}

impl FilterRelay for ManageSieve {
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, _client: &'a ClientFacts) -> Fut<'a, FilterConnection> {
        Box::pin(async move {
            let wire = login::log_in(&self.store, &at.target().0, at.actor(), at.delegation()).await?;
            let (deadline, name) = (self.store.deadline, self.store.name.clone());
            Ok(FilterConnection { stream: wire.stream, early: wire.early, deadline, name })
        })
    }
}

impl Health for ManageSieve {
    fn name(&self) -> &str {
        &self.store.name
    }

    fn examine(&self) -> Legs<'_> {
        Box::pin(async move {
            match connect(&self.store).await {
                Ok((_, told)) => {
                    let value = |name: &str| told.iter().find(|it| it.name == name)?.value();
                    let (program, can) = (value("IMPLEMENTATION"), value("SIEVE"));
                    let what = format!(
                        "{} is {}, with {} extensions of Sieve",
                        self.store.address,
                        program.unwrap_or("a server without a name"),
                        can.unwrap_or_default().split_ascii_whitespace().count()
                    );
                    vec![Leg { name: "managesieve", verdict: Verdict::Works(what) }]
                }
                Err(error) => {
                    let (name, remedy) = match &error {
                        Error::Unavailable { doing, .. } if doing.contains("TLS") => {
                            ("tls", "check tls, server_name and ca of these filters against the store's certificate")
                        }
                        _ => ("tcp", "start the ManageSieve server, or correct the address in [filters]"),
                    };
                    vec![Leg { name, verdict: Verdict::Fails { what: error.chain(), remedy } }]
                }
            }
        })
    }
}
