//! The addresses. Requests are dispatched by this table, and the tests attack each line of it.

use http::Method;

/// Whether an address shows something or takes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET, and HEAD with it.
    Get,
    /// POST.
    Post,
}

/// An address.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// What is asked of it.
    pub verb: Verb,
    /// Its path.
    pub path: &'static str,
    pub(crate) page: Page,
}

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
pub const ROUTES: &[Route] = &[
    Route { verb: Verb::Post, path: passerelle_core::PORTAL_SERVICE, page: Page::Session },
    Route { verb: Verb::Get, path: "/portal/counts", page: Page::Counts },
    Route { verb: Verb::Get, path: "/portal/feed.atom", page: Page::Feed },
    Route { verb: Verb::Get, path: "/portal/fragment.html", page: Page::Fragment },
    Route { verb: Verb::Get, path: "/portal/open", page: Page::Open },
];

/// What a request leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Page(Page),
    /// The address is one, but not for this method.
    OtherMethod,
    Nowhere,
}

/// Whether there is anything at a path.
pub(crate) fn is_one(path: &str) -> bool {
    ROUTES.iter().any(|route| route.path == path)
}

/// Looks an address up.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let verb = match *method {
        Method::GET | Method::HEAD => Some(Verb::Get),
        Method::POST => Some(Verb::Post),
        _ => None,
    };
    match ROUTES.iter().find(|route| route.path == path) {
        Some(route) if Some(route.verb) == verb => Found::Page(route.page),
        Some(_) => Found::OtherMethod,
        None => Found::Nowhere,
    }
}
