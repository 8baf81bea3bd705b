//! What people of an institution may take up.

use super::{administer, look, update};
use crate::{
    harness::{Gateway, Imap, curl},
    web::Browser,
};
use std::fs;

#[test]
fn uploads_app_passwords_and_connections_end_where_the_institution_says() {
    let gateway = Gateway::start("settings-limits");
    let home = gateway.home("garonne", "u00005");
    fs::create_dir_all(&home).unwrap();
    let large = gateway.dir.join("large");
    fs::write(&large, vec![b'x'; (1 << 20) + 1]).unwrap();
    let fits = gateway.dir.join("fits");
    fs::write(&fits, vec![b'x'; 1 << 20]).unwrap();
    update(&gateway, "{'limits.upload_mib': 1, 'limits.app_password_days': 30, 'limits.connections_per_account': 1}");
    let me = "u00005@a.test:pw-u00005";
    let put = |file: &std::path::Path, name: &str, more: &[&str]| {
        let file = file.to_str().unwrap();
        curl(&gateway, "localhost", Some(me), "PUT", name, &[&["-T", file], more].concat()).status
    };
    let chunked = ["-H", "Transfer-Encoding: chunked", "--http1.1"];
    assert_eq!(put(&large, "/dav/files/u00005/announced", &[]), 413);
    assert_eq!(put(&large, "/dav/files/u00005/chunked", &chunked), 413);
    assert_eq!(put(&fits, "/dav/files/u00005/fits", &[]), 201);
    assert_eq!(put(&large, "/dav/files/u00005/fits", &chunked), 413, "the old content stays");
    assert_eq!(fs::metadata(home.join("fits")).unwrap().len(), 1 << 20);
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "nothing is left of what was refused");

    let browser = Browser::sign_in(&gateway, "garonne.localhost", "u00005", "pw-u00005");
    let token = format!("token={}", crate::web::token(&browser.get("/basic").body));
    let file = format!("file=@{}", large.display());
    let origin = browser.origin();
    let form = ["-b", &browser.cookie, "-H", &origin, "-F", &token, "-F", &file, "-H", "Accept-Language: en"];
    let answer = curl(&gateway, "garonne.localhost", None, "POST", "/upload?folder=", &form);
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("larger than your institution takes"), "{}", answer.body);

    let told = administer(
        &gateway,
        "
import time
p = s.appPassword.make('u00005', 'phone'); print(29 < (p['until'] - time.time()) / 86400 < 31)
q = s.appPassword.make('u00005', 'short', 'all', int(time.time()) + 3600); print((q['until'] - time.time()) < 4000)",
    );
    assert_eq!(told, ["True", "True"]);

    let mut first = Imap::log_in(gateway.imap, "u00005@a.test", "pw-u00005");
    let (mut second, _) = Imap::connect(gateway.imap);
    let refused = second.command("l LOGIN u00005@a.test pw-u00005");
    assert_eq!(refused.last().unwrap(), "l NO [LIMIT] Too many connections");
    assert!(first.command("n NOOP").last().unwrap().starts_with("n OK"));
    update(&gateway, "{'limits.connections_per_account': 0}");
    Imap::log_in(gateway.imap, "u00005@a.test", "pw-u00005");
    assert_eq!(look(&gateway, "/login").status, 200);
}
