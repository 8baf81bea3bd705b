//! mbox: what is read does not depend on the pieces, and what is written is read again.

use passerelle_wire_mbox::{Ending, Event, Marks, Quoting, Reader, Writer};

/// A file's messages, of pieces of this size; nothing when it is no mbox.
fn read(file: &[u8], size: usize, quoting: Quoting) -> Option<Vec<(Vec<u8>, Marks)>> {
    let (mut reader, mut at, mut seen) = (Reader::new(quoting), 0, 0);
    let (mut all, mut octets) = (Vec::new(), Vec::new());
    loop {
        let whole = seen == file.len();
        let (taken, event) = reader.step(&file[at..seen], whole).ok()?;
        at += taken;
        match event {
            Some(Event::Octets(piece)) => octets.extend(piece),
            Some(Event::Ends(marks)) => all.push((std::mem::take(&mut octets), marks)),
            Some(Event::Begins { .. } | Event::BodyBegins { .. }) => {}
            None if taken > 0 => {}
            None if whole => return Some(all),
            None => seen = (seen + size).min(file.len()),
        }
    }
}

pub(crate) fn files(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let size = usize::from(*size).max(1);
    for quoting in [Quoting::Rd, Quoting::O, Quoting::Nothing] {
        assert_eq!(read(octets, size, quoting), read(octets, octets.len().max(1), quoting));
    }
}

pub(crate) fn messages(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let size = usize::from(*size).max(1);
    // A store's message: lines end with CRLF, and CR and LF stand nowhere else.
    let mut text = Vec::new();
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        text.extend(line.iter().filter(|octet| !matches!(octet, b'\r' | b'\n')));
        if line.ends_with(b"\n") {
            text.extend(b"\r\n");
        }
    }
    let ending = if text.is_empty() || text.ends_with(b"\n") { Ending::WithALine } else { Ending::InALine };
    let marks = Marks { seen: size % 2 == 0, ..Marks::default() };
    let mut file = Vec::new();
    for _ in 0..2 {
        let (mut writer, head) = Writer::begin(0, &marks, ending);
        file.extend(head);
        text.chunks(size).for_each(|piece| writer.write(piece, &mut file));
        writer.end(&mut file);
    }
    let message = (text, marks);
    assert_eq!(read(&file, size, Quoting::Rd), Some(vec![message.clone(), message]));
}
