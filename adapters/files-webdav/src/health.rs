//! Examining a server: whether it is there, who we are to it, whether it speaks WebDAV.

use crate::multistatus::WANTED;
use passerelle_core::{
    Result,
    ports::{Leg, Verdict},
};
use passerelle_fetch::dav::{Link, Server};
use reqwest::{Method, StatusCode};
use std::sync::Arc;

pub(crate) async fn examine(server: &Arc<Server>, http: &reqwest::Client) -> Vec<Leg> {
    let mut legs = vec![server.reach().await];
    if legs.iter().any(|leg| matches!(leg.verdict, Verdict::Fails { .. })) {
        return legs;
    }
    let Some(link) = Link::service(server, http) else { return legs };
    let verdict = match link {
        Ok(link) => account(server, &link).await,
        Err(error) => fails(error.chain(), "correct user and password"),
    };
    legs.push(Leg { name: "account", verdict });
    legs
}

/// What the service account may do where the trees begin.
async fn account(server: &Server, link: &Link) -> Verdict {
    let top = server.top();
    let asked: Result<_> = async {
        let response = link.send("asking for its methods", link.request(Method::OPTIONS, &top)?).await?;
        let speaks = response.headers().get("DAV").and_then(|dav| dav.to_str().ok()).map(str::to_owned);
        let found = link.propfind("looking at the share", &top, "0", WANTED).await?;
        Ok((response.status(), speaks, found.status()))
    }
    .await;
    match asked {
        Err(error) => {
            fails(error.chain(), "see whether this is the web server, and whether ca has signed its certificate")
        }
        Ok((StatusCode::UNAUTHORIZED, ..) | (_, _, StatusCode::UNAUTHORIZED)) => {
            fails(format!("sign on for {top}: the server answered 401"), "correct user and password")
        }
        Ok((_, _, StatusCode::FORBIDDEN)) => {
            fails(format!("look at {top}: the server answered 403"), "let the service's account into the share")
        }
        Ok((_, Some(classes), StatusCode::MULTI_STATUS)) => Verdict::Works(format!("{top}, DAV {classes}")),
        Ok((_, _, StatusCode::MULTI_STATUS)) => Verdict::Works(top),
        Ok((_, _, status)) => {
            let what = format!("look at {top}: the server answered {status}");
            fails(what, "correct url, and see that the server speaks WebDAV there")
        }
    }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
