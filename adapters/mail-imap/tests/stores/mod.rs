//! The campus's stores as the adapter opens them, whole or with some of what they can hidden.

#![allow(dead_code, reason = "each test program uses some of it")]

use passerelle_core::{config::Block, ports::MailStore};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
};

pub(crate) fn campus(name: &str) -> String {
    let folder = std::env::var("PASSERELLE_TEST_CAMPUS")
        .unwrap_or_else(|_| panic!("PASSERELLE_TEST_CAMPUS must name the folder of a campus that runs"));
    let env = std::fs::read_to_string(PathBuf::from(folder).join("env")).unwrap();
    let line = env.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("the campus's env has no {name}")).trim_matches('\'').to_owned()
}

pub(crate) fn store(port: &str, more: &str) -> Arc<dyn MailStore> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("master"), "gw-secret").unwrap();
    let text = format!(
        "address = '127.0.0.1:{}'\nca = '{}'\n{more}\n[master]\nuser = 'gateway'\npassword = {{ file = 'master' }}\n",
        campus(port),
        campus("CAMPUS_CA")
    );
    let (text, separator) =
        text.split_once("#sep").map_or((text.clone(), ""), |(a, b)| (format!("{a}{b}"), "separator = '*'"));
    let block = Block::from_text("x.mail", &folder.path().join("institution.toml"), &format!("{text}{separator}\n"));
    (passerelle_mail_imap::FACTORY.build)(&block).unwrap()
}

pub(crate) fn a() -> Arc<dyn MailStore> {
    store("CAMPUS_IMAP_A", "tls = 'starttls'")
}

pub(crate) fn b() -> Arc<dyn MailStore> {
    store("CAMPUS_IMAPS_B", "tls = 'implicit'#sep")
}

/// Cyrus, whose messages are of the test's own making.
pub(crate) fn cyrus() -> Arc<dyn MailStore> {
    store("CAMPUS_CYRUS_IMAP", "tls = 'none'")
}

/// The same store without some of its capabilities, as older ones are: they are taken out of what it announces after log-in, and
/// nothing else is altered.
pub(crate) fn without(port: &str, hidden: &'static [&'static str]) -> Arc<dyn MailStore> {
    let real: u16 = campus(port).parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", real)).unwrap();
            let (mut to_server, mut from_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || {
                let _ = std::io::copy(&mut from_client, &mut to_server);
                let _ = to_server.shutdown(Shutdown::Write);
            });
            thread::spawn(move || {
                let mut to_client = client;
                let mut reader = BufReader::new(server);
                let mut line = String::new();
                // The answer to log-in is the first line that has a tag.
                while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
                    let is_answer = !line.starts_with("* ") && !line.starts_with('+');
                    let kept: Vec<&str> = line.trim_end().split(' ').filter(|it| !hidden.contains(it)).collect();
                    if to_client.write_all(format!("{}\r\n", kept.join(" ")).as_bytes()).is_err() {
                        return;
                    }
                    line.clear();
                    if is_answer {
                        break;
                    }
                }
                let mut piece = [0; 16 * 1024];
                while let Ok(length @ 1..) = reader.read(&mut piece) {
                    if to_client.write_all(&piece[..length]).is_err() {
                        break;
                    }
                }
                let _ = to_client.shutdown(Shutdown::Both);
            });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("master"), "gw-secret").unwrap();
    let text =
        format!("address = '{address}'\ntls = 'none'\n[master]\nuser = 'gateway'\npassword = {{ file = 'master' }}\n");
    let block = Block::from_text("x.mail", &folder.path().join("institution.toml"), &text);
    (passerelle_mail_imap::FACTORY.build)(&block).unwrap()
}
