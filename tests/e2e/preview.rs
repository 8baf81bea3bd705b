//! Previews: pictures of images and PDFs, the beginnings of texts, for whoever may read; and files that are made to break who
//! looks into them.

use crate::{
    harness::{Gateway, campus, curl, eventually, run, try_run},
    web::Browser,
};
use image::{
    DynamicImage, ExtendedColorType, Frame, ImageEncoder, ImageFormat, Rgb, RgbImage, RgbaImage,
    codecs::gif::GifEncoder,
};
use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

const HOST: &str = "garonne.localhost";

/// An answer with a body of octets.
#[derive(Debug)]
struct Got {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let of = |line: &'_ str| line.split_once(": ").filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|_| ());
        let line = self.head.lines().find(|line| of(line).is_some())?;
        line.split_once(": ").map(|(_, value)| value.trim())
    }

    #[track_caller]
    fn picture(&self) -> DynamicImage {
        assert_eq!(self.status, 200, "{}", self.head);
        let format = match self.header("content-type") {
            Some("image/jpeg") => ImageFormat::Jpeg,
            Some("image/png") => ImageFormat::Png,
            other => panic!("{other:?}"),
        };
        image::load_from_memory_with_format(&self.body, format).unwrap()
    }
}

fn get(gateway: &Gateway, cookie: Option<&str>, path: &str, more: &[&str]) -> Got {
    let folder = tempfile::tempdir().unwrap();
    let (head, body) = (folder.path().join("head"), folder.path().join("body"));
    let address = format!("https://{HOST}:{}{path}", gateway.https);
    let mut arguments = vec![
        "-s",
        "--max-time",
        "60",
        "--cacert",
        campus("CAMPUS_CA"),
        "-D",
        head.to_str().unwrap(),
        "-o",
        body.to_str().unwrap(),
    ];
    arguments.extend(cookie.into_iter().flat_map(|cookie| ["-b", cookie]));
    arguments.extend(more);
    arguments.push(&address);
    assert!(try_run("curl", &arguments).status.success(), "{path}");
    let head = fs::read_to_string(head).unwrap();
    let status = head.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    Got { status, head, body: fs::read(body).unwrap_or_default() }
}

fn of(name: &str, what: &str) -> String {
    format!("/preview?owner=u00001&folder={name}&{what}")
}

/// The home on the disk, which the first use would make.
fn made_home(gateway: &Gateway) -> PathBuf {
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(&home).unwrap();
    home
}

/// Red above, blue below.
fn two_colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |_, y| if y < height / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut octets = Vec::new();
    image.write_to(&mut Cursor::new(&mut octets), format).unwrap();
    octets
}

/// A photograph that lies on its side and says where it was taken: Exif's orientation 6, and a GPS directory.
fn photograph() -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08".to_vec();
    // IFD0: Orientation (0x0112) = 6, GPSInfo (0x8825) at 38; no next.
    exif.extend(b"\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0");
    // GPSMapDatum (0x0012), 10 characters at 56.
    exif.extend(b"\0\x01\0\x12\0\x02\0\0\0\x0A\0\0\0\x38\0\0\0\0HERE-I-AM\0");
    let jpeg = written(&DynamicImage::ImageRgb8(two_colours(640, 480)), ImageFormat::Jpeg);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xFF\xE1", &length, &exif, &jpeg[2..]].concat()
}

/// A PDF of these objects, the first of which is the catalogue, with a right table.
pub(crate) fn pdf(objects: &[String]) -> Vec<u8> {
    let mut file = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let table = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        file += &format!("{place:010} 00000 n \n");
    }
    file += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
    file.into_bytes()
}

