//! The addresses. Requests are dispatched by this table, and the tests attack each line of it.

use passerelle_net::http::{Routes, get, post};

/// What stands behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Session,
    Counts,
    Feed,
    Fragment,
    Open,
}

/// All of them.
pub(crate) const ROUTES: Routes<Page> = Routes(&[
    post(passerelle_core::PORTAL_SERVICE, Page::Session),
    get("/portal/counts", Page::Counts),
    get("/portal/feed.atom", Page::Feed),
    get("/portal/fragment.html", Page::Fragment),
    get("/portal/open", Page::Open),
]);
