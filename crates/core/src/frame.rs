//! Into a frame on a foreign site: a browser sends no cookie along there that it got elsewhere, so a window of ours hands its session
//! over to a frame of ours, in a code that works once within a minute.

use crate::{
    Door, Error, Result, Session,
    door::{find, open_token, resumed},
    seal::{self, Purpose},
};
use passerelle_model::Timestamp;

/// How long a code may be on its way, in seconds.
const ON_ITS_WAY: i64 = 60;
/// Longest code, in octets.
const LONGEST_CODE: usize = 8 * 1024;

impl Session {
    /// What takes this web session into a frame: the session itself, sealed, with the end of its way and a number that works
    /// once. Signing out ends it there too.
    ///
    /// # Errors
    /// `Unsupported` for what is no web session.
    pub fn frame_code(&self) -> Result<String> {
        let web = self.web.as_ref().ok_or(Error::Unsupported { what: "taking a connection into a frame" })?;
        let house = &self.house;
        let inside = web.seal(Purpose::Frame, house, self.principal()?)?;
        let until = (house.clock)().plus(ON_ITS_WAY).0.to_be_bytes();
        let plain = [&until[..], &seal::random::<16>()?, inside.as_bytes()].concat();
        house.sealer.seal(Purpose::Frame, house.state.epoch(), &plain)
    }
}

impl Door {
    /// Takes a session over in a frame.
    ///
    /// # Errors
    /// `Unauthenticated` for a code that is none, was used or is late, or whose session has ended; `Unavailable` when State or
    /// the directory cannot say.
    pub async fn enter_frame(&self, code: &str) -> Result<Session> {
        let house = self.house.load_full();
        if code.len() > LONGEST_CODE {
            return Err(Error::Unauthenticated);
        }
        let plain = house.sealer.open(Purpose::Frame, house.state.epoch(), code)?;
        let (until, rest) = plain.split_first_chunk::<8>().ok_or(Error::Unauthenticated)?;
        let (number, inside) = rest.split_first_chunk::<16>().ok_or(Error::Unauthenticated)?;
        let (until, now) = (Timestamp(i64::from_be_bytes(*until)), (house.clock)());
        let inside = std::str::from_utf8(inside).map_err(|_| Error::Unauthenticated)?;
        if now >= until {
            return Err(Error::Unauthenticated);
        }
        let opened = open_token(Purpose::Frame, &house, inside)?;
        let once = seal::sha256(&[b"frame ".as_slice(), number].concat());
        if !house.state.claim(&once, until, now).await? {
            return Err(Error::Unauthenticated);
        }
        let person = find(&house, &opened.account).await?.ok_or(Error::Unauthenticated)?;
        resumed(house, opened, person)
    }
}