pub(crate) fn stream(facts: &str, content: &str) -> String {
    format!("<< {facts} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

const CATALOGUE: &str = "<< /Type /Catalog /Pages 2 0 R >>";
const PAGES: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";

fn page(facts: &str) -> String {
    format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {facts} >>")
}

/// A page that is red above and has a word in one of the fonts that every reader has.
fn letter() -> Vec<u8> {
    pdf(&[
        CATALOGUE.to_owned(),
        PAGES.to_owned(),
        page("/Contents 4 0 R /Resources << /Font << /F 5 0 R >> >>"),
        stream("", "1 0 0 rg 0 642 595 200 re f 0 g BT /F 120 Tf 60 300 Td (Lettre) Tj ET"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ])
}

#[test]
fn pictures_of_what_one_may_read() {
    let gateway = Gateway::start("preview");
    let home = made_home(&gateway);
    let large = DynamicImage::ImageRgb8(two_colours(2000, 1500));
    let glass = DynamicImage::ImageRgba8(RgbaImage::from_pixel(400, 200, image::Rgba([1, 2, 3, 100])));
    for (name, format) in [("a.png", ImageFormat::Png), ("a.gif", ImageFormat::Gif), ("a.webp", ImageFormat::WebP)] {
        fs::write(home.join(name), written(&large, format)).unwrap();
    }
    fs::write(home.join("photo.jpg"), photograph()).unwrap();
    fs::write(home.join("glass.png"), written(&glass, ImageFormat::Png)).unwrap();
    // What a file is called says nothing.
    fs::write(home.join("letter.txt"), letter()).unwrap();
    let me = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let get = |name: &str, size: u32, more: &[&str]| {
        get(&gateway, Some(&me.cookie), &of(name, &format!("size={size}")), more)
    };

    for name in ["a.png", "a.gif", "a.webp"] {
        let (got, picture) = (get(name, 256, &[]), get(name, 256, &[]).picture().to_rgb8());
        assert_eq!(got.header("content-type"), Some("image/jpeg"));
        assert_eq!(picture.dimensions(), (256, 192), "{name}");
        assert!(picture.get_pixel(100, 10).0[0] > 180 && picture.get_pixel(100, 180).0[2] > 180, "{name}");
    }
    let through = get("glass.png", 96, &[]).picture();
    assert_eq!(through.to_rgba8().get_pixel(5, 5).0, [1, 2, 3, 100]);
    assert_eq!((through.width(), through.height()), (96, 48));
    // Nothing is made larger.
    assert_eq!(get("glass.png", 1024, &[]).picture().width(), 400);

    // A photograph stands upright, and does not say where it was taken.
    assert!(photograph().windows(9).any(|octets| octets == b"HERE-I-AM"));
    let photo = get("photo.jpg", 256, &[]);
    let upright = photo.picture().to_rgb8();
    assert_eq!(upright.dimensions(), (192, 256));
    // Turned by a quarter to the right, what was above is on the right.
    assert!(upright.get_pixel(180, 128).0[0] > 180 && upright.get_pixel(10, 128).0[2] > 180);
    for trace in [&b"Exif"[..], b"HERE", b"\x88\x25"] {
        assert!(!photo.body.windows(trace.len()).any(|octets| octets == trace), "{trace:?}");
    }

    let paper = get("letter.txt", 512, &[]).picture().to_rgb8();
    assert_eq!(paper.dimensions(), (362, 512));
    assert!(paper.get_pixel(180, 30).0[1] < 60, "red above: {:?}", paper.get_pixel(180, 30));
    assert!(paper.get_pixel(350, 500).0.iter().all(|value| *value > 240), "white paper");
    let dark = (300..340).flat_map(|y| (30..300).map(move |x| (x, y)));
    assert!(dark.filter(|(x, y)| paper.get_pixel(*x, *y).0[0] < 100).count() > 200, "a word");

    // What is known is not drawn again, nor sent.
    let tag = photo.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with("-256\""), "a strong tag: {tag}");
    let condition = format!("If-None-Match: {tag}");
    let again = get("photo.jpg", 256, &["-H", &condition]);
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)));
    assert_eq!(get("photo.jpg", 96, &["-H", &condition]).status, 200);
    for (name, value) in [
        ("cache-control", "private, no-cache"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(photo.header(name), Some(value), "{name}");
    }
    // What is replaced has another tag and another picture.
    fs::write(home.join("photo.jpg"), written(&glass, ImageFormat::Png)).unwrap();
    assert_eq!(get("photo.jpg", 256, &["-H", &condition]).picture().width(), 256);
    assert_eq!(get("", 256, &[]).status, 415, "a folder has none");
    assert_eq!(get("nothing", 256, &[]).status, 404);
}

