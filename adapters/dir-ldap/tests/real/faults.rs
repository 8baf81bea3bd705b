//! Servers that are dead, silent, die in the middle, or cap their answers.

use crate::slapd::{Slapd, at, free_port, person};
use passerelle_core::{Error, Result, ports::Directory};
use passerelle_model::{AccountId, Login, Person, Secret};
use passerelle_testkit::directory_contract::{Expected, enter};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};

/// What may pass beyond a deadline on a machine that is busy.
const SLACK: Duration = Duration::from_millis(700);

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

async fn sign_on(directory: &dyn Directory, id: &str) -> Result<Person> {
    directory.authenticate(&Login::parse(id.as_bytes()).unwrap(), &Secret::new(format!("pw-{id}"))).await
}

#[track_caller]
fn is_unavailable<T: std::fmt::Debug>(answer: Result<T>, server: &str) {
    let error = answer.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.chain().contains(server), "{} does not name {server}", error.chain());
}

/// A server that accepts and never says a word.
async fn silent() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    (url, held)
}

#[tokio::test]
async fn campus_the_next_server_serves_when_the_first_is_dead_or_silent() {
    let slapd = Slapd::start(&person("u1", ""), "");
    let dead = format!("ldap://127.0.0.1:{}", free_port());
    let (silent, _held) = silent().await;
    for first in [dead, silent] {
        let directory = at(&format!("'{first}', '{}'", slapd.url()), "timeout_ms = 3000");
        let start = Instant::now();
        assert_eq!(sign_on(&*directory, "u1").await.unwrap().account, account("u1"), "{first}");
        assert!(start.elapsed() < Duration::from_secs(3) + SLACK);
        // Known to be down now, so it is not waited for again.
        let start = Instant::now();
        assert_eq!(directory.lookup(&account("u1")).await.unwrap().len(), 1);
        assert!(start.elapsed() < Duration::from_secs(1), "{first}: {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn campus_a_silent_server_is_unavailable_within_the_deadline() {
    let (url, _held) = silent().await;
    for more in ["timeout_ms = 400", "timeout_ms = 400\nstarttls = true"] {
        let directory = at(&format!("'{url}'"), more);
        let start = Instant::now();
        is_unavailable(directory.lookup(&account("u1")).await, &url);
        is_unavailable(sign_on(&*directory, "u1").await, &url);
        assert!(start.elapsed() < Duration::from_millis(800) + SLACK, "{:?}", start.elapsed());
        let legs = crate::slapd::verdicts(&*directory).await;
        assert!(legs.contains("fails"), "{legs}");
    }
    // Many who wait for one connection wait no longer than one does.
    let directory = at(&format!("'{url}'"), "timeout_ms = 400");
    let start = Instant::now();
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let directory = Arc::clone(&directory);
            tokio::spawn(async move { directory.lookup(&account(&format!("u{number}"))).await })
        })
        .collect();
    for task in tasks {
        is_unavailable(task.await.unwrap(), &url);
    }
    assert!(start.elapsed() < Duration::from_millis(400) + SLACK, "{:?}", start.elapsed());
}

#[tokio::test]
async fn campus_a_server_that_is_killed_and_started_again_serves_again() {
    let people: String = (1..=9).map(|number| person(&format!("u{number}"), "")).collect();
    let mut slapd = Slapd::start(&people, "");
    let directory = slapd.directory("timeout_ms = 1000");
    assert!(sign_on(&*directory, "u1").await.is_ok());
    assert_eq!(directory.lookup(&account("u2")).await.unwrap().len(), 1);
    slapd.kill();
    is_unavailable(directory.lookup(&account("u3")).await, &slapd.url());
    is_unavailable(sign_on(&*directory, "u1").await, &slapd.url());
    // What was asked a moment ago is still known.
    assert_eq!(directory.lookup(&account("u2")).await.unwrap().len(), 1);
    slapd.run();
    assert_eq!(directory.lookup(&account("u3")).await.unwrap().len(), 1);
    assert!(sign_on(&*directory, "u1").await.is_ok());
    assert!(matches!(sign_on(&*directory, "nobody").await, Err(Error::Unauthenticated)));
}

