//! APPEND into a mailbox whose institution's scanners look at what is put there (RFC 9051 §6.3.12, RFC 3502, RFC 7888, RFC 3516).
//!
//! The command runs on a store connection of its own. Each message's last octets wait for the verdict; on a bad one that
//! connection is dropped, so that the store has never seen a whole message, and of several it keeps none. OK is the store's
//! word only. A store that is lost behind the end leaves it unknown what became of the message: then the client hears BYE.

use crate::{
    NAME,
    arriving::{Arriving, Gone},
    relay::{End, Relay},
    shared::{Appending, Command, Foreign, Home, Part, Wire, answer_of, hang_up, told},
};
use passerelle_core::{Add, Allows, Authorized, Error, Lookup, Screening, Unfit};
use passerelle_model::{MailboxRef, Rights};
use passerelle_observe::{BackendFault, MessageStored, emit};
use passerelle_wire_imap::Boundary;
use std::{io, net::IpAddr};
use tokio::io::AsyncWriteExt;

/// What is read of a message at a time, in octets; as much of its end waits for the verdict.
const PIECE: usize = 16 * 1024;
/// How often the store may be silent for a deadline before what it says of a message that it has whole is given up.
const PATIENCE: u32 = 10;

/// What is said to what cannot be looked at, such as parts of CATENATE.
pub(crate) const NO_MESSAGE: &str = "NO [CANNOT] Only whole messages are put there, for scanners to look at";

/// What is said to a message that is larger than one may be (RFC 7889 §4).
const TOO_LARGE: &str = "NO [TOOBIG] This is larger than a message may be";

/// How the command ended.
enum Outcome {
    /// The store's own answer.
    Answered(Vec<u8>),
    /// Nothing was put there, and this is said of it.
    Refused(Refusal),
}

struct Refusal {
    /// For the log: `refused`, `deferred`.
    result: &'static str,
    words: String,
}

/// Whose message it is.
struct Whose {
    client: IpAddr,
    /// What may be done in the mailbox.
    rights: Rights,
    /// Whether the mailbox is the client's own.
    own: bool,
}

/// Why nothing can be answered.
enum Broken {
    Client(Gone),
    /// The store was lost when it had all.
    Unknown(io::Error),
}

impl Relay {
    /// APPEND into one of the client's own mailboxes, where its institution's scanners look.
    pub(crate) async fn append_own(&mut self, command: &Command) -> Result<(), End> {
        match self.own_mailbox(command.text(0)).await {
            Ok(handle) if handle.is_screened() => {
                let name = command.text(0).to_vec();
                self.append_screened(command, &Foreign::Shared(handle), Some(name)).await
            }
            // No scanner looks there any more.
            Ok(_) => self.pass_own(command),
            Err(error) => {
                self.refuse(command, told(&error));
                Ok(())
            }
        }
    }