#[test]
fn the_beginnings_of_texts() {
    let gateway = Gateway::start("preview-text");
    let home = made_home(&gateway);
    let me = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let text = |content: &[u8]| {
        fs::write(home.join("t"), content).unwrap();
        let got = get(&gateway, Some(&me.cookie), &of("t", "as=text"), &[]);
        let kind = got.header("content-type").unwrap_or_default().to_owned();
        let extent = got.header("passerelle-extent").map(str::to_owned);
        (got.status, kind, extent, String::from_utf8_lossy(&got.body).into_owned())
    };
    let plain = |extent: &str, body: &str| {
        (200, "text/plain; charset=utf-8".to_owned(), Some(extent.to_owned()), body.to_owned())
    };
    assert_eq!(text("# Été\n".as_bytes()), plain("whole", "# Été\n"));
    assert_eq!(text(b"\xC9t\xE9 \x80"), plain("whole", "Été €"));
    assert_eq!(text(b"\xFF\xFE\xC9\0t\0"), plain("whole", "Ét"));
    assert_eq!(text(b""), plain("whole", ""));
    let html = "<html><script>document.title='ran'</script>";
    assert_eq!(text(html.as_bytes()), plain("whole", html));
    // 65,535 octets, and a character of two.
    let long = format!("{}é", "a".repeat(65_535));
    assert_eq!(text(long.as_bytes()), plain("cut", &"a".repeat(65_535)));
    assert_eq!(text(b"a\0b").0, 415);
    assert_eq!(text(&letter()[..9]).0, 200);
}

/// Previews follow the rights of reading: of people, and of links.
#[test]
fn who_may_not_read_sees_no_preview() {
    let gateway = Gateway::start("preview-rights");
    let home = made_home(&gateway);
    fs::create_dir_all(home.join("album")).unwrap();
    fs::write(home.join("album/p.png"), written(&DynamicImage::ImageRgb8(two_colours(300, 200)), ImageFormat::Png))
        .unwrap();
    fs::write(home.join("album/t.txt"), "text").unwrap();
    fs::write(home.join("secret.png"), fs::read(home.join("album/p.png")).unwrap()).unwrap();
    let mut me = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let other = Browser::sign_in(&gateway, HOST, "u00002", "pw-u00002");
    let seen = |name: &str| get(&gateway, Some(&other.cookie), &of(name, "size=96"), &[]);
    let place = "owner=u00001&folder=album";
    let id = |got: &Got| got.header("x-request-id").unwrap_or_default().to_owned();
    let (hidden, missing) = (seen("secret.png"), seen("nothing.png"));
    let plain = |got: &Got| String::from_utf8_lossy(&got.body).replace(&id(got), "");
    assert_eq!((hidden.status, plain(&hidden)), (404, plain(&missing)));
    assert_eq!(seen("album/p.png").status, 404);
    // I have looked, so that it is in memory; that lets nobody else in.
    assert_eq!(get(&gateway, Some(&me.cookie), &of("album/p.png", "size=96"), &[]).status, 200);
    assert_eq!(seen("album/p.png").status, 404);
    let share = |me: &mut Browser<'_>, what: &str| {
        let made = me.post(&format!("/share?{place}"), &[("kind", "person"), ("who", "u00002"), ("what", what)]);
        assert_eq!(made.status, 201, "{made:?}");
    };
    share(&mut me, "upload");
    assert_eq!(seen("album/p.png").status, 403, "what may be put in may not be seen");
    share(&mut me, "read");
    assert_eq!(seen("album/p.png").picture().width(), 96);
    assert_eq!(seen("secret.png").status, 404);
    let taken = me.post(&format!("/share/remove?{place}"), &[("to", "person/garonne/u00002")]);
    assert_eq!(taken.status, 200);
    assert_eq!(seen("album/p.png").status, 404);
    assert_eq!(get(&gateway, None, &of("album/p.png", "size=96"), &[]).status, 403);

    let mut link = |fields: &[(&str, &str)]| {
        let made = me.post(&format!("/share/link?{place}"), fields);
        assert_eq!(made.status, 201, "{made:?}");
        made.body.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned()
    };
    let by = |link: &str, what: &str| get(&gateway, None, &format!("/s/{link}/preview?{what}"), &[]);
    let read = link(&[("what", "read")]);
    assert_eq!(by(&read, "folder=p.png&size=96").picture().width(), 96);
    assert_eq!(by(&read, "folder=t.txt&as=text").body, b"text");
    for outside in ["folder=../secret.png&size=96", "folder=%2E%2E%2Fsecret.png&size=96", "folder=/secret.png&size=96"]
    {
        assert_eq!(by(&read, outside).status, 404, "{outside}");
    }
    let upload = link(&[("what", "upload")]);
    assert_eq!(by(&upload, "folder=p.png&size=96").status, 403);
    assert_eq!(by(&upload, "folder=t.txt&as=text").status, 403);
    // A picture is no download, the beginning of a text is one; a link that is used up shows nothing.
    let counted = link(&[("what", "read"), ("downloads", "2")]);
    for _ in 0..4 {
        assert_eq!(by(&counted, "folder=p.png&size=96").status, 200);
    }
    assert_eq!(by(&counted, "folder=t.txt&as=text").status, 200);
    let file = curl(&gateway, HOST, None, "GET", &format!("/s/{counted}/files/t.txt"), &[]);
    assert_eq!(file.status, 200);
    assert_eq!((by(&counted, "folder=t.txt&as=text").status, by(&counted, "folder=p.png&size=96").status), (404, 404));
    let locked = link(&[("what", "read"), ("password", "correct horse")]);
    assert_eq!(by(&locked, "folder=p.png&size=96").status, 403);
}

