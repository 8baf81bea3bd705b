//! What a person shares with others, place by place; and what of it is not there any more.

use crate::{
    face::Face,
    listing, respond,
    sharing::{what, who},
};
use askama::Template;
use futures::{StreamExt, stream};
use http::StatusCode;
use passerelle_core::{Error, Lookup, Result, Session, Shared};
use passerelle_net::http::Response;

/// Most places of a page.
const MOST_PLACES: usize = 500;
/// How many places are looked up at a time.
const AT_ONCE: usize = 8;

#[derive(Template)]
#[template(path = "shared.html")]
struct Page<'a> {
    face: &'a Face,
    token: String,
    places: Vec<Place>,
    more: bool,
}

struct Place {
    path: String,
    address: String,
    with: Vec<String>,
    links: usize,
    state: State,
}

/// Whether a place that is shared is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    There,
    /// Removed behind the gateway's back: what was granted hangs on nothing.
    Gone,
    /// Cannot be said now.
    Unknown,
}

/// The page.
pub(crate) async fn page(session: &Session, face: &Face) -> Result<Response> {
    let (shared, more) = places(session).await?;
    let places = shared.into_iter().map(|(shared, state)| place(session, face, &shared, state)).collect();
    let page = Page { face, token: session.form_token(), places, more };
    Ok(respond::page(StatusCode::OK, &page, face))
}

/// What the person shares, whether it is there, and whether there is more than is told.
pub(crate) async fn places(session: &Session) -> Result<(Vec<(Shared, State)>, bool)> {
    let mut shared = session.shared_by_me().await?;
    let more = shared.len() > MOST_PLACES;
    shared.truncate(MOST_PLACES);
    Ok((stream::iter(shared).map(|shared| looked_up(session, shared)).buffered(AT_ONCE).collect().await, more))
}

async fn looked_up(session: &Session, shared: Shared) -> (Shared, State) {
    let looked = async { session.open::<_, Lookup>(shared.node.clone()).await?.stat().await };
    let state = match looked.await {
        Ok(_) => State::There,
        Err(Error::NotFound) => State::Gone,
        Err(_) => State::Unknown,
    };
    (shared, state)
}

fn place(session: &Session, face: &Face, shared: &Shared, state: State) -> Place {
    let with =
        shared.grants.iter().map(|grant| format!("{} – {}", who(session, face, &grant.to), what(face, grant.rights)));
    Place {
        path: if shared.node.path.is_root() { face.say("files") } else { shared.node.path.as_str().to_owned() },
        address: listing::sharing(session, &shared.node),
        with: with.collect(),
        links: shared.links.len(),
        state,
    }
}
