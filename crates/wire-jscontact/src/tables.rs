//! Which property of a card is which of JSContact's (RFC 9555 §2), as data.

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// TEXT, escaped.
    Text,
    /// A URI as it stands.
    Uri,
    /// A URI where the parameters say so, else TEXT: telephones, and names on services.
    TextOrUri,
    /// Several TEXTs between commas, each an entry of its own.
    List,
    /// A URI, or octets in base64 as vCard 3.0 has them.
    Octets,
    /// A date, whole or in part.
    Date,
    /// `name ; unit ; unit`.
    Organization,
    /// The parts of an address.
    Address,
}

/// A property whose lines are entries of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The property's name in a card.
    pub(crate) name: &'static str,
    /// The map in JSContact.
    pub(crate) top: &'static str,
    /// The entry's member that has the value.
    pub(crate) member: &'static str,
    /// What its `kind` is then; `?` stands for none as well.
    pub(crate) kind: Option<&'static str>,
    pub(crate) form: Form,
}

const fn row(name: &'static str, top: &'static str, member: &'static str, form: Form) -> Row {
    Row { name, top, member, kind: None, form }
}

const fn kind(name: &'static str, top: &'static str, member: &'static str, kind: &'static str, form: Form) -> Row {
    Row { name, top, member, kind: Some(kind), form }
}

/// All of them. Of several for one map the first is written where nothing says which.
pub(crate) const ROWS: &[Row] = &[
    row("EMAIL", "emails", "address", Form::Text),
    row("TEL", "phones", "number", Form::TextOrUri),
    row("ADR", "addresses", "components", Form::Address),
    row("NICKNAME", "nicknames", "name", Form::List),
    row("ORG", "organizations", "name", Form::Organization),
    kind("TITLE", "titles", "name", "title", Form::Text),
    kind("ROLE", "titles", "name", "role", Form::Text),
    row("NOTE", "notes", "note", Form::Text),
    row("URL", "links", "uri", Form::Uri),
    kind("CONTACT-URI", "links", "uri", "contact", Form::Uri),
    row("SOCIALPROFILE", "onlineServices", "uri", Form::TextOrUri),
    row("IMPP", "onlineServices", "uri", Form::Uri),
    row("LANG", "preferredLanguages", "language", Form::Text),
    kind("CALURI", "calendars", "uri", "calendar", Form::Uri),
    kind("FBURL", "calendars", "uri", "freeBusy", Form::Uri),
    row("CALADRURI", "schedulingAddresses", "uri", Form::Uri),
    row("KEY", "cryptoKeys", "uri", Form::Octets),
    kind("SOURCE", "directories", "uri", "entry", Form::Uri),
    kind("ORG-DIRECTORY", "directories", "uri", "directory", Form::Uri),
    kind("PHOTO", "media", "uri", "photo", Form::Octets),
    kind("LOGO", "media", "uri", "logo", Form::Octets),
    kind("SOUND", "media", "uri", "sound", Form::Octets),
    kind("BDAY", "anniversaries", "date", "birth", Form::Date),
    kind("DEATHDATE", "anniversaries", "date", "death", Form::Date),
    kind("ANNIVERSARY", "anniversaries", "date", "wedding", Form::Date),
    kind("EXPERTISE", "personalInfo", "value", "expertise", Form::Text),
    kind("HOBBY", "personalInfo", "value", "hobby", Form::Text),
    kind("INTEREST", "personalInfo", "value", "interest", Form::Text),
];

/// Properties that occur once, as a text of JSContact's. The first name is written; in 3.0 the last one.
pub(crate) const SINGLES: &[(&[&str], &str)] = &[
    (&["UID"], "uid"),
    (&["KIND", "X-ADDRESSBOOKSERVER-KIND"], "kind"),
    (&["PRODID"], "prodId"),
    (&["LANGUAGE"], "language"),
    (&["CREATED"], "created"),
    (&["REV"], "updated"),
];

/// Properties whose values are the names of a set. The first name is written; in 3.0 the last one.
pub(crate) const SETS: &[(&[&str], &str)] =
    &[(&["CATEGORIES"], "keywords"), (&["MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"], "members")];

/// Where a thing is used (RFC 9555 §2.3), by the value of TYPE.
pub(crate) const CONTEXTS: &[(&str, &str)] = &[("work", "work"), ("home", "private")];
/// The same of addresses, which have two more (RFC 9554).
pub(crate) const CONTEXTS_OF_ADDRESSES: &[(&str, &str)] = &[("billing", "billing"), ("delivery", "delivery")];

/// What a telephone can (RFC 9553 §2.3.3).
pub(crate) const FEATURES: &[(&str, &str)] = &[
    ("cell", "mobile"),
    ("voice", "voice"),
    ("text", "text"),
    ("video", "video"),
    ("main-number", "main-number"),
    ("textphone", "textphone"),
    ("fax", "fax"),
    ("pager", "pager"),
];

/// How good somebody is at it: RFC 6715 has other words for expertise.
pub(crate) const LEVELS: &[(&str, &str)] = &[("beginner", "low"), ("average", "medium"), ("expert", "high")];

/// A parameter that is a member of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParameterRow {
    pub(crate) name: &'static str,
    pub(crate) member: &'static str,
    /// Whether the member is a number.
    pub(crate) is_number: bool,
    /// The maps whose entries have it.
    pub(crate) tops: &'static [&'static str],
}

const fn parameter(name: &'static str, member: &'static str, tops: &'static [&'static str]) -> ParameterRow {
    ParameterRow { name, member, is_number: false, tops }
}

/// All of them but TYPE, PREF, LEVEL and PROP-ID.
pub(crate) const PARAMETERS: &[ParameterRow] = &[
    parameter("MEDIATYPE", "mediaType", &["media", "links", "calendars", "cryptoKeys", "directories"]),
    parameter("SERVICE-TYPE", "service", &["onlineServices"]),
    parameter("USERNAME", "user", &["onlineServices"]),
    parameter("CC", "countryCode", &["addresses"]),
    parameter("TZ", "timeZone", &["addresses"]),
    parameter("GEO", "coordinates", &["addresses"]),
    parameter("LABEL", "full", &["addresses"]),
    ParameterRow { name: "INDEX", member: "listAs", is_number: true, tops: &["directories", "personalInfo"] },
];

/// The parts of a name by their place in N (RFC 6350 §6.2.2, RFC 9554 §2.2).
pub(crate) const NAME_PARTS: &[&str] = &["surname", "given", "given2", "title", "credential", "surname2", "generation"];
/// Parts of a name that stand in an older place too, for programs that know no other.
pub(crate) const NAME_REPEATED: &[(usize, usize)] = &[(5, 0), (6, 4)];

/// The parts of an address by their place in ADR (RFC 6350 §6.3.1, RFC 9554 §2.1).
pub(crate) const ADDRESS_PARTS: &[&str] = &[
    "postOfficeBox",
    "apartment",
    "name",
    "locality",
    "region",
    "postcode",
    "country",
    "room",
    "apartment",
    "floor",
    "number",
    "name",
    "building",
    "block",
    "subdistrict",
    "district",
    "landmark",
    "direction",
];
/// How many parts an address of RFC 6350 has.
pub(crate) const ADDRESS_SHORT: usize = 7;
/// Parts of an address that stand in an older place too: what is in a building with the apartment, the rest with the street.
pub(crate) const ADDRESS_REPEATED: &[(usize, usize)] =
    &[(7, 1), (8, 1), (9, 1), (12, 1), (10, 2), (11, 2), (13, 2), (17, 2)];
