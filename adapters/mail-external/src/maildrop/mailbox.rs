//! The one mailbox: LIST, STATUS, SELECT, and the commands about its messages that only read.

use super::{
    FRESH, Maildrop, Stop,
    items::items,
    pipe::Pipe,
    say,
    search::{Unsearchable, keys},
    text,
    view::named,
};
use passerelle_wire_imap::{Word, matches};

/// Most headers that one search fetches.
const MOST_HEADERS: usize = 1_000;

/// `LIST reference mailbox`: the root, or the one mailbox that there is.
pub(super) fn listed(verb: &str, rest: &[Word]) -> String {
    let pattern = rest.get(1).map(text).unwrap_or_default();
    if pattern.is_empty() {
        return format!("* {verb} (\\Noselect) \"/\" \"\"\r\n");
    }
    match matches(&pattern, "INBOX", '/') || pattern.eq_ignore_ascii_case("INBOX") {
        true => format!("* {verb} (\\HasNoChildren) \"/\" INBOX\r\n"),
        false => String::new(),
    }
}

fn check_name(word: Option<&Word>) -> Result<(), Stop> {
    let is_inbox = word.is_some_and(|word| text(word).eq_ignore_ascii_case("INBOX"));
    if is_inbox { Ok(()) } else { Err(Stop::No("[NONEXISTENT] A maildrop has one folder")) }
}

impl Maildrop {
    pub(super) async fn status(&mut self, pipe: &mut Pipe, rest: &[Word]) -> Result<&'static str, Stop> {
        check_name(rest.first())?;
        let wanted = rest.get(1).and_then(Word::list).ok_or(Stop::Bad("Items are meant"))?;
        self.look_if_stale().await?;
        let count = self.there.len();
        let mut told = Vec::new();
        for word in wanted {
            let name = text(word).to_ascii_uppercase();
            let number = match name.as_str() {
                // A maildrop knows of no reading: what is there is unread for all that it says.
                "MESSAGES" | "UNSEEN" => u64::try_from(count).unwrap_or(u64::MAX),
                "RECENT" | "DELETED" => 0,
                "UIDNEXT" => u64::from(self.numbered.next),
                "UIDVALIDITY" => u64::from(self.numbered.validity),
                "SIZE" => self.there.iter().map(|message| message.size).fold(0, u64::saturating_add),
                _ => return Err(Stop::Bad("There is no such item")),
            };
            told.push(format!("{name} {number}"));
        }
        say(pipe, format!("* STATUS INBOX ({})\r\n", told.join(" "))).await
    }

    pub(super) async fn select(&mut self, pipe: &mut Pipe, verb: &str, rest: &[Word]) -> Result<&'static str, Stop> {
        self.selected = None;
        check_name(rest.first())?;
        self.look_if_stale().await?;
        let (validity, next) = (self.numbered.validity, self.numbered.next);
        let said = format!(
            "* FLAGS (\\Seen \\Deleted)\r\n* {} EXISTS\r\n* 0 RECENT\r\n* OK [PERMANENTFLAGS ()] No mark outlives this\r\n\
             * OK [UIDVALIDITY {validity}] so\r\n* OK [UIDNEXT {next}] so\r\n",
            self.there.len(),
        );
        let writable = verb == "SELECT";
        self.selected = Some((self.there.clone(), writable));
        say(pipe, said).await?;
        Ok(if writable { "[READ-WRITE] selected" } else { "[READ-ONLY] selected" })
    }

    async fn look_if_stale(&mut self) -> Result<(), Stop> {
        if self.looked_at.elapsed() > FRESH { self.look_again().await } else { Ok(()) }
    }

    pub(super) async fn about_messages(
        &mut self,
        pipe: &mut Pipe,
        verb: &str,
        rest: &[Word],
        by_uid: bool,
    ) -> Result<&'static str, Stop> {
        if self.selected.is_none() {
            return Err(Stop::Bad("Nothing is selected"));
        }
        match (verb, rest) {
            ("FETCH", [set, wanted]) => {
                let wanted = items(wanted).ok_or(Stop::Bad("There are no such items"))?;
                let places = self.places(set, by_uid)?;
                self.need().await?;
                let mut gone = None;
                for place in places {
                    match self.fetch(pipe, place, &wanted, by_uid).await {
                        // The others are there.
                        Err(Stop::No(words)) => gone = Some(words),
                        other => other?,
                    }
                }
                if let Some(words) = gone {
                    return Err(Stop::No(words));
                }
            }
            ("SEARCH", keys) => self.search(pipe, keys, by_uid).await?,
            ("STORE", [set, how, flags]) => self.store(pipe, set, how, flags, by_uid).await?,
            ("EXPUNGE", []) if !by_uid => {
                let said = self.expunge(None).await?;
                return say(pipe, said).await;
            }
            ("EXPUNGE", [set]) if by_uid => {
                let places = self.places(set, true)?;
                let said = self.expunge(Some(&places)).await?;
                return say(pipe, said).await;
            }
            ("COPY" | "MOVE", _) => return Err(Stop::No("[CANNOT] A maildrop takes nothing")),
            _ => return Err(Stop::Bad("This is not known here")),
        }
        if by_uid {
            // What is named by numbers keeps them until the command is over (RFC 9051 §7.5.1).
            self.tell(pipe).await?;
        }
        Ok("done")
    }

    pub(super) fn places(&self, set: &Word, by_uid: bool) -> Result<Vec<usize>, Stop> {
        named(self.view(), text(set).as_bytes(), by_uid).ok_or(Stop::Bad("A set is meant"))
    }

    async fn search(&mut self, pipe: &mut Pipe, words: &[Word], by_uid: bool) -> Result<(), Stop> {
        let key = keys(words, self.view()).map_err(|why| match why {
            Unsearchable::Wrong => Stop::Bad("This is no search that is known here"),
            Unsearchable::Bodies => Stop::No("[CANNOT] A maildrop is searched by its headers only"),
        })?;
        let needs = key.needs_header();
        if needs {
            if self.view().len() > MOST_HEADERS {
                return Err(Stop::No("[LIMIT] Too many headers would have to be fetched"));
            }
            self.need().await?;
        }
        let (mut found, view) = (Vec::new(), self.view().to_vec());
        for (place, message) in view.iter().enumerate() {
            let header = match needs && message.number != 0 {
                true => self.header(message).await?,
                false => Vec::new(),
            };
            if key.fits(place, message, &header) {
                found.push(if by_uid { message.uid.to_string() } else { place.saturating_add(1).to_string() });
            }
        }
        let space = if found.is_empty() { "" } else { " " };
        say(pipe, format!("* SEARCH{space}{}\r\n", found.join(" "))).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox() {
        let listed = |pattern: &str| listed("LIST", &[Word::Text(Vec::new()), Word::Text(pattern.as_bytes().to_vec())]);
        assert_eq!(listed(""), "* LIST (\\Noselect) \"/\" \"\"\r\n");
        for (pattern, is_there) in
            [("*", true), ("%", true), ("inbox", true), ("IN%", true), ("x", false), ("a/*", false)]
        {
            assert_eq!(listed(pattern).contains("INBOX"), is_there, "{pattern}");
        }
    }
}
