//! One content line (RFC 5545 §3.1, RFC 6350 §3.3), with its text as it stands.
//!
//! ```text
//! contentline = [group "."] name *(";" param) ":" value
//! param       = param-name "=" param-value *("," param-value)
//! param-value = paramtext / DQUOTE *QSAFE-CHAR DQUOTE      ; ^n ^^ ^' by RFC 6868
//! ```
//!
//! Nothing is decoded before it is asked for: most lines of most objects never are.

use crate::Wrong;
use crate::lines::Dialect;
use crate::text;
use std::borrow::Cow;

/// One property: a name, parameters and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property<'a> {
    line: usize,
    text: Cow<'a, str>,
    name_at: usize,
    name_ends: usize,
    value_at: usize,
    broken: bool,
}

/// One parameter of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'p> {
    /// Its name, in the case that it was written in. `TYPE` for a bare word of vCard 2.1.
    pub name: &'p str,
    values: &'p str,
}

impl<'a> Property<'a> {
    /// Reads a logical line.
    pub(crate) fn read(line: usize, octets: Cow<'a, [u8]>, dialect: Dialect) -> Result<Self, Wrong> {
        let (text, broken) = decoded(octets);
        let bounds = Bounds::of(text.as_bytes(), dialect).map_err(|what| Wrong::malformed(line, what))?;
        let head = text.get(..bounds.value_at).unwrap_or_default();
        if broken && head.contains('\u{fffd}') {
            return Err(Wrong::malformed(line, "a name or a parameter that is not UTF-8"));
        }
        let Bounds { name_at, name_ends, value_at } = bounds;
        Ok(Self { line, text, name_at, name_ends, value_at, broken })
    }

    /// The number of its first physical line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The group before the name, as in `item1.EMAIL` of a card.
    pub fn group(&self) -> Option<&str> {
        self.text.get(..self.name_at.checked_sub(1)?)
    }

    /// The name, in the case that it was written in.
    pub fn name(&self) -> &str {
        self.text.get(self.name_at..self.name_ends).unwrap_or_default()
    }

    /// Whether it has this name; case says nothing.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The value as it stands, escapes and all.
    pub fn value(&self) -> &str {
        self.text.get(self.value_at..).unwrap_or_default()
    }

    /// The value as one TEXT (RFC 5545 §3.3.11), its escapes undone.
    pub fn to_text(&self) -> Cow<'_, str> {
        text::unescaped(self.value())
    }

    /// The value with vCard 2.1's ENCODING and CHARSET undone, but not the escapes of TEXT.
    pub fn decoded(&self) -> Cow<'_, str> {
        let quoted = self.parameters().any(|parameter| {
            let named = parameter.is("ENCODING") || parameter.is("TYPE");
            named && parameter.values().any(|value| value.eq_ignore_ascii_case("QUOTED-PRINTABLE"))
        });
        if !quoted {
            return Cow::Borrowed(self.value());
        }
        let octets = text::from_quoted_printable(self.value());
        Cow::Owned(text::from_charset(&octets, self.parameter("CHARSET").as_deref()))
    }

    /// The whole logical line, unfolded.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line up to its value, with the colon.
    pub(crate) fn head(&self) -> &str {
        self.text.get(..self.value_at).unwrap_or_default()
    }

    /// The same property with other parameters, of which those stay that `keep` keeps, and another value.
    pub fn with(&self, keep: impl Fn(&Parameter<'_>) -> bool, value: &str) -> Property<'static> {
        let mut text = self.text.get(..self.name_ends).unwrap_or_default().to_owned();
        for parameter in self.parameters().filter(keep) {
            text.extend([";", parameter.name, "=", parameter.values]);
        }
        text.push(':');
        let value_at = text.len();
        text.push_str(value);
        let Self { line, name_at, name_ends, broken, .. } = *self;
        Property { line, text: Cow::Owned(text), name_at, name_ends, value_at, broken }
    }

    /// The same property with one value of a parameter in the place of the first that it has, the others gone; behind the others where it has
    /// none. Without a value there is none.
    pub fn with_parameter(&self, name: &str, value: Option<&str>) -> Property<'static> {
        let mut text = self.text.get(..self.name_ends).unwrap_or_default().to_owned();
        let mut value = value.map(text::parameter_value);
        for parameter in self.parameters() {
            if !parameter.is(name) {
                text.extend([";", parameter.name, "=", parameter.values]);
            } else if let Some(value) = value.take() {
                text.extend([";", parameter.name, "=", &value]);
            }
        }
        if let Some(value) = value {
            text.extend([";", name, "=", &value]);
        }
        text.push(':');
        let value_at = text.len();
        text.push_str(self.value());
        let Self { line, name_at, name_ends, broken, .. } = *self;
        Property { line, text: Cow::Owned(text), name_at, name_ends, value_at, broken }
    }

    /// A property that is nowhere in what was read; `parameters` begin with a semicolon each.
    pub fn made(name: &str, parameters: &str, value: &str) -> Property<'static> {
        let text = format!("{name}{parameters}:{value}");
        let (name_ends, value_at) = (name.len(), name.len() + parameters.len() + 1);
        Property { line: 0, text: Cow::Owned(text), name_at: 0, name_ends, value_at, broken: false }
    }

    /// Whether octets of the value were not UTF-8; U+FFFD stands for them.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The parameters in their order.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        let mut rest = self.text.get(self.name_ends..self.value_at.saturating_sub(1)).unwrap_or_default();
        std::iter::from_fn(move || {
            let from = rest.strip_prefix(';')?;
            let ends = outside_quotes(from, b';').unwrap_or(from.len());
            let (one, after) = from.split_at_checked(ends)?;
            rest = after;
            Some(match one.split_once('=') {
                Some((name, values)) => Parameter { name, values },
                None => Parameter { name: "TYPE", values: one },
            })
        })
    }

    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters().find(|parameter| parameter.is(name))?.values().next()
    }
}

