//! Whole requests of the heavier surfaces over a connection that stays open: an XML-RPC call as large as may be, and a
//! folder's properties. Server and client are in this process; a `GET` of nothing says what the way itself costs.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may panic and has no readers of its API"
)]

mod shared;

use base64::{Engine, engine::general_purpose::STANDARD};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use passerelle_core::config::Block;
use passerelle_net::{Certificates, Drainer, Listener, Network, Protocol, http::HttpServer, listen};
use passerelle_settings::{Ftp, Limits, Listen, LogFormat, Settings};
use passerelle_testkit::{house::HouseBuilder, memory_state::MemoryState};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    pin::Pin,
    sync::Arc,
};

/// Entries of the folder.
const ENTRIES: usize = 1_000;

fn requests(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..ENTRIES {
        let home = folder.path().join("u00001");
        std::fs::create_dir_all(&home).expect("a folder");
        std::fs::write(home.join(format!("document {number:05}.txt")), "a small file\n").expect("a file");
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let (address, _drainer) = runtime.block_on(serve(folder.path()));
    let mut client = Client::connect(address);
    let parameters = "<param><value><string>a parameter</string></value></param>".repeat(10_000);
    let call =
        format!("<methodCall><methodName>system.listMethods</methodName><params>{parameters}</params></methodCall>");
    let mut group = criterion.benchmark_group("requests");
    group.bench_function("a request that is refused at once", |bench| {
        bench.iter(|| client.ask("GET", "/xmlrpc", "", ""));
    });
    group.throughput(Throughput::Bytes(u64::try_from(call.len()).expect("a small number")));
    group.bench_function("an XML-RPC call of 10,000 parameters", |bench| {
        bench.iter(|| client.ask("POST", "/xmlrpc", "content-type: text/xml\r\n", &call));
    });
    let listed = client.ask("PROPFIND", "/dav/files/u00001/", "depth: 1\r\n", "");
    group.throughput(Throughput::Bytes(u64::try_from(listed).expect("a small number")));
    group.bench_function("PROPFIND of 1,000 entries", |bench| {
        bench.iter(|| client.ask("PROPFIND", "/dav/files/u00001/", "depth: 1\r\n", ""));
    });
}

/// A connection that stays open.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server");
        stream.set_nodelay(true).expect("a socket");
        Self(BufReader::new(stream))
    }

    /// Asks and reads the answer to its end; how many octets its body has.
    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> usize {
        let who = STANDARD.encode("u00001@a.test:pw-u00001");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {who}\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        );
        self.0.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("a server that reads");
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap_or((&line, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a length"),
                "transfer-encoding" => chunked = true,
                _ => {}
            }
        }
        if !chunked {
            self.skip(length);
            return length;
        }
        let mut whole = 0;
        loop {
            let length = usize::from_str_radix(&self.line(), 16).expect("a chunk");
            self.skip(length);
            self.line();
            if length == 0 {
                return whole;
            }
            whole += length;
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).expect("an answer") > 0, "the server is gone");
        line.trim_end().to_owned()
    }

    fn skip(&mut self, length: usize) {
        let length = u64::try_from(length).expect("a small number");
        std::io::copy(&mut self.0.by_ref().take(length), &mut std::io::sink()).expect("a body");
    }
}

async fn serve(folder: &Path) -> (SocketAddr, Drainer) {
    let block = Block::from_text("files", &folder.join("x.toml"), "path = \"{login}\"\n");
    let store = (passerelle_files_local::FACTORY.build)(&block).expect("a store");
    let state = Arc::new(MemoryState::new());
    let house = HouseBuilder::new(state).files("garonne", store).open().await.expect("a house");
    let settings = settings();
    let network = Network::new(&settings, Certificates::load(&settings).expect("no certificate"));
    let surfaces =
        vec![passerelle_surface_dav::surface(house.door.clone()), passerelle_surface_xmlrpc::surface(house.door)];
    let server = HttpServer::new(surfaces, 1);
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let listener = Listener { surface: "http", address, protocol: Protocol::Http, implicit_tls: false };
    let drainer = Drainer::default();
    let serve = Arc::new(move |connection| -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(server.clone().serve(connection))
    });
    listen(listener, network, &drainer, serve).await.expect("a listener");
    (address, drainer)
}

fn settings() -> Settings {
    Settings {
        listen: Listen::default(),
        ftp: Ftp::default(),
        mount: None,
        tls: None,
        plain_login_from: vec!["127.0.0.0/8".parse().expect("a network")],
        proxies: Vec::new(),
        client_ca: None,
        limits: Limits::default(),
        log: LogFormat::Human,
        session_keys: Vec::new(),
        state: Block::from_text("state", Path::new("x.toml"), ""),
        realms: Vec::new(),
        institutions: Vec::new(),
        default_institution: None,
    }
}

criterion_group! { name = benches; config = shared::settings(); targets = requests }
criterion_main!(benches);
