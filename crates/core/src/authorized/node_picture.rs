//! Files that are looked into for a small picture of them.

use crate::{
    Actor, Allows, Authorized, Error, Read, Result,
    ports::{FileContent, Node},
};
use passerelle_model::NodeRef;

impl<R: Allows<Read>> Authorized<NodeRef, R> {
    /// What is here, for whoever may be shown what is in it. A picture is no download: the page of a link shows one beside each
    /// image, so that looking at the page alone would use the link up. A link that is used up shows none either.
    ///
    /// # Errors
    /// `NotFound` when nothing is here, or a link is used up.
    pub async fn stat_for_picture(&self) -> Result<Node> {
        self.check_not_used_up().await?;
        self.port.stat(&self.permit.narrow::<Read>().narrow()).await
    }

    /// Opens the file for a picture of it, and for nothing that hands its content on.
    ///
    /// # Errors
    /// As [`Self::stat_for_picture`]; `Invalid` when it is a folder.
    pub async fn open_for_picture(&self) -> Result<Box<dyn FileContent>> {
        self.check_not_used_up().await?;
        self.port.open(&self.permit.narrow()).await
    }

    async fn check_not_used_up(&self) -> Result<()> {
        let Actor::Link(holder) = self.permit.actor() else { return Ok(()) };
        let Some(root) = holder.root.node().filter(|_| holder.counted) else { return Ok(()) };
        let links = self.house.state.links_to(&root.target()).await?;
        let link = links.into_iter().find(|link| link.id == holder.id).ok_or(Error::NotFound)?;
        if link.most_downloads.is_none_or(|most| link.downloads < most) { Ok(()) } else { Err(Error::NotFound) }
    }
}
