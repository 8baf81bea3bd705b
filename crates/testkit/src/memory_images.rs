//! Pictures elsewhere, in memory: there is one.

use passerelle_core::{
    Error, Permit, Read,
    ports::{Fut, Health, Leg, RemoteImage, RemoteImages},
};
use passerelle_model::AccountRef;
use std::{
    future::{Future, ready},
    pin::Pin,
};

/// The one that there is.
pub const PICTURE: &str = "https://pictures.test/a.gif";

/// The way to it.
#[derive(Debug, Default)]
pub struct MemoryImages;

impl RemoteImages for MemoryImages {
    fn fetch<'a>(&'a self, _at: &'a Permit<AccountRef, Read>, address: &'a str) -> Fut<'a, RemoteImage> {
        let found = (address == PICTURE).then(|| RemoteImage { media_type: "image/gif", octets: "GIF89a".into() });
        Box::pin(ready(found.ok_or(Error::NotFound)))
    }
}

impl Health for MemoryImages {
    fn name(&self) -> &'static str {
        "pictures in memory"
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(ready(Vec::new()))
    }
}
