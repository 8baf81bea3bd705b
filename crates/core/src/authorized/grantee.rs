//! Whether somebody who is to be given rights is there at all.

use crate::{Actor, Permit, Read, Result, door, house::House};
use passerelle_model::{Grantee, InstitutionRef};
use std::sync::Arc;

/// Whether a grantee is there. The gate looks itself: whoever may share with somebody need not be let into the directory
/// that somebody is in. A link was looked up by its id before.
///
/// # Errors
/// `Unavailable` when the directory or State cannot say.
pub(super) async fn is_there(house: &Arc<House>, actor: Arc<Actor>, to: &Grantee) -> Result<bool> {
    Ok(match to {
        Grantee::Account(account) => door::find_any(house, account).await?.is_some(),
        Grantee::Group(group) if group.id.is_of_gateway() => house.state.gateway_group(group).await?.is_some(),
        Grantee::Group(group) => {
            let permit: Permit<InstitutionRef, Read> =
                Permit::mint(InstitutionRef(group.institution.clone()), actor, None);
            let within = house.tenant(&group.institution)?.facts.groups_within();
            house.directory(&group.institution)?.group(&permit, within, &group.id).await?.is_some()
        }
        Grantee::Institution(institution) => house.tenant(institution).is_ok(),
        Grantee::Link(_) => true,
    })
}
