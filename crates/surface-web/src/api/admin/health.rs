//! `GET /api/admin/health`: each back-end of the institution, its sign-on providers too, leg by leg as `doctor` tries them.

use super::{Admin, Answer, told};
use crate::api::moment;
use passerelle_core::ports::{Leg, Verdict};
use serde_json::{Value, json};

pub(super) async fn examine(admin: &Admin<'_>) -> Answer {
    let (at, examined) = admin.of.examined().await;
    let back_ends: Vec<Value> = examined
        .iter()
        .map(|it| {
            let works = it.legs.iter().all(|leg| matches!(leg.verdict, Verdict::Works(_)));
            json!({ "name": it.back_end, "works": works, "legs": it.legs.iter().map(leg).collect::<Vec<_>>() })
        })
        .collect();
    told(&json!({ "at": moment(at), "backEnds": back_ends }))
}

fn leg(Leg { name, verdict }: &Leg) -> Value {
    match verdict {
        Verdict::Works(remark) => json!({ "name": name, "works": true, "what": remark }),
        Verdict::Fails { what, remedy } => json!({ "name": name, "works": false, "what": what, "remedy": remedy }),
    }
}
