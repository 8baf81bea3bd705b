//! What the operator's port shows: `/metrics`, `/healthz`, `/readyz`. For no one else.

use http::{StatusCode, header::CONTENT_TYPE};
use passerelle_core::{Door, examined, ports::Verdict};
use passerelle_net::http::{Exchange, HttpSurface, Response, body_of};
use passerelle_observe::Metrics;
use std::{fmt::Write, future::Future, pin::Pin, sync::Arc};

/// The operator's surface.
pub(crate) fn surface(door: Door, metrics: Metrics) -> Arc<dyn HttpSurface> {
    Arc::new(Operations { door, metrics })
}

struct Operations {
    door: Door,
    metrics: Metrics,
}

impl HttpSurface for Operations {
    fn name(&self) -> &'static str {
        "operations"
    }

    fn serves(&self, _path: &str) -> bool {
        true
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(async move {
            match exchange.uri().path() {
                "/metrics" => text(StatusCode::OK, self.metrics.render()),
                // The process runs and answers: that is all that a restart could mend.
                "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
                "/readyz" => self.ready().await,
                _ => text(StatusCode::NOT_FOUND, "/metrics /healthz /readyz\n".to_owned()),
            }
        })
    }
}

impl Operations {
    /// Every back-end with its state. Ready means that State is there: a back-end that is down takes down only what lives
    /// in it, and must not take the node out of the balancer.
    async fn ready(&self) -> Response {
        let mut lines = String::new();
        let mut ready = true;
        let asked = self.door.back_ends().into_iter().map(|(institution, back_end)| async move {
            let legs = examined(back_end.as_ref()).await;
            let fault = legs.iter().find_map(|leg| match &leg.verdict {
                Verdict::Works(_) => None,
                Verdict::Fails { .. } => Some(leg.name),
            });
            (institution, back_end.name().to_owned(), fault)
        });
        for (institution, name, fault) in futures::future::join_all(asked).await {
            ready &= institution.is_some() || fault.is_none();
            // Writing to a String cannot fail.
            let _ = match fault {
                None => writeln!(lines, "ok {name}"),
                Some(leg) => writeln!(lines, "fails {name} at {leg}"),
            };
        }
        text(if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, lines)
    }
}

fn text(status: StatusCode, text: String) -> Response {
    let mut response = http::Response::new(body_of(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
