//! The `If` header (RFC 4918 §10.4): lists of states, one of which must hold.

/// Longest header that is looked at, in octets, and most conditions in it.
const LONGEST: usize = 16 * 1024;
const MOST_CONDITIONS: usize = 128;

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct If {
    /// The lists, each with the resource it is about; `None` is the one of the request.
    pub(crate) lists: Vec<(Option<String>, Vec<Condition>)>,
}

/// `Condition = ["Not"] (State-token | "[" entity-tag "]")`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// Whether it must not hold.
    pub(crate) not: bool,
    /// What is asked.
    pub(crate) state: State,
}

/// What a condition asks of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// That a lock of this token reaches it.
    Token(String),
    /// That it has this entity tag, given with its quotes; `W/` never matches, as our tags are strong.
    Tag(String),
}

/// Not an `If` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl If {
    /// Every token that is named anywhere: those were submitted (RFC 4918 §10.4.1).
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().flat_map(|(_, list)| list).filter_map(|condition| match &condition.state {
            State::Token(token) => Some(token.as_str()),
            State::Tag(_) => None,
        })
    }

    /// Whether the outcome depends on what is there, and not on locks alone.
    pub(crate) fn asks_for_tags(&self) -> bool {
        self.lists.iter().flat_map(|(_, list)| list).any(|condition| matches!(condition.state, State::Tag(_)))
    }

    /// `If = "If" ":" ( 1*No-tag-list | 1*Tagged-list )`, `Tagged-list = Resource-Tag 1*List`,
    /// `List = "(" 1*Condition ")"`
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > LONGEST {
            return Err(Malformed);
        }
        let mut lists = Vec::new();
        let mut resource: Option<String> = None;
        let mut conditions = 0_usize;
        // A tag without a list says nothing about anything.
        let mut lacks_list = true;
        let mut rest = text.trim_ascii();
        let tagged = rest.starts_with('<');
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('<') {
                if !tagged || (lacks_list && resource.is_some()) {
                    return Err(Malformed);
                }
                let (url, after) = after.split_once('>').ok_or(Malformed)?;
                resource = Some(url.to_owned());
                lacks_list = true;
                rest = after.trim_ascii_start();
            } else {
                let after = rest.strip_prefix('(').ok_or(Malformed)?;
                let (list, after) = parse_list(after)?;
                conditions += list.len();
                if conditions > MOST_CONDITIONS {
                    return Err(Malformed);
                }
                lists.push((resource.clone(), list));
                lacks_list = false;
                rest = after.trim_ascii_start();
            }
        }
        if lacks_list { Err(Malformed) } else { Ok(Self { lists }) }
    }
}

