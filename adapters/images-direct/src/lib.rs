//! Pictures that messages show, fetched by the gateway itself: who wrote the message hears of a gateway, and not of a reader. What
//! comes is a picture by its own octets, whatever its server calls it, and never a drawing that could run.

use passerelle_core::{
    Error, ImagesFactory, Permit, Read,
    config::{Block, ConfigFault, Network},
    ports::{Fut, Health, Leg, Legs, RemoteImage, RemoteImages, Verdict},
};
use passerelle_fetch::{Bounds, Dialled, OpenClient};
use passerelle_model::AccountRef;
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How the settings name this adapter.
pub const FACTORY: ImagesFactory = ImagesFactory { kind: "direct", build };

/// Largest picture, in octets.
const LARGEST: usize = 5 * 1024 * 1024;
/// What every server is told of who asks.
const AGENT: &str = "Mozilla/5.0 (compatible; Passerelle)";
const ACCEPT: &str = "image/avif,image/webp,image/png,image/jpeg,image/gif";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default = "web_ports")]
    ports: Vec<u16>,
    #[serde(default)]
    allow_networks: Vec<Network>,
    #[serde(default)]
    refuse_networks: Vec<Network>,
    ca: Option<PathBuf>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn web_ports() -> Vec<u16> {
    vec![80, 443]
}

const fn ten_seconds() -> u64 {
    10_000
}

struct Direct {
    name: String,
    client: OpenClient,
}

fn build(block: &Block) -> Result<Arc<dyn RemoteImages>, ConfigFault> {
    let table: Table = block.parse()?;
    let bounds = Bounds {
        dialled: Dialled { allowed: table.allow_networks, refused: table.refuse_networks },
        ports: table.ports,
        hosts: Vec::new(),
        clear: true,
        largest: LARGEST,
        deadline: Duration::from_millis(table.timeout_ms),
    };
    let client = OpenClient::new(block, table.ca.as_deref(), AGENT, ACCEPT, bounds)?;
    Ok(Arc::new(Direct { name: block.name().to_owned(), client }))
}

impl RemoteImages for Direct {
    fn fetch<'a>(&'a self, _at: &'a Permit<AccountRef, Read>, address: &'a str) -> Fut<'a, RemoteImage> {
        Box::pin(async move {
            let octets = self.client.get(address).await?;
            let media_type = raster(&octets).ok_or(Error::NotFound)?;
            Ok(RemoteImage { media_type, octets })
        })
    }
}

impl Health for Direct {
    fn name(&self) -> &str {
        &self.name
    }

    fn examine(&self) -> Legs<'_> {
        // There is no server of which it could be said that it must answer.
        let what = "asks whatever public server a message names; not tried".to_owned();
        Box::pin(std::future::ready(vec![Leg { name: "pictures", verdict: Verdict::Works(what) }]))
    }
}

/// What kind of picture these octets begin (WHATWG MIME Sniffing §6.1); `None` for all else.
fn raster(octets: &[u8]) -> Option<&'static str> {
    let begins = |mark: &[u8]| octets.starts_with(mark);
    let has = |at: usize, mark: &[u8]| octets.get(at..).is_some_and(|rest| rest.starts_with(mark));
    Some(match () {
        () if begins(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if begins(b"\xff\xd8\xff") => "image/jpeg",
        () if begins(b"GIF87a") || begins(b"GIF89a") => "image/gif",
        () if begins(b"RIFF") && has(8, b"WEBPVP") => "image/webp",
        () if has(4, b"ftypavif") || has(4, b"ftypavis") => "image/avif",
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_that_cannot_run() {
        assert_eq!(raster(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(raster(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(raster(b"\0\0\0\x20ftypavif"), Some("image/avif"));
        for other in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<?xml",
            b"<html>",
            b"GIF",
            b" GIF89a",
            b"%PDF-1.4",
            b"\xff\xd8",
        ] {
            assert_eq!(raster(other), None);
        }
    }

    #[test]
    fn unknown_keys_are_faults() {
        let block = Block::from_text("x.remote_images", std::path::Path::new("x.toml"), "kinds = 1");
        assert!(build(&block).is_err());
    }
}
