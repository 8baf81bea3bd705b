//! A maildrop: the messages as they were at log-in, by number, and which of them are to go (RFC 1939 §5).

use passerelle_core::{UidlFormat, ports::Listed};

/// The messages of a session.
#[derive(Debug)]
pub(crate) struct Maildrop {
    messages: Vec<Message>,
    uid_validity: u32,
    format: UidlFormat,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) listed: Listed,
    deleted: bool,
}

/// Why there is no message of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There never was.
    None,
    /// It is marked as deleted.
    Deleted,
}

impl Missing {
    /// The answer.
    pub(crate) const fn answer(self) -> &'static str {
        match self {
            Self::None => "-ERR No such message\r\n",
            Self::Deleted => "-ERR That message is marked as deleted\r\n",
        }
    }
}

impl Maildrop {
    pub(crate) fn new(listed: Vec<Listed>, uid_validity: u32, format: UidlFormat) -> Self {
        let messages = listed.into_iter().map(|listed| Message { listed, deleted: false }).collect();
        Self { messages, uid_validity, format }
    }

    /// How many messages there are that are not marked, and their octets.
    pub(crate) fn stat(&self) -> (usize, u64) {
        self.numbered()
            .fold((0, 0), |(count, octets), (_, it)| (count.saturating_add(1), octets.saturating_add(it.listed.size)))
    }

    /// The messages that are not marked, with their numbers.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &Message)> {
        (1..).zip(&self.messages).filter(|(_, it)| !it.deleted)
    }

    /// A message by its number.
    pub(crate) fn message(&self, number: u32) -> Result<&Message, Missing> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or(Missing::None)?;
        let message = self.messages.get(index).ok_or(Missing::None)?;
        if message.deleted { Err(Missing::Deleted) } else { Ok(message) }
    }

    /// Marks a message.
    pub(crate) fn delete(&mut self, number: u32) -> Result<(), Missing> {
        self.message(number)?;
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or(Missing::None)?;
        if let Some(message) = self.messages.get_mut(index) {
            message.deleted = true;
        }
        Ok(())
    }

    /// Takes all marks away.
    pub(crate) fn reset(&mut self) {
        self.messages.iter_mut().for_each(|it| it.deleted = false);
    }

    /// The UIDs of what is to go.
    pub(crate) fn deleted(&self) -> Vec<u32> {
        self.messages.iter().filter(|it| it.deleted).map(|it| it.listed.uid).collect()
    }

    /// The unique-id of a message.
    pub(crate) fn unique_id(&self, message: &Message) -> String {
        self.format.unique_id(message.listed.uid, self.uid_validity, message.listed.name.as_deref())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::ListedFlags;

    fn maildrop() -> Maildrop {
        let listed = |uid, size| Listed { uid, size, flags: ListedFlags::default(), name: None };
        Maildrop::new(vec![listed(7, 100), listed(9, 20), listed(11, 3)], 1, UidlFormat::parse("%v.%u").unwrap())
    }

    #[test]
    fn numbers_stay_when_messages_go() {
        let mut maildrop = maildrop();
        assert_eq!(maildrop.stat(), (3, 123));
        maildrop.delete(2).unwrap();
        assert_eq!(maildrop.stat(), (2, 103));
        assert_eq!(
            maildrop.numbered().map(|(number, it)| (number, it.listed.uid)).collect::<Vec<_>>(),
            [(1, 7), (3, 11)]
        );
        assert_eq!(maildrop.message(3).map(|it| maildrop.unique_id(it)), Ok("1.11".to_owned()));
        assert_eq!(maildrop.message(2), Err(Missing::Deleted));
        assert_eq!(maildrop.delete(2), Err(Missing::Deleted));
        assert_eq!(maildrop.deleted(), [9]);
        for none in [0, 4, u32::MAX] {
            assert_eq!(maildrop.message(none), Err(Missing::None), "{none}");
        }
        maildrop.reset();
        assert_eq!((maildrop.stat(), maildrop.deleted()), ((3, 123), Vec::new()));
    }
}
