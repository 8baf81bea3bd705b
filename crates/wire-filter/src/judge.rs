//! Whether an entry that is at hand matches a filter (RFC 4511 §4.5.1.7), without asking the server.
//!
//! Each part is judged as the set of answers that a server could give: true, false, undefined. A server answers
//! undefined for an attribute that its schema does not know, and "not undefined" is undefined: so `(!(x=y))` on an entry
//! without `x` cannot be judged here. It must never say [`Match::True`] or [`Match::False`] where the server could differ.

use crate::{
    dn::Dn,
    filter::{Filter, Pieces},
    rule::{Rule, canonical, derives, fold, rule_of, squash},
};

/// What can be said of an entry and a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It matches.
    True,
    /// It does not, or the server would say undefined, which counts the same.
    False,
    /// Only the server can tell.
    CannotJudge,
}

/// Who knows the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// A server that can be asked.
    Server,
    /// Nobody else: the entry is all there is. Attributes that the table does not know compare without case.
    Itself,
}

/// An entry, as far as it is at hand.
pub trait Entry {
    /// The values of an attribute by its [`canonical`] name; `None` when the entry has none that are at hand.
    fn values(&self, attribute: &str) -> Option<&[String]>;

    /// Whether the entry may have values of this attribute that are not at hand: binary ones, ones too large, ones
    /// with options such as a language.
    fn withheld(&self, attribute: &str) -> bool;

    /// Who knows the schema.
    fn authority(&self) -> Authority {
        Authority::Server
    }
}

/// Judges a filter on an entry.
pub fn matches(filter: &Filter, entry: &impl Entry) -> Match {
    let answers = judge(filter, entry);
    if answers == Answers::TRUE {
        Match::True
    } else if answers.may(Answers::TRUE) {
        Match::CannotJudge
    } else {
        Match::False
    }
}

/// A set of answers that a server could give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Answers(u8);

impl Answers {
    const TRUE: Self = Self(1);
    const FALSE: Self = Self(2);
    const UNDEFINED: Self = Self(4);
    const NOT_TRUE: Self = Self(2 | 4);
    const DEFINED: Self = Self(1 | 2);
    const ANY: Self = Self(1 | 2 | 4);

    const fn may(self, answer: Self) -> bool {
        self.0 & answer.0 != 0
    }

    fn sum(answers: impl IntoIterator<Item = (Self, bool)>) -> Self {
        Self(answers.into_iter().filter(|(_, possible)| *possible).fold(0, |all, (one, _)| all | one.0))
    }

    fn not(self) -> Self {
        Self::sum([
            (Self::TRUE, self.may(Self::FALSE)),
            (Self::FALSE, self.may(Self::TRUE)),
            (Self::UNDEFINED, self.may(Self::UNDEFINED)),
        ])
    }

