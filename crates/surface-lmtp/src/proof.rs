//! Whether a message is from whom it says: by what the institution's own MTA has written at its top (Authentication-Results, RFC 8601).
//!
//! The MTA takes fields of its own name away that a message brings along (RFC 8601 §5). Of two that speak of one method the upper one
//! counts, which was written last.

use passerelle_core::DeliveryTrust;
use passerelle_wire_smtp::Header;

/// Whether the domain of From is proved.
pub(crate) fn is_proved(trust: &DeliveryTrust, header: &[u8], from: &str) -> bool {
    let server = match trust {
        DeliveryTrust::Nothing => return false,
        DeliveryTrust::Everything => return true,
        DeliveryTrust::ResultsOf(server) => server,
    };
    let Some((_, domain)) = from.rsplit_once('@') else { return false };
    let Ok(header) = Header::parse(header) else { return false };
    let mut seen: Vec<String> = Vec::new();
    for field in header.named("authentication-results") {
        for method in results(&String::from_utf8_lossy(&field.unfolded()), server) {
            if seen.contains(&method.name) {
                continue;
            }
            if method.is_pass && method.domain.as_deref().is_some_and(|by| is_aligned(by, domain)) {
                return true;
            }
            // A DKIM signature of somebody else says nothing of others; a failed judgement is one.
            if method.name != "dkim" {
                seen.push(method.name);
            }
        }
    }
    false
}

/// What one method has found.
#[derive(Debug, PartialEq, Eq)]
struct Method {
    name: String,
    is_pass: bool,
    /// The domain that it is about.
    domain: Option<String>,
}

/// `authres-payload = authserv-id [version] (no-result / 1*resinfo)` (RFC 8601 §2.2), of this server only.
fn results(value: &str, server: &str) -> Vec<Method> {
    let value = without_comments(value);
    let mut parts = value.split(';').map(str::trim);
    let id = parts.next().and_then(|first| first.split_ascii_whitespace().next()).unwrap_or_default();
    if !id.eq_ignore_ascii_case(server) {
        return Vec::new();
    }
    parts.filter_map(method).collect()
}

fn method(text: &str) -> Option<Method> {
    let mut words = text.split_ascii_whitespace();
    let (name, result) = words.next()?.split_once('=')?;
    let name = name.split('/').next().unwrap_or_default().trim().to_ascii_lowercase();
    let property = match name.as_str() {
        "dkim" => &["header.d", "header.i"][..],
        "spf" => &["smtp.mailfrom"],
        "dmarc" => &["header.from"],
        _ => return None,
    };
    let said: Vec<(String, &str)> =
        words.filter_map(|word| word.split_once('=')).map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let value = property.iter().find_map(|wanted| said.iter().find(|(name, _)| name == wanted));
    let domain = value.map(|(_, value)| {
        let value = value.trim_matches('"');
        value.rsplit_once('@').map_or(value, |(_, domain)| domain).trim_end_matches('.').to_ascii_lowercase()
    });
    Some(Method { name, is_pass: result.trim().eq_ignore_ascii_case("pass"), domain })
}

/// The text without what stands in brackets (RFC 5322 §3.2.2). What has no end hides the rest.
fn without_comments(text: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::with_capacity(text.len()), 0_u32, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => {
                escaped = true;
                continue;
            }
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => {
                depth = depth.saturating_add(1);
                continue;
            }
            ')' if !quoted && depth > 0 => {
                depth = depth.saturating_sub(1);
                out.push(' ');
                continue;
            }
            // What a value in quotes has in it parts nothing.
            ';' | ' ' | '=' if quoted => continue,
            _ => {}
        }
        if depth == 0 {
            out.push(c);
        }
    }
    out
}

/// Whether who proved to be `by` may speak for `domain`: the same, or one above it (RFC 7489 §3.1, relaxed).
fn is_aligned(by: &str, domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    by == domain || (by.contains('.') && domain.strip_suffix(by).is_some_and(|below| below.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: bool) {
        let trust = DeliveryTrust::ResultsOf("mx.univ.example".to_owned());
        assert_eq!(is_proved(&trust, header.as_bytes(), "anna@lab.elsewhere.example"), expected, "{header}");
    }

    #[test]
    fn what_proves() {
        const HEAD: &str = "Authentication-Results: mx.univ.example; ";
        for (said, expected) in [
            ("dkim=pass header.d=lab.elsewhere.example", true),
            ("dkim=pass (2048 bit; x=y) header.i=@elsewhere.example header.s=x", true),
            ("spf=pass smtp.mailfrom=bounce@elsewhere.example", true),
            ("dmarc=pass header.from=lab.elsewhere.example", true),
            ("spf=fail smtp.mailfrom=a@b.example;\r\n dkim=pass header.d=elsewhere.example", true),
            ("dkim=pass header.d=other.example; dkim=pass header.d=elsewhere.example", true),
            ("none", false),
            ("dkim=pass header.d=evil.example", false),
            ("dkim=pass header.d=example", false),
            ("dkim=pass header.d=here.example", false),
            ("dkim=fail header.d=elsewhere.example", false),
            ("dkim=none", false),
            ("spf=pass smtp.helo=elsewhere.example", false),
            ("(dkim=pass header.d=elsewhere.example) x=y", false),
            ("(dkim=pass header.d=elsewhere.example", false),
            ("reason=\"; dkim=pass header.d=elsewhere.example\"", false),
            ("iprev=pass policy.iprev=1.2.3.4", false),
        ] {
            check(&format!("{HEAD}{said}\r\nFrom: x\r\n"), expected);
        }
        let good = "dkim=pass header.d=elsewhere.example";
        check(&format!("Authentication-Results: mx.evil.example; {good}\r\n"), false);
        check(&format!("Authentication-Results: mx.univ.example.evil; {good}\r\n"), false);
        check(&format!("X-Authentication-Results: mx.univ.example; {good}\r\n"), false);
        // What stands above was written later.
        check(
            &format!(
                "{HEAD}dmarc=fail header.from=elsewhere.example\r\n{HEAD}dmarc=pass header.from=elsewhere.example\r\n"
            ),
            false,
        );
        check("From: x\r\n", false);
        check("no header", false);
    }

    #[test]
    fn what_is_set() {
        let header = b"From: x\r\n";
        assert!(is_proved(&DeliveryTrust::Everything, header, "a@b.example"));
        assert!(!is_proved(&DeliveryTrust::Nothing, header, "a@b.example"));
    }
}
