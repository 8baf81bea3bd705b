//! How the office looks to a person, kept with the account: what was chosen in one browser is there in the next from its first
//! stroke on, since it stands in the page.

use crate::face::Face;
use passerelle_core::{Manage, Read, Result, Session};
use passerelle_model::AccountRef;
use passerelle_observe::{BackendFault, emit};
use passerelle_words::known;
use serde::{Deserialize, Serialize};

/// The preference that they are.
const NAME: &str = "office.looks";

/// What was chosen; of what was not, the browser decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Looks {
    theme: Option<Theme>,
    density: Option<Density>,
    /// A tag; one that there are no words in any more counts as none.
    language: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Density {
    Comfortable,
    Compact,
}

impl Looks {
    /// Those of whoever has signed on. What cannot be had now counts as not chosen: the office starts all the same.
    pub(crate) async fn of(session: &Session, request: &str) -> Self {
        match kept(session).await {
            Ok(looks) => looks,
            Err(error) => {
                emit(BackendFault { surface: crate::NAME, chain: &error.chain(), request });
                Self::default()
            }
        }
    }

    /// Keeps them.
    pub(crate) async fn keep(&self, session: &Session) -> Result<()> {
        let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
        own.set_preference(NAME, serde_json::to_string(self).ok().as_deref()).await
    }

    /// Whether the language is one that can be spoken.
    pub(crate) fn can_be(&self) -> bool {
        self.language.as_deref().is_none_or(|language| known(language) == Some(language))
    }

    /// The face in the language that was chosen.
    pub(crate) fn on(&self, face: Face) -> Face {
        match self.language.as_deref().and_then(known) {
            Some(language) => face.spoken_in(language),
            None => face,
        }
    }

    /// The beginning of the office's page. A language stands there as a choice only where somebody has made one.
    pub(crate) fn html(&self, face: &Face) -> String {
        let theme = self.theme.map(|theme| match theme {
            Theme::System => " data-theme=\"system\"",
            Theme::Light => " data-theme=\"light\"",
            Theme::Dark => " data-theme=\"dark\"",
        });
        let density = self.density.map(|density| match density {
            Density::Comfortable => " data-density=\"comfortable\"",
            Density::Compact => " data-density=\"compact\"",
        });
        let (theme, density) = (theme.unwrap_or_default(), density.unwrap_or_default());
        let (language, direction) = (face.language, face.direction());
        let chosen = if face.is_chosen { format!(" data-language=\"{language}\"") } else { String::new() };
        format!("<html lang=\"{language}\" dir=\"{direction}\"{chosen}{theme}{density}>")
    }
}

async fn kept(session: &Session) -> Result<Looks> {
    let own = session.open::<_, Read>(AccountRef(session.principal()?.account().clone())).await?;
    let kept = own.preferences().await?.remove(NAME);
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_and_nothing_else() {
        let looks = |text: &str| serde_json::from_str::<Looks>(text).ok();
        let dark = looks(r#"{"theme":"dark"}"#).unwrap_or_default();
        assert_eq!((dark.theme, dark.density), (Some(Theme::Dark), None));
        assert!(dark.can_be());
        assert!(looks(r#"{"theme":"dark","density":"compact","language":"ar"}"#).is_some_and(|looks| looks.can_be()));
        for odd in [r#"{"theme":"\"><script>"}"#, r#"{"colour":"red"}"#, ""] {
            assert_eq!(looks(odd), None, "{odd}");
        }
        assert!(looks(r#"{"language":"fr-FR"}"#).is_some_and(|looks| !looks.can_be()));
    }
}
