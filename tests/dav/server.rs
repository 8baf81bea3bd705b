//! The WebDAV surface over a local folder, in this process: the small house of the testkit behind a real listener.

use passerelle_core::{
    Clock, Door,
    config::Block,
    ports::{FileStore, state::State},
};
use passerelle_model::CollectionFamily;
use passerelle_net::{
    Certificates, Drainer, Listener, Network, Protocol,
    http::{HttpServer, HttpSurface},
    listen,
};
use passerelle_settings::{Ftp, Limits, Listen, LogFormat, Settings};
use passerelle_testkit::{
    house::{self, HouseBuilder, TestHouse},
    memory_collections::MemoryCollections,
    memory_external::NothingElsewhere,
    memory_filters::MemoryFilters,
    memory_images::MemoryImages,
    memory_mail::MemoryMail,
    memory_sso::MemorySso,
    memory_state::MemoryState,
    memory_submission::MemorySubmission,
};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    pin::Pin,
    sync::Arc,
};

/// A server; ends with the process.
pub(crate) struct Server {
    pub(crate) house: TestHouse,
    pub(crate) address: SocketAddr,
    /// For listeners beside this one.
    #[allow(dead_code, reason = "not every test that includes this file opens one")]
    pub(crate) network: Network,
    #[allow(dead_code, reason = "as above; dropped, it would end the listeners")]
    pub(crate) drainer: Drainer,
    /// Where the messages of both institutions go.
    #[allow(dead_code, reason = "only the tests of submission look")]
    pub(crate) mta: MemorySubmission,
    /// The mail of both institutions.
    #[allow(dead_code, reason = "only the tests of mail look")]
    pub(crate) mail: MemoryMail,
}

/// Trees below `folder/<institution>/<login>`.
pub(crate) fn local(folder: &Path, fsync: bool) -> Arc<dyn FileStore> {
    let path = folder.join("{institution}/{login}");
    let text = format!("path = {path:?}\ncreate = true\nfsync = {fsync}\n");
    let block = Block::from_text("files", &folder.join("x.toml"), &text);
    (passerelle_files_local::FACTORY.build)(&block).expect("settings")
}

/// Serves the stores of `garonne` and `autan` on a port; 0 chooses one.
pub(crate) async fn serve(garonne: Arc<dyn FileStore>, autan: Arc<dyn FileStore>, port: u16) -> Server {
    serve_surfaces(garonne, autan, port, |door| vec![passerelle_surface_dav::surface(door)]).await
}

/// Another node over the same State.
#[allow(dead_code, reason = "only tests of two nodes have one")]
pub(crate) async fn serve_beside(other: &Server, garonne: Arc<dyn FileStore>, autan: Arc<dyn FileStore>) -> Server {
    let state = Arc::clone(&other.house.state);
    serve_over((state, house::now), garonne, autan, 0, |door| vec![passerelle_surface_dav::surface(door)]).await
}

/// The same by other surfaces; the first that serves a path answers.
pub(crate) async fn serve_surfaces(
    garonne: Arc<dyn FileStore>,
    autan: Arc<dyn FileStore>,
    port: u16,
    surfaces: impl Fn(Door) -> Vec<Arc<dyn HttpSurface>>,
) -> Server {
    serve_at(house::now, garonne, autan, port, surfaces).await
}

/// The same by another clock.
pub(crate) async fn serve_at(
    clock: Clock,
    garonne: Arc<dyn FileStore>,
    autan: Arc<dyn FileStore>,
    port: u16,
    surfaces: impl Fn(Door) -> Vec<Arc<dyn HttpSurface>>,
) -> Server {
    serve_over((Arc::new(MemoryState::new()), clock), garonne, autan, port, surfaces).await
}

async fn serve_over(
    (state, clock): (Arc<dyn State>, Clock),
    garonne: Arc<dyn FileStore>,
    autan: Arc<dyn FileStore>,
    port: u16,
    surfaces: impl Fn(Door) -> Vec<Arc<dyn HttpSurface>>,
) -> Server {
    let (mta, mail) = (MemorySubmission::default(), MemoryMail::default());
    let collections = |house: HouseBuilder, (institution, family)| {
        house.collections(institution, family, Arc::new(MemoryCollections::new()))
    };
    let [calendars, contacts] = CollectionFamily::ALL;
    let house = [("garonne", calendars), ("garonne", contacts), ("autan", calendars), ("autan", contacts)]
        .into_iter()
        .fold(HouseBuilder::new(state), collections)
        .clock(clock)
        .submission("garonne", Arc::new(mta.clone()))
        .submission("autan", Arc::new(mta.clone()))
        .mail("garonne", Arc::new(mail.clone()))
        .mail("autan", Arc::new(mail.clone()))
        .filters("garonne", Arc::new(MemoryFilters::default()))
        .filters("autan", Arc::new(MemoryFilters::default()))
        .images("garonne", Arc::new(MemoryImages))
        .images("autan", Arc::new(MemoryImages))
        .external("garonne", Arc::new(NothingElsewhere))
        .external("autan", Arc::new(NothingElsewhere))
        .files("garonne", garonne)
        .files("autan", autan)
        .provider(Arc::new(MemorySso::default()))
        .open()
        .await
        .expect("a house");
    let settings = settings();
    let network = Network::new(&settings, Certificates::load(&settings).expect("no certificate"));
    let server = HttpServer::new(surfaces(house.door.clone()), 1);
    let port = if port == 0 { free_port() } else { port };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = Listener { surface: "dav", address, protocol: Protocol::Http, implicit_tls: false };
    let drainer = Drainer::default();
    let serve = Arc::new(move |connection| -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(server.clone().serve(connection))
    });
    listen(listener, network.clone(), &drainer, serve).await.expect("a listener");
    Server { house, address, network, drainer, mta, mail }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

pub(crate) fn settings() -> Settings {
    let state = Block::from_text("state", Path::new("x.toml"), "");
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
        state,
        realms: Vec::new(),
        institutions: Vec::new(),
        default_institution: None,
    }
}
