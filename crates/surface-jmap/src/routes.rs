//! The addresses. Requests are dispatched by this table, and the tests attack each line of it.

use http::Method;

/// Where clients look first (RFC 8620 §2.2).
pub(crate) const WELL_KNOWN: &str = "/.well-known/jmap";

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
    /// Its path; what stands below one that ends with `/` is its too.
    pub path: &'static str,
    pub(crate) page: Page,
}

/// What stands behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Session,
    Api,
    Upload,
    Download,
    Events,
}

/// All of them.
pub const ROUTES: &[Route] = &[
    Route { verb: Verb::Get, path: WELL_KNOWN, page: Page::Session },
    Route { verb: Verb::Get, path: "/jmap/session", page: Page::Session },
    Route { verb: Verb::Post, path: "/jmap/api", page: Page::Api },
    Route { verb: Verb::Post, path: "/jmap/upload/", page: Page::Upload },
    Route { verb: Verb::Get, path: "/jmap/download/", page: Page::Download },
    Route { verb: Verb::Get, path: "/jmap/eventsource", page: Page::Events },
];

/// What a request leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Page(Page),
    /// The address is one, but not for this method.
    OtherMethod,
    Nowhere,
}

impl Route {
    fn serves(&self, path: &str) -> bool {
        if self.path.ends_with('/') { path.starts_with(self.path) } else { path == self.path }
    }
}

/// Looks an address up.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let verb = match *method {
        Method::GET | Method::HEAD => Some(Verb::Get),
        Method::POST => Some(Verb::Post),
        _ => None,
    };
    match ROUTES.iter().find(|route| route.serves(path)) {
        Some(route) if Some(route.verb) == verb => Found::Page(route.page),
        Some(_) => Found::OtherMethod,
        None => Found::Nowhere,
    }
}
