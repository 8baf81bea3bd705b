//! The addresses. Requests are dispatched by this table, and the tests attack each line of it.

use crate::invitations::Errands;
use passerelle_net::http::{Routes, get, post};

/// Where clients look first (RFC 8620 §2.2).
pub(crate) const WELL_KNOWN: &str = "/.well-known/jmap";

/// What stands behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Session,
    Api,
    Upload,
    Download,
    Events,
    Socket,
    Image,
    /// Messages of scheduling, for the office.
    Invitations(Errands),
}

/// All of them.
pub(crate) const ROUTES: Routes<Page> = Routes(&[
    get(WELL_KNOWN, Page::Session),
    get("/jmap/session", Page::Session),
    post("/jmap/api", Page::Api),
    post("/jmap/upload/{*account}", Page::Upload),
    get("/jmap/download/{*blob}", Page::Download),
    get("/jmap/eventsource", Page::Events),
    get("/jmap/ws", Page::Socket),
    get("/jmap/image", Page::Image),
    post("/api/calendars/invitations/look", Page::Invitations(Errands::Look)),
    post("/api/calendars/invitations/take", Page::Invitations(Errands::Take)),
]);
