//! ManageSieve: a client's commands, and a server's responses.

use crate::pieces;
use passerelle_wire_sieve::{Command, Parsed, Responses, capabilities, ending, script, scripts};

pub(crate) fn commands(octets: &[u8]) {
    if let Parsed::Command(command, taken) = Command::parse(octets) {
        assert!(taken <= octets.len());
        let said = command.to_octets();
        match Command::parse(&said) {
            Parsed::Command(again, taken) => assert_eq!((again, taken), (command, said.len())),
            other => panic!("{other:?} for {:?}", String::from_utf8_lossy(&said)),
        }
    }
}

pub(crate) fn responses(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let ends = |size: u8| {
        let (mut responses, mut at, mut ends) = (Responses::default(), 0, Vec::new());
        for mut piece in pieces(octets, size) {
            while !piece.is_empty() {
                let (taken, ended) = responses.pass(piece);
                assert!(taken > 0 || ended.is_some());
                at += taken;
                piece = &piece[taken..];
                if let Some(ended) = ended {
                    ends.push((at, format!("{ended:?}")));
                    responses = Responses::default();
                }
            }
        }
        ends
    };
    assert_eq!(ends(u8::MAX), ends(*size));
    let _ = (capabilities(octets), scripts(octets), script(octets), ending(octets));
}