/// The connections break while nobody asks; nobody notices.
#[tokio::test]
async fn campus_a_restart_between_questions_costs_nothing() {
    let mut slapd = Slapd::start(&(person("u1", "") + &person("u2", "")), "");
    let directory = slapd.directory("connections = 1\nbind_connections = 1");
    assert!(sign_on(&*directory, "u1").await.is_ok());
    for _ in 0..5 {
        slapd.kill();
        slapd.run();
        assert!(sign_on(&*directory, "u2").await.is_ok());
    }
}

#[tokio::test]
async fn campus_a_server_that_stops_in_the_middle_is_unavailable_within_the_deadline() {
    let slapd = Slapd::start(&(person("u1", "") + &person("u2", "")), "");
    let directory = slapd.directory("timeout_ms = 600\ncache_seconds = 0");
    assert!(sign_on(&*directory, "u1").await.is_ok());
    slapd.signal("STOP");
    let start = Instant::now();
    is_unavailable(directory.lookup(&account("u2")).await, &slapd.url());
    is_unavailable(sign_on(&*directory, "u2").await, &slapd.url());
    assert!(start.elapsed() < Duration::from_millis(1200) + SLACK, "{:?}", start.elapsed());
    slapd.signal("CONT");
    assert!(sign_on(&*directory, "u2").await.is_ok());
}

/// A way to the server that breaks after so many octets of answers, on every connection.
async fn cut_after(port: u16, octets: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (mut from_server, mut to_server) = server.into_split();
                let (mut from_client, mut to_client) = client.into_split();
                let up = tokio::spawn(async move {
                    let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
                });
                let (mut left, mut buffer) = (octets, [0; 512]);
                while left > 0 {
                    let take = left.min(buffer.len());
                    let Ok(read @ 1..) = from_server.read(&mut buffer[..take]).await else { break };
                    left -= read;
                    if to_client.write_all(&buffer[..read]).await.is_err() {
                        break;
                    }
                }
                up.abort();
            });
        }
    });
    url
}

/// A server that answers each question with these octets.
async fn babbling(octets: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(1..) = client.read(&mut buffer).await {
                    if client.write_all(octets).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    url
}

/// What is no LDAP, or no answer to what was asked, is a fault of the server and of nobody else.
#[tokio::test]
async fn campus_nonsense_is_unavailable() {
    let cases: [&[u8]; 8] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x05\x02\x01\x01\x64\x00",
        b"\x30\x05\x02\x01\x01\x65\x00",
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\x30\x0c\x02\x01\x63\x65\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\x30\x84\x7f\xff\xff\xff",
    ];
    for octets in cases {
        let url = babbling(octets).await;
        let directory = at(&format!("'{url}'"), "timeout_ms = 400");
        is_unavailable(directory.lookup(&account("u1")).await, &url);
    }
}

/// Wherever a connection breaks, the answer is whole or none.
#[tokio::test]
async fn campus_an_answer_cut_anywhere_is_none() {
    let groups: String = (1..=40)
        .map(|number| {
            format!("dn: cn=g{number},dc=x\nobjectClass: groupOfNames\ncn: g{number}\nmember: uid=u1,dc=x\n\n")
        })
        .collect();
    let slapd = Slapd::start(&(person("u1", "") + &groups), "");
    let whole = slapd.directory("").lookup(&account("u1")).await.unwrap();
    assert_eq!(whole[0].groups.len(), 40);
    let (mut none, mut all) = (0, 0);
    for octets in (1..4000).step_by(97) {
        let url = cut_after(slapd.port(), octets).await;
        match at(&format!("'{url}'"), "timeout_ms = 5000").lookup(&account("u1")).await {
            Ok(found) => {
                assert_eq!(found, whole, "cut after {octets}");
                all += 1;
            }
            Err(error) => {
                is_unavailable::<()>(Err(error), &url);
                none += 1;
            }
        }
    }
    assert!(none > 3 && all > 3, "{none} without an answer, {all} with one");
}

