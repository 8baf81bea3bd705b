//! `SearchSnippet/get` (RFC 8621 §5): where in messages it stands what was searched for. What is read of each is bounded, so that a
//! word far behind may be found by the store and not be shown.

use super::{
    filter::{Filter, words},
    values::beginning_of_text,
};
use crate::{
    desk::Desk,
    error::MethodError,
    id::{EmailId, MailboxId},
    mail::{Fields, convenient},
    methods::distinct,
};
use futures::TryStreamExt;
use passerelle_core::{
    Error,
    ports::{HeaderName, Item, Items, Structure, Summary},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Most messages of one call: a text of each is read.
const MOST: usize = 100;
/// How much of a text is read, in octets of the transfer encoding.
const READ: usize = 64 * 1024;
/// Most words that are looked for, and the longest, in characters.
const MOST_WORDS: usize = 12;
const LONGEST_WORD: usize = 100;
/// Longest snippet, in octets (RFC 8621 §5), and how many characters of it stand before what was found.
const LONGEST: usize = 255;
const BEFORE: usize = 40;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Get {
    account_id: String,
    #[serde(default)]
    filter: Option<Filter>,
    email_ids: Vec<String>,
}

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let ids = distinct(arguments.email_ids);
    if ids.len() > MOST {
        return Err(MethodError::new("requestTooLarge"));
    }
    let sought = arguments.filter.as_ref().map(words).unwrap_or_default();
    let (of_subject, of_text) = (folded_words(&sought.subject), folded_words(&sought.text));
    let (meant, by_mailbox) = super::meant(desk, ids);
    let mut found: HashMap<EmailId, (Option<String>, Option<String>)> = HashMap::new();
    for (mailbox, emails) in by_mailbox {
        let Some(name) = desk.name_of(mailbox).await? else { continue };
        match in_mailbox(desk, &name, &emails, &of_subject, &of_text).await {
            Ok(all) => found.extend(all),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    for (id, email) in meant {
        match email.and_then(|email| found.remove(&email)) {
            Some((subject, preview)) => list.push(json!({ "emailId": id, "subject": subject, "preview": preview })),
            None => missing.push(id),
        }
    }
    let missing = (!missing.is_empty()).then_some(missing);
    Ok(json!({ "accountId": arguments.account_id, "list": list, "notFound": missing }))
}

type Snippets = Vec<(EmailId, (Option<String>, Option<String>))>;

async fn in_mailbox(
    desk: &mut Desk<'_>,
    name: &str,
    emails: &[EmailId],
    of_subject: &[Vec<char>],
    of_text: &[Vec<char>],
) -> passerelle_core::Result<Snippets> {
    let opened = desk.open(name).await?;
    let uid_validity = opened.facts().uid_validity;
    let uids: Vec<u32> = emails.iter().filter(|it| it.uid_validity == uid_validity).map(|it| it.uid).collect();
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let items = Items {
        items: if of_text.is_empty() { Vec::new() } else { vec![Item::Structure] },
        headers: HeaderName::parse("Subject").into_iter().collect(),
    };
    let summaries: Vec<Summary> = opened.show(&uids, &items).await?.try_collect().await?;
    let mut all = Vec::new();
    for summary in summaries {
        let header = summary.headers.unwrap_or_default();
        let fields = Fields::of(&header);
        let subject = convenient("subject").map(|(field, form)| fields.last(field, form));
        let subject = subject.as_ref().and_then(Value::as_str).and_then(|it| marked(it, of_subject));
        let preview = match &summary.structure {
            Some(Structure::Known(structure)) if !of_text.is_empty() => {
                let text = match beginning_of_text(opened, summary.uid, structure, READ).await {
                    // It has gone since it was listed; the others are there.
                    Err(Error::NotFound) => continue,
                    text => text?,
                };
                marked(&text.split_whitespace().collect::<Vec<_>>().join(" "), of_text)
            }
            _ => None,
        };
        let email = EmailId { mailbox: MailboxId::of(name), uid_validity, uid: summary.uid };
        all.push((email, (subject, preview)));
    }
    Ok(all)
}

/// The words as they are compared: without regard to case.
fn folded_words(words: &[String]) -> Vec<Vec<char>> {
    let folded = words.iter().map(|word| word.trim().chars().take(LONGEST_WORD).map(folded).collect::<Vec<_>>());
    folded.filter(|word| !word.is_empty()).take(MOST_WORDS).collect()
}

/// A character without its case, where that is one character.
fn folded(c: char) -> char {
    let mut lower = c.to_lowercase();
    lower.next().filter(|_| lower.next().is_none()).unwrap_or(c)
}

/// A piece of the text around the first of the words, as HTML with each of them marked; `None` where there is none of them.
fn marked(text: &str, words: &[Vec<char>]) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let compared: Vec<char> = chars.iter().copied().map(folded).collect();
    let mut marks = vec![false; chars.len()];
    for word in words {
        let mut at = 0;
        while let Some(rest) = compared.get(at..).filter(|rest| rest.len() >= word.len()) {
            if !rest.starts_with(word) {
                at = at.saturating_add(1);
                continue;
            }
            let end = at.saturating_add(word.len());
            marks.iter_mut().take(end).skip(at).for_each(|mark| *mark = true);
            at = end;
        }
    }
    let first = marks.iter().position(|mark| *mark)?;
    let mut begin = first.saturating_sub(BEFORE);
    if begin > 0 {
        // Not in the middle of a word, where one ends before what was found.
        let space = chars.get(begin..first).and_then(|before| before.iter().position(|c| *c == ' '));
        begin = space.map_or(begin, |space| begin.saturating_add(space).saturating_add(1));
    }
    let mut out = if begin > 0 { "… ".to_owned() } else { String::new() };
    let mut open = false;
    for (c, mark) in chars.iter().zip(&marks).skip(begin) {
        let escaped = match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&#39;".to_owned(),
            c if c.is_control() => " ".to_owned(),
            c => c.to_string(),
        };
        let tag = match (open, *mark) {
            (false, true) => "<mark>",
            (true, false) => "</mark>",
            (false, false) | (true, true) => "",
        };
        // What is open has to be closed within the bound too.
        let end = if *mark { "</mark>".len() } else { 0 };
        if out.len().saturating_add(tag.len()).saturating_add(escaped.len()).saturating_add(end) > LONGEST {
            break;
        }
        out.push_str(tag);
        out.push_str(&escaped);
        open = *mark;
    }
    if open {
        out.push_str("</mark>");
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, words: &[&str]) -> Option<String> {
        marked(text, &folded_words(&words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()))
    }

    #[test]
    fn what_is_marked() {
        assert_eq!(shown("Été <b>ici</b>", &["éTÉ"]).unwrap(), "<mark>Été</mark> &lt;b&gt;ici&lt;/b&gt;");
        assert_eq!(shown("<mark>x", &["<mark>"]).unwrap(), "<mark>&lt;mark&gt;</mark>x");
        assert_eq!(shown("abab", &["aba", "bab"]).unwrap(), "<mark>abab</mark>");
        assert_eq!(shown("nothing", &["x"]), None);
        assert_eq!(shown("nothing", &[]), None);
        let far = format!("{} needle {}", "word ".repeat(100), "&".repeat(300));
        let found = shown(&far, &["needle"]).unwrap();
        assert!(
            found.starts_with("… word") && found.contains("<mark>needle</mark>") && found.len() <= LONGEST,
            "{found}"
        );
    }

    proptest! {
        #[test]
        fn no_markup_of_the_text_is_left(text in "[<>&\"'a-c]{0,400}", words in proptest::collection::vec("[<>a-c]{1,4}", 0..4)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if let Some(found) = shown(&text, &words) {
                let rest = found.replace("<mark>", "").replace("</mark>", "");
                prop_assert!(!rest.contains(['<', '>', '"', '\'']) && found.len() <= LONGEST);
                prop_assert_eq!(found.matches("<mark>").count(), found.matches("</mark>").count());
            }
        }
    }
}
