//! Spam, by rspamd (its HTTP protocol, `/checkv2`): a message is handed to it while it passes, as a body in chunks, and it says
//! at the end what it would do with it. Only `reject` refuses; where the institution wants marks, what it would mark is marked.

mod answer;
mod check;
mod settings;

use passerelle_core::{
    Error, ScannerFactory,
    config::{Block, ConfigFault},
    ports::{Fut, Health, Leg, Scan, ScanFacts, ScanOf, Scanner, Verdict},
};
use settings::Worker;
use std::{future::Future, pin::Pin, sync::Arc};

/// How the settings name this adapter.
pub const FACTORY: ScannerFactory = ScannerFactory { kind: "rspamd", build };

fn build(block: &Block) -> Result<Arc<dyn Scanner>, ConfigFault> {
    Ok(Arc::new(Rspamd { worker: Worker::read(block)? }))
}

/// One worker of rspamd.
struct Rspamd {
    worker: Worker,
}

impl Scanner for Rspamd {
    fn fields(&self) -> &'static [&'static str] {
        &[answer::STATUS, answer::FLAG, "X-Spam", "X-Spam-Level"]
    }

    fn begin<'a>(&'a self, of: ScanOf<'a>, facts: &'a ScanFacts) -> Fut<'a, Box<dyn Scan>> {
        let begun = check::begin(&self.worker, of, facts);
        Box::pin(async move { Ok(Box::new(begun.await?) as Box<dyn Scan>) })
    }
}

impl Health for Rspamd {
    fn name(&self) -> &str {
        &self.worker.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async move {
            let verdict = match check::ping(&self.worker).await {
                Ok(()) => Verdict::Works("it answers".to_owned()),
                Err(error) => Verdict::Fails { what: error.chain(), remedy: remedy(&error) },
            };
            vec![Leg { name: "rspamd", verdict }]
        })
    }
}

fn remedy(error: &Error) -> &'static str {
    match error {
        Error::Unavailable { doing, .. } if doing == check::CONNECTING => "start rspamd, or correct its address",
        _ => "name the port of its normal worker (11333), and see its log",
    }
}
