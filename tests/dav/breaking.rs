//! A store that breaks off: what surfaces make of it is for their tests.

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

/// A good store whose listings and files break off after the first part, and which is out of reach below `down`. Below `whole`
/// listings come to their end.
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
            if at.target().path.as_str().starts_with("whole") {
                return Ok(whole);
            }
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
