//! App passwords: 8 base32 characters of id and 24 of 120 random bits, in lower case (RFC 4648 §6).

use crate::{Result, ports::state::AppPassword, seal};
use passerelle_model::{Secret, Timestamp};
use subtle::ConstantTimeEq;

const ID: usize = 8;
const WORD: usize = 24;
/// In seconds.
const DAY: i64 = 86_400;

/// An app password as typed, taken apart.
#[derive(Debug)]
pub(crate) struct Typed<'a> {
    pub(crate) id: &'a str,
    word: &'a str,
}

/// A new one: its id, the hash to keep, and the text to show once.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) hash: [u8; 32],
    pub(crate) text: Secret,
}

/// Takes a text apart that has the shape of an app password.
pub(crate) fn split(password: &Secret) -> Option<Typed<'_>> {
    let text = password.expose_str()?;
    if text.len() != ID + WORD || !text.bytes().all(|octet| seal::LETTERS.contains(&octet)) {
        return None;
    }
    let (id, word) = text.split_at_checked(ID)?;
    Some(Typed { id, word })
}

/// Whether the typed one is the row's. In constant time.
pub(crate) fn is(row: &AppPassword, typed: &Typed<'_>) -> bool {
    seal::sha256(typed.word.as_bytes()).ct_eq(&row.hash).into()
}

/// When a row ends: by itself, or by the longest life that its institution allows.
pub(crate) fn ends(row: &AppPassword, longest_days: Option<u32>) -> Option<Timestamp> {
    let allowed = longest_days.map(|days| row.made.plus(i64::from(days).saturating_mul(DAY)));
    row.until.into_iter().chain(allowed).min()
}

/// The id under which what an app password opened can be withdrawn.
pub(crate) fn credential(id: &str) -> [u8; 16] {
    seal::id_of("app password", id)
}

/// Makes one.
pub(crate) fn make() -> Result<Made> {
    let letters = seal::letters::<{ ID + WORD }>()?;
    let (id, word) = letters.split_at_checked(ID).unwrap_or_default();
    Ok(Made { id: id.to_owned(), hash: seal::sha256(word.as_bytes()), text: Secret::new(letters.as_bytes()) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::ports::state::Scope;
    use passerelle_model::{Account, AccountId, InstitutionId};

    fn row(made: &Made) -> AppPassword {
        AppPassword {
            id: made.id.clone(),
            account: Account {
                institution: InstitutionId::parse("garonne").unwrap(),
                id: AccountId::parse("u00001").unwrap(),
            },
            hash: made.hash,
            name: "phone".into(),
            scope: Scope::All,
            made: Timestamp(0),
            until: None,
            last_used: None,
        }
    }

    #[test]
    fn the_one_that_was_made_and_no_other() {
        let (one, other) = (make().unwrap(), make().unwrap());
        assert!(is(&row(&one), &split(&one.text).unwrap()));
        assert!(!is(&row(&one), &split(&other.text).unwrap()));
        assert_ne!(one.id, other.id);
    }

    #[test]
    fn the_earlier_end_counts() {
        let mut row = row(&make().unwrap());
        assert_eq!(ends(&row, None), None);
        assert_eq!(ends(&row, Some(2)), Some(Timestamp(2 * DAY)));
        row.until = Some(Timestamp(DAY));
        assert_eq!(ends(&row, Some(2)), Some(Timestamp(DAY)));
        assert_eq!(ends(&row, None), Some(Timestamp(DAY)));
    }

    #[test]
    fn an_ordinary_password_is_not_taken_for_one() {
        assert!(split(&Secret::new("pw-u00001")).is_none());
        assert!(split(&Secret::new("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")).is_none());
        assert!(split(&Secret::new([0xff; 32])).is_none());
    }
}
