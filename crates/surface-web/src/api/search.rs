//! `GET /api/search`: files and folders by name, in one folder or in all that the person may look through.

use super::{Answer, Call, json, moment};
use crate::search::whose;
use http::StatusCode;
use passerelle_core::{Read, SearchStop, ports::NodeKind};
use passerelle_model::Timestamp;
use passerelle_net::http::media_type;
use serde_json::{Value, json};

pub(super) async fn search(call: &Call<'_>) -> Answer {
    let session = &call.session;
    let has_place = form_urlencoded::parse(call.exchange.uri().query().unwrap_or_default().as_bytes())
        .any(|(name, _)| name == "path");
    let root = if has_place {
        let root = call.place()?;
        // A folder that the person may not read is none, also for who looks for nothing in it.
        session.open::<_, Read>(root.clone()).await?;
        Some(root)
    } else {
        None
    };
    let found = call.web.searches.find(session, root, &call.parameter("q")).await?;
    let hits: Vec<Value> = found
        .hits
        .iter()
        .map(|hit| {
            let is_folder = hit.node.kind == NodeKind::Folder;
            json!({
                "owner": session.name_of(&hit.at.owner),
                "ownerName": whose(session, &call.face, &hit.at.owner),
                "path": hit.at.path.as_str(),
                "kind": if is_folder { "folder" } else { "file" },
                "type": (!is_folder).then(|| media_type(&hit.node.name)),
                "size": hit.node.size,
                "modified": moment(Timestamp(hit.node.modified.seconds)),
            })
        })
        .collect();
    let away: Vec<String> = found.away.iter().map(|owner| whose(session, &call.face, owner)).collect();
    let stopped = found.stopped.map(|why| match why {
        SearchStop::Hits => "hits",
        SearchStop::Size => "size",
        SearchStop::Time => "time",
        SearchStop::Unavailable => "unavailable",
    });
    Ok(json(StatusCode::OK, &json!({ "hits": hits, "stopped": stopped, "away": away })))
}
