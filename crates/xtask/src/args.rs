//! `--name value` and `--flag` arguments, nothing more. What is not known is an error.

use crate::failure::{Doing, Failure, Result};
use std::str::FromStr;

/// The arguments that no one has taken yet.
#[derive(Debug)]
pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(arguments: impl IntoIterator<Item = String>) -> Self {
        Self(arguments.into_iter().collect())
    }

    /// Takes the first argument when it is a word and not an option.
    pub(crate) fn word(&mut self) -> Option<String> {
        let first = self.0.first()?;
        (!first.starts_with('-')).then(|| self.0.remove(0))
    }

    /// Takes `--name`; `true` when it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() != before
    }

    /// Takes `--name value` or `--name=value`.
    pub(crate) fn value<T: FromStr>(&mut self, name: &str) -> Result<Option<T>>
    where
        T::Err: std::fmt::Display,
    {
        let prefix = format!("{name}=");
        let Some(at) = self.0.iter().position(|argument| argument == name || argument.starts_with(&prefix)) else {
            return Ok(None);
        };
        let argument = self.0.remove(at);
        let text = match argument.strip_prefix(&prefix) {
            Some(text) => text.to_owned(),
            None if at < self.0.len() => self.0.remove(at),
            None => return Err(Failure::new(format!("{name} wants a value"))),
        };
        text.parse().map(Some).doing(|| format!("{name} {text}"))
    }

    /// Fails when something is left over.
    pub(crate) fn end(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(argument) => Err(Failure::new(format!("unknown argument: {argument}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn takes_words_flags_and_values() {
        let mut args = args("up --dir x --port-base=30000 --quick");
        assert_eq!(args.word().as_deref(), Some("up"));
        assert_eq!(args.word(), None);
        assert_eq!(args.value::<u16>("--port-base").unwrap(), Some(30000));
        assert_eq!(args.value::<String>("--dir").unwrap().as_deref(), Some("x"));
        assert!(args.flag("--quick"));
        assert!(!args.flag("--quick"));
        args.end().unwrap();
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(args("--colour red").end().is_err());
        assert!(args("--users").value::<u32>("--users").is_err());
        assert!(args("--users many").value::<u32>("--users").is_err());
    }
}
