//! Thousands of random operations by two people on one tree, each answered as a model of the tree predicts, and at the end the
//! tree is the model's: on each kind of store.

use crate::{
    far_files::{self, Kind},
    harness::{Gateway, State},
    sharing::grants,
    smb,
    submission::base64,
};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
};

/// How many operations each store gets.
const OPERATIONS: u32 = 5_000;

/// What there is: a file's content, or a folder.
type Tree = BTreeMap<String, Option<String>>;

/// xorshift64*: the same operations in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most
    }

    /// Few names, so that operations meet; some of them hard.
    fn path(&mut self) -> String {
        const NAMES: [&str; 5] = ["a", "b", "é t", "c%&#", "日本"];
        let deep = 1 + self.below(3);
        let names: Vec<&str> = (0..deep).map(|_| NAMES[usize::try_from(self.below(5)).unwrap()]).collect();
        names.join("/")
    }
}

/// A connection that stays open.
struct Client {
    stream: BufReader<TcpStream>,
    authorization: String,
    host: &'static str,
    base: String,
}

impl Client {
    fn new(gateway: &Gateway, host: &'static str, login: &str, base: &str) -> Self {
        let uid = login.split('@').next().unwrap();
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, gateway.http)).unwrap();
        stream.set_nodelay(true).unwrap();
        let authorization = base64(&format!("{login}:pw-{uid}"));
        Self { stream: BufReader::new(stream), authorization, host, base: base.to_owned() }
    }

    fn url(&self, path: &str) -> String {
        let mut url = self.base.clone();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            url.push('/');
            for octet in name.bytes() {
                if octet.is_ascii_alphanumeric() { url.push(octet.into()) } else { url += &format!("%{octet:02X}") }
            }
        }
        url
    }

    /// The status and the body.
    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let (url, host, authorization) = (self.url(path), self.host, &self.authorization);
        let request = format!(
            "{method} {url} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {authorization}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let line = self.line();
        let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no status: {line}")).parse().unwrap();
        let (mut length, mut chunked) = (0, false);
        loop {
            let header = self.line().to_ascii_lowercase();
            match header.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("transfer-encoding", _)) => chunked = true,
                Some(_) => {}
            }
        }
        let mut octets = Vec::new();
        while chunked {
            let size = usize::from_str_radix(&self.line(), 16).unwrap();
            let from = octets.len();
            octets.resize(from + size, 0);
            self.stream.read_exact(&mut octets[from..]).unwrap();
            self.line();
            chunked = size > 0;
        }
        let from = octets.len();
        octets.resize(from + length, 0);
        self.stream.read_exact(&mut octets[from..]).unwrap();
        (status, String::from_utf8(octets).unwrap())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// All that is below, as the listings and the files say.
    fn tree(&mut self) -> Tree {
        let (mut tree, mut folders) = (Tree::new(), vec![String::new()]);
        while let Some(folder) = folders.pop() {
            let (status, listing) = self.ask("PROPFIND", &folder, "Depth: 1\r\n", "");
            assert_eq!(status, 207, "{folder}: {listing}");
            for part in listing.split("<D:response><D:href>").skip(2) {
                let href = part.split_once("</D:href>").unwrap().0;
                let path = decoded(href.strip_prefix(&self.base).unwrap()).trim_matches('/').to_owned();
                if part.contains("<D:collection/>") {
                    tree.insert(path.clone(), None);
                    folders.push(path);
                } else {
                    tree.insert(path.clone(), Some(self.ask("GET", &path, "", "").1));
                }
            }
        }
        tree
    }
}

fn decoded(text: &str) -> String {
    let (mut octets, mut rest) = (Vec::new(), text.bytes());
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).unwrap()
}

/// The folder that a thing is in, when that is there.
fn has_parent(tree: &Tree, path: &str) -> bool {
    match path.rsplit_once('/') {
        None => true,
        Some((parent, _)) => tree.get(parent) == Some(&None),
    }
}

fn is_within(path: &str, of: &str) -> bool {
    path == of || path.starts_with(&format!("{of}/"))
}

fn put(tree: &mut Tree, path: &str, content: &str) -> u16 {
    match tree.get(path) {
        Some(None) => 405,
        _ if !has_parent(tree, path) => 409,
        before => {
            let status = if before.is_some() { 204 } else { 201 };
            tree.insert(path.to_owned(), Some(content.to_owned()));
            status
        }
    }
}

fn make_folder(tree: &mut Tree, path: &str) -> u16 {
    match tree.get(path) {
        Some(_) => 405,
        None if !has_parent(tree, path) => 409,
        None => {
            tree.insert(path.to_owned(), None);
            201
        }
    }
}

fn remove(tree: &mut Tree, path: &str) -> u16 {
    let there = tree.contains_key(path);
    tree.retain(|other, _| !is_within(other, path));
    if there { 204 } else { 404 }
}

