//! By what numbers the owner of a file tree is known to the system behind it, for stores that act as the owner.
//!
//! They are the owner's own, whoever acts: what somebody was granted on another's files is done as that other would do
//! it. They come from the directory, and from nowhere else.

use crate::{Actor, Error, Resource, Result, door, house::House};
use passerelle_model::{Account, Person, PosixIds};

const DOING: &str = "finding an owner's numbers";

/// The numbers of the target's owner; `None` where the port does not ask for them.
///
/// # Errors
/// `Unavailable` when the directory cannot say, or knows the owner without numbers: then nothing of the tree can be reached
/// until somebody mends the entry, and that must not look as if it were not there.
pub(crate) async fn of_owner<T: Resource>(
    house: &House,
    actor: &Actor,
    target: &T,
    port: &T::Port,
) -> Result<Option<PosixIds>> {
    let Some(owner) = target.owner().filter(|_| T::wants_numbers(port)) else { return Ok(None) };
    match actor {
        Actor::Person(person) if person.account == *owner => numbers(house, owner, Some(&person.person)).map(Some),
        Actor::Person(_) | Actor::Link(_) | Actor::ApiClient(_) | Actor::System(_) => {
            // Also of an account that is locked: what it shared is there all the same.
            let person = door::find_any(house, owner).await?;
            numbers(house, owner, person.as_deref()).map(Some)
        }
    }
}

fn numbers(house: &House, owner: &Account, person: Option<&Person>) -> Result<PosixIds> {
    let what = match person {
        None => "no entry".to_owned(),
        Some(person) => match &person.posix {
            Some(numbers) => return Ok(numbers.clone()),
            None => missing(person),
        },
    };
    let directory = house.directory(&owner.institution)?;
    Err(Error::unavailable(directory.name(), DOING, format!("{owner} has {what}")))
}

/// What keeps an entry from having numbers, in the directory's own words.
fn missing(person: &Person) -> String {
    let absent: Vec<&str> =
        ["uidNumber", "gidNumber"].into_iter().filter(|name| person.attributes.first(name).is_none()).collect();
    match absent.as_slice() {
        [] => "a uidNumber or gidNumber that is no number".to_owned(),
        names => format!("no {}", names.join(" and no ")),
    }
}