/// The same file, cut in half.
fn half(octets: &[u8]) -> Vec<u8> {
    octets[..octets.len() / 2].to_vec()
}

/// A PNG that says of itself that it has so many pixels.
fn vast_png() -> Vec<u8> {
    let mut octets = written(&DynamicImage::ImageRgb8(two_colours(8, 8)), ImageFormat::Png);
    octets[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let sum = crc(&octets[12..29]).to_be_bytes();
    octets[29..33].copy_from_slice(&sum);
    octets
}

/// Of a chunk (W3C PNG, annex D).
fn crc(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |sum, octet| {
        (0..8).fold(sum ^ u32::from(*octet), |sum, _| if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 })
    })
}

fn vast_jpeg() -> Vec<u8> {
    let mut octets = written(&DynamicImage::ImageRgb8(two_colours(8, 8)), ImageFormat::Jpeg);
    let frame = octets.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    octets[frame + 5..frame + 9].fill(0xFF);
    octets
}

fn vast_gif() -> Vec<u8> {
    let mut octets = written(&DynamicImage::ImageRgb8(two_colours(8, 8)), ImageFormat::Gif);
    octets[6..10].fill(0xFF);
    octets
}

/// 16,384 pixels each way, without loss (RFC 9649 §3.4).
fn vast_webp() -> Vec<u8> {
    let mut octets = written(&DynamicImage::ImageRgb8(two_colours(8, 8)), ImageFormat::WebP);
    let frame = octets.windows(4).position(|four| four == b"VP8L").unwrap();
    octets[frame + 9..frame + 12].fill(0xFF);
    octets[frame + 12] |= 0x0F;
    octets
}

/// 100,000 frames.
fn endless_gif() -> Vec<u8> {
    let mut octets = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut octets, 30);
    let frame = Frame::new(RgbaImage::from_pixel(1, 1, image::Rgba([9, 9, 9, 255])));
    for _ in 0..100_000 {
        encoder.encode_frame(frame.clone()).unwrap();
    }
    drop(encoder);
    octets
}

/// Thirty forms, each of which draws the next ten times: a few hundred octets, and 10^30 drawings.
fn laughing_pdf() -> Vec<u8> {
    let forms = 30;
    let forms: Vec<String> =
        (0..forms).map(|form| form_that_draws((form + 1) % forms + 5, &"/X Do ".repeat(10))).collect();
    pdf_of_forms(&forms)
}

/// Forms that draw each other without an end in sight, and without coming back to the same one: 12 levels of 12.
fn slow_pdf() -> Vec<u8> {
    let last = stream("/Type /XObject /Subtype /Form /BBox [0 0 595 842]", "0 0 300 300 re f");
    let forms = (0..11).map(|form| form_that_draws(form + 6, &"q 1 0 0 1 1 1 cm /X Do Q ".repeat(12)));
    pdf_of_forms(&forms.chain([last]).collect::<Vec<_>>())
}

/// A form, whose content knows the form of this number as `/X`.
fn form_that_draws(other: usize, content: &str) -> String {
    let resources = format!("/Resources << /XObject << /X {other} 0 R >> >>");
    stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 595 842] {resources}"), content)
}

/// A page that draws the first of these forms; their numbers begin with 5.
fn pdf_of_forms(forms: &[String]) -> Vec<u8> {
    let page = page("/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>");
    let before = [CATALOGUE.to_owned(), PAGES.to_owned(), page, stream("", "/X Do")];
    pdf(&[&before[..], forms].concat())
}

/// Pages whose child is themselves.
fn circular_pdf() -> Vec<u8> {
    pdf(&[CATALOGUE.to_owned(), "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>".to_owned()])
}

/// A table that names itself as the one before.
fn looping_table() -> Vec<u8> {
    let file = String::from_utf8(letter()).unwrap();
    let table = file.rfind("xref\n0").unwrap();
    file.replace("/Root 1 0 R", &format!("/Root 1 0 R /Prev {table}")).into_bytes()
}