impl<'p> Parameter<'p> {
    /// Whether it has this name; case says nothing.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The values, without their quotes, the escapes of RFC 6868 undone.
    pub fn values(&self) -> impl Iterator<Item = Cow<'p, str>> + use<'p> {
        let mut rest = Some(self.values);
        std::iter::from_fn(move || {
            let from = rest?;
            let one = match outside_quotes(from, b',') {
                Some(comma) => {
                    rest = from.get(comma + 1..);
                    from.get(..comma)?
                }
                None => {
                    rest = None;
                    from
                }
            };
            let bare = one.strip_prefix('"').and_then(|one| one.strip_suffix('"')).unwrap_or(one);
            Some(text::from_circumflex(bare))
        })
    }
}

/// Where an octet stands outside of quotes.
fn outside_quotes(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|octet| {
        quoted ^= octet == b'"';
        !quoted && octet == wanted
    })
}

/// The octets as text, and whether some were not UTF-8. The charset that vCard 2.1 names is honoured.
fn decoded(octets: Cow<'_, [u8]>) -> (Cow<'_, str>, bool) {
    let lossy = |octets: &[u8]| match charset(octets) {
        Some(named) => (Cow::Owned(text::from_charset(octets, Some(&named))), false),
        None => (Cow::Owned(String::from_utf8_lossy(octets).into_owned()), true),
    };
    match octets {
        Cow::Borrowed(octets) => match std::str::from_utf8(octets) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => lossy(octets),
        },
        Cow::Owned(octets) => match String::from_utf8(octets) {
            Ok(text) => (Cow::Owned(text), false),
            Err(broken) => lossy(broken.as_bytes()),
        },
    }
}

fn charset(octets: &[u8]) -> Option<String> {
    let head = octets.get(..memchr::memchr(b':', octets)?)?;
    let at = head.windows(9).position(|window| window.eq_ignore_ascii_case(b";charset="))?;
    let named = head.get(at + 9..)?.split(|octet| *octet == b';').next()?;
    String::from_utf8(named.to_vec()).ok()
}

struct Bounds {
    name_at: usize,
    name_ends: usize,
    value_at: usize,
}

impl Bounds {
    fn of(line: &[u8], dialect: Dialect) -> Result<Self, &'static str> {
        let name = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        let run = |from: usize| line.iter().skip(from).take_while(|octet| name(octet)).count();
        let mut name_at = 0;
        let mut name_ends = run(0);
        if line.get(name_ends) == Some(&b'.') && dialect == Dialect::Card {
            name_at = name_ends + 1;
            name_ends = name_at + run(name_at);
        }
        if name_ends == name_at {
            return Err("no property's name at the beginning of the line");
        }
        let mut at = name_ends;
        loop {
            match line.get(at) {
                Some(b':') => return Ok(Self { name_at, name_ends, value_at: at + 1 }),
                Some(b';') => at = parameter(line, at + 1, dialect)?,
                Some(_) => return Err("an octet in the property's name that no name has"),
                None => return Err("no `:` after the property's name"),
            }
        }
    }
}

/// Where a parameter ends that begins here.
fn parameter(line: &[u8], from: usize, dialect: Dialect) -> Result<usize, &'static str> {
    let rest = line.get(from..).unwrap_or_default();
    let ends = rest.iter().position(|octet| matches!(octet, b'=' | b';' | b':'));
    match ends.and_then(|ends| rest.get(ends)) {
        Some(b'=') if ends == Some(0) => return Err("a parameter without a name"),
        Some(b'=') => {}
        Some(_) if dialect == Dialect::Card => return Ok(from + ends.unwrap_or_default()),
        _ => return Err("a parameter without a value"),
    }
    let mut quoted = false;
    for (at, octet) in rest.iter().enumerate() {
        match octet {
            b'"' => quoted = !quoted,
            b';' | b':' if !quoted => return Ok(from + at),
            _ => {}
        }
    }
    Err(if quoted { "a quote in a parameter that is not closed" } else { "no `:` after the parameters" })
}
