//! `/api/admin/members`: who is named by a group, page by page; some are put in, or taken out.

use super::{Admin, Answer, Change, accounts};
use crate::api::done;
use passerelle_core::{AskedFor, Error, ports::MemberChange};
use passerelle_model::{Account, AccountId, InstitutionId};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    /// Logins of the institution; in a gateway group also login@domain of institutions that it shares with.
    members: Vec<String>,
}

/// Members of a static group or of one of the gateway's own. Who is in a dynamic one, its filter says.
pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let id = admin.group(&admin.call.parameter("name"))?;
    let list = format!("admin.members {} {id}", admin.of.target().0);
    let (after, limit) = (admin.place(&list)?, admin.limit()?);
    if !id.is_of_gateway() {
        let found = admin.of.named_members(&id, after.as_deref(), limit).await?;
        return admin.page(&list, ("members", found.items.iter().map(accounts::row).collect()), found.next);
    }
    let after = after.as_deref().and_then(|place| {
        let (of, id) = place.split_once('/')?;
        Some(Account { institution: InstitutionId::parse(of).ok()?, id: AccountId::parse(id).ok()? })
    });
    let found = admin.of.members_after(&id, after.as_ref(), limit).await?;
    let members = found.items.iter().map(|account| json!({ "login": admin.call.session.name_of(account) })).collect();
    admin.page(&list, ("members", members), found.next)
}

pub(super) async fn add(admin: Admin<'_>) -> Answer {
    change(admin, "group.addMembers", MemberChange::Add).await
}

pub(super) async fn remove(admin: Admin<'_>) -> Answer {
    change(admin, "group.removeMembers", MemberChange::Remove).await
}

async fn change(mut admin: Admin<'_>, method: &'static str, change: MemberChange) -> Answer {
    let Named { name, members } = admin.call.body().await?;
    let noted = Change::of(method, &name, AskedFor::default().texts("members", &members));
    let changed = async {
        let who = admin.call.session.accounts_named(&admin.of.target().0, &members)?;
        if who.is_empty() {
            return Err(Error::invalid("members: nobody is named").into());
        }
        admin.of.change_members(&admin.group(&name)?, change, &who).await?;
        done()
    };
    let changed = changed.await;
    admin.noted(noted, changed).await
}