fn vast_stream() -> Vec<u8> {
    let file = String::from_utf8(letter()).unwrap();
    let length = file.split_once("/Length ").unwrap().1.split(' ').next().unwrap();
    file.replace(&format!("/Length {length}"), "/Length 99999999999999999999").into_bytes()
}

/// Arrays in arrays, a million of them: what looks into each by a call of its own comes to the end of its stack.
fn deep_pdf() -> Vec<u8> {
    let depth = 1_000_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    pdf(&[
        CATALOGUE.to_owned(),
        PAGES.to_owned(),
        page("/Contents 4 0 R /Resources << /ColorSpace << /C 5 0 R >> >>"),
        stream("", &format!("/C cs {deep} 0 d 0 0 100 100 re f")),
        deep,
    ])
}

/// A page of a mile.
fn vast_page() -> Vec<u8> {
    let file = String::from_utf8(letter()).unwrap();
    file.replace("[0 0 595 842]", "[0 0 99999999999999 9]").into_bytes()
}

/// An image in a page that says it has 10^10 pixels.
fn vast_image_in_pdf() -> Vec<u8> {
    let facts =
        "/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    pdf(&[
        CATALOGUE.to_owned(),
        PAGES.to_owned(),
        page("/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>"),
        stream("", "q 500 0 0 500 0 0 cm /X Do Q"),
        stream(facts, "abc"),
    ])
}

#[test]
fn what_is_made_to_break_breaks_nothing() {
    let gateway = Gateway::start("preview-hostile");
    let home = made_home(&gateway);
    let me = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let plain = DynamicImage::ImageRgb8(two_colours(600, 400));
    let file = |format| written(&plain, format);
    // 422 alone where nothing can be shown; of what is cut, a decoder may show what there is.
    let (refused, either, shown): (&[u16], &[u16], &[u16]) = (&[422], &[200, 422], &[200]);
    let corpus: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("half.jpg", half(&file(ImageFormat::Jpeg)), either),
        ("half.png", half(&file(ImageFormat::Png)), either),
        ("half.gif", half(&file(ImageFormat::Gif)), either),
        ("half.webp", half(&file(ImageFormat::WebP)), refused),
        ("half.pdf", half(&letter()), either),
        ("head.png", file(ImageFormat::Png)[..20].to_vec(), refused),
        ("head.jpg", file(ImageFormat::Jpeg)[..20].to_vec(), refused),
        ("head.pdf", b"%PDF-1.7".to_vec(), refused),
        ("vast.png", vast_png(), refused),
        ("vast.jpg", vast_jpeg(), refused),
        ("vast.gif", vast_gif(), refused),
        ("vast.webp", vast_webp(), refused),
        ("endless.gif", endless_gif(), shown),
        ("laughing.pdf", laughing_pdf(), either),
        ("slow.pdf", slow_pdf(), either),
        ("circular.pdf", circular_pdf(), either),
        ("looping.pdf", looping_table(), either),
        ("stream.pdf", vast_stream(), either),
        ("deep.pdf", deep_pdf(), either),
        ("page.pdf", vast_page(), either),
        ("image.pdf", vast_image_in_pdf(), either),
        ("svg.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), &[415]),
        ("html.jpg", b"<!doctype html><script>alert(1)</script>".to_vec(), &[415]),
        ("empty.png", Vec::new(), &[415]),
    ];
    let before = gateway.peak();
    for (name, octets, expected) in &corpus {
        fs::write(home.join(name), octets).unwrap();
        let begun = Instant::now();
        let got = get(&gateway, Some(&me.cookie), &of(name, "size=256"), &[]);
        eprintln!("{name}: {} in {:?}", got.status, begun.elapsed());
        assert!(expected.contains(&got.status), "{name}: {}", got.status);
        assert!(begun.elapsed() < Duration::from_secs(14), "{name} took {:?}", begun.elapsed());
        // A second time it costs nothing.
        let begun = Instant::now();
        assert_eq!(get(&gateway, Some(&me.cookie), &of(name, "size=256"), &[]).status, got.status, "{name}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{name} is drawn again");
    }
    // Files themselves are not held in the gateway, and what breaks breaks elsewhere.
    assert!(gateway.peak() < before + (64 << 20), "{} of memory, {before} before", gateway.peak());
    fs::write(home.join("after.png"), file(ImageFormat::Png)).unwrap();
    assert_eq!(get(&gateway, Some(&me.cookie), &of("after.png", "size=256"), &[]).status, 200);
    let drawing = |pid: u32| try_run("pgrep", &["-P", &pid.to_string()]).status.success();
    eventually("nobody draws any more", || !drawing(gateway.pid()));
}

