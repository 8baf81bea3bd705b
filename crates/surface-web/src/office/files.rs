//! The files of the office's program, as the build has left them. Each has a mark of its content in its name, so that a browser
//! may keep it for good (RFC 8246).

use crate::respond;
use http::{HeaderValue, StatusCode, header};
use passerelle_net::http::{Exchange, Response, body_of};

/// A file of the build.
#[derive(Debug)]
pub(super) struct File {
    /// Its path below the root.
    pub(super) name: &'static str,
    pub(super) octets: &'static [u8],
    /// The same by gzip (RFC 1952), for texts.
    pub(super) gzip: Option<&'static [u8]>,
}

/// What a worker may do that one of these files is (HTML §10.2.4: its policy is its own file's, not the page's): the one that reads PDFs
/// fetches fonts and decoders of ours, and nothing can be made to run that is not a file of ours.
const FILE_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'";

/// All files.
pub(super) const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/office.rs"));

/// By its path below the root.
pub(super) fn named(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

/// `/assets/office/...`.
pub(crate) fn asset(exchange: &Exchange) -> Response {
    let found = named(exchange.uri().path().trim_start_matches('/'));
    let Some((file, kind)) = found.and_then(|file| Some((file, kind(file.name)?))) else {
        return respond::plain(StatusCode::NOT_FOUND, "there is no such file");
    };
    let accepted = exchange.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let packed = file.gzip.filter(|_| accepted.is_some_and(takes_gzip));
    let mut response = http::Response::new(body_of(packed.unwrap_or(file.octets)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// What a browser takes it for. Nothing else is a file of the office.
fn kind(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "ftl" | "txt" => "text/plain; charset=utf-8",
        "ttf" => "font/ttf",
        // Of Type 1, and of East Asian encodings: read by pdf.js alone.
        "pfb" | "bcmap" => "application/octet-stream",
        _ => return None,
    })
}

/// Whether an `Accept-Encoding` takes gzip (RFC 9110 §12.5.3): it is named, and not with a weight of nothing.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>().unwrap_or(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && weight > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the first view of mail, in octets.
    const BUDGET: usize = 90_000;

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (accepted, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("x-gzip2", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(accepted), takes, "{accepted}");
        }
    }

    /// Octets of program, compressed, before mail shows: what `index.html` loads, and the chunk of mail with what that loads.
    /// What is fetched later is written `import("./...")`, and does not count.
    fn first_view() -> Option<(usize, Vec<&'static str>)> {
        let page = std::str::from_utf8(named("index.html")?.octets).ok()?;
        let mut wanted: Vec<String> = page.split("src=\"/assets/office/").skip(1).map(till_quote).collect();
        let is_mail = |name: &str| name.starts_with("assets/office/Mail-") && kind(name) == kind("x.js");
        wanted.push(FILES.iter().find(|file| is_mail(file.name))?.name.rsplit('/').next()?.to_owned());
        let (mut loaded, mut size) = (Vec::new(), 0);
        while let Some(name) = wanted.pop() {
            let file = named(&format!("assets/office/{name}"))?;
            if loaded.contains(&file.name) {
                continue;
            }
            loaded.push(file.name);
            size += file.gzip?.len();
            let text = std::str::from_utf8(file.octets).ok()?;
            for start in ["from\"./", "import\"./"] {
                wanted.extend(text.split(start).skip(1).map(till_quote));
            }
        }
        Some((size, loaded))
    }

    fn till_quote(text: &str) -> String {
        text.split('"').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_first_view_of_mail_is_small() {
        if env!("OFFICE") == "placeholder" {
            return;
        }
        let (size, loaded) = first_view().unwrap_or_default();
        assert!(loaded.len() >= 2, "{loaded:?}");
        assert!(size < BUDGET, "{size} octets of {BUDGET}: {loaded:#?}");
    }

    #[test]
    fn what_reads_pdfs_comes_with_the_first_pdf() {
        if env!("OFFICE") == "placeholder" {
            return;
        }
        let (_, loaded) = first_view().unwrap_or_default();
        let is_of_pdf = |name: &&str| name.contains("/pdf-") || name.contains("/Viewer-");
        assert_eq!(loaded.into_iter().find(is_of_pdf), None);
        let parts: Vec<&str> = FILES.iter().map(|file| file.name).filter(is_of_pdf).collect();
        for wanted in
            ["pdf.worker.min.mjs", "LiberationSans-Regular.ttf", "90ms-RKSJ-H.bcmap", "openjpeg_nowasm_fallback.js"]
        {
            assert!(parts.iter().any(|name| name.ends_with(wanted)), "{wanted} in {parts:?}");
        }
        // Neither an engine for scripts in PDFs, nor what another policy would be needed for.
        for unwanted in ["sandbox", "quickjs", ".wasm"] {
            assert!(!parts.iter().any(|name| name.contains(unwanted)), "{unwanted} in {parts:?}");
        }
    }

    #[test]
    fn every_file_that_has_a_mark_in_its_name_has_a_kind() {
        for file in FILES.iter().filter(|file| file.name.starts_with("assets/office/")) {
            assert!(kind(file.name).is_some(), "{}", file.name);
        }
    }
}
