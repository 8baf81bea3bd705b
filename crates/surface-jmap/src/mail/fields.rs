//! Header fields that a client gives, as they stand in a message (RFC 5322 §2.2.3, RFC 2047): nothing that a value has in it begins
//! another field.

use super::{
    compose::{Wrong, wrong},
    header::Form,
};
use mail_builder::headers::{
    Header,
    address::{Address, EmailAddress, GroupedAddresses},
    message_id::MessageId,
    text::Text,
    url::URL,
};
use mail_parser::DateTime;
use serde_json::Value;

/// Most addresses of a field.
const MOST_ADDRESSES: usize = 10_000;
/// Longest field, in octets.
const LONGEST_FIELD: usize = 512 * 1024;

/// Writes a field as it is.
pub(super) fn line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Writes a field, encoded and folded (RFC 5322 §2.2.3, RFC 2047).
pub(super) fn field(out: &mut Vec<u8>, property: &str, name: &str, form: Form, value: &Value) -> Result<(), Wrong> {
    let unlike = |why| wrong(property, why);
    let texts = || -> Result<Vec<String>, Wrong> {
        let all = value.as_array().ok_or_else(|| unlike("it has a list of texts"))?;
        let is_plain = |text: &&str| {
            !text.is_empty() && !text.contains(|c: char| c.is_control() || c == ' ' || c == '<' || c == '>')
        };
        all.iter()
            .map(|it| it.as_str().filter(is_plain).map(str::to_owned).ok_or_else(|| unlike("one of them cannot be")))
            .collect()
    };
    let text = || value.as_str().ok_or_else(|| unlike("it has a text"));
    let before = out.len();
    out.extend_from_slice(name.as_bytes());
    let column = name.len().saturating_add(2);
    match form {
        Form::Raw => {
            let raw = text()?;
            let is_folded =
                raw.split("\r\n").skip(1).all(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
            let is_broken = raw.replace("\r\n", "").contains(|c: char| c.is_control() && c != '\t');
            if !is_folded || is_broken {
                return Err(unlike("a raw value has no line ends but folded ones"));
            }
            out.push(b':');
            out.extend_from_slice(raw.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        Form::Text => {
            out.extend_from_slice(b": ");
            let text = text()?.replace(|c: char| c.is_control(), " ");
            Text::new(text).write_header(out, column);
        }
        Form::Addresses | Form::GroupedAddresses => {
            let all = addresses(value, form).ok_or_else(|| unlike("one of the addresses cannot be"))?;
            if all.is_empty() {
                out.truncate(before);
                return Ok(());
            }
            out.extend_from_slice(b": ");
            Address::new_list(all).write_header(out, column);
        }
        Form::MessageIds => {
            out.extend_from_slice(b": ");
            MessageId::new_list(texts()?.into_iter()).write_header(out, column);
        }
        Form::Urls => {
            out.extend_from_slice(b": ");
            URL::new_list(texts()?.into_iter()).write_header(out, column);
        }
        Form::Date => {
            let date = DateTime::parse_rfc3339(text()?).filter(DateTime::is_valid);
            let date = date.ok_or_else(|| unlike("this is no date"))?;
            out.extend_from_slice(b": ");
            out.extend_from_slice(date.to_rfc822().as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
    if out.len().saturating_sub(before) > LONGEST_FIELD {
        return Err(unlike("it is too long"));
    }
    Ok(())
}

fn addresses<'a>(value: &'a Value, form: Form) -> Option<Vec<Address<'a>>> {
    let all = value.as_array().filter(|all| all.len() <= MOST_ADDRESSES)?;
    if form == Form::Addresses {
        return all.iter().map(address).collect();
    }
    let mut groups = Vec::new();
    for group in all {
        let members: Option<Vec<_>> = group.get("addresses")?.as_array()?.iter().map(address).collect();
        match group.get("name").and_then(Value::as_str) {
            Some(name) => {
                groups.push(Address::Group(GroupedAddresses { name: Some(plain(name).into()), addresses: members? }));
            }
            None => groups.extend(members?),
        }
    }
    Some(groups)
}

fn address(value: &Value) -> Option<Address<'_>> {
    let email = value.get("email")?.as_str()?.trim();
    let is_one = !email.is_empty()
        && email.len() <= 1000
        && !email.contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;:()\"".contains(c));
    let name = value.get("name").and_then(Value::as_str).map(plain).filter(|name| !name.is_empty());
    is_one.then(|| Address::Address(EmailAddress { name: name.map(Into::into), email: email.into() }))
}

/// In one line.
pub(super) fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ").trim().to_owned()
}
