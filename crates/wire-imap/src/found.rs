//! What a store answers to SEARCH, SORT, THREAD and about what is gone: numbers, in bounded amounts.

use crate::{Value, values};
use std::ops::RangeInclusive;

/// What an answer to SEARCH or SORT tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    /// The numbers, in the order that they were told; `None` where the answer has none, which ESEARCH says of an empty
    /// result.
    pub numbers: Option<Vec<u32>>,
    /// How many there are in all.
    pub count: Option<u32>,
}

/// Reads one of
/// - `"*" SP ("SEARCH" / "SORT") *(SP nz-number) [SP "(MODSEQ" SP mod-sequence ")"]` (RFC 9051 appendix E, RFC 5256 §4),
/// - `"*" SP "ESEARCH" ["(TAG" SP string ")"] ["UID"] *(name SP value)` (RFC 4731 §3.1), with `PARTIAL (range set)`
///   (RFC 5267 §4.4).
///
/// `None` for other responses, and for more than `most` numbers.
pub fn results(response: &[u8], most: usize) -> Option<Results> {
    let rest = response.strip_prefix(b"* ")?;
    let line = rest.strip_suffix(b"\r\n").or_else(|| rest.strip_suffix(b"\n")).unwrap_or(rest);
    let verb = line.split(|octet| *octet == b' ').next()?;
    let behind = line.get(verb.len()..)?;
    if verb.eq_ignore_ascii_case(b"SEARCH") || verb.eq_ignore_ascii_case(b"SORT") {
        let text = std::str::from_utf8(behind).ok()?;
        let text = text.split('(').next().unwrap_or_default();
        let mut numbers = Vec::new();
        for word in text.split_ascii_whitespace() {
            if numbers.len() >= most {
                return None;
            }
            numbers.push(word.parse().ok()?);
        }
        return Some(Results { numbers: Some(numbers), count: None });
    }
    if !verb.eq_ignore_ascii_case(b"ESEARCH") {
        return None;
    }
    let mut found = Results::default();
    let all = values(behind)?;
    let mut items = all.iter().filter(|it| !it.is("UID")).skip_while(|it| it.list().is_some());
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        if name.is("COUNT") {
            found.count = value.number();
        } else if name.is("ALL") {
            found.numbers = Some(expanded(value.as_str()?, most)?);
        } else if name.is("PARTIAL") {
            let [_, set] = value.list()? else { return None };
            // NIL is a window behind the end.
            found.numbers = Some(match set {
                Value::Nil => Vec::new(),
                set => expanded(set.as_str()?, most)?,
            });
        }
    }
    Some(found)
}

/// The numbers of a `sequence-set` without `*`, in its order.
fn expanded(set: &str, most: usize) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for range in ranges(set)? {
        let (first, last) = range;
        let length = usize::try_from(first.abs_diff(last)).ok()?.checked_add(1)?;
        if numbers.len().checked_add(length)? > most {
            return None;
        }
        if first <= last {
            numbers.extend(first..=last);
        } else {
            numbers.extend((last..=first).rev());
        }
    }
    Some(numbers)
}

fn ranges(set: &str) -> Option<Vec<(u32, u32)>> {
    set.split(',')
        .map(|range| {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            Some((first.parse().ok()?, last.parse().ok()?))
        })
        .collect()
}

/// `"* VANISHED" [SP "(EARLIER)"] SP known-uids` (RFC 7162 §3.2.10).
pub fn vanished(response: &[u8]) -> Option<Vec<RangeInclusive<u32>>> {
    let all = values(response)?;
    let [star, verb, rest @ ..] = all.as_slice() else { return None };
    if !star.is("*") || !verb.is("VANISHED") {
        return None;
    }
    let set = ranges(rest.last()?.as_str()?)?;
    Some(set.into_iter().map(|(first, last)| first.min(last)..=first.max(last)).collect())
}