#[tokio::test]
async fn campus_more_than_the_server_gives_at_once_comes_in_pages() {
    let people: String = (1..=90).map(|number| person(&format!("u{number:03}"), "")).collect();
    let groups: String = (1..=45)
        .map(|number| {
            format!("dn: cn=g{number:02},dc=x\nobjectClass: groupOfNames\ncn: g{number:02}\nmember: uid=u001,dc=x\n\n")
        })
        .collect();
    let limits = "limits * size.soft=20 size.hard=20 size.pr=20 size.prtotal=unlimited";
    let slapd = Slapd::start(&(people + &groups), limits);
    let directory = slapd.directory("page_size = 20\nconnections = 1\ncache_seconds = 0");
    let expected =
        Expected { domain: "x.test".into(), account: "u001".into(), password: "pw-u001".into(), ..Expected::default() };
    let institution = Arc::new(enter(Arc::clone(&directory), &expected).await);
    let all = institution.find_people("u0", 200).await.unwrap();
    assert!(all.people.len() == 90 && !all.more);
    let some = institution.find_people("u0", 50).await.unwrap();
    assert!(some.people.len() == 50 && some.more);
    let exact = institution.find_people("u0", 90).await.unwrap();
    assert!(exact.people.len() == 90 && !exact.more);
    assert_eq!(directory.lookup(&account("u001")).await.unwrap()[0].groups.len(), 45);
    // The server keeps the place of one paged search a connection: those that run side by side must not disturb it.
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (directory, institution) = (Arc::clone(&directory), Arc::clone(&institution));
            tokio::spawn(async move {
                if number % 2 == 0 {
                    assert_eq!(institution.find_people("u0", 200).await.unwrap().people.len(), 90);
                } else {
                    assert_eq!(directory.lookup(&account("u001")).await.unwrap()[0].groups.len(), 45);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Where the server gives no more in pages either, a list of people says that there are more, and what must be whole fails.
#[tokio::test]
async fn campus_what_the_server_caps_for_good_is_never_taken_for_all() {
    let people: String = (1..=30).map(|number| person(&format!("u{number:03}"), "")).collect();
    let groups: String = (1..=30)
        .map(|number| {
            format!("dn: cn=g{number:02},dc=x\nobjectClass: groupOfNames\ncn: g{number:02}\nmember: uid=u001,dc=x\n\n")
        })
        .collect();
    let slapd = Slapd::start(&(people + &groups), "limits * size.soft=20 size.hard=20 size.prtotal=20");
    let directory = slapd.directory("page_size = 20");
    let expected =
        Expected { domain: "x.test".into(), account: "u002".into(), password: "pw-u002".into(), ..Expected::default() };
    let institution = enter(Arc::clone(&directory), &expected).await;
    let some = institution.find_people("u0", 200).await.unwrap();
    assert!(some.more && some.people.len() <= 20, "{}", some.people.len());
    is_unavailable(directory.lookup(&account("u001")).await, &slapd.url());
}

#[tokio::test]
async fn campus_two_people_of_one_login_are_nobody_but_an_address_tells_them_apart() {
    let unit = |name: &str| {
        format!(
            "dn: ou={name},dc=x\nobjectClass: organizationalUnit\nou: {name}\n\n\
             dn: uid=twin,ou={name},dc=x\nobjectClass: inetOrgPerson\nuid: twin\ncn: twin\nsn: twin\n\
             mail: twin@{name}.test\nuserPassword: pw-{name}\n\n"
        )
    };
    let slapd = Slapd::start(&(unit("a") + &unit("b")), "");
    let directory = slapd.directory("");
    let sign_on = async |typed: &str, password: &str| {
        directory.authenticate(&Login::parse(typed.as_bytes()).unwrap(), &Secret::new(password)).await.map(|it| it.dn)
    };
    assert!(matches!(sign_on("twin", "pw-a").await, Err(Error::Unauthenticated)));
    assert_eq!(sign_on("twin@b.test", "pw-b").await.unwrap(), "uid=twin,ou=b,dc=x");
    assert!(matches!(sign_on("twin@b.test", "pw-a").await, Err(Error::Unauthenticated)));
    assert_eq!(directory.lookup(&account("twin")).await.unwrap().len(), 2);
}
