//! Contacts as people have them, each file as its program writes it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use passerelle_wire_exchange::{Entry, Family, Format, Reading, Table, Wrong, table};

fn read(octets: &[u8], format: Format) -> Vec<Result<Entry, Wrong>> {
    let reading = Reading::of(octets.to_vec()).unwrap();
    assert_eq!(reading.format(), format);
    reading.entries().collect()
}

fn text(entry: &Result<Entry, Wrong>) -> String {
    String::from_utf8(entry.as_ref().unwrap().octets.clone()).unwrap().replace("\r\n ", "")
}

#[track_caller]
fn has(card: &str, lines: &[&str]) {
    for line in lines {
        assert!(card.contains(&format!("\r\n{line}\r\n")), "{line} is not in {card}");
    }
}

#[test]
fn cards_of_every_version() {
    let whole = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:z\r\nFN:Zoé\r\nX-ODD;a=b:1\\,2\r\nEND:VCARD\r\n";
    let file = format!(
        "{whole}BEGIN:VCARD\nVERSION:3.0\nN:Petit;Ana;;;\nEMAIL:ana@a.test\nEND:VCARD\n\
         BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Lef=E8vre;Lo=EFc\nTEL;CELL;VOICE:06 12 34 56 78\nNOTE;ENCODING=QUOTED-PRINTABLE:a, b=0D=0Ac\nPHOTO;JPEG;ENCODING=BASE64:\n /9j/\n AAAA\n\nEND:VCARD\n\
         BEGIN:VCARD\nVERSION:3.0\nNOTE:nobody\nEND:VCARD\nBEGIN:VCARD\nFN:cut off\n"
    );
    let all = read(file.as_bytes(), Format::Cards);
    assert_eq!(all.len(), 5);
    // What CardDAV takes is kept octet for octet.
    assert_eq!(all[0].as_ref().unwrap().octets, whole.as_bytes());
    has(&text(&all[1]), &["FN:Ana Petit", "N:Petit;Ana;;;"]);
    assert!(text(&all[1]).ends_with("END:VCARD\r\n"));
    has(
        &text(&all[2]),
        &[
            "VERSION:3.0",
            "FN:Loïc Lefèvre",
            "N:Lefèvre;Loïc",
            "TEL;TYPE=CELL,VOICE:06 12 34 56 78",
            "NOTE:a\\, b\\nc",
            "PHOTO;ENCODING=b;TYPE=JPEG:/9j/AAAA",
        ],
    );
    assert_eq!((all[3].as_ref().unwrap_err().line, all[4].as_ref().unwrap_err().line), (22, 26));
    assert_eq!(
        Entry::of_stored(Family::Contacts, &all[1].as_ref().unwrap().octets).unwrap().known_by,
        ["ana petit\nana@a.test"]
    );
}

#[test]
fn tables_of_outlook_in_french() {
    let head = "\"Titre\";\"Prénom\";\"Deuxième prénom\";\"Nom\";\"Suffixe\";\"Société\";\"Service\";\"Titre\";\"Rue (bureau)\";\"Ville (bureau)\";\"Code postal (bureau)\";\"Pays/Région (bureau)\";\"Téléphone (bureau)\";\"Tél. mobile\";\"Anniversaire\";\"Adresse de messagerie\";\"Notes\";\"Utilisateur 1\"";
    let row = "\"Mme\";\"Zoé\";;\"Noël\";;\"Université; Garonne\";\"DSI\";\"Ingénieure\";\"1, rue des Lois\";\"Toulouse\";\"31000\";\"France\";\"+33 5 61\";\"06 12\";\"03/02/1980\";\"zoe@a.test\";\"deux\r\nlignes\";\"autre\"";
    let nobody = ";;;;;;;;;;;;;;0/0/00;;;";
    let file = format!("{head}\r\n{row}\r\n{nobody}\r\nx;;;Seul;;;;;;;;;0/0/00;;0/0/00;;;\r\n");
    let expected = [
        "FN:Mme Zoé Noël",
        "N:Noël;Zoé;;Mme;",
        "ORG:Université\\; Garonne;DSI",
        "TITLE:Ingénieure",
        "ADR;TYPE=work:;;1\\, rue des Lois;Toulouse;;31000;France",
        "TEL;TYPE=work:+33 5 61",
        "TEL;TYPE=cell:06 12",
        "BDAY:1980-02-03",
        "EMAIL:zoe@a.test",
        "NOTE:deux\\nlignes\\nUtilisateur 1: autre",
    ];
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&file);
    for octets in [windows.into_owned(), file.clone().into_bytes(), format!("\u{feff}{file}").into_bytes()] {
        let all = read(&octets, Format::Csv);
        assert_eq!(all.len(), 3);
        has(&text(&all[0]), &expected);
        assert_eq!(all[1].as_ref().unwrap_err().line, 4);
        assert_eq!(all[2].as_ref().unwrap().line, 5);
    }
}

