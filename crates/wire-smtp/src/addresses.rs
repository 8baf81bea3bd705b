//! The addresses of fields that name authors and recipients.
//!
//! Read to hold them against who may send as them, so a text that programs might read in two ways has no addresses here.

use crate::Address;
use std::fmt;

/// Most addresses of one field.
pub const MOST_ADDRESSES: usize = 16;
/// Most levels of comments in comments.
const DEEPEST: u32 = 8;

/// A text that is no list of addresses, or one of more than [`MOST_ADDRESSES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAddresses;

impl fmt::Display for NoAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no list of addresses")
    }
}
impl std::error::Error for NoAddresses {}

/// A part of the text.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// `<`, `>`, `,`, `:`, `;`, `@`, `.`, `[`, `]`
    Sign(char),
    /// Anything that is neither sign, space, quote nor comment.
    Word(String),
    /// A quoted string, with its quotes.
    Quoted(String),
}

/// `mailbox-list = (mailbox *("," mailbox))`, `mailbox = name-addr / addr-spec` (RFC 5322 §3.4), unfolded. Groups are no
/// authors (RFC 6854 lets them be; nobody could be held to them).
///
/// # Errors
/// [`NoAddresses`] for whatever is not that.
pub fn addresses(unfolded: &[u8]) -> Result<Vec<Address>, NoAddresses> {
    let text = String::from_utf8_lossy(unfolded);
    let tokens = tokens(&text)?;
    let mut found = Vec::new();
    for part in tokens.split(|token| *token == Token::Sign(',')) {
        // Empty elements were allowed once (RFC 5322 §4.4) and are in use.
        if part.is_empty() {
            continue;
        }
        found.push(mailbox(part).ok_or(NoAddresses)?);
        if found.len() > MOST_ADDRESSES {
            return Err(NoAddresses);
        }
    }
    if found.is_empty() { Err(NoAddresses) } else { Ok(found) }
}

/// `address-list = (address *("," address))`, `address = mailbox / group` (RFC 5322 §3.4), unfolded: those of a `To`, `Cc` or `Bcc`
/// field. None, where it names nobody (`undisclosed-recipients:;`).
///
/// # Errors
/// [`NoAddresses`] for whatever is not that: nobody is left out in silence.
pub fn recipients(unfolded: &[u8]) -> Result<Vec<Address>, NoAddresses> {
    let text = String::from_utf8_lossy(unfolded);
    let (mut found, mut part, mut in_group, mut brackets) = (Vec::new(), Vec::new(), false, 0_u32);
    let mut end = |part: &mut Vec<Token>| match part.as_slice() {
        [] => Ok(()),
        tokens => mailbox(tokens).map(|address| found.push(address)).ok_or(NoAddresses).inspect(|()| part.clear()),
    };
    for token in tokens(&text)? {
        match token {
            Token::Sign(',') => end(&mut part)?,
            Token::Sign(':') if brackets == 0 && !in_group => {
                if part.is_empty() || part.iter().any(|token| matches!(token, Token::Sign(sign) if *sign != '.')) {
                    return Err(NoAddresses);
                }
                part.clear();
                in_group = true;
            }
            Token::Sign(';') if in_group => {
                end(&mut part)?;
                in_group = false;
            }
            token => {
                match token {
                    Token::Sign('<' | '[') => brackets = brackets.saturating_add(1),
                    Token::Sign('>' | ']') => brackets = brackets.saturating_sub(1),
                    _ => {}
                }
                part.push(token);
            }
        }
    }
    end(&mut part)?;
    if in_group { Err(NoAddresses) } else { Ok(found) }
}

fn mailbox(part: &[Token]) -> Option<Address> {
    let Some(open) = part.iter().position(|token| *token == Token::Sign('<')) else { return spec(part) };
    let (name, rest) = part.split_at_checked(open)?;
    // A name with an address in it is a trick that works on people: `"x@a.test" <y@b.test>` in quotes is at least plain.
    let is_name = |token: &Token| matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Sign('.'));
    let [_, inside @ .., Token::Sign('>')] = rest else { return None };
    if name.iter().all(is_name) { spec(inside) } else { None }
}

/// `addr-spec = local-part "@" domain`
fn spec(part: &[Token]) -> Option<Address> {
    let mut text = String::new();
    let mut words = 0_u32;
    let mut last_was_word = false;
    for token in part {
        let is_word = !matches!(token, Token::Sign(_));
        // Two words in a row are a name, and no address.
        if is_word && last_was_word {
            return None;
        }
        last_was_word = is_word;
        match token {
            Token::Sign(sign @ ('@' | '.' | '[' | ']' | ':')) => text.push(*sign),
            Token::Sign(_) => return None,
            Token::Word(word) | Token::Quoted(word) => {
                words = words.saturating_add(1);
                text.push_str(word);
            }
        }
    }
    if words == 0 { None } else { Address::parse(&text).ok() }
}