    /// RFC 4511 §4.5.1.7: false if one is, true if all are, else undefined.
    fn and(self, other: Self) -> Self {
        let undefined = |a: Self, b: Self| a.may(Self::UNDEFINED) && (b.may(Self::UNDEFINED) || b.may(Self::TRUE));
        Self::sum([
            (Self::TRUE, self.may(Self::TRUE) && other.may(Self::TRUE)),
            (Self::FALSE, self.may(Self::FALSE) || other.may(Self::FALSE)),
            (Self::UNDEFINED, undefined(self, other) || undefined(other, self)),
        ])
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

fn judge(filter: &Filter, entry: &impl Entry) -> Answers {
    match filter {
        Filter::And(parts) => parts.iter().fold(Answers::TRUE, |all, part| all.and(judge(part, entry))),
        Filter::Or(parts) => parts.iter().fold(Answers::FALSE, |all, part| all.or(judge(part, entry))),
        Filter::Not(part) => judge(part, entry).not(),
        Filter::Equal { attribute, value } => {
            item(attribute, entry, |rule, stored| equal(rule, stored, value, entry.authority()))
        }
        Filter::Present { attribute } => item(attribute, entry, |_, _| Answers::TRUE),
        Filter::Substring { attribute, pieces } => {
            item(attribute, entry, |rule, stored| substring(rule, stored, pieces, entry.authority()))
        }
        Filter::GreaterOrEqual { .. }
        | Filter::LessOrEqual { .. }
        | Filter::Approx { .. }
        | Filter::Extensible { .. } => Answers::ANY,
    }
}

fn item(attribute: &str, entry: &impl Entry, one: impl Fn(Rule, &str) -> Answers) -> Answers {
    // Options select among values, and numbers name types, by the schema.
    if attribute.contains(';') || attribute.starts_with(|c: char| c.is_ascii_digit()) {
        return Answers::ANY;
    }
    let name = canonical(attribute);
    let rule = rule_of(&name);
    if rule == Rule::Supertype {
        return Answers::ANY;
    }
    let at_hand = entry.values(&name).unwrap_or_default();
    let answers = at_hand.iter().fold(Answers::FALSE, |all, stored| all.or(one(rule, stored)));
    if answers == Answers::TRUE {
        answers
    } else if entry.withheld(&name) {
        Answers::ANY
    } else if at_hand.is_empty() && entry.authority() == Authority::Server {
        // RFC 4511 §4.5.1.7: false when the type is known, undefined when it is not.
        Answers::NOT_TRUE
    } else {
        answers
    }
}

fn equal(rule: Rule, stored: &str, asserted: &[u8], authority: Authority) -> Answers {
    // So it is by every rule. A type without one (a picture) is never equal, but is in no filter either.
    if stored.as_bytes() == asserted {
        return Answers::TRUE;
    }
    let Ok(asserted) = std::str::from_utf8(asserted) else { return unequal(rule, authority) };
    let ascii = stored.is_ascii() && asserted.is_ascii();
    match (rule, authority) {
        (Rule::CaseIgnore, _) | (Rule::Unknown | Rule::Other, Authority::Itself) => {
            texts(fold(stored) == fold(asserted), ascii, authority)
        }
        (Rule::CaseExact, _) => texts(squash(stored) == squash(asserted), ascii, authority),
        // Not in the table: that the octets differ by case alone may count or not.
        (Rule::Unknown, Authority::Server) if fold(stored) == fold(asserted) => Answers::DEFINED,
        (Rule::Unknown, Authority::Server) => texts(false, ascii, authority),
        (Rule::Name, _) => match (Dn::parse(stored), Dn::parse(asserted)) {
            (Ok(stored), Ok(asserted)) => texts(stored == asserted, ascii, authority),
            _ => unequal(rule, authority),
        },
        (Rule::ObjectClass, _) if stored.eq_ignore_ascii_case(asserted) || derives(stored, asserted) => Answers::TRUE,
        (Rule::ObjectClass | Rule::Other | Rule::Supertype, _) => unequal(rule, authority),
    }
}

/// Two texts were compared. What is not ASCII may still be equal after the normalisation that a server does.
const fn texts(equal: bool, ascii: bool, authority: Authority) -> Answers {
    match (equal, ascii, authority) {
        (true, ..) => Answers::TRUE,
        (false, true, _) | (false, _, Authority::Itself) => Answers::FALSE,
        (false, false, Authority::Server) => Answers::DEFINED,
    }
}

/// The octets differ, and nothing here knows the rule that they compare by.
fn unequal(rule: Rule, authority: Authority) -> Answers {
    match authority {
        Authority::Itself => Answers::FALSE,
        // A class may derive from another that only the schema tells.
        Authority::Server if rule == Rule::ObjectClass => Answers::DEFINED,
        Authority::Server => Answers::ANY,
    }
}

fn substring(rule: Rule, stored: &str, pieces: &Pieces, authority: Authority) -> Answers {
    match (rule, authority) {
        (Rule::Name | Rule::ObjectClass | Rule::Other | Rule::Supertype, Authority::Server) => return Answers::ANY,
        (Rule::Name | Rule::ObjectClass | Rule::Other | Rule::Supertype, Authority::Itself)
        | (Rule::CaseIgnore | Rule::CaseExact | Rule::Unknown, _) => {}
    }
    let Some(pieces) = Texts::of(pieces) else { return unequal(rule, authority) };
    // Spaces within substrings are prepared by a rule of their own (RFC 4518 §2.6.1).
    let plain = !stored.contains("  ") && !pieces.any_with(|piece| piece.contains("  "));
    let ascii = plain && stored.is_ascii() && !pieces.any_with(|piece| !piece.is_ascii());
    let exact = pieces.are_in(stored, str::to_owned);
    let folded = pieces.are_in(stored, str::to_lowercase);
    match (rule, authority) {
        (Rule::CaseExact, Authority::Itself) => texts(exact, ascii, authority),
        // The type may have no rule for substrings, as homeDirectory has none: undefined then.
        (Rule::CaseExact, Authority::Server) if !exact && ascii => Answers::NOT_TRUE,
        (Rule::Unknown, Authority::Server) if !folded && ascii => Answers::NOT_TRUE,
        (Rule::CaseExact | Rule::Unknown, Authority::Server) => Answers::ANY,
        _ => texts(folded, ascii, authority),
    }
}

/// The pieces of a substring assertion, as text.
struct Texts<'a> {
    initial: &'a str,
    any: Vec<&'a str>,
    last: &'a str,
}

impl<'a> Texts<'a> {
    fn of(pieces: &'a Pieces) -> Option<Self> {
        let text = |piece: &'a [u8]| std::str::from_utf8(piece).ok();
        Some(Self {
            initial: text(pieces.initial.as_deref().unwrap_or_default())?,
            any: pieces.any.iter().map(|piece| text(piece)).collect::<Option<_>>()?,
            last: text(pieces.last.as_deref().unwrap_or_default())?,
        })
    }