#[test]
fn tables_of_thunderbird_and_of_english_outlook() {
    let thunderbird = "First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,Home Phone,Fax Number,Pager Number,Mobile Number,Home Address,Home Address 2,Home City,Home State,Home ZipCode,Home Country,Work Address,Work Address 2,Work City,Work State,Work ZipCode,Work Country,Job Title,Department,Organization,Web Page 1,Web Page 2,Birth Year,Birth Month,Birth Day,Custom 1,Custom 2,Custom 3,Custom 4,Notes,\r\n\
        Ana,Petit,Ana Petit,,ana@a.test,ana@b.test,,1,2,3,,4,12 rue,B,Toulouse,,31000,France,,,,,,,Prof,,Garonne,https://a.test/x,,1980,2,3,one,,,,,\r\n";
    let all = read(thunderbird.as_bytes(), Format::Csv);
    has(
        &text(&all[0]),
        &[
            "FN:Ana Petit",
            "EMAIL:ana@a.test",
            "EMAIL:ana@b.test",
            "TEL;TYPE=cell:4",
            "ADR;TYPE=home:;;12 rue\\nB;Toulouse;;31000;France",
            "TITLE:Prof",
            "ORG:Garonne",
            "URL;TYPE=work:https://a.test/x",
            "BDAY:1980-02-03",
            "NOTE:Custom 1: one",
        ],
    );
    let outlook = "Title,First Name,Last Name,Company,Job Title,Business Phone,E-mail Address,E-mail Type,Birthday,Categories\nDr,Ana,Petit,Garonne,Prof,1,ana@a.test,SMTP,2/3/1980,A;B\n";
    has(
        &text(&read(outlook.as_bytes(), Format::Csv)[0]),
        &["N:Petit;Ana;;Dr;", "TITLE:Prof", "BDAY:1980-02-03", "CATEGORIES:A,B"],
    );
}

#[test]
fn tables_of_google_old_and_new() {
    let new = "First Name,Middle Name,Last Name,Nickname,File As,Organization Name,Organization Title,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Website 1 - Value\n\
        Ana,,Petit,,,Garonne,Prof,--02-03,,* myContacts ::: Amis,* Work,ana@a.test ::: ana@b.test,Mobile,+33 6,Home,x,12 rue,Toulouse,a.test\n";
    let old = "Name,Given Name,Family Name,Birthday,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Address 1 - Type,Address 1 - Street,Address 1 - City,Organization 1 - Name,Organization 1 - Title,Website 1 - Value\n\
        Ana Petit,Ana,Petit,--02-03,,* myContacts ::: Amis,* Work,ana@a.test ::: ana@b.test,Mobile,+33 6,Home,12 rue,Toulouse,Garonne,Prof,a.test\n";
    for table in [new, old] {
        has(
            &text(&read(table.as_bytes(), Format::Csv)[0]),
            &[
                "FN:Ana Petit",
                "EMAIL;TYPE=work:ana@a.test",
                "EMAIL;TYPE=work:ana@b.test",
                "TEL;TYPE=cell:+33 6",
                "ADR;TYPE=home:;;12 rue;Toulouse;;;",
                "ORG:Garonne",
                "TITLE:Prof",
                "BDAY:--02-03",
                "CATEGORIES:Amis",
                "URL:a.test",
            ],
        );
    }
}

