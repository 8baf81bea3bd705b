//! Pictures that lie elsewhere, for whoever reads mail.

use crate::{
    Allows, Authorized, Error, Read, Result,
    ports::{LONGEST_ADDRESS, RemoteImage},
};
use passerelle_model::AccountRef;

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// Whether the institution fetches pictures from elsewhere.
    pub fn has_remote_images(&self) -> bool {
        self.port.images.is_some()
    }

    /// A picture by its address.
    ///
    /// # Errors
    /// As [`crate::ports::RemoteImages::fetch`]; `Unsupported` where the institution fetches none.
    pub async fn remote_image(&self, address: &str) -> Result<RemoteImage> {
        let images = self.port.images.as_deref().ok_or(Error::Unsupported { what: "pictures elsewhere" })?;
        if address.len() > LONGEST_ADDRESS {
            return Err(Error::NotFound);
        }
        images.fetch(&self.permit.narrow(), address).await
    }
}
