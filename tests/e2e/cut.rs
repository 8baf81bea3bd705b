//! A way from the gateway to the real store that breaks at a chosen moment.

use crate::harness::campus;
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    path::Path,
    thread,
};

/// When a connection to the store is cut.
#[derive(Clone, Copy)]
pub enum When {
    /// As soon as the gateway says this.
    Asked(&'static str),
    /// After so many octets of the store.
    Told(usize),
}

/// A way to the store that breaks; the port to reach it by.
pub fn between(when: When) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let here = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let store =
                TcpStream::connect((Ipv4Addr::LOCALHOST, campus("CAMPUS_IMAP_A").parse::<u16>().unwrap())).unwrap();
            let (asking, telling) = match when {
                When::Asked(words) => (Some(words), usize::MAX),
                When::Told(octets) => (None, octets),
            };
            pass(client.try_clone().unwrap(), store.try_clone().unwrap(), asking, usize::MAX);
            pass(store, client, None, telling);
        }
    });
    here
}

/// Passes octets one way until the end, these words, or so many of them; then both ways are cut.
fn pass(mut from: TcpStream, mut to: TcpStream, words: Option<&'static str>, mut left: usize) {
    thread::spawn(move || {
        let (mut piece, mut said) = (vec![0; 64 * 1024], Vec::new());
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let length = length.min(left);
            left -= length;
            if let Some(words) = words {
                said.extend_from_slice(&piece[..length]);
                if String::from_utf8_lossy(&said).contains(words) {
                    break;
                }
            }
            if to.write_all(&piece[..length]).is_err() || left == 0 {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}

/// Leads the gateway to the store another way, in clear.
pub fn by(config: &Path, port: u16) {
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace(&format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A")), &format!("127.0.0.1:{port}"));
    fs::write(&file, text.replace("tls = \"starttls\"", "tls = \"none\"\ntimeout_ms = 2000")).unwrap();
}