    /// APPEND into a mailbox that was opened. `own` is its name, where it is the client's own.
    pub(crate) async fn append_screened<R>(
        &mut self,
        command: &Command,
        place: &Foreign<R>,
        own: Option<Vec<u8>>,
    ) -> Result<(), End>
    where
        R: Allows<Add> + Allows<Lookup>,
    {
        let Some(handle) = place.screened() else { return Ok(()) };
        let rights = if own.is_some() { Rights::ALL } else { handle.rights() };
        let part = match Part::first(command, rights, own.is_some()) {
            Ok(part) => part,
            Err(Error::Unsupported { .. }) => {
                self.refuse(command, NO_MESSAGE);
                return Ok(());
            }
            Err(error) => {
                self.refuse(command, told(&error));
                return Ok(());
            }
        };
        let mut goal = match Appending::open(place, &self.facts, self.enabled, own.as_deref()).await {
            Ok(goal) => goal,
            // A store that is reached with its owner's password only.
            Err(Error::Unsupported { .. }) if own.is_some() => {
                self.refuse(command, "NO [CANNOT] The mail store cannot be reached for messages that are looked at");
                return Ok(());
            }
            Err(error) => {
                self.refuse(command, told(&error));
                return Ok(());
            }
        };
        let (said, waiting) = self.pipes.take_over();
        let client = self.facts.address;
        let mut arriving = Arriving::new(&mut self.client, waiting, self.idle, self.offer.largest);
        let carried = async {
            arriving.say(&said).await?;
            carry(&mut arriving, &mut goal, handle, part, Whose { client, rights, own: own.is_some() }).await
        };
        let outcome = carried.await;
        let (rest, octets) = arriving.end();
        self.pipes.give_back(rest, octets);
        let institution = &handle.target().owner.institution;
        let done = |result| emit(MessageStored { institution, surface: NAME, result, octets });
        match outcome {
            Ok(Outcome::Answered(tagged)) => {
                let is_ok = tagged.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"OK "));
                done(if is_ok { "accepted" } else { "refused" });
                hang_up(goal.stream).await;
                let tagged = answer_of(&tagged, is_ok || own.is_some());
                let said = [command.tag(), b" ", &tagged[..]].concat();
                if is_ok { self.conclude_append(place.home(), said).await } else { self.say_whole(&said) }
            }
            Ok(Outcome::Refused(Refusal { result, words })) => {
                done(result);
                self.say(command.tag(), words.as_bytes());
                Ok(())
            }
            Err(Broken::Client(Gone { reason, words })) => Err(End { reason, words }),
            Err(Broken::Unknown(error)) => {
                done("unknown");
                let error = Error::unavailable("the mail store", "putting a message into a mailbox", error);
                emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" });
                Err(End { reason: "append", words: "The mail store was lost: it may have the message or not" })
            }
        }
    }

    fn say_whole(&mut self, said: &[u8]) -> Result<(), End> {
        self.pipes.say(said);
        Ok(())
    }

    /// The message is there: whoever has that mailbox open hears of it before the answer (RFC 9051 §6.3.12).
    async fn conclude_append(&mut self, home: Home, said: Vec<u8>) -> Result<(), End> {
        let heard = match &mut self.side {
            Some(side) if side.selected.is_some() => match side.home == home {
                true => {
                    side.ask(b"NOOP").await.map_err(|_| End { reason: "side", words: "The mail store does not answer" })
                }
                false => return self.say_whole(&said),
            },
            Some(_) | None => self.ask_own(b"n", b"NOOP").await,
        };
        match heard {
            Ok(answer) => {
                self.pipes.say(&answer.untagged.concat());
                self.say_whole(&said)
            }
            Err(end) => {
                // The store has the message, whatever became of the other connection.
                let _ = self.client.write_all(&said).await;
                Err(end)
            }
        }
    }
}

/// The whole command.
async fn carry<R: Allows<Add>>(
    arriving: &mut Arriving<'_>,
    goal: &mut Appending,
    handle: &Authorized<MailboxRef, R>,
    mut part: Part,
    whose: Whose,
) -> Result<Outcome, Broken> {
    let mut line = [b"s ", &goal.line[..], b" "].concat();
    loop {
        if !arriving.may_come(part.boundary, part.length)? {
            return Ok(Outcome::Refused(Refusal { result: "refused", words: TOO_LARGE.to_owned() }));
        }
        line.extend_from_slice(&part.text);
        line.extend_from_slice(b"\r\n");
        match ask(goal, &line).await {
            Ok(None) => {}
            Ok(Some(tagged)) => {
                arriving.pass_over(part.boundary, part.length).await?;
                return Ok(Outcome::Answered(tagged));
            }
            Err(error) => {
                arriving.pass_over(part.boundary, part.length).await?;
                return Ok(Outcome::Refused(lost(error)));
            }
        }
        if part.boundary == Boundary::Waits {
            arriving.say(b"+ Go on\r\n").await?;
        }
        // From here the literal comes, and is read whatever becomes of it.
        let (passed, left) = message(arriving, goal, handle, part.length, whose.client).await?;
        if let Err(refusal) = passed {
            arriving.pass_over(Boundary::Follows, left).await?;
            return Ok(Outcome::Refused(refusal));
        }
        let (text, boundary) = arriving.line().await?;
        if boundary == Boundary::Message && text.trim_ascii().is_empty() {
            break;
        }
        // RFC 3502: another message. What goes on in any other way is refused whole: the store has had no end.
        part = match Part::further(text, boundary, whose.rights, whose.own) {
            Ok(part) => part,
            Err((boundary, length)) => {
                arriving.pass_over(boundary, length).await?;
                return Ok(Outcome::Refused(Refusal { result: "refused", words: NO_MESSAGE.to_owned() }));
            }
        };
        line = b" ".to_vec();
    }
    let mut wire = Wire { stream: &mut goal.stream, early: &mut goal.early };
    if let Err(error) = wire.send(b"\r\n").await {
        return Err(Broken::Unknown(error));
    }
    let mut silences = 0;
    loop {
        match wire.answer(b"s").await {
            Ok(answer) => return Ok(Outcome::Answered(answer.tagged)),
            Err(error) if error.kind() == io::ErrorKind::TimedOut && silences < PATIENCE => silences += 1,
            Err(error) => return Err(Broken::Unknown(error)),
        }
    }
}