fn parse_list(text: &str) -> Result<(Vec<Condition>, &str), Malformed> {
    let mut list = Vec::new();
    let mut rest = text.trim_ascii_start();
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return if list.is_empty() { Err(Malformed) } else { Ok((list, after)) };
        }
        let not = rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("not"));
        if not {
            rest = rest.get(3..).unwrap_or_default().trim_ascii_start();
        }
        let (state, after) = if let Some(after) = rest.strip_prefix('<') {
            let (token, after) = after.split_once('>').ok_or(Malformed)?;
            if token.is_empty() || token.contains(char::is_whitespace) {
                return Err(Malformed);
            }
            (State::Token(token.to_owned()), after)
        } else {
            let after = rest.strip_prefix('[').ok_or(Malformed)?;
            // A tag is quoted and may contain a bracket (RFC 9110 §8.8.3).
            let weak = if after.starts_with("W/") { 2 } else { 0 };
            let quoted = after.get(weak..).and_then(|it| it.strip_prefix('"')).ok_or(Malformed)?;
            let (tag, after_tag) = quoted.split_once('"').ok_or(Malformed)?;
            let tag = if weak == 0 { format!("\"{tag}\"") } else { format!("W/\"{tag}\"") };
            (State::Tag(tag), after_tag.strip_prefix(']').ok_or(Malformed)?)
        };
        list.push(Condition { not, state });
        rest = after.trim_ascii_start();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn token(token: &str) -> Condition {
        Condition { not: false, state: State::Token(token.into()) }
    }

    #[test]
    fn the_examples_of_the_rfc() {
        // RFC 4918 §10.4.6 to §10.4.9
        let header = If::parse("(<urn:uuid:1> [\"I am an ETag\"]) ([\"I am another ETag\"])").unwrap();
        assert_eq!(header.lists.len(), 2);
        let tag = Condition { not: false, state: State::Tag("\"I am an ETag\"".into()) };
        assert_eq!(header.lists.first().unwrap(), &(None, vec![token("urn:uuid:1"), tag]));
        let header = If::parse("(Not <urn:uuid:1> <urn:uuid:2>)").unwrap();
        assert!(header.lists.first().unwrap().1.first().unwrap().not);
        assert_eq!(header.tokens().collect::<Vec<_>>(), ["urn:uuid:1", "urn:uuid:2"]);
        let header = If::parse("(<urn:uuid:1>) (Not <DAV:no-lock>)").unwrap();
        assert_eq!(header.lists.len(), 2);
        let header = If::parse("</resource1> (<urn:uuid:1> [W/\"A weak ETag\"]) ([\"strong ETag\"])").unwrap();
        assert!(header.lists.iter().all(|(of, _)| of.as_deref() == Some("/resource1")));
        let header = If::parse("<http://x/a> (<urn:1>) <http://x/b> ([\"e\"])").unwrap();
        assert_eq!(header.lists.last().unwrap().0.as_deref(), Some("http://x/b"));
    }

    #[test]
    fn what_is_none() {
        for bad in [
            "",
            "()",
            "(",
            "(<a>",
            "<a>",
            "<a> <b> (<c>)",
            "(<a>) <b> (<c>)",
            "(<a>) x",
            "([a])",
            "([\"a)",
            "(Not)",
            "(<>)",
            "(<a b>)",
            "<a> (<b>) <c>",
            "([\"a\"x])",
        ] {
            assert_eq!(If::parse(bad), Err(Malformed), "{bad}");
        }
        assert!(If::parse(&"(<a>)".repeat(200)).is_err());
    }

    fn write(header: &If) -> String {
        let mut text = String::new();
        for (resource, list) in &header.lists {
            if let Some(resource) = resource {
                text += &format!("<{resource}> ");
            }
            let conditions: Vec<String> = list
                .iter()
                .map(|condition| {
                    let state = match &condition.state {
                        State::Token(token) => format!("<{token}>"),
                        State::Tag(tag) => format!("[{tag}]"),
                    };
                    if condition.not { format!("Not {state}") } else { state }
                })
                .collect();
            text += &format!("({}) ", conditions.join(" "));
        }
        text
    }

    prop_compose! {
        fn condition()(not: bool, is_token: bool, weak: bool, text in "[a-z:\\[)(\\]-]{1,12}") -> Condition {
            let weak = if weak { "W/" } else { "" };
            let state = if is_token { State::Token(text) } else { State::Tag(format!("{weak}\"{text}\"")) };
            Condition { not, state }
        }
    }

    proptest! {
        #[test]
        fn read_what_was_written(
            tagged: bool,
            lists in proptest::collection::vec(("/[a-z(]{0,8}", proptest::collection::vec(condition(), 1..4)), 1..5),
        ) {
            let lists = lists.into_iter().map(|(of, list)| (tagged.then_some(of), list)).collect();
            let header = If { lists };
            prop_assert_eq!(If::parse(&write(&header)), Ok(header));
        }

        #[test]
        fn nothing_makes_it_panic(text in "[()<>\\[\\]\"W/Not a:é]{0,60}") {
            let _ = If::parse(&text);
        }
    }
}
