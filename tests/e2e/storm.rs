//! A thousand clients whose store goes away and comes back: they hear of it one after the other, and come back without
//! running the store down.

use crate::{
    cut::by,
    harness::{Gateway, Imap, PATIENCE, State},
    own_store::Dovecot,
};
use std::{
    collections::HashSet,
    fs,
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How many clients, and how many people they are.
const CLIENTS: usize = 1_000;
const PEOPLE: usize = 100;
/// Log-ins at one moment that the settings let through.
const AT_ONCE: usize = 20;

/// A way to the store that counts how many are on it and not logged in; the port to reach it by, and the most there were.
fn counted(store: u16) -> (u16, Arc<AtomicUsize>) {
    let most = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&most);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let here = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let now = Arc::new(AtomicUsize::new(0));
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, store)).await else { continue };
                most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                let now = Arc::clone(&now);
                tokio::spawn(async move {
                    let (mut from_client, mut to_client) = client.into_split();
                    let (mut from_server, mut to_server) = server.into_split();
                    let up = tokio::spawn(async move {
                        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
                    });
                    let mut waiting = true;
                    let mut piece = vec![0; 4096];
                    while let Ok(length @ 1..) = from_server.read(&mut piece).await {
                        if waiting && String::from_utf8_lossy(&piece[..length]).contains("Logged in") {
                            waiting = false;
                            now.fetch_sub(1, Ordering::Relaxed);
                        }
                        if to_client.write_all(&piece[..length]).await.is_err() {
                            break;
                        }
                    }
                    if waiting {
                        now.fetch_sub(1, Ordering::Relaxed);
                    }
                    up.abort();
                });
            }
        });
    });
    (here, told)
}

/// All clients log in at one moment; those that hear that the store is not there try again.
fn all_come(gateway: &Gateway) -> Vec<Imap> {
    let deadline = Instant::now() + Duration::from_secs(90);
    let mut done = Vec::with_capacity(CLIENTS);
    while done.len() < CLIENTS {
        assert!(Instant::now() < deadline, "{} of {CLIENTS} came back", done.len());
        let mut coming: Vec<(usize, Imap)> =
            (done.len()..CLIENTS).map(|number| (number, Imap::connect(gateway.imap).0)).collect();
        for (number, imap) in &mut coming {
            let person = format!("u{:05}", 101 + *number % PEOPLE);
            imap.send(format!("l LOGIN {person}@a.test pw-{person}\r\n").as_bytes());
        }
        for (_, mut imap) in coming {
            let answer = imap.answer("l").pop().unwrap();
            if answer.starts_with("l OK") {
                done.push(imap);
            } else {
                assert!(answer.starts_with("l NO [UNAVAILABLE]"), "{answer}");
            }
        }
    }
    done
}

#[test]
fn a_thousand_clients_come_back_to_a_store_that_was_killed() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let (way, most) = counted(port);
    let gateway = Gateway::start_with("storm", &State::Sqlite, |config| {
        by(config, way);
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        let text = text.replace("timeout_ms = 2000", "timeout_ms = 30000");
        let address = format!("address = \"127.0.0.1:{way}\"");
        fs::write(&file, text.replace(&address, &format!("{address}\nlogins_at_once = {AT_ONCE}"))).unwrap();
    });
    let mut dovecot = Dovecot::start(gateway.dir.join("dovecot"), port, "");
    let mut clients = all_come(&gateway);
    for imap in &mut clients {
        imap.send(b"s SELECT INBOX\r\ni IDLE\r\n");
    }
    for imap in &mut clients {
        while !imap.line().starts_with('+') {}
    }
    let mut moments = HashSet::new();
    std::thread::scope(|scope| {
        // Beside it: until all of its processes are gone the first clients have long been told.
        scope.spawn(|| dovecot.kill());
        let began = Instant::now();
        // Whoever is told is heard then, in whatever order: one after the other would hide behind the one told last.
        let mut waiting: Vec<&mut Imap> = clients.iter_mut().collect();
        while !waiting.is_empty() {
            waiting.retain_mut(|imap| {
                if !imap.is_spoken_to() {
                    return true;
                }
                let told = imap.line();
                assert!(told.starts_with("* BYE The mail store hung up, connect again"), "{told}");
                moments.insert(began.elapsed().as_millis() / 200);
                false
            });
            assert!(began.elapsed() < PATIENCE, "{} were told nothing", waiting.len());
        }
    });
    assert!(moments.len() > 4, "they were all told at one moment");
    // While it is away: one answer, at once, and no client is left hanging.
    let (mut imap, _) = Imap::connect(gateway.imap);
    assert!(imap.command("l LOGIN u00101@a.test pw-u00101").pop().unwrap().starts_with("l NO [UNAVAILABLE]"));
    dovecot.run();
    let clients = all_come(&gateway);
    assert_eq!(clients.len(), CLIENTS);
    assert!((2..=AT_ONCE).contains(&most.load(Ordering::Relaxed)), "{most:?} at once");
}
