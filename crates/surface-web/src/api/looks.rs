//! `POST /api/looks`: how the office looks, for the person's next browser too. The language counts for the pages without script
//! as well.

use super::{Answer, Call, done};
use crate::{looks::Looks, respond};
use passerelle_core::Error;

pub(super) async fn keep(mut call: Call<'_>) -> Answer {
    let looks: Looks = call.body().await?;
    if !looks.can_be() {
        return Err(Error::invalid("no language that is spoken here").into());
    }
    looks.keep(&call.session).await?;
    Ok(respond::with_choice(done()?, &looks.on(call.face)))
}