    fn any_with(&self, found: impl Fn(&str) -> bool) -> bool {
        found(self.initial) || found(self.last) || self.any.iter().any(|piece| found(piece))
    }

    /// Whether the value has the pieces, in their order and without overlap.
    fn are_in(&self, stored: &str, fold: impl Fn(&str) -> String) -> bool {
        let (stored, last) = (fold(stored), fold(self.last));
        let Some(rest) = stored.strip_prefix(fold(self.initial).as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        self.any.iter().all(|piece| match rest.split_once(fold(piece).as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    struct Person {
        attributes: BTreeMap<&'static str, Vec<String>>,
        authority: Authority,
    }

    impl Entry for Person {
        fn values(&self, attribute: &str) -> Option<&[String]> {
            self.attributes.get(attribute).map(Vec::as_slice)
        }
        fn withheld(&self, attribute: &str) -> bool {
            attribute == "jpegphoto"
        }
        fn authority(&self) -> Authority {
            self.authority
        }
    }

    fn person(authority: Authority) -> Person {
        let values = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect();
        let attributes = BTreeMap::from([
            ("objectclass", values(&["inetOrgPerson", "eduPerson"])),
            ("cn", values(&["Zoë Martin"])),
            ("sn", values(&["Martin"])),
            ("edupersonaffiliation", values(&["member", "student"])),
            ("supannetuetape", values(&["{UAI}0312345A:L1INFO"])),
            ("edupersonentitlement", values(&["urn:mace:Library"])),
            ("memberof", values(&["cn=g0001,ou=groups,dc=a"])),
            ("telephonenumber", values(&["+33 1 00 00"])),
        ]);
        Person { attributes, authority }
    }

    #[track_caller]
    fn check(filter: &str, by_server: Match, by_itself: Match) {
        let filter = Filter::parse(filter).unwrap();
        assert_eq!(matches(&filter, &person(Authority::Server)), by_server, "{filter}, a server behind");
        assert_eq!(matches(&filter, &person(Authority::Itself)), by_itself, "{filter}, none behind");
    }

    use Match::{CannotJudge, False, True};

    #[test]
    fn the_filters_of_dynamic_groups() {
        check("(&(eduPersonAffiliation=Student)(supannEtuEtape={UAI}0312345A:L1INFO))", True, True);
        check("(&(eduPersonAffiliation=staff)(supannEtuEtape={UAI}0312345A:L1INFO))", False, False);
        check("(&(objectClass=inetOrgPerson)(|(sn=durand)(surname= martin)))", True, True);
        check("(memberOf=CN=g0001, OU=Groups, DC=A)", True, True);
        check("(memberOf=cn=g0002,ou=groups,dc=a)", False, False);
        check("(objectClass=person)", True, True);
        check("(!(eduPersonAffiliation=staff))", True, True);
        check("(!(eduPersonAffiliation=student))", False, False);
        check("(sn=*)", True, True);
        check("(&)", True, True);
        check("(|)", False, False);
    }

    #[test]
    fn absent_is_false_but_its_opposite_is_the_servers_to_say() {
        check("(noSuch=x)", False, False);
        check("(noSuch=*)", False, False);
        check("(!(noSuch=x))", CannotJudge, True);
        check("(!(|(noSuch=x)(eduPersonAffiliation=student)))", False, False);
        check("(|(noSuch=x)(eduPersonAffiliation=student))", True, True);
    }

    #[test]
    fn where_the_rule_is_not_known_the_server_is_asked() {
        check("(supannEtuEtape={uai}0312345a:l1info)", CannotJudge, True);
        check("(supannEtuEtape=other)", False, False);
        check("(objectClass=supannPerson)", CannotJudge, False);
        check("(telephoneNumber=+3310000)", CannotJudge, False);
        check("(telephoneNumber=+33 1 00 00)", True, True);
        check("(cn=Zoe\\cc\\88 Martin)", CannotJudge, False);
        check("(cn=ZOË  martin)", True, True);
        check("(jpegPhoto=x)", CannotJudge, CannotJudge);
        check("(name=Martin)", CannotJudge, CannotJudge);
        check("(sn;lang-fr=Martin)", CannotJudge, CannotJudge);
        check("(2.5.4.4=Martin)", CannotJudge, CannotJudge);
        check("(sn=\\ff)", CannotJudge, False);
        check("(memberOf=nonsense)", CannotJudge, False);
    }

    #[test]
    fn case_counts_where_the_table_says_so() {
        check("(eduPersonEntitlement=urn:mace:library)", False, False);
        check("(eduPersonEntitlement=urn:mace:Library)", True, True);
        check("(eduPersonEntitlement=urn:MACE:*)", False, False);
    }

    #[test]
    fn substrings() {
        check("(sn=mar*)", True, True);
        check("(sn=*TIN)", True, True);
        check("(sn=m*r*n)", True, True);
        check("(sn=*n*r*)", False, False);
        // The pieces may not overlap.
        check("(sn=mart*tin)", False, False);
        // Whether the type has substrings at all is in the schema.
        check("(supannEtuEtape={UAI}*)", CannotJudge, True);
        check("(supannEtuEtape={uai}*)", CannotJudge, True);
        check("(supannEtuEtape={X}*)", False, False);
        check("(eduPersonEntitlement=urn:mace:*)", CannotJudge, True);
        check("(memberOf=cn=g*)", CannotJudge, True);
    }

    #[test]
    fn other_assertions_are_the_servers() {
        for text in ["(sn>=a)", "(sn<=a)", "(sn~=a)", "(sn:caseExactMatch:=Martin)"] {
            check(text, CannotJudge, CannotJudge);
        }
        check("(&(sn>=a)(sn=durand))", False, False);
        check("(|(sn>=a)(sn=martin))", True, True);
    }

    proptest! {
        /// What is judged with a server behind holds whatever the server's schema answers for what it alone knows.
        #[test]
        fn logic_is_that_of_kleene(a in 1u8..8, b in 1u8..8) {
            let value = |bit: u8| match bit { 1 => Some(true), 2 => Some(false), _ => None };
            let and = |x: Option<bool>, y: Option<bool>| match (x, y) {
                (Some(false), _) | (_, Some(false)) => 2,
                (Some(true), Some(true)) => 1,
                _ => 4u8,
            };
            let mut all = 0;
            for x in [1, 2, 4].into_iter().filter(|x| a & x != 0) {
                for y in [1, 2, 4].into_iter().filter(|y| b & y != 0) {
                    all |= and(value(x), value(y));
                }
            }
            prop_assert_eq!(Answers(a).and(Answers(b)), Answers(all));
        }
    }
}
