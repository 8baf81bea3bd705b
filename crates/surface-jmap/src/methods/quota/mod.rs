//! `Quota` (RFC 9425): the room for mail as its store says, and that for files as the person's own share says. Nobody sets one here.

pub(crate) mod changes;
pub(crate) mod get;
pub(crate) mod query;

use passerelle_core::{Error, Lookup, Read, Result, Session, Strength};
use passerelle_model::MailboxRef;
use serde_json::{Value, json};

/// What there can be room for, with its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Mail,
    Files,
}

impl Of {
    const ALL: [Self; 2] = [Self::Mail, Self::Files];

    const fn id(self) -> &'static str {
        match self {
            Self::Mail => "Qmail",
            Self::Files => "Qfiles",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Mail => "Mail",
            Self::Files => "Files",
        }
    }

    /// The type of what takes the room.
    const fn of_type(self) -> &'static str {
        match self {
            Self::Mail => "Email",
            Self::Files => "FileNode",
        }
    }
}

/// Room that has a limit, in octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    of: Of,
    used: u64,
    limit: u64,
}

/// What the stores say.
#[derive(Debug)]
pub(crate) struct Quotas {
    all: Vec<Quota>,
    /// Those whose store cannot be reached now, and why.
    away: Vec<(Of, Error)>,
}

impl Quotas {
    async fn of(session: &Session) -> Result<Self> {
        let mut quotas = Self { all: Vec::new(), away: Vec::new() };
        for of in Of::ALL {
            let room = match of {
                Of::Mail => mail(session).await,
                Of::Files => files(session).await,
            };
            match room {
                Ok(Some((used, limit))) => quotas.all.push(Quota { of, used, limit }),
                // Where nobody says, and what one may not look up, there is none.
                Ok(None) | Err(Error::Unsupported { .. } | Error::NotFound | Error::Forbidden) => {}
                Err(error @ Error::Unavailable { .. }) => quotas.away.push((of, error)),
                Err(error) => return Err(error),
            }
        }
        Ok(quotas)
    }

    /// All of them, or why not.
    fn whole(&self) -> Result<&[Quota]> {
        // What is away is not told as what is not there.
        self.away.first().map_or(Ok(&self.all), |(_, error)| Err(error.clone()))
    }

    /// `Qmail-10-512.Qfiles-?`: what is told of each.
    fn state(&self) -> String {
        let told = |of: Of| {
            let found = self.all.iter().find(|it| it.of == of);
            let away = self.away.iter().any(|(it, _)| *it == of).then(|| format!("{}-?", of.id()));
            found.map(|it| format!("{}-{}-{}", of.id(), it.used, it.limit)).or(away)
        };
        let all: Vec<String> = Of::ALL.into_iter().filter_map(told).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(".") }
    }
}

impl Quota {
    fn json(&self, wanted: &[&str]) -> Value {
        let whole = json!({
            "id": self.of.id(),
            "resourceType": "octets",
            "used": self.used,
            "hardLimit": self.limit,
            "scope": "account",
            "name": self.of.name(),
            "types": [self.of.of_type()],
            "warnLimit": null,
            "softLimit": null,
            "description": null,
        });
        match whole {
            Value::Object(all) => all.into_iter().filter(|(name, _)| wanted.contains(&name.as_str())).collect(),
            other => other,
        }
    }
}

async fn mail(session: &Session) -> Result<Option<(u64, u64)>> {
    let owner = session.principal()?.account().clone();
    let inbox = session.open::<_, Read>(MailboxRef { owner, name: "INBOX".to_owned() }).await?;
    Ok(inbox.latest(0).await?.room.map(|room| (room.used, room.limit)))
}

async fn files(session: &Session) -> Result<Option<(u64, u64)>> {
    let principal = session.principal()?;
    // An app password or a token that came here opens mail, and perhaps nothing else.
    if principal.strength() != Strength::Password && session.expires().is_none() {
        return Ok(None);
    }
    let Some(home) = session.home_of(principal.account()) else { return Ok(None) };
    let space = session.open::<_, Lookup>(home).await?.space().await?;
    Ok(Some((space.used, space.used.saturating_add(space.available))))
}