fn tokens(text: &str) -> Result<Vec<Token>, NoAddresses> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' => {}
            '(' => comment(&mut letters)?,
            '"' => tokens.push(Token::Quoted(quoted(&mut letters)?)),
            '<' | '>' | ',' | ':' | ';' | '@' | '.' | '[' | ']' => tokens.push(Token::Sign(letter)),
            ')' | '\\' => return Err(NoAddresses),
            it if it.is_control() => return Err(NoAddresses),
            it => {
                let mut word = String::from(it);
                let ends = |it: &char| it.is_control() || " \t()\"<>,:;@.[]\\".contains(*it);
                while let Some(next) = letters.next_if(|it| !ends(it)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn quoted(letters: &mut Letters<'_>) -> Result<String, NoAddresses> {
    let mut text = String::from('"');
    while let Some(letter) = letters.next() {
        text.push(letter);
        match letter {
            '"' => return Ok(text),
            '\\' => text.push(letters.next().ok_or(NoAddresses)?),
            _ => {}
        }
    }
    Err(NoAddresses)
}

/// `comment = "(" *([FWS] ccontent) [FWS] ")"`
fn comment(letters: &mut Letters<'_>) -> Result<(), NoAddresses> {
    let mut depth = 1_u32;
    while let Some(letter) = letters.next() {
        match letter {
            '(' if depth < DEEPEST => depth = depth.saturating_add(1),
            '(' => return Err(NoAddresses),
            ')' => depth = depth.saturating_sub(1),
            '\\' => drop(letters.next()),
            _ => {}
        }
        if depth == 0 {
            return Ok(());
        }
    }
    Err(NoAddresses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = addresses(text.as_bytes()).unwrap_or_default();
        assert_eq!(found.iter().map(Address::as_str).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn authors() {
        check(" ada@a.test", &["ada@a.test"]);
        check(" Ada Lovelace <ada@a.test>", &["ada@a.test"]);
        check(" \"Lovelace, Ada\" <ada@a.test>, bob@a.test", &["ada@a.test", "bob@a.test"]);
        check(" J. R. Doe <ada@a.test>", &["ada@a.test"]);
        check(" ada@a.test (Ada (the first))", &["ada@a.test"]);
        check(" Ada (x) <(y) ada (z) @ a . test>", &["ada@a.test"]);
        check(" =?utf-8?q?Zo=C3=AB?= <zoe@a.test>", &["zoe@a.test"]);
        check(" Zoë <zoe@a.test>", &["zoe@a.test"]);
        check(" \"ada\"@a.test", &["ada@a.test"]);
        check(" \"x@y.test\" <ada@a.test>", &["ada@a.test"]);
    }

    #[test]
    fn what_could_be_read_in_two_ways() {
        for text in [
            "",
            " ",
            " ada",
            " Ada",
            " x@y.test <ada@a.test>",
            " <ada@a.test> <x@y.test>",
            " <ada@a.test> x@y.test",
            " <x@y.test><ada@a.test>",
            " ada@a.test x@y.test",
            " \"x\" y@a.test",
            " <ada@a.test",
            " ada@a.test>",
            " \"ada <ada@a.test>",
            " (ada@a.test",
            " group: ada@a.test;",
            " <@y.test:ada@a.test>",
            " ada@a.test\0, x@y.test",
            " a\\,b@a.test",
            " ada@a.test@b.test",
        ] {
            check(text, &[]);
        }
        assert_eq!(addresses(" a@a.test,".repeat(17).as_bytes()), Err(NoAddresses));
    }

    #[test]
    fn those_who_shall_have_it() {
        let read =
            |text: &str| recipients(text.as_bytes()).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            read(" Ada <ada@a.test>, , bob@a.test,"),
            Ok(vec!["ada@a.test".to_owned(), "bob@a.test".to_owned()])
        );
        assert_eq!(read(" undisclosed-recipients:;"), Ok(vec![]));
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(
            read(" The staff: ada@a.test, Bob <bob@a.test>;, eve@[IPv6:::1]"),
            Ok(vec!["ada@a.test".to_owned(), "bob@a.test".to_owned(), "eve@[IPv6:::1]".to_owned()])
        );
        assert_eq!(read(&"a@a.test,".repeat(500)).map(|all| all.len()), Ok(500));
        for text in [
            "nobody",
            "a@a.test, nobody",
            "x: a@a.test",
            "x: y: a@a.test;;",
            "a@a.test;",
            ": a@a.test;",
            "a@b: c@a.test;",
            "x@y.test <a@a.test>",
            "a@a.test; b@a.test",
        ] {
            assert_eq!(read(text), Err(NoAddresses), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_value(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (addresses(&octets), recipients(&octets));
        }
    }
}