/// Says a line that announces a message; the store's answer, when that is no `+`.
async fn ask(goal: &mut Appending, line: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut wire = Wire { stream: &mut goal.stream, early: &mut goal.early };
    wire.send(line).await?;
    loop {
        let response = wire.response().await?;
        if response.starts_with(b"+") {
            return Ok(None);
        }
        if let Some(tagged) = response.strip_prefix(b"s ") {
            return Ok(Some(tagged.to_vec()));
        }
    }
}

/// One message, from the client to the scanners and the store: whether the store has it whole, and how many of its octets
/// have not been read.
async fn message<R: Allows<Add>>(
    arriving: &mut Arriving<'_>,
    goal: &mut Appending,
    handle: &Authorized<MailboxRef, R>,
    length: u64,
    client: IpAddr,
) -> Result<(Result<(), Refusal>, u64), Broken> {
    let mut screening = match handle.screen(Some(client)).await {
        Ok(screening) => screening,
        Err(error) => {
            return Ok((Err(Refusal { result: "refused", words: told(&error).to_owned() }), length));
        }
    };
    let mut wire = Wire { stream: &mut goal.stream, early: &mut goal.early };
    let (mut left, mut held) = (length, Vec::new());
    while left > 0 {
        let piece = arriving.some(left, PIECE).await?;
        left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(left));
        screening.write(&piece).await;
        if let Err(error) = wire.send(&std::mem::replace(&mut held, piece)).await {
            return Ok((Err(lost(error)), left));
        }
    }
    if let Err(refusal) = judged(screening).await {
        return Ok((Err(refusal), 0));
    }
    let sent = wire.send(&held).await.map_err(lost);
    Ok((sent, 0))
}

/// The scanners' verdict, and the words for a bad one (RFC 5530 §3).
pub(crate) async fn judged_words(screening: Screening) -> Result<(), String> {
    judged(screening).await.map_err(|refusal| refusal.words)
}

async fn judged(screening: Screening) -> Result<(), Refusal> {
    match screening.verdict().await {
        Ok(unscanned) => {
            for error in unscanned {
                emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" });
            }
            Ok(())
        }
        Err(Unfit::Found { what, .. }) => {
            Err(Refusal { result: "refused", words: format!("NO [CANNOT] The message is refused: {what}") })
        }
        Err(Unfit::Later) => {
            let words = "NO [UNAVAILABLE] The message cannot be taken now, try again later".to_owned();
            Err(Refusal { result: "deferred", words })
        }
        Err(Unfit::Unscanned(error)) => {
            emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" });
            let words = "NO [UNAVAILABLE] The message could not be looked at, try again later".to_owned();
            Err(Refusal { result: "deferred", words })
        }
    }
}

/// The store was lost before it had a whole message: it has none.
fn lost(error: io::Error) -> Refusal {
    let error = Error::unavailable("the mail store", "putting a message into a mailbox", error);
    Refusal { result: "deferred", words: told(&error).to_owned() }
}

impl From<Gone> for Broken {
    fn from(gone: Gone) -> Self {
        Self::Client(gone)
    }
}
