//! Making and changing accounts and groups. Each write is one LDAP operation where one suffices; where it takes several,
//! they come in an order in which a stop between two leaves nothing that gives somebody another's rights.

mod accounts;
mod entries;
mod groups;
mod looks;
mod making;
mod members;
mod settings;
mod write;

pub(crate) use settings::{Around, LockRule, ProvisionSettings, Written, is_below};
pub(crate) use write::Writer;

use crate::{directory::LdapDirectory, entry::Entry, failure::Failure};
use ldap3::{
    Ldap, LdapResult, Mod,
    asn1::parse_tag,
    controls::{Control, ControlType, PostRead},
};
use passerelle_core::{Error, Result};
use std::collections::HashSet;
use tokio::time::Instant;
use write::{Sent, Values, refusal};

impl LdapDirectory {
    /// The settings for writes.
    fn writing(&self) -> Result<(&ProvisionSettings, &Writer)> {
        match (&self.settings.provision, &self.writer) {
            (Some(settings), Some(writer)) => Ok((settings, writer)),
            _ => Err(Error::Unsupported { what: "making and changing accounts and groups" }),
        }
    }

    /// Adds an entry. Answers it as the server has it then, where the server tells (RFC 4527 §3.2): that saves asking for it.
    async fn add(&self, doing: &'static str, dn: &str, values: Values, deadline: Instant) -> Result<Option<Entry>> {
        let (dn, values) = (dn.to_owned(), values);
        let sent = move |mut ldap: Ldap| -> Sent {
            Box::pin(async move { ldap.with_controls(PostRead::new(vec!["*"])).add(&dn, values).await })
        };
        let result = self.send(doing, deadline, sent).await?;
        match result.rc {
            // RFC 4511 §4.7: the entry above is missing, which is the settings' fault and nobody's account.
            32 => {
                let why = "the branch for new entries is not there: correct `provision.people` or `provision.groups`";
                Err(Error::unavailable(&self.settings.name, doing, why))
            }
            _ => self.judged(doing, &result).map(|()| post_read(&result)),
        }
    }

    async fn modify(&self, doing: &'static str, dn: &str, changes: Vec<Mod<String>>, deadline: Instant) -> Result<()> {
        let result = self.modified(doing, dn, changes, deadline).await?;
        self.judged(doing, &result)
    }

    async fn modified(
        &self,
        doing: &'static str,
        dn: &str,
        changes: Vec<Mod<String>>,
        deadline: Instant,
    ) -> Result<LdapResult> {
        let dn = dn.to_owned();
        self.send(doing, deadline, move |mut ldap| Box::pin(async move { ldap.modify(&dn, changes).await })).await
    }

    /// RFC 4511 §4.9. The old name's value goes with it.
    async fn rename(
        &self,
        doing: &'static str,
        dn: &str,
        rdn: &str,
        above: Option<&str>,
        deadline: Instant,
    ) -> Result<()> {
        let (dn, rdn, above) = (dn.to_owned(), rdn.to_owned(), above.map(str::to_owned));
        let result = self
            .send(doing, deadline, move |mut ldap| {
                Box::pin(async move { ldap.modifydn(&dn, &rdn, true, above.as_deref()).await })
            })
            .await?;
        self.judged(doing, &result)
    }

    async fn delete(&self, doing: &'static str, dn: &str, deadline: Instant) -> Result<()> {
        let dn = dn.to_owned();
        let result =
            self.send(doing, deadline, move |mut ldap| Box::pin(async move { ldap.delete(&dn).await })).await?;
        self.judged(doing, &result)
    }

    async fn send(
        &self,
        doing: &'static str,
        deadline: Instant,
        operation: impl FnOnce(Ldap) -> Sent,
    ) -> Result<LdapResult> {
        let (_, writer) = self.writing()?;
        writer.send(deadline, operation).await.map_err(|failure: Failure| self.unavailable(doing, failure))
    }

    fn judged(&self, doing: &'static str, result: &LdapResult) -> Result<()> {
        refusal(&self.settings.name, doing, result).map_or(Ok(()), Err)
    }
}

/// The entry of a post-read control. The library's own reader panics on other octets.
fn post_read(result: &LdapResult) -> Option<Entry> {
    result.ctrls.iter().find_map(|Control(kind, raw)| match kind {
        Some(ControlType::PostReadResp) => Entry::read(parse_tag(raw.val.as_deref()?).ok()?.1),
        _ => None,
    })
}

/// Values of which there is none: what removes an attribute (RFC 4511 §4.6).
fn none() -> HashSet<String> {
    HashSet::new()
}
