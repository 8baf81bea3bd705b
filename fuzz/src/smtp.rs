//! SMTP: a client's commands, the octets of a message, its header, and a server's replies.

use crate::pieces;
use passerelle_wire_smtp::{
    Address, Command, Content, Decoded, Gathered, Gatherer, Header, Line, ParsedReply, Purity, Reply, Stuffer,
    addresses, line,
};

pub(crate) fn commands(octets: &[u8]) {
    let mut rest = octets;
    while let Line::Whole(text, taken) = line(rest) {
        assert!(!text.contains(&b'\r') && !text.contains(&b'\n'));
        let _ = Command::parse(text);
        rest = &rest[taken..];
    }
    let text = String::from_utf8_lossy(octets);
    if let Ok(address) = Address::parse(&text) {
        assert!(!address.as_str().contains(['\r', '\n', '<', '>']) || address.as_str().contains('"'));
        assert_eq!(Address::parse(address.as_str()).ok().as_ref(), Some(&address));
    }
    let _ = addresses(octets);
}

/// What is a message ends where every server says that it ends.
pub(crate) fn content(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let decode = |size: u8| {
        let (mut content, mut out, mut taken) = (Content::default(), Vec::new(), 0);
        for piece in pieces(octets, size) {
            match content.take(piece, &mut out) {
                Decoded::More => taken += piece.len(),
                Decoded::End(here) => return (out, Some(taken + here)),
                Decoded::Impure => return (Vec::new(), None),
            }
        }
        (out, None)
    };
    let (message, end) = decode(u8::MAX);
    let (again, end_again) = decode(*size);
    assert_eq!(end, end_again);
    if end.is_some() {
        assert_eq!(message, again);
        // Said anew it is the same message, and ends nowhere else.
        let (mut stuffer, mut said) = (Stuffer::default(), Vec::new());
        for piece in pieces(&message, *size) {
            assert!(stuffer.take(piece, &mut said).is_ok(), "what came in is pure");
        }
        assert!(stuffer.end(&mut said).is_ok());
        let (mut back, mut content) = (Vec::new(), Content::default());
        assert_eq!(content.take(&said, &mut back), Decoded::End(said.len()));
        assert_eq!(back, message);
        for smuggled in [&b"\n.\n"[..], b"\n.\r\n", b"\r.\r", b"\r\n.\n"] {
            let found = said.windows(smuggled.len()).filter(|window| *window == smuggled).count();
            let at_the_end = usize::from(said.ends_with(smuggled));
            assert_eq!(found, at_the_end, "a server less strict sees another end");
        }
    }
    let pure = |size: u8| {
        let mut purity = Purity::default();
        pieces(octets, size).try_for_each(|piece| purity.look(piece)).is_ok() && purity.end().is_ok()
    };
    assert_eq!(pure(u8::MAX), pure(*size));
}

pub(crate) fn header(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let (mut gatherer, mut whole) = (Gatherer::default(), None);
    let mut taken = 0;
    for piece in pieces(octets, *size) {
        taken += piece.len();
        match gatherer.take(piece) {
            Gathered::More => {}
            Gathered::Whole { header, rest } => {
                assert_eq!(header.len() + 2 + rest.len(), taken, "nothing is lost");
                whole = Some(header);
                break;
            }
            Gathered::TooLarge => return,
        }
    }
    let Ok(mut header) = Header::parse(&whole.unwrap_or_default()) else { return };
    let read = |said: &[u8]| Header::parse(said.strip_suffix(b"\r\n").expect("an empty line ends it"));
    let said = header.to_octets();
    assert_eq!(read(&said).map(|it| it.to_octets()).ok(), Some(said), "said anew it is the same");
    header.remove(&["bcc"]);
    assert!(!header.has("bcc"));
    header.put_first("Received", "by here");
    let again = read(&header.to_octets()).expect("still a header");
    assert!(!again.has("bcc") && again.has("received"));
}

pub(crate) fn replies(octets: &[u8]) {
    let ParsedReply::Whole(reply, taken) = Reply::parse(octets) else { return };
    assert!(taken <= octets.len());
    let told = reply.to_client();
    assert!(told.is_ascii() && told.ends_with("\r\n"));
    for line in told.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 510 && !line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}
