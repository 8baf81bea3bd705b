//! Viruses, by clamd (clamd(8), the commands INSTREAM and PING): a message is handed to it while it passes, in pieces, and it
//! says at the end whether it knows what is in it.

mod answer;
mod settings;
mod stream;

use passerelle_core::{
    Error, ScannerFactory,
    config::{Block, ConfigFault},
    ports::{Fut, Health, Leg, Scan, ScanFacts, ScanOf, Scanner, Verdict},
};
use settings::Clamd;
use std::{future::Future, pin::Pin, sync::Arc};

/// How the settings name this adapter.
pub const FACTORY: ScannerFactory = ScannerFactory { kind: "clamd", build };

fn build(block: &Block) -> Result<Arc<dyn Scanner>, ConfigFault> {
    Ok(Arc::new(Clamav { clamd: Clamd::read(block)? }))
}

/// One clamd.
struct Clamav {
    clamd: Clamd,
}

impl Scanner for Clamav {
    fn fields(&self) -> &'static [&'static str] {
        &[answer::STATUS]
    }

    fn reads_files(&self) -> bool {
        true
    }

    fn begin<'a>(&'a self, _of: ScanOf<'a>, _facts: &'a ScanFacts) -> Fut<'a, Box<dyn Scan>> {
        Box::pin(async move { Ok(Box::new(stream::begin(&self.clamd).await?) as Box<dyn Scan>) })
    }
}

impl Health for Clamav {
    fn name(&self) -> &str {
        &self.clamd.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async move {
            let verdict = match stream::ping(&self.clamd).await {
                Ok(version) => Verdict::Works(version),
                Err(error) => Verdict::Fails { what: error.chain(), remedy: remedy(&error) },
            };
            vec![Leg { name: "clamd", verdict }]
        })
    }
}

fn remedy(error: &Error) -> &'static str {
    match error {
        Error::Unavailable { doing, .. } if doing == stream::CONNECTING => "start clamd, or correct its address",
        _ => "look at clamd's log",
    }
}
