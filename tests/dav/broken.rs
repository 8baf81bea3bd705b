//! A store that fails: absent is never a word for unavailable.

use crate::{client::Client, server};
use futures::{StreamExt, stream};
use passerelle_core::{
    Add, Edit, Error, Lookup, Permit, Read, Remove,
    ports::{
        ByteRange, ByteStream, Existing, FileContent, FileStore, Fut, Health, Leg, Node, NodeStream, Precondition,
        Upload,
    },
};
use passerelle_model::NodeRef;
use std::{future::Future, pin::Pin, sync::Arc};

/// A good store whose listings and files break off after the first part, and which is out of reach below `down`.
pub(crate) struct Breaking(pub(crate) Arc<dyn FileStore>);

fn cut() -> Error {
    Error::unavailable("files", "reading", "the cable was pulled")
}

impl Breaking {
    fn reach(at: &NodeRef) -> Result<(), Error> {
        if at.path.as_str().starts_with("down") { Err(cut()) } else { Ok(()) }
    }
}

impl Health for Breaking {
    fn name(&self) -> &'static str {
        "breaking"
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        self.0.examine()
    }
}

impl FileStore for Breaking {
    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            Self::reach(at.target())?;
            self.0.stat(at).await
        })
    }
    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move {
            let whole = self.0.list(at).await?;
            Ok(Box::pin(whole.take(1).chain(stream::once(async { Err(cut()) }))) as NodeStream)
        })
    }
    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move { Ok(Box::new(Cut(self.0.open(at).await?)) as _) })
    }
    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        self.0.create(at, length)
    }
    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        self.0.replace(at, length)
    }
    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        self.0.make_folder(at)
    }
    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        self.0.remove(at, when)
    }
    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        self.0.rename(from, to, existing)
    }
    fn copy<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Read>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
        deep: bool,
    ) -> Fut<'a, ()> {
        self.0.copy(from, to, existing, deep)
    }
}

struct Cut(Box<dyn FileContent>);

impl FileContent for Cut {
    fn node(&self) -> &Node {
        self.0.node()
    }
    fn stream(self: Box<Self>, range: ByteRange) -> ByteStream {
        Box::pin(self.0.stream(range).take(1).chain(stream::once(async { Err(cut()) })))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_midway_breaks_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let store = || Arc::new(Breaking(server::local(folder.path(), false)));
    let server = server::serve(store(), store(), 0).await;
    let home = folder.path().join("garonne/u00001");
    std::fs::create_dir_all(home.join("a")).unwrap();
    for number in 0..10 {
        std::fs::write(home.join(format!("a/f{number}")), "x").unwrap();
    }
    std::fs::write(home.join("large"), vec![7; 1_000_000]).unwrap();
    let client = Client::new(server.address, Some("u00001@a.test"));
    let listing = client.ask("PROPFIND", "/dav/files/u00001/a/", &[("depth", "1")]).await;
    assert_eq!(listing.status, 207);
    assert!(!listing.whole, "half of a listing looks whole: {listing:?}");
    assert!(!listing.body.contains("</D:multistatus>"));
    let file = client.ask("GET", "/dav/files/u00001/large", &[]).await;
    assert_eq!((file.status, file.whole), (200, false));
    assert!(!file.body.is_empty());
    let down = client.ask("PROPFIND", "/dav/files/u00001/down", &[("depth", "0")]).await;
    assert_eq!((down.status, down.header("retry-after")), (503, Some("30")));
    assert_eq!(client.send("PUT", "/dav/files/u00001/down", &[], "x").await.status, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_is_not_mounted_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("path = {:?}\n", folder.path().join("{institution}/{login}"));
    let block = passerelle_core::config::Block::from_text("files", &folder.path().join("x.toml"), &text);
    let store = || (passerelle_files_local::FACTORY.build)(&block).unwrap();
    let server = server::serve(store(), store(), 0).await;
    let client = Client::new(server.address, Some("u00001@a.test"));
    for method in ["PROPFIND", "GET", "PUT", "DELETE"] {
        let reply = client.ask(method, "/dav/files/u00001/f", &[("depth", "0")]).await;
        let reply = if method == "DELETE" { client.ask(method, "/dav/files/u00001/f", &[]).await } else { reply };
        assert_eq!(reply.status, 503, "{method}");
    }
}
