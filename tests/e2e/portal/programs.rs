//! By XML-RPC, with an API client of the portal's own: counts for many, and whether a sign-on still holds.

use super::{
    HOST, bearer, replace,
    tokens::{token, with_key},
    within,
};
use crate::{
    harness::{Gateway, State, campus, curl},
    xmlrpc::{ADMINISTRATOR, python},
};

/// `s` is the client's own proxy.
fn client(token: &str) -> String {
    format!(
        "class T(x.SafeTransport):\n  def send_headers(self, c, h):\n    c.putheader('Authorization', 'Bearer {token}'); super().send_headers(c, h)\ns = x.ServerProxy(URL[:8] + URL.split('@')[-1], transport=T(context=context), allow_none=True)\n"
    )
}

#[test]
fn a_portals_program_counts_for_many_and_asks_whether_a_sign_on_holds() {
    let gateway = Gateway::start_with("portal-programs", &State::Sqlite, with_key);
    let config = gateway.config();
    let made =
        python(&gateway, ADMINISTRATOR, "print(s.apiClient.make('portal', ['mail.unread', 'session.check'])['token'])");
    let program = client(made.trim());
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            "{program}
r = s.mail.unread(['u00027', 'u00028@a.test', 'nobody', 'u00027@b.test', '../x'])
print([(p['login'], p['unread'], p['total'], p['at'] > 0) if 'unread' in p else (p['login'], p['faultCode']) for p in r])
print(code(s.mail.unread, []), code(s.mail.unread, ['u00027'] * 101), code(s.account.get, 'u00027'))
r = s.session.check({{'login': 'u00027'}}); print(r['good'], r['institution'], r['login'], r['until'] > 0)
print(s.session.check({{'login': 'nobody'}}), code(s.session.check, {{'login': 'u00027@b.test'}}))
print(code(s.session.check, {{}}), code(s.session.check, {{'login': 'u00027', 'bearer': 'x'}}))
print(s.session.check({{'bearer': 'x'}})['good'])"
        ),
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "[('u00027', 50, 200, True), ('u00028@a.test', 50, 200, True), ('nobody', 404), ('u00027@b.test', 404), ('../x', 404)]",
            "-32602 -32602 403",
            "True garonne u00027 True",
            "{'good': False, 'institution': None, 'login': None, 'until': None} 404",
            "-32602 -32602",
            "False",
        ]
    );
    // What the portal holds, before and after the person signed out everywhere.
    let asked = bearer(&gateway, "jwt", &token(&config, "u00027", "check"));
    let check = |by: &str| {
        python(&gateway, ADMINISTRATOR, &format!("{program}r = s.session.check({by}); print(r['good'], r['login'])"))
    };
    let by_bearer = format!("{{'bearer': '{asked}'}}");
    assert_eq!(check(&by_bearer).trim(), "True u00027");
    let began = python(&gateway, ADMINISTRATOR, "import time; print(int(time.time()))");
    let by_login = format!("{{'login': 'u00027', 'since': {}}}", began.trim());
    assert_eq!(check(&by_login).trim(), "True u00027");
    let origin = format!("Origin: https://{HOST}:{}", gateway.https);
    let form = ["-H", &origin, "-d", "login=u00027&password=pw-u00027"];
    let signed_in = curl(&gateway, HOST, None, "POST", "/login", &form);
    let cookie = format!("Cookie: {}", signed_in.header("set-cookie").unwrap().split(';').next().unwrap());
    let home = curl(&gateway, HOST, None, "GET", "/basic", &["-H", &cookie]).body;
    let proof = home.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap();
    let everywhere = format!("token={proof}&everywhere=1");
    curl(&gateway, HOST, None, "POST", "/logout", &["-H", &cookie, "-H", &origin, "-d", &everywhere]);
    assert_eq!((check(&by_bearer).trim(), check(&by_login).trim()), ("False None", "False None"));
    within("a new sign-on holds", || check("{'login': 'u00027'}").trim() == "True u00027");
    assert!(!gateway.log().contains(&asked), "a bearer is in no log");

    // A store that is down is a fault for each person, and never 0.
    replace(&config, "garonne", &format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A")), "127.0.0.1:9");
    gateway.signal("HUP");
    within("the store is down", || {
        let told = python(&gateway, ADMINISTRATOR, &format!("{program}print(s.mail.unread(['u00027', 'u00029']))"));
        assert!(!told.contains("'unread': 0"), "{told}");
        told.matches("'faultCode': 503").count() == 2
    });
}
