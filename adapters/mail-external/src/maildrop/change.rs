//! Marks, and what they lead to. A mark lasts as long as the connection; EXPUNGE deletes in a session of its own, by DELE for
//! each message and QUIT (RFC 1939 §6). What is cut before QUIT has deleted nothing and is answered NO; what is cut behind it is not
//! known, so nothing is said and the connection ends.

use super::{Maildrop, Stop, pipe::Pipe, say, text};
use passerelle_wire_imap::Word;

impl Maildrop {
    pub(super) async fn store(
        &mut self,
        pipe: &mut Pipe,
        set: &Word,
        how: &Word,
        flags: &Word,
        by_uid: bool,
    ) -> Result<(), Stop> {
        if !self.is_writable() {
            return Err(Stop::No("[NOPERM] It was opened to be read"));
        }
        let how = text(how).to_ascii_uppercase();
        let (how, is_silent) = how.strip_suffix(".SILENT").map_or((how.as_str(), false), |how| (how, true));
        let one = std::slice::from_ref(flags);
        let flags = flags.list().unwrap_or(one);
        let has = |flag: &str| flags.iter().any(|it| text(it).eq_ignore_ascii_case(flag));
        let (seen, deleted) = (has("\\Seen"), has("\\Deleted"));
        let change = match how {
            "FLAGS" | "+FLAGS" | "-FLAGS" => how,
            _ => return Err(Stop::Bad("FLAGS are meant")),
        };
        let places = self.places(set, by_uid)?;
        let mut said = String::new();
        for place in places {
            let Some(message) = self.view_mut().get_mut(place) else { continue };
            (message.seen, message.deleted) = match change {
                "+FLAGS" => (message.seen || seen, message.deleted || deleted),
                "-FLAGS" => (message.seen && !seen, message.deleted && !deleted),
                _ => (seen, deleted),
            };
            if !is_silent {
                let uid = if by_uid { format!("UID {} ", message.uid) } else { String::new() };
                let number = place.saturating_add(1);
                said.push_str(&format!("* {number} FETCH ({uid}FLAGS {})\r\n", message.flags()));
            }
        }
        say(pipe, said).await.map(drop)
    }

    /// Deletes what is marked, of these places or of all; what the client has to hear.
    pub(super) async fn expunge(&mut self, places: Option<&[usize]>) -> Result<String, Stop> {
        let is_meant = |place: &usize| places.is_none_or(|places| places.binary_search(place).is_ok());
        let marked = self.view().iter().enumerate().filter(|(place, message)| message.deleted && is_meant(place));
        let uids: Vec<u32> = marked.map(|(_, message)| message.uid).collect();
        if uids.is_empty() {
            return Ok(String::new());
        }
        if !self.is_writable() {
            return Err(Stop::No("[NOPERM] It was opened to be read"));
        }
        // A new one: nothing else may be on its way in it, and the numbers are those of this moment.
        self.look_again().await?;
        let mut pop = self.pop.take().ok_or(Stop::Gone)?;
        let mut is_whole = true;
        for message in self.view().iter().filter(|message| uids.contains(&message.uid) && message.number != 0) {
            is_whole &= pop.delete(message.number).await?;
        }
        if !is_whole {
            // Dropped without QUIT, which deletes nothing.
            return Err(Stop::No("The server does not let all of them be deleted, and none was"));
        }
        if !pop.quit().await.map_err(|_| Stop::Gone)? {
            // RFC 1939 §6: some may not have been removed. The next look says which.
            self.look_again().await?;
            return Err(Stop::No("Not all of them were deleted"));
        }
        self.held = None;
        self.there.retain(|message| !uids.contains(&message.uid));
        let there = self.there.clone();
        let Some((view, _)) = &mut self.selected else { return Ok(String::new()) };
        Ok(super::view::renewed(view, &there).concat())
    }
}