#[test]
fn address_books_as_ldif() {
    let file = "dn: cn=Ana Petit,mail=ana@a.test\nobjectclass: top\nobjectclass: mozillaAbPersonAlpha\ngivenName: Ana\nsn: Petit\ncn: Ana Petit\nmail: ana@a.test\nmozillaSecondEmail: ana@b.test\nmozillaHomeLocalityName: Toulouse\ntelephoneNumber: 1\nbirthyear: 1980\nbirthmonth: 2\nbirthday: 3\ndescription:: bm90w6k=\n\n\
        dn: cn=broken\ncn:: !!\n\n\
        dn: cn=Amis\nobjectclass: groupOfNames\ncn: Amis\nmember: cn=Ana Petit, mail=ana@a.test\n";
    let all = read(file.as_bytes(), Format::Ldif);
    assert_eq!((all.len(), all[1].as_ref().unwrap_err().line), (3, 17));
    let ana = all[0].as_ref().unwrap();
    has(
        &text(&all[0]),
        &[
            "FN:Ana Petit",
            "N:Petit;Ana;;;",
            "EMAIL:ana@b.test",
            "ADR;TYPE=home:;;;Toulouse;;;",
            "TEL;TYPE=work:1",
            "BDAY:1980-02-03",
            "NOTE:noté",
        ],
    );
    has(
        &text(&all[2]),
        &["X-ADDRESSBOOKSERVER-KIND:group", &format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{}", ana.uid)],
    );
}

#[test]
fn what_is_no_file_of_these_is_told() {
    for (octets, line) in [(&b""[..], 1), (b"\xef\xbb\xbf \r\n", 1), (b"%PDF-1.7", 1), (b"login,password\nx,y\n", 1)] {
        assert_eq!(Reading::of(octets.to_vec()).unwrap_err().line, line);
    }
    let wide: Vec<u8> = "\u{feff}BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:Zoé\r\nN:;Zoé;;;\r\nEND:VCARD\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    has(&text(&read(&wide, Format::Cards)[0]), &["FN:Zoé"]);
    let torn = read(b"First Name,Last Name\nAna,\"Petit\n", Format::Csv);
    assert_eq!((torn.len(), torn[0].as_ref().unwrap_err().line), (1, 2));
}

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:z\r\nFN:=HYPERLINK(\"x\")\r\nN:Noël;Zoé;;;\r\nORG:+1+cmd|x\r\nTEL;TYPE=CELL:+33 6 12\r\nTEL;TYPE=WORK,FAX:2\r\nEMAIL;TYPE=WORK:zoe@a.test\r\nEMAIL:b@a.test\r\nEMAIL:c@a.test\r\nEMAIL:d@a.test\r\nADR;TYPE=HOME:;;1\\, rue;Toulouse;;31000;France\r\nBDAY:1980-02-03\r\nNOTE:@a\\nb \"c\"\r\nCATEGORIES:A,B\r\nEND:VCARD\r\n";

#[test]
fn no_cell_is_a_formula_and_all_come_back() {
    for kind in [Table::Google, Table::Outlook] {
        let row = table(kind, CARD.as_bytes()).unwrap();
        let file = format!("{}{row}", kind.head());
        for record in passerelle_wire_csv::parse(&file).unwrap() {
            for cell in record.cells {
                assert!(!cell.starts_with(['=', '-', '@']) && (!cell.starts_with('+') || cell == "+33 6 12"), "{cell}");
            }
        }
        let all = read(file.as_bytes(), Format::Csv);
        // Google has no column for the name as it is shown.
        has(&text(&all[0]), &[if kind == Table::Google { "FN:Zoé Noël" } else { "FN:=HYPERLINK(\"x\")" }]);
        has(
            &text(&all[0]),
            &[
                "N:Noël;Zoé;;;",
                "ORG:+1+cmd|x",
                "TEL;TYPE=cell:+33 6 12",
                "TEL;TYPE=work,fax:2",
                "ADR;TYPE=home:;;1\\, rue;Toulouse;;31000;France",
                "BDAY:1980-02-03",
                "CATEGORIES:A,B",
            ],
        );
        assert!(text(&all[0]).contains("d@a.test"), "what has no column is kept");
        assert_eq!(table(kind, b"nothing"), None);
    }
}
