//! What the store can, as its greeting says (RFC 5804 §1.7): asked for again after a while, and never with somebody's name.

use crate::{connect::connect, settings::Store};
use passerelle_core::{Result, ports::FilterPowers};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long what it said is believed.
const BELIEVED: Duration = Duration::from_secs(300);

/// What it said last, and when.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Option<(Instant, FilterPowers)>>);

impl Told {
    pub(crate) async fn ask(&self, store: &Store) -> Result<FilterPowers> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, powers)) = known
            && at.elapsed() < BELIEVED
        {
            return Ok(powers);
        }
        let (_, told) = connect(store).await?;
        let value = |name: &str| told.iter().find(|it| it.name == name).and_then(|it| it.value()).unwrap_or_default();
        let words = |name: &str| value(name).split_ascii_whitespace().map(str::to_owned).collect();
        let powers = FilterPowers {
            program: value("IMPLEMENTATION").to_owned(),
            extensions: words("SIEVE"),
            notify: words("NOTIFY"),
            redirects: value("MAXREDIRECTS").parse().ok(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), powers.clone()));
        Ok(powers)
    }
}
