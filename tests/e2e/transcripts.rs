//! The same conversations with the bare store and through the gateway: the answers are the same, but for what a transcript
//! says. The files are in `tests/transcripts/imap`: a line for each that the client says; behind a literal's announcement its
//! octets, as lines.

use crate::harness::{Gateway, Imap, campus, root};
use std::{collections::BTreeSet, fs};

/// A conversation.
struct Transcript {
    lines: Vec<String>,
    /// Verbs whose untagged answers are not the store's alone.
    ours: BTreeSet<String>,
    pipelined: bool,
}

fn read(text: &str) -> Transcript {
    let said = |line: &str| line.strip_prefix("C:").map(|rest| rest.strip_prefix(' ').unwrap_or(rest).to_owned());
    let ours = text.lines().find_map(|line| line.strip_prefix("# Ours beside the store's: "));
    Transcript {
        lines: text.lines().filter_map(said).collect(),
        ours: ours.into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect(),
        pipelined: text.lines().any(|line| line == "# Pipelined"),
    }
}

/// How many octets follow a line, and whether they wait.
fn literal(line: &str) -> Option<(usize, bool)> {
    let number = line.strip_suffix('}')?.rsplit_once('{')?.1;
    match number.strip_suffix('+') {
        Some(number) => Some((number.parse().ok()?, false)),
        None => Some((number.parse().ok()?, true)),
    }
}

/// Holds the conversation; each command with what was answered.
fn hold(transcript: &Transcript, port: u16, login: &str, password: &str) -> Vec<(String, Vec<String>)> {
    let (mut imap, _) = Imap::connect(port);
    let told = imap.command(&format!("l LOGIN {login} {password}"));
    assert!(told.last().unwrap().starts_with("l OK"), "{told:?}");
    // What an earlier run left.
    for left in ["T/one", "T/un", "T/two words", "T/&AOk-t&AOk-", "T/four", "T/other", "T"] {
        imap.command(&format!("x DELETE \"{left}\""));
        imap.command(&format!("x UNSUBSCRIBE \"{left}\""));
    }
    if transcript.pipelined {
        imap.send(format!("{}\r\n", transcript.lines.join("\r\n")).as_bytes());
        // In whichever order a server does what does not hang together (RFC 9051 §5.5).
        let mut all = imap.answer("nothing");
        all.sort();
        return vec![("all at once".to_owned(), all)];
    }
    let (mut answers, mut lines) = (Vec::new(), transcript.lines.iter());
    while let Some(first) = lines.next() {
        let (mut command, mut line) = (first.clone(), first.clone());
        let mut refused = false;
        imap.send(format!("{line}\r\n").as_bytes());
        while let Some((length, waits)) = literal(&line) {
            if waits {
                let go_on = imap.line();
                if !go_on.starts_with('+') {
                    answers.push((command.clone(), vec![go_on]));
                    refused = true;
                    break;
                }
            }
            // The literal's lines, and the line that stands behind it.
            let mut octets = String::new();
            while octets.len() < length {
                octets.push_str(lines.next().expect("a literal's lines"));
                octets.push_str("\r\n");
            }
            let rest = octets.split_off(length);
            line = if rest.is_empty() {
                lines.next().expect("a line behind the literal").clone()
            } else {
                rest.trim_end().to_owned()
            };
            imap.send(format!("{octets}{line}\r\n").as_bytes());
            command.push_str(&format!(" | {octets} | {line}"));
        }
        if refused {
            continue;
        }
        let tag = command.split(' ').next().unwrap().to_owned();
        if command == "i IDLE" {
            answers.push((command, vec![imap.line()]));
            continue;
        }
        if command == "DONE" {
            answers.push((command, imap.answer("i")));
            continue;
        }
        answers.push(match tag.as_str() {
            "" => (command, vec![imap.line()]),
            tag => {
                let answer = if first == "a" { vec![imap.line()] } else { imap.answer(tag) };
                (command, answer)
            }
        });
    }
    answers
}

/// What differs from one time to the next: numbers that the store draws, and how long it took.
fn steady(line: &str) -> String {
    let line = line.split(" (0.0").next().unwrap_or_default();
    let drawn = ["UIDVALIDITY", "UIDNEXT", "APPENDUID", "COPYUID", "MODSEQ", "INTERNALDATE", "MAILBOXID", "QUOTA"];
    let login = line.replace("u00051", "LOGIN").replace("u00052", "LOGIN");
    if !drawn.iter().any(|word| line.to_uppercase().contains(word)) {
        return login;
    }
    login.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect()
}

#[test]
fn the_gateway_answers_as_the_store_does() {
    let gateway = Gateway::start("transcripts");
    let folder = root().join("tests/transcripts/imap");
    let mut held = 0;
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let transcript = read(&fs::read_to_string(&file).unwrap());
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // Two people whose mailboxes nobody else uses: one at the store itself, one through the gateway.
        let bare = hold(&transcript, campus("CAMPUS_IMAP_A").parse().unwrap(), "u00051", "pw-u00051");
        let through = hold(&transcript, gateway.imap, "u00052@a.test", "pw-u00052");
        assert_eq!(bare.len(), through.len(), "{name}");
        for ((command, bare), (_, through)) in bare.iter().zip(&through) {
            let verb = command.split(' ').nth(1).unwrap_or_default();
            let steady = |answer: &[String]| answer.iter().map(|line| steady(line)).collect::<Vec<_>>();
            let (bare, through) = (steady(bare), steady(through));
            if transcript.ours.contains(verb) {
                let end = |answer: &[String]| answer.last().unwrap().split(' ').take(2).collect::<Vec<_>>().join(" ");
                assert_eq!(end(&bare), end(&through), "{name}: {command}");
            } else {
                assert_eq!(bare, through, "{name}: {command}");
            }
            held += 1;
        }
    }
    assert!(held > 100, "{held} commands");
}
