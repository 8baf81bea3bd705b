//! What an administrator changes is in force at once, has a history, and can be taken back.

use super::{administer, look, update};
use crate::harness::{Gateway, curl};

/// One red pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[test]
fn the_look_changes_at_once_and_changes_back() {
    let gateway = Gateway::start("settings-look");
    let before = look(&gateway, "/branding.json");
    let tag = before.header("etag").expect("a tag").to_owned();
    let held = format!("If-None-Match: {tag}");
    let again = curl(&gateway, "garonne.localhost", None, "GET", "/branding.json", &["-H", &held]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let told = administer(
        &gateway,
        &format!(
            "
i = s.institution.get(); print(i['version'], i['changed'], i['settings']['branding.colour'], i['settings']['limits.upload_mib'])
v = s.institution.update({{'name': {{'en': 'New University', 'fr': 'Université <Neuve>'}}, 'branding.colour': '#ffee00',
  'branding.sign_in': {{'en': 'Closed on Friday.\\n\\nAsk <b>the</b> desk.', 'fr': 'Fermé vendredi.'}},
  'branding.legal': [{{'address': 'https://univ.test/legal', 'label': {{'en': 'Legal notice', 'fr': 'Mentions légales'}}}}],
  'branding.logo': x.Binary(__import__('base64').b64decode('{PNG}')), 'branding.favicon': '{PNG}'}}, [], 0)
print(v)
i = s.institution.get(); print(i['version'], len(i['changed']), i['name']['en'], i['settings']['branding.logo'])"
        ),
    );
    assert_eq!(told[0], "0 [] #8a1538 0");
    assert_eq!(told[1], "{'version': 1}");
    assert!(told[2].starts_with("1 6 New University image/png, 70 octets, "), "{}", told[2]);

    let changed = curl(&gateway, "garonne.localhost", None, "GET", "/branding.json", &["-H", &held]);
    let json: serde_json::Value = serde_json::from_str(&changed.body).unwrap();
    assert_eq!((changed.status, json["colour"].as_str()), (200, Some("#ffee00")));
    assert_eq!(json["legal"][0]["address"], "https://univ.test/legal");
    let css = look(&gateway, "/branding.css");
    assert!(css.body.contains("--brand: #ffee00; --on-brand: #000000;"), "text on it can be read: {}", css.body);
    assert!(!css.body.contains("--brand-text: #ffee00; }\n@media"), "text in it on light paper is darkened");
    let page = look(&gateway, "/login").body;
    for part in [
        "New University",
        "<p class=\"own\" dir=\"auto\">Closed on Friday.</p>",
        "Ask &#60;b&#62;the&#60;/b&#62; desk.",
        "<a href=\"https://univ.test/legal\" rel=\"noopener noreferrer\" dir=\"auto\">Legal notice</a>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let address = |rel: &str, attribute: &str| {
        let (_, rest) = page.split_once(rel).expect(rel);
        rest.split_once(&format!("{attribute}=\"")).unwrap().1.split('"').next().unwrap().to_owned()
    };
    let style = look(&gateway, &address("href=\"/assets/site.css", "href"));
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000, immutable"), "a mark of its content");
    for image in [address("rel=\"icon\"", "href"), address("class=\"crest\"", "src")] {
        let image = look(&gateway, &image);
        assert_eq!((image.status, image.header("content-type")), (200, Some("image/png")));
        assert_eq!(
            image.header("content-security-policy"),
            Some("default-src 'none'; style-src 'unsafe-inline'; sandbox")
        );
        assert_eq!(image.header("x-content-type-options"), Some("nosniff"));
    }

    // Other institutions are as they were.
    assert!(
        curl(&gateway, "autan.localhost", None, "GET", "/login", &["-H", "Accept-Language: en"])
            .body
            .contains("Autan University")
    );

    let told = administer(
        &gateway,
        "
print(code(s.institution.update, {'branding.colour': '#000001'}, [], 0), s.institution.update({'branding.colour': '#000001'}, [], 1)['version'])
print(s.institution.update({'branding.colour': '#000001'})['version'], 'nothing to change')
print(s.institution.update({}, ['branding.colour', 'branding.logo'])['version'], s.institution.get()['settings']['branding.colour'])
for c in s.institution.history(): print(c['version'], c['who'], [(t['name'], t['before'], t['after']) for t in c['settings'] if t['name'] == 'branding.colour'])
print(len(s.institution.history(3, 1)), s.institution.history(3, 1)[0]['version'], s.institution.history(1))
print(code(s.institution.undo, 2), code(s.institution.undo, 9), code(s.institution.undo, 0), code(s.institution.undo, 3, 2))
print(s.institution.undo(3, 3)['version'], s.institution.get()['settings']['branding.colour'])
print(s.institution.undo(4)['version'], s.institution.get()['settings']['branding.colour'])
for l in s.audit.list('garonne')['lines'][:3]: print(l['method'], l['outcome'], l['change'])",
    );
    assert_eq!(told[0], "409 2");
    assert_eq!(told[1], "2 nothing to change");
    assert_eq!(told[2], "3 #8a1538");
    assert_eq!(told[3], "3 account:garonne/u00001 [('branding.colour', '#000001', None)]");
    assert_eq!(told[4], "2 account:garonne/u00001 [('branding.colour', '#ffee00', '#000001')]");
    assert_eq!(told[5], "1 account:garonne/u00001 [('branding.colour', None, '#ffee00')]");
    assert_eq!(told[6], "1 2 []");
    assert_eq!(told[7], "409 404 404 409");
    assert_eq!(told[8], "4 #000001", "taken back");
    assert_eq!(told[9], "5 #8a1538", "and that too");
    assert_eq!(told[10], "institution.undo done change=4");
    let trail = administer(&gateway, "print(s.audit.list('garonne', 500)['lines'][-1]['change'])");
    assert!(trail[0].contains("branding.logo=\"image/png, 70 octets, ") && !trail[0].contains("iVBOR"), "{}", trail[0]);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let gateway = Gateway::start_with("settings-bad", &crate::harness::State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("fixed = [\"limits\", \"tools.mail\"]\n{text}")).unwrap();
    });
    let told = administer(
        &gateway,
        "
hostile = '<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>'
good = '<svg xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"9\" height=\"9\"/></svg>'
b = lambda t: x.Binary(t.encode())
for bad in [{'branding.colour': 'red'}, {'branding.colour': 7}, {'name': {}}, {'name': {'en': ''}}, {'name': 'x'},
  {'branding.logo': b(hostile)}, {'branding.logo': b('<html>')}, {'branding.logo': b('GIF89a' + 'x' * 300000 + ';')},
  {'branding.logo': 'not base64'}, {'branding.logo': b(good.replace('<rect', '<rect onload=\"alert(1)\"'))},
  {'branding.legal': [{'address': 'javascript:alert(1)', 'label': {'en': 'x'}}]},
  {'branding.legal': [{'address': 'https://a.test/', 'label': {'en': 'x'}}] * 11},
  {'branding.languages': ['xx']}, {'branding.sign_in': {'en': 'x' * 2001}}, {'branding.sign_in': {'en': 'a\\x85b'}},
  {'tools.files': 'no'}, {'branding.colour': '#123456', 'branding.colour_dark': '#12345'}]:
    print(code(s.institution.update, bad))
print(code(s.institution.update, {'no.such': 1}), code(s.institution.update, {}), code(s.institution.update, {'name': x.DateTime('20260101T00:00:00')}))
print(code(s.institution.update, {'branding.colour': '#123456'}, ['branding.colour']), code(s.institution.update, {}, ['no.such']))
print(code(s.institution.update, {'tools.mail': False}), code(s.institution.update, {'limits.upload_mib': 1}), code(s.institution.update, {}, ['limits.upload_mib']))
print(s.institution.get()['version'], s.institution.get()['fixed'], s.institution.history())
print(s.institution.update({'branding.logo': b(good)})['version'])",
    );
    let (values, rest) = told.split_at(17);
    assert!(values.iter().all(|code| code == "400"), "{values:?}");
    assert_eq!(rest[0], "-32602 -32602 -32602");
    assert_eq!(rest[1], "-32602 400");
    assert_eq!(rest[2], "403 403 403");
    let fixed = "['tools.mail', 'limits.upload_mib', 'limits.app_password_days', 'limits.link_days', 'limits.connections_per_account', 'limits.uploads_per_writer', 'limits.uploads_per_tree', 'limits.uploads_gib']";
    assert_eq!(rest[3], format!("0 {fixed} []"));
    assert_eq!(rest[4], "1");
    let logo = look(&gateway, "/branding/logo");
    assert_eq!((logo.status, logo.header("content-type")), (200, Some("image/svg+xml")));
    assert!(logo.header("content-security-policy").unwrap().contains("sandbox"));
    // The image would be shown by a page of another site, or saved: there is nothing in it that acts.
    assert!(!logo.body.contains("script"));
}

