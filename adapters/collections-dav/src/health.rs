//! Examining a server: whether it is there, who we are to it, whether it speaks what it should.

use crate::{answer, ask};
use passerelle_core::{
    Result,
    ports::{Leg, Telling, Verdict},
};
use passerelle_fetch::dav::{Link, Server};
use passerelle_model::CollectionFamily;
use reqwest::{Method, StatusCode};
use std::sync::Arc;

pub(crate) async fn examine(server: &Arc<Server>, http: &reqwest::Client, family: CollectionFamily) -> Vec<Leg> {
    let mut legs = vec![server.reach().await];
    if legs.iter().any(|leg| matches!(leg.verdict, Verdict::Fails { .. })) {
        return legs;
    }
    let Some(link) = Link::service(server, http) else { return legs };
    let verdict = match link {
        Ok(link) => account(&link, family).await,
        Err(error) => fails(error.chain(), "correct user and password"),
    };
    legs.push(Leg { name: "account", verdict });
    legs
}

/// What the service account may do where the homes begin.
async fn account(link: &Link, family: CollectionFamily) -> Verdict {
    let (top, class) = match family {
        CollectionFamily::Calendars => (link.server.top(), "calendar-access"),
        CollectionFamily::Contacts => (link.server.top(), "addressbook"),
    };
    let asked: Result<_> = async {
        let response = link.send("asking for its methods", link.request(Method::OPTIONS, &top)?).await?;
        let classes = response.headers().get_all("DAV").iter().filter_map(|it| it.to_str().ok());
        let speaks = classes.flat_map(|it| it.split(',')).any(|it| it.trim() == class);
        let found =
            link.propfind("looking at the homes", &top, "0", &ask::of_collections(family, Telling::Facts)).await?;
        let status = found.status();
        if status == StatusCode::MULTI_STATUS {
            answer::read(link, "looking at the homes", found).await?;
        }
        Ok((response.status(), speaks, status))
    }
    .await;
    match asked {
        Err(error) => fails(error.chain(), "see whether this is the server, and whether ca has signed its certificate"),
        Ok((StatusCode::UNAUTHORIZED, ..) | (_, _, StatusCode::UNAUTHORIZED)) => {
            fails(format!("sign on for {top}: the server answered 401"), "correct user and password")
        }
        Ok((_, _, StatusCode::FORBIDDEN)) => {
            fails(format!("look at {top}: the server answered 403"), "let the service's account in there")
        }
        Ok((_, false, _)) => {
            let what = format!("ask {top} what it speaks: {class} is not among it");
            fails(what, "correct url: it is where everybody's collections begin")
        }
        Ok((_, true, _)) => Verdict::Works(format!("{top}, {class}")),
    }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
