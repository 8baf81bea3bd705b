//! `GET /api/admin/health`: each back-end of the institution, its sign-on providers too, leg by leg as `doctor` tries them. What was
//! tried on which server, as which account, and what came back is the operator's: `doctor` tells it.

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
            json!({ "name": plain(&it.back_end), "works": works, "legs": it.legs.iter().map(leg).collect::<Vec<_>>() })
        })
        .collect();
    told(&json!({ "at": moment(at), "backEnds": back_ends }))
}

fn leg(Leg { name, verdict }: &Leg) -> Value {
    match verdict {
        Verdict::Works(_remark) => json!({ "name": name, "works": true }),
        Verdict::Fails { what: _, remedy } => json!({ "name": name, "works": false, "remedy": remedy }),
    }
}

/// A back-end's name without the address that stands behind it: `garonne.directory (ldap://...)`.
pub(super) fn plain(name: &str) -> &str {
    name.split(" (").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_operators_is_not_told() {
        let secret = "bind as cn=gateway at ldaps://10.0.0.7:636".to_owned();
        let works = Leg { name: "bind", verdict: Verdict::Works(secret.clone()) };
        assert_eq!(leg(&works), json!({ "name": "bind", "works": true }));
        let fails = Leg { name: "bind", verdict: Verdict::Fails { what: secret, remedy: "correct `bind_dn`" } };
        assert_eq!(leg(&fails), json!({ "name": "bind", "works": false, "remedy": "correct `bind_dn`" }));
        assert_eq!(plain("garonne.directory (ldaps://10.0.0.7:636)"), "garonne.directory");
        assert_eq!(plain("garonne.mail"), "garonne.mail");
    }
}