#[test]
fn only_the_languages_that_the_institution_offers() {
    let gateway = Gateway::start("settings-languages");
    let title = |language: &str| {
        let header = format!("Accept-Language: {language}");
        curl(&gateway, "garonne.localhost", None, "GET", "/login", &["-H", &header]).body.contains("Se connecter")
    };
    assert!(title("fr") && !title("en") && !title("ja"));
    update(&gateway, "{'branding.languages': ['fr']}");
    assert!(title("fr") && title("en") && title("ja"));
    update(&gateway, "{'branding.languages': ['en', 'fr']}");
    assert!(title("fr") && !title("en") && !title("ja"));
}

#[test]
fn programs_change_what_their_methods_let_them() {
    let gateway = Gateway::start("settings-clients");
    let told = administer(
        &gateway,
        "
import urllib.request
def client(methods):
    t = s.apiClient.make('portal', methods)['token']
    class T(x.SafeTransport):
        def get_host_info(self, host): return (host, [('Authorization', 'Bearer ' + t)], {})
    return x.ServerProxy(URL.split('@')[0].split('//')[0] + '//' + URL.split('@')[1], context=context, allow_none=True, transport=T(context=context))
reads, writes = client(['institution.get', 'institution.history']), client(['institution.*'])
print(code(reads.institution.update, {'branding.colour': '#010203'}), reads.institution.get()['version'])
print(writes.institution.update({'branding.colour': '#010203'})['version'], reads.institution.history()[0]['who'].split(':')[0])
print(code(writes.institution.update, {'institution': 'autan', 'settings': {'branding.colour': '#010203'}}))",
    );
    assert_eq!(told, ["403 0", "1 client", "404"]);
}