fn transfer(tree: &mut Tree, from: &str, to: &str, moves: bool, overwrite: bool) -> u16 {
    let there = tree.contains_key(to);
    match () {
        () if !tree.contains_key(from) => 404,
        () if is_within(to, from) || is_within(from, to) => 403,
        () if there && !overwrite => 412,
        () if !has_parent(tree, to) => 409,
        () => {
            tree.retain(|other, _| !is_within(other, to));
            let carried: Vec<(String, Option<String>)> = tree
                .iter()
                .filter(|(path, _)| is_within(path, from))
                .map(|(path, content)| (format!("{to}{}", &path[from.len()..]), content.clone()))
                .collect();
            if moves {
                tree.retain(|other, _| !is_within(other, from));
            }
            tree.extend(carried);
            if there { 204 } else { 201 }
        }
    }
}

/// One operation by one of the two; what it was, what came and what the model says.
fn step(clients: &mut [Client], tree: &mut Tree, chance: &mut Chance, number: u32) {
    let client = &mut clients[usize::try_from(chance.below(2)).unwrap()];
    let (path, what) = (chance.path(), chance.below(100));
    let (told, came, expected) = match what {
        0..35 => {
            // Now and then one that does not fit into a buffer.
            let content = format!("{number} ").repeat(if what == 0 { 20_000 } else { 3 });
            let came = client.ask("PUT", &path, "", &content).0;
            (format!("PUT {path}"), came, put(tree, &path, &content))
        }
        35..55 => (format!("MKCOL {path}"), client.ask("MKCOL", &path, "", "").0, make_folder(tree, &path)),
        55..65 => (format!("DELETE {path}"), client.ask("DELETE", &path, "", "").0, remove(tree, &path)),
        65..90 => {
            let (to, moves, overwrite) = (chance.path(), chance.below(2) == 0, chance.below(3) > 0);
            let method = if moves { "MOVE" } else { "COPY" };
            let flag = if overwrite { "T" } else { "F" };
            let headers = format!("Destination: {}\r\nOverwrite: {flag}\r\n", client.url(&to));
            let came = client.ask(method, &path, &headers, "").0;
            (format!("{method} {path} to {to}, {flag}"), came, transfer(tree, &path, &to, moves, overwrite))
        }
        _ => {
            let (came, body) = client.ask("GET", &path, "", "");
            let expected = match tree.get(&path) {
                None => 404,
                Some(None) => 405,
                Some(Some(content)) => {
                    assert_eq!(&body, content, "{number}: GET {path}");
                    200
                }
            };
            (format!("GET {path}"), came, expected)
        }
    };
    assert_eq!(came, expected, "{number}: {told}, in {:?}", tree.keys().collect::<Vec<_>>());
}

/// Two people, of whom one owns the tree and the other was let in, at `base` and whatever is there.
pub fn agrees(gateway: &Gateway, host: &'static str, owner: &str, other: &str, folder: &str) {
    let base = format!("/dav/files/{owner}/{folder}");
    let mut clients = [Client::new(gateway, host, owner, &base), Client::new(gateway, host, other, &base)];
    assert_eq!(clients[0].ask("MKCOL", "", "", "").0, 201);
    let give = format!(
        "s.grant.set({{'owner': '{}', 'path': '{folder}'}}, {{'account': '{}'}}, ['edit', 'add', 'remove'])",
        owner.split('@').next().unwrap(),
        other.split('@').next().unwrap()
    );
    let domain = owner.split('@').nth(1).unwrap();
    grants(gateway, &format!("u00001@{domain}:pw-u00001"), &give);
    let (mut tree, mut chance) = (Tree::new(), Chance(0x0005_EED0_FA11));
    for number in 0..OPERATIONS {
        step(&mut clients, &mut tree, &mut chance, number);
    }
    for client in &mut clients {
        let found = client.tree();
        assert!(!found.is_empty() && found == tree, "{:?}\n{:?}", found.keys(), tree.keys());
    }
}

#[test]
fn a_local_folder_ends_as_the_model() {
    let gateway = Gateway::start("model-local");
    agrees(&gateway, "garonne.localhost", "u00003@a.test", "u00004@a.test", "model");
}

#[test]
fn a_share_on_samba_ends_as_the_model() {
    let gateway = Gateway::start_with("model-smb", &State::Sqlite, |config| smb::on_samba(config, &smb::as_service()));
    agrees(&gateway, "centre.localhost", "u00003@c.test", "u00004@c.test", "model");
}

/// A store on another server.
fn far(kind: Kind, name: &str) {
    let gateway = far_files::gateway(name, &kind.as_service(&kind.tree("model")));
    agrees(&gateway, "centre.localhost", "u00003@c.test", "u00004@c.test", "model");
}

#[test]
fn a_webdav_server_ends_as_the_model() {
    far(Kind::Webdav, "model-webdav");
}

#[test]
fn an_sftp_server_ends_as_the_model() {
    far(Kind::Sftp, "model-sftp");
}

#[test]
fn an_ftp_server_ends_as_the_model() {
    far(Kind::Ftp, "model-ftp");
}

#[test]
fn a_bucket_ends_as_the_model() {
    far(Kind::S3, "model-s3");
}