/// `"* THREAD" [SP 1*thread-list]`, each outermost list one thread with all its messages in their order (RFC 5256 §4). However
/// deep answers hang on answers. `None` for other responses and for more than `most` messages.
pub fn threads(response: &[u8], most: usize) -> Option<Vec<Vec<u32>>> {
    let (verb, rest) = response.strip_prefix(b"* ")?.split_at_checked(6)?;
    if !verb.eq_ignore_ascii_case(b"THREAD") {
        return None;
    }
    let (mut all, mut thread, mut depth, mut count) = (Vec::new(), Vec::new(), 0_usize, 0_usize);
    let mut number: Option<u32> = None;
    for octet in rest {
        if octet.is_ascii_digit() {
            let digit = u32::from(octet.saturating_sub(b'0'));
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        if let Some(number) = number.take() {
            count = count.checked_add(1).filter(|count| *count <= most && depth > 0)?;
            thread.push(number);
        }
        match octet {
            b'(' => depth = depth.checked_add(1)?,
            b')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && !thread.is_empty() {
                    all.push(std::mem::take(&mut thread));
                }
            }
            b' ' | b'\r' | b'\n' => {}
            _ => return None,
        }
    }
    (depth == 0 && number.is_none()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(response: &str, expected: Option<(Option<&[u32]>, Option<u32>)>) {
        let read = results(response.as_bytes(), 10);
        assert_eq!(read.as_ref().map(|it| (it.numbers.as_deref(), it.count)), expected, "{response}");
    }

    #[test]
    fn searches() {
        check("* SEARCH\r\n", Some((Some(&[]), None)));
        check("* SEARCH 2 1 (MODSEQ 7)\r\n", Some((Some(&[2, 1]), None)));
        check("* SORT 5 3 1\r\n", Some((Some(&[5, 3, 1]), None)));
        check("* ESEARCH (TAG \"a\") UID COUNT 12 ALL 2,11:13\r\n", Some((Some(&[2, 11, 12, 13]), Some(12))));
        check("* ESEARCH (TAG \"a\") UID PARTIAL (1:3 9,7:5) COUNT 200\r\n", Some((Some(&[9, 7, 6, 5]), Some(200))));
        check("* ESEARCH (TAG \"a\") UID PARTIAL (9:12 NIL) COUNT 3\r\n", Some((Some(&[]), Some(3))));
        check("* ESEARCH (TAG \"a\") UID COUNT 0\r\n", Some((None, Some(0))));
        check("* ESEARCH\r\n", Some((None, None)));
        for bad in [
            "* 3 EXISTS\r\n",
            "* SEARCH x\r\n",
            "* ESEARCH UID ALL 1:4000000000\r\n",
            "* SEARCH 1 2 3 4 5 6 7 8 9 10 11\r\n",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn what_is_gone() {
        assert_eq!(vanished(b"* VANISHED (EARLIER) 41,43:116\r\n"), Some(vec![41..=41, 43..=116]));
        assert_eq!(vanished(b"* VANISHED 3\r\n"), Some(vec![3..=3]));
        assert_eq!(vanished(b"* VANISHED\r\n"), None);
        assert_eq!(vanished(b"* 3 EXPUNGE\r\n"), None);
    }

    #[test]
    fn conversations() {
        let read = |text: &str| threads(text.as_bytes(), 20);
        assert_eq!(read("* THREAD (1 (2)(3 4))(6)\r\n"), Some(vec![vec![1, 2, 3, 4], vec![6]]));
        assert_eq!(read("* THREAD\r\n"), Some(Vec::new()));
        let deep = format!("* THREAD {}1{}\r\n", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(read(&deep), Some(vec![vec![1]]));
        for bad in
            ["* THREAD (1\r\n", "* THREAD 1\r\n", "* THREAD (99999999999)\r\n", "* THREAD (a)\r\n", "* SORT 1\r\n"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..120)) {
            for start in [&b""[..], b"* SEARCH ", b"* ESEARCH ", b"* VANISHED ", b"* THREAD "] {
                let response = [start, &octets].concat();
                let _ = (results(&response, 9), vanished(&response), threads(&response, 9));
            }
        }

        #[test]
        fn numbers_come_back(numbers in proptest::collection::vec(1_u32.., 0..10)) {
            let text: String = numbers.iter().map(|it| format!(" {it}")).collect();
            let read = results(format!("* SORT{text}\r\n").as_bytes(), 10);
            prop_assert_eq!(read.and_then(|it| it.numbers), Some(numbers));
        }
    }
}
