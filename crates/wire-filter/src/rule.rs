//! How values of an attribute compare (RFC 4517 §4), as far as names tell. A server knows by its schema; this table
//! knows the attributes that university directories and their dynamic groups use.

use std::borrow::Cow;

/// How the values of an attribute compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Case and repeated spaces do not count (caseIgnoreMatch).
    CaseIgnore,
    /// Repeated spaces do not count (caseExactMatch).
    CaseExact,
    /// Distinguished names (distinguishedNameMatch).
    Name,
    /// Names of object classes: an entry is of its classes and of all that they derive from.
    ObjectClass,
    /// A rule that is not kept here: numbers, telephone numbers, times, octets. Only equal octets are surely equal.
    Other,
    /// A supertype: its values are those of its subtypes (RFC 4512 §2.5.1), which only a schema knows.
    Supertype,
    /// Not in the table.
    Unknown,
}

/// Other names of attributes that filters and files use, beside the one that servers answer with (RFC 4519).
const ALIASES: &[(&str, &str)] = &[
    ("commonname", "cn"),
    ("countryname", "c"),
    ("domaincomponent", "dc"),
    ("email", "mail"),
    ("emailaddress", "mail"),
    ("fax", "facsimiletelephonenumber"),
    ("gn", "givenname"),
    ("localityname", "l"),
    ("mobiletelephonenumber", "mobile"),
    ("organizationalunitname", "ou"),
    ("organizationname", "o"),
    ("rfc822mailbox", "mail"),
    ("stateorprovincename", "st"),
    ("streetaddress", "street"),
    ("surname", "sn"),
    ("userid", "uid"),
];

const RULES: &[(Rule, &[&str])] = &[
    (
        Rule::CaseIgnore,
        &[
            "c",
            "cn",
            "dc",
            "departmentnumber",
            "description",
            "displayname",
            "edupersonaffiliation",
            "edupersonnickname",
            "edupersonprimaryaffiliation",
            "edupersonprincipalname",
            "edupersonscopedaffiliation",
            "employeenumber",
            "employeetype",
            "givenname",
            "initials",
            "l",
            "mail",
            "o",
            "ou",
            "postalcode",
            "roomnumber",
            "sn",
            "st",
            "street",
            "supannaliaslogin",
            "title",
            "uid",
        ],
    ),
    (
        Rule::CaseExact,
        &[
            "edupersonassurance",
            "edupersonentitlement",
            "edupersontargetedid",
            "gecos",
            "homedirectory",
            "labeleduri",
            "loginshell",
            "memberuid",
        ],
    ),
    (
        Rule::Name,
        &[
            "aliasedobjectname",
            "creatorsname",
            "edupersonorgdn",
            "edupersonorgunitdn",
            "edupersonprimaryorgunitdn",
            "entrydn",
            "ismemberof",
            "manager",
            "member",
            "memberof",
            "modifiersname",
            "owner",
            "roleoccupant",
            "secretary",
            "seealso",
            "uniquemember",
        ],
    ),
    (Rule::ObjectClass, &["objectclass"]),
    (
        Rule::Other,
        &[
            "createtimestamp",
            "entryuuid",
            "facsimiletelephonenumber",
            "gidnumber",
            "homephone",
            "jpegphoto",
            "memberurl",
            "mobile",
            "modifytimestamp",
            "pager",
            "postaladdress",
            "structuralobjectclass",
            "supannlisterouge",
            "telephonenumber",
            "uidnumber",
            "usercertificate",
            "userpassword",
        ],
    ),
    (Rule::Supertype, &["name", "distinguishedname"]),
];

/// Object classes and what they derive from (RFC 4519 §3, RFC 2798 §3).
const DERIVED: &[(&str, &[&str])] =
    &[("inetorgperson", &["organizationalperson", "person", "top"]), ("organizationalperson", &["person", "top"])];

/// The name in lower case, an alias replaced by the name that servers answer with: `Surname` is `sn`.
pub fn canonical(attribute: &str) -> Cow<'_, str> {
    let lower: Cow<'_, str> = if attribute.bytes().any(|octet| octet.is_ascii_uppercase()) {
        attribute.to_ascii_lowercase().into()
    } else {
        attribute.into()
    };
    match ALIASES.iter().find(|(alias, _)| *alias == lower) {
        Some((_, name)) => Cow::Borrowed(name),
        None => lower,
    }
}

/// The rule of an attribute by its canonical name.
pub(crate) fn rule_of(attribute: &str) -> Rule {
    RULES.iter().find(|(_, names)| names.contains(&attribute)).map_or(Rule::Unknown, |(rule, _)| *rule)
}

/// Whether a class derives from another, as far as the table knows.
pub(crate) fn derives(class: &str, from: &str) -> bool {
    DERIVED
        .iter()
        .any(|(name, above)| name.eq_ignore_ascii_case(class) && above.iter().any(|it| it.eq_ignore_ascii_case(from)))
}

/// Lower case, without spaces around and with single ones within (RFC 4518 §2.2, §2.6.1). Compatibility forms of
/// Unicode are left as they are: who compares must not take "unequal" for certain where a text is not ASCII.
pub(crate) fn fold(value: &str) -> String {
    squash(value).to_lowercase()
}

/// Without spaces around and with single ones within.
pub(crate) fn squash(value: &str) -> Cow<'_, str> {
    let trimmed = value.trim_matches(' ');
    if !trimmed.contains("  ") {
        return Cow::Borrowed(trimmed);
    }
    trimmed.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_canonical() {
        assert_eq!(canonical("Surname"), "sn");
        assert_eq!(canonical("supannEtuEtape"), "supannetuetape");
        assert_eq!(canonical("uid"), "uid");
    }

    #[test]
    fn the_table_is_in_lower_case_and_names_nothing_twice() {
        let mut names: Vec<_> = RULES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert!(names.iter().all(|name| canonical(name) == *name));
        let before = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), before);
    }

    #[test]
    fn folding() {
        assert_eq!(fold("  Marie   DUPONT "), "marie dupont");
        assert_eq!(fold("ÉMILE"), "émile");
    }
}
