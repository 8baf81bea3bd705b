//! CALDAV:filter and CARDDAV:filter as XML has them (RFC 4791 §9.7, RFC 6352 §10.5).

use crate::{
    error::{Answer, Refusal},
    xml::{CALDAV, CARDDAV, Element},
};
use passerelle_wire_ical::{
    CardFilter, CardPropFilter, CardPropTest, Collation, CompFilter, CompTest, Join, MatchType, ParamFilter, ParamTest,
    PropFilter, PropTest, Range, TextMatch, ValueTest,
};

/// The filter of a calendar query.
///
/// # Errors
/// The precondition that it violates (RFC 4791 §7.8).
pub(super) fn of_calendar(root: &Element) -> Answer<CompFilter> {
    let filter = root.child_in(CALDAV, "filter").ok_or(INVALID_CALENDAR)?;
    let outermost = filter.child_in(CALDAV, "comp-filter").ok_or(INVALID_CALENDAR)?;
    comp(outermost)
}

const INVALID_CALENDAR: Refusal = Refusal::Calendar("valid-filter");
const INVALID_CARD: Refusal = Refusal::Contacts("valid-filter");

fn comp(element: &Element) -> Answer<CompFilter> {
    let name = element.attribute("name").ok_or(INVALID_CALENDAR)?.to_owned();
    if element.child_in(CALDAV, "is-not-defined").is_some() {
        return Ok(CompFilter { name, test: CompTest::NotDefined });
    }
    let time_range = element.child_in(CALDAV, "time-range").map(range).transpose()?;
    let each = |kind: &'static str| element.children.iter().filter(move |it| it.is_in(CALDAV, kind));
    let props = each("prop-filter").map(prop).collect::<Answer<_>>()?;
    let comps = each("comp-filter").map(comp).collect::<Answer<_>>()?;
    Ok(CompFilter { name, test: CompTest::Defined { time_range, props, comps } })
}

fn prop(element: &Element) -> Answer<PropFilter> {
    let name = element.attribute("name").ok_or(INVALID_CALENDAR)?.to_owned();
    if element.child_in(CALDAV, "is-not-defined").is_some() {
        return Ok(PropFilter { name, test: PropTest::NotDefined });
    }
    let value = match (element.child_in(CALDAV, "time-range"), element.child_in(CALDAV, "text-match")) {
        (Some(it), None) => ValueTest::TimeRange(range(it)?),
        (None, Some(it)) => ValueTest::Text(text(it, CALDAV)?),
        (None, None) => ValueTest::Any,
        (Some(_), Some(_)) => return Err(INVALID_CALENDAR),
    };
    Ok(PropFilter { name, test: PropTest::Defined { value, params: params(element, CALDAV)? } })
}

fn params(element: &Element, namespace: &str) -> Answer<Vec<ParamFilter>> {
    let param = |element: &Element| {
        let name = element.attribute("name").ok_or_else(|| invalid(namespace))?.to_owned();
        let test = match element.child_in(namespace, "text-match") {
            _ if element.child_in(namespace, "is-not-defined").is_some() => ParamTest::NotDefined,
            Some(it) => ParamTest::Text(text(it, namespace)?),
            None => ParamTest::Defined,
        };
        Ok(ParamFilter { name, test })
    };
    element.children.iter().filter(|it| it.is_in(namespace, "param-filter")).map(param).collect()
}

/// A range of time (RFC 4791 §9.9).
pub(super) fn range(element: &Element) -> Answer<Range> {
    Range::parse(element.attribute("start"), element.attribute("end")).ok_or(INVALID_CALENDAR)
}

/// RFC 4791 §9.7.5, RFC 6352 §10.5.4.
fn text(element: &Element, namespace: &str) -> Answer<TextMatch> {
    let collation = match element.attribute("collation") {
        // RFC 6352 §10.5.4 has another default than RFC 4791 §9.7.5.
        None | Some("default") if namespace == CARDDAV => Collation::UnicodeCasemap,
        None | Some("default") => Collation::AsciiCasemap,
        Some(name) => Collation::parse(name).ok_or(match namespace {
            CARDDAV => Refusal::Contacts("supported-collation"),
            _ => Refusal::Calendar("supported-collation"),
        })?,
    };
    let place = match element.attribute("match-type") {
        None | Some("contains") => MatchType::Contains,
        Some("equals") => MatchType::Equals,
        Some("starts-with") => MatchType::StartsWith,
        Some("ends-with") => MatchType::EndsWith,
        Some(_) => return Err(invalid(namespace)),
    };
    let condition = TextMatch::new(&element.text, collation, place);
    match element.attribute("negate-condition") {
        Some("yes") => Ok(condition.negated()),
        None | Some("no") => Ok(condition),
        Some(_) => Err(invalid(namespace)),
    }
}

/// The filter of an address book query.
///
/// # Errors
/// The precondition that it violates (RFC 6352 §8.6).
pub(crate) fn of_cards(root: &Element) -> Answer<CardFilter> {
    let filter = root.child_in(CARDDAV, "filter").ok_or(INVALID_CARD)?;
    let props = filter.children.iter().filter(|it| it.is_in(CARDDAV, "prop-filter")).map(card_prop);
    Ok(CardFilter { join: join(filter)?, props: props.collect::<Answer<_>>()? })
}

fn join(element: &Element) -> Answer<Join> {
    match element.attribute("test") {
        None | Some("anyof") => Ok(Join::AnyOf),
        Some("allof") => Ok(Join::AllOf),
        Some(_) => Err(INVALID_CARD),
    }
}

fn card_prop(element: &Element) -> Answer<CardPropFilter> {
    let name = element.attribute("name").ok_or(INVALID_CARD)?.to_owned();
    if element.child_in(CARDDAV, "is-not-defined").is_some() {
        return Ok(CardPropFilter { name, test: CardPropTest::NotDefined });
    }
    let texts = element.children.iter().filter(|it| it.is_in(CARDDAV, "text-match"));
    let texts = texts.map(|it| text(it, CARDDAV)).collect::<Answer<_>>()?;
    let test = CardPropTest::Defined { join: join(element)?, texts, params: params(element, CARDDAV)? };
    Ok(CardPropFilter { name, test })
}

fn invalid(namespace: &str) -> Refusal {
    if namespace == CARDDAV { INVALID_CARD } else { INVALID_CALENDAR }
}