/// More than can be drawn or wait is told to come later, and nobody else waits for it.
#[test]
fn too_many_at_once_are_told_to_come_later() {
    let gateway = Gateway::start("preview-busy");
    let home = made_home(&gateway);
    let me = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    for number in 0..120 {
        // Each is another file: the same one is drawn once.
        fs::write(home.join(format!("{number}.pdf")), slow_pdf()).unwrap();
    }
    fs::write(home.join("t"), "text").unwrap();
    let config = tempfile::tempdir().unwrap();
    let asked: String = (0..120)
        .map(|number| {
            format!(
                "url = \"https://{HOST}:{}{}\"\noutput = /dev/null\n",
                gateway.https,
                of(&format!("{number}.pdf"), "size=1024")
            )
        })
        .collect();
    let asked_in = config.path().join("asked");
    fs::write(&asked_in, asked).unwrap();
    let arguments = [
        "-s",
        "-Z",
        "--parallel-max",
        "120",
        "--max-time",
        "40",
        "--cacert",
        campus("CAMPUS_CA"),
        "-b",
        &me.cookie,
        "-w",
        "%{http_code} %header{retry-after}\\n",
        "-K",
        asked_in.to_str().unwrap(),
    ];
    thread::scope(|scope| {
        let many = scope.spawn(|| try_run("curl", &arguments));
        eventually("pictures are drawn", || try_run("pgrep", &["-P", &gateway.pid().to_string()]).status.success());
        assert_eq!(get(&gateway, Some(&me.cookie), &of("t", "as=text"), &[]).body, b"text");
        let said = String::from_utf8(many.join().unwrap().stdout).unwrap();
        assert!(said.lines().filter(|line| *line == "503 5").count() >= 50, "{said}");
    });
}

/// Who asks for much that is slow waits for their own, and nobody else does: neither a colleague nor who holds a link.
#[test]
fn whoever_asks_for_much_holds_up_nobody_else() {
    let gateway = Gateway::start("preview-turns");
    let home = made_home(&gateway);
    let colleague = gateway.home("garonne", "u00002");
    fs::create_dir_all(&colleague).unwrap();
    for number in 0..20 {
        fs::write(home.join(format!("{number}.pdf")), slow_pdf()).unwrap();
    }
    let picture = written(&DynamicImage::ImageRgb8(two_colours(300, 200)), ImageFormat::Png);
    for place in [home.join("link.png"), colleague.join("p.png")] {
        fs::write(place, &picture).unwrap();
    }
    let mut me = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let other = Browser::sign_in(&gateway, HOST, "u00002", "pw-u00002");
    let made = me.post("/share/link?owner=u00001&folder=link.png", &[("what", "read")]);
    let link = made.body.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned();
    thread::scope(|scope| {
        for number in 0..20 {
            let (gateway, cookie) = (&gateway, &me.cookie);
            scope.spawn(move || get(gateway, Some(cookie), &of(&format!("{number}.pdf"), "size=1024"), &[]));
        }
        let drawing = || try_run("pgrep", &["-c", "-P", &gateway.pid().to_string()]);
        eventually("a picture is drawn", || drawing().status.success());
        let begun = Instant::now();
        let theirs = get(&gateway, Some(&other.cookie), "/preview?owner=u00002&folder=p.png&size=96", &[]);
        assert_eq!(theirs.picture().width(), 96);
        assert_eq!(get(&gateway, None, &format!("/s/{link}/preview?folder=&size=96"), &[]).picture().width(), 96);
        // One slow picture alone takes its ten seconds.
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        assert_eq!(String::from_utf8_lossy(&drawing().stdout).trim(), "1", "one place of the two");
    });
}

/// What of the tests' own files a real program says.
#[test]
fn the_files_of_these_tests_are_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path.to_str().unwrap().to_owned()
    };
    assert!(Path::new(&write("a", &letter())).exists());
    let photo = write("photo.jpg", &photograph());
    assert!(run("file", &[&photo]).contains("GPS-Data"));
    let mut glass = Vec::new();
    image::codecs::png::PngEncoder::new(&mut glass).write_image(&[0; 4], 1, 1, ExtendedColorType::Rgba8).unwrap();
    assert!(run("file", &[&write("g", &glass)]).contains("PNG"));
}
