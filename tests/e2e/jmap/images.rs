//! Pictures that messages show from elsewhere: what a server of anybody's is asked, and what of its answers comes through.

use super::{HOST, Jmap};
use crate::harness::{Gateway, State, curl};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand what follows";

/// A server on the web: what it was asked, and its port.
fn server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, heard) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let asked = asked.clone();
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let _ = asked.send(head);
                answer(reader.get_mut(), &path, port);
            });
        }
    });
    (port, heard)
}

fn answer(stream: &mut TcpStream, path: &str, port: u16) {
    let (head, body): (String, Vec<u8>) = match path {
        "/a.png" => ("200 OK\r\nContent-Type: text/html\r\nSet-Cookie: seen=1".to_owned(), PNG.to_vec()),
        "/a.svg" => {
            ("200 OK\r\nContent-Type: image/png".to_owned(), b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec())
        }
        "/page" => ("200 OK\r\nContent-Type: image/gif".to_owned(), b"<script>1</script>".to_vec()),
        "/big" => ("200 OK".to_owned(), [PNG, &vec![0; 6 * 1024 * 1024]].concat()),
        "/to" => ("302 Found\r\nLocation: /a.png".to_owned(), Vec::new()),
        "/round" => ("302 Found\r\nLocation: /round".to_owned(), Vec::new()),
        "/inside" => ("302 Found\r\nLocation: http://10.0.0.1/a.png".to_owned(), Vec::new()),
        "/port" => (format!("302 Found\r\nLocation: http://127.0.0.1:{}/a.png", port ^ 1), Vec::new()),
        "/file" => ("302 Found\r\nLocation: file:///etc/hostname".to_owned(), Vec::new()),
        _ => ("404 Not Found".to_owned(), PNG.to_vec()),
    };
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Who has heard enough closes.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn gateway(name: &str, table: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{table}")).unwrap();
    })
}

/// What the session tells of where pictures are asked for, of the own account only.
fn told(gateway: &Gateway) -> Option<String> {
    const NAME: &str = "urn:passerelle:params:jmap:pictures";
    let session = curl(gateway, HOST, Some("u00088:pw-u00088"), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let accounts: Vec<bool> = session["accounts"]
        .as_object()
        .unwrap()
        .values()
        .filter(|it| it["accountCapabilities"].get(NAME).is_some())
        .map(|it| it["isPersonal"] == true)
        .collect();
    let Some(way) = session["capabilities"].get(NAME) else {
        assert!(accounts.is_empty(), "{session}");
        return None;
    };
    assert_eq!(accounts, [true], "{session}");
    let way = way["url"].as_str().unwrap();
    Some(way.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap().to_owned())
}

#[test]
fn pictures_come_through_and_nothing_else() {
    let (port, heard) = server();
    let table = format!("[remote_images]\nkind = \"direct\"\nports = [{port}]\nallow_networks = [\"127.0.0.0/8\"]\n");
    let gateway = gateway("jmap-images", &table);
    let jmap = Jmap::of(&gateway, "u00088");
    assert_eq!(told(&gateway), Some("/jmap/image?url={url}".to_owned()), "where to ask is told");
    let get = |url: &str, more: &[&str]| {
        let path = format!("/jmap/image?url={}", url.replace(':', "%3A").replace('/', "%2F"));
        curl(&gateway, HOST, Some(&jmap.who), "GET", &path, more)
    };
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let file = gateway.dir.join("picture");
    let more = [
        "-H",
        "Sec-Fetch-Site: same-origin",
        "-H",
        "Cookie: a=b",
        "-H",
        "Referer: https://garonne.localhost/mail",
        "-A",
        "Mine",
    ];
    let shown = get(&at("/a.png"), &[&more[..], &["-o", file.to_str().unwrap(), "-D", "-", "--no-include"]].concat());
    assert_eq!(fs::read(&file).unwrap(), PNG, "{shown:?}");
    let asked = heard.recv().unwrap().to_ascii_lowercase();
    assert!(asked.contains("user-agent: mozilla/5.0 (compatible; passerelle)\r\n"), "{asked}");
    for told in ["cookie", "referer", "authorization", "mine", "u00088", "forwarded"] {
        assert!(!asked.contains(told), "{told} in {asked}");
    }
    let again = get(&at("/to"), &["-o", "/dev/null", "-D", "-", "--no-include"]);
    let head = format!("{again:?}").to_ascii_lowercase();
    for field in [
        "content-type: image/png",
        "x-content-type-options: nosniff",
        "content-security-policy: sandbox",
        "cache-control: private, no-store",
    ] {
        assert!(head.contains(field), "{field} in {head}");
    }
    assert!(!head.contains("set-cookie"), "{head}");
    for none in ["/a.svg", "/page", "/big", "/round", "/inside", "/port", "/file", "/nothing"] {
        assert_eq!(get(&at(none), &[]).status, 404, "{none}");
    }
    assert_eq!(get("http://localhost:9/a.png", &[]).status, 404, "another port");
    assert_eq!(get(&at("/a.png"), &["-H", "Sec-Fetch-Site: cross-site"]).status, 403);
    assert_eq!(get(&at("/a.png"), &["-H", "Sec-Fetch-Site: none"]).status, 403);
    // Not as what a message shows, but as what a script of ours asks for.
    assert_eq!(get(&at("/a.png"), &["-H", "Sec-Fetch-Dest: image"]).status, 403);
    let path = format!("/jmap/image?url=http%3A%2F%2F127.0.0.1%3A{port}%2Fa.png");
    assert_eq!(curl(&gateway, HOST, None, "GET", &path, &[]).status, 401);
}

#[test]
fn an_institution_without_a_way_tells_none() {
    let gateway = Gateway::start("jmap-images-none");
    assert_eq!(told(&gateway), None);
}

#[test]
fn what_is_not_public_is_never_asked() {
    let (port, heard) = server();
    let table = format!("[remote_images]\nkind = \"direct\"\nports = [{port}]\n");
    let gateway = gateway("jmap-images-inside", &table);
    let jmap = Jmap::of(&gateway, "u00088");
    for host in ["127.0.0.1", "localhost", "garonne.localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]"] {
        let path = format!(
            "/jmap/image?url=http%3A%2F%2F{}%3A{port}%2Fa.png",
            host.replace('[', "%5B").replace(']', "%5D").replace(':', "%3A")
        );
        assert_eq!(curl(&gateway, HOST, Some(&jmap.who), "GET", &path, &[]).status, 404, "{host}");
    }
    assert!(heard.try_recv().is_err(), "nothing was asked");
}
