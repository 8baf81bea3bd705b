//! The store itself, by IMAP: who reads it, and who puts messages into it on whatever side.

use crate::{ARRIVALS, Way};
use passerelle_benches::{Result, line::Line, wrong};

/// What a row of a list shows, as the office asks for it by JMAP.
const ROW_BY_IMAP: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE PREVIEW)";

/// IMAP (RFC 3501), as much of it as is asked here.
pub(crate) struct Imap {
    line: Line,
    tag: usize,
}

impl Imap {
    pub(crate) async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut imap = Self { line: Line::open(address).await?, tag: 0 };
        imap.line.line().await?;
        imap.ask(&format!("LOGIN {user} {password}")).await?;
        Ok(imap)
    }

    /// Commands one behind the other without waiting; the answers of all of them.
    async fn ask_all(&mut self, commands: &[&str]) -> Result<String> {
        let mut written = String::new();
        for command in commands {
            self.tag += 1;
            written.push_str(&format!("t{} {command}\r\n", self.tag));
        }
        self.line.send(written.as_bytes()).await?;
        let at = self.last_line().await?;
        let end = self.line.until(b"\r\n", at).await?;
        let answer = String::from_utf8_lossy(&self.line.take(end + 2)).into_owned();
        // Nothing in these mailboxes looks like a tagged answer.
        match answer.lines().find(|line| line.starts_with('t') && (line.contains(" NO ") || line.contains(" BAD "))) {
            Some(refusal) => Err(wrong(&written, refusal)),
            None => Ok(answer),
        }
    }

    /// Where the tagged answer to the last command begins: an answer may be nothing but that line.
    async fn last_line(&mut self) -> Result<usize> {
        let tag = format!("t{} ", self.tag);
        while self.line.had.len() < tag.len() {
            self.line.more().await?;
        }
        if self.line.had.starts_with(tag.as_bytes()) {
            return Ok(0);
        }
        Ok(self.line.until(format!("\r\n{tag}").as_bytes(), 0).await? + 2)
    }

    async fn ask(&mut self, command: &str) -> Result<String> {
        self.ask_all(&[command]).await
    }
}

/// The number behind a word in an answer.
fn number_behind(answer: &str, word: &str) -> Result<u64> {
    let digits: String =
        answer.rsplit_once(word).map_or("", |(_, rest)| rest).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| wrong(word, answer))
}

/// Who puts messages into the mailbox and takes them out.
pub(crate) struct Store(Imap);

impl Store {
    pub(crate) async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut imap = Imap::open(address, user, password).await?;
        imap.ask("SELECT INBOX").await?;
        Ok(Self(imap))
    }

    /// Ten new messages; their UIDs as APPENDUID tells them (RFC 4315).
    pub(crate) async fn arrive(&mut self) -> Result<Vec<u64>> {
        let mut uids = Vec::new();
        for number in 0..ARRIVALS {
            let message = format!(
                "From: Jury <jury@a.test>\r\nTo: list@a.test\r\nSubject: Arrival {number}\r\nMessage-ID: <{number}.{}.{}@a.test>\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\n\r\nThe session of the jury begins at ten.\r\n",
                self.0.tag,
                // What a store has had before is nothing new to it.
                std::process::id()
            );
            let answer = self.0.ask(&format!("APPEND INBOX {{{}+}}\r\n{message}", message.len())).await?;
            let uid =
                answer.split("APPENDUID ").nth(1).and_then(|rest| rest.split([' ', ']']).nth(1)).unwrap_or_default();
            uids.push(uid.parse().map_err(|_| wrong("APPEND", &answer))?);
        }
        Ok(uids)
    }

    pub(crate) async fn remove(&mut self, uids: &[u64]) -> Result<()> {
        let (first, last) = (uids.iter().min().copied().unwrap_or(0), uids.iter().max().copied().unwrap_or(0));
        self.0.ask(&format!("UID STORE {first}:{last} +FLAGS.SILENT (\\Deleted)")).await?;
        self.0.ask(&format!("UID EXPUNGE {first}:{last}")).await.map(drop)
    }
}

/// A client of the store itself that keeps the mailbox selected.
pub(crate) struct ByImap {
    imap: Imap,
    next: u64,
    modseq: u64,
}

impl ByImap {
    pub(crate) async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut imap = Imap::open(address, user, password).await?;
        imap.ask("ENABLE CONDSTORE QRESYNC").await?;
        Ok(Self { imap, next: 0, modseq: 0 })
    }
}

impl Way for ByImap {
    type Answer = String;

    async fn screen(&mut self) -> Result<String> {
        // Selected anew, as who comes to a mailbox does; sorted and cut by the server (RFC 5256, RFC 5267).
        let sorted = self
            .imap
            .ask_all(&["SELECT INBOX", "UID SORT RETURN (PARTIAL 1:50 COUNT) (REVERSE ARRIVAL) UTF-8 ALL"])
            .await?;
        let uids = sorted.split("PARTIAL (1:50 ").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or_default();
        self.imap.ask(&format!("UID FETCH {uids} {ROW_BY_IMAP}")).await
    }

    async fn folders(&mut self) -> Result<String> {
        self.imap.ask("LIST \"\" \"*\" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ))").await
    }

    async fn changes(&mut self) -> Result<(String, usize)> {
        let changed = format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {} VANISHED)", self.modseq);
        let new = format!("UID FETCH {}:* {ROW_BY_IMAP}", self.next);
        // Sent together with what follows, this server looks for what is new when that is answered.
        self.imap.ask("NOOP").await?;
        Ok((self.imap.ask_all(&[&changed, &new]).await?, 2))
    }

    async fn seen(&mut self) -> Result<()> {
        let answer = self.imap.ask("SELECT INBOX").await?;
        self.next = number_behind(&answer, "UIDNEXT ")?;
        self.modseq = number_behind(&answer, "HIGHESTMODSEQ ")?;
        Ok(())
    }

    fn rows(answer: &String) -> usize {
        answer.matches(" ENVELOPE (").count()
    }

    fn lists(answer: &String) -> bool {
        answer.contains("* STATUS ") && answer.contains("INBOX")
    }
}
