//! `GET /portal/open?to=/page`: a deep link. Who is signed in goes there at once; who is signed on at the CAS server is signed in
//! on the way, without a question; everybody else is asked first.

use crate::{asker::parameter, reply};
use passerelle_core::Door;
use passerelle_net::http::{Exchange, Response, own_page};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The provider that can say "nobody is signed on" without asking anybody (CAS §2.1.1, `gateway`).
const ASKS_NOBODY: &str = "cas";

pub(crate) async fn open(door: &Door, exchange: &Exchange) -> Response {
    let to = parameter(exchange, "to").unwrap_or_default();
    // Only a place of our own: a portal's link must not lead people to somebody else's page.
    let to = own_page(&to);
    for cookie in exchange.session_cookies() {
        if door.resume(cookie).await.is_ok() {
            return reply::see_other(to);
        }
    }
    let next = utf8_percent_encode(to, NON_ALPHANUMERIC);
    let ways = door.ways_in(exchange.host());
    let ways = ways.as_ref().map(|ways| (ways, ways.providers.iter().find(|way| way.kind == ASKS_NOBODY)));
    match ways {
        Some((ways, Some(way))) => {
            reply::see_other(&format!("/{}/{}/login?gateway=true&next={next}", way.kind, ways.realm))
        }
        _ => reply::see_other(&format!("/login?next={next}")),
    }
}
