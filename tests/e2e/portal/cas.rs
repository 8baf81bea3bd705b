//! By CAS: what a portal shows, and what ends it.

use super::{
    HOST, Portal, authorization, bearer, by_ticket_only, change, counts, free_port, get, service, with_cas, within,
};
use crate::harness::{Gateway, Imap, State, campus, curl, run};
use std::fs;

/// The numbers that the store itself says.
fn told_by_store(login: &str) -> (u64, u64) {
    let (mut imap, _) = Imap::connect(campus("CAMPUS_IMAP_A").parse().unwrap());
    assert!(imap.command(&format!("l LOGIN {login} pw-{login}")).last().unwrap().starts_with("l OK"));
    let answer = imap.command("s STATUS INBOX (MESSAGES UNSEEN)").concat();
    let number = |name: &str| {
        let (_, rest) = answer.split_once(name).unwrap();
        rest.trim_start().split([' ', ')']).next().unwrap().parse().unwrap()
    };
    (number("UNSEEN"), number("MESSAGES"))
}

#[test]
fn a_proxy_ticket_shows_mail_and_files_and_one_log_out_ends_it() {
    let port = free_port();
    let gateway = Gateway::start_with("portal-cas", &State::Sqlite, |config| {
        with_cas(config, &format!("[\"https://localhost:{port}/proxy\"]"));
        // The mail is opened by a proxy ticket of ours, which the portal's ticket gave us the right to.
        by_ticket_only(config);
    });
    let login = "u00021";
    fs::create_dir_all(gateway.home("garonne", login)).unwrap();
    let mut portal = Portal::of(port, login);
    let ticket = portal.ask(&format!("ticket {}", service(&gateway)));
    let bearer = bearer(&gateway, "ticket", &ticket);
    assert_eq!(change(&gateway, "ticket", &ticket).status, 401, "a ticket works once");

    let seen = counts(&gateway, &bearer);
    let (unread, total) = told_by_store(login);
    assert_eq!(seen["login"], login);
    assert_eq!(seen["errorCause"], serde_json::Value::Null, "{seen}");
    assert_eq!(
        (seen["mail"]["unread"].as_u64(), seen["mail"]["total"].as_u64()),
        (Some(unread), Some(total)),
        "{seen}"
    );
    assert!(unread > 0 && total >= 200);
    assert_eq!(seen["mail"]["quota"]["limit"], 1_024_000 * 1024, "what Dovecot calls 1G: {seen}");
    assert!(seen["files"]["quota"]["used"].as_u64().is_some_and(|used| used > 0), "{seen}");
    let headers = seen["mail"]["headers"].as_array().unwrap();
    assert_eq!((headers.len(), &seen["mail"]["unreadable"]), (5, &0.into()));
    let dates: Vec<&str> = headers.iter().map(|header| header["date"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "the newest first: {dates:?}");
    for header in headers {
        // The campus writes them as encoded words, with accents in many.
        let subject = header["subject"].as_str().unwrap();
        assert!(!subject.is_empty() && !subject.contains("=?"), "{subject}");
        assert!(header["from"]["address"].as_str().unwrap().ends_with("@a.test"), "{header}");
        assert_eq!(header["from"]["name"], "User");
        let link = header["link"].as_str().unwrap();
        assert!(link.starts_with(&format!("https://{HOST}:{}/portal/open?to=", gateway.https)), "{link}");
    }

    // The same as a feed, read by somebody else's parser, and as a fragment in each language.
    let feed = get(&gateway, &bearer, "/portal/feed.atom");
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    let file = gateway.dir.join("feed.atom");
    fs::write(&file, &feed.body).unwrap();
    let ids = "import sys, xml.etree.ElementTree as e\nns='{http://www.w3.org/2005/Atom}'\nr=e.parse(sys.argv[1]).getroot()\nassert r.tag==ns+'feed' and r.find(ns+'updated').text and r.find(ns+'id').text\nfor x in r.findall(ns+'entry'):\n  assert x.find(ns+'title').text and x.find(ns+'updated').text and x.find(ns+'author/'+ns+'name').text and x.find(ns+'link').get('href')\n  print(x.find(ns+'id').text)";
    let entries = run("python3", &["-c", ids, file.to_str().unwrap()]);
    assert_eq!(entries.lines().count(), 5, "{entries}");
    assert!(entries.starts_with(&format!("tag:a.test,2026:mail/{login}/INBOX/")), "{entries}");
    let again = get(&gateway, &bearer, "/portal/feed.atom").body;
    assert_eq!(again, feed.body, "ids and texts stay");
    for (language, how, expected) in [
        ("fr", "?lang=fr", "messages non lus"),
        ("en", "?lang=en", "unread messages"),
        ("en", "", "unread messages"),
        ("nl", "?lang=nl", "ongelezen berichten"),
        ("de", "?lang=de-AT", "ungelesene Nachrichten"),
        ("es", "?lang=es", "mensajes sin leer"),
        ("it", "?lang=it", "messaggi non letti"),
        ("pt", "?lang=pt", "mensagens não lidas"),
        ("ar", "?lang=ar", "غير مقروءة"),
    ] {
        let fragment = get(&gateway, &bearer, &format!("/portal/fragment.html{how}"));
        let html = fragment.body;
        assert_eq!(fragment.status, 200);
        let direction = if language == "ar" { "rtl" } else { "ltr" };
        assert!(
            html.contains(&format!("lang=\"{language}\" dir=\"{direction}\"")) && html.contains(expected),
            "{html}"
        );
        assert!(!html.contains("<script") && html.matches("<li").count() == 5, "{html}");
    }

    // It opens nothing else.
    let header = authorization(&bearer);
    let opened = |method: &str, path: &str, more: &[&str]| {
        let mut arguments = vec!["-H", header.as_str()];
        arguments.extend(more);
        curl(&gateway, HOST, None, method, path, &arguments).status
    };
    assert_eq!(opened("PROPFIND", &format!("/dav/files/{login}/"), &["-H", "Depth: 0"]), 401);
    assert_eq!(opened("GET", "/", &[]), 303, "to the sign-in page");
    let call = "<methodCall><methodName>system.listMethods</methodName></methodCall>";
    assert_eq!(opened("POST", "/xmlrpc", &["-H", "Content-Type: text/xml", "-d", call]), 401);
    let cookie = format!("Cookie: __Host-passerelle={bearer}");
    assert_eq!(curl(&gateway, HOST, None, "GET", "/", &["-H", &cookie]).status, 303, "nor as a cookie");
    assert_eq!(curl(&gateway, HOST, None, "GET", "/portal/counts", &["-H", &cookie]).status, 401);
    let password = format!("{login}:{bearer}");
    assert_eq!(curl(&gateway, HOST, Some(&password), "PROPFIND", "/dav/", &[]).status, 401, "nor as a password");
    let (mut imap, _) = Imap::connect(gateway.imap);
    let refused = imap.command(&format!("l LOGIN {login}@a.test {{{}+}}\r\n{bearer}", bearer.len()));
    assert!(!refused.last().unwrap().starts_with("l OK"), "{refused:?}");

    // Out at the CAS server, which tells us at the ticket's own service.
    assert_eq!(portal.ask("logout"), "out");
    within("the log-out ends the portal's session", || get(&gateway, &bearer, "/portal/counts").status == 401);
    let log = gateway.log();
    assert!(!log.contains("PT-") && !log.contains("PGT-") && !log.contains(&bearer), "no ticket is in the log");
}

#[test]
fn only_listed_chains_of_proxies_are_believed() {
    let [listed, other] = [free_port(), free_port()];
    let gateway = Gateway::start_with("portal-chains", &State::Sqlite, |config| {
        with_cas(config, &format!("[\"https://localhost:{listed}/proxy\"]"));
    });
    let here = service(&gateway);
    let mut portal = Portal::of(listed, "u00022");
    let ask = |portal: &mut Portal, command: &str| portal.ask(&format!("{command} {here}"));
    assert_eq!(change(&gateway, "ticket", &ask(&mut portal, "ticket")).status, 200);
    assert_eq!(
        change(&gateway, "ticket", &ask(&mut portal, "chain")).status,
        401,
        "one proxy more, of which this server tells the last"
    );
    assert_eq!(change(&gateway, "ticket", &ask(&mut portal, "service")).status, 401, "through nobody");
    let elsewhere = portal.ask(&format!("ticket https://{HOST}:{}/portal/other", gateway.https));
    assert_eq!(change(&gateway, "ticket", &elsewhere).status, 401, "for another address");
    let mut stranger = Portal::of(other, "u00022");
    let refused = change(&gateway, "ticket", &ask(&mut stranger, "ticket"));
    assert_eq!(refused.status, 401, "a proxy that is not listed");
    assert!(refused.body.contains("\"leg\":\"sign-on\"") && refused.body.contains("\"code\":\"refused\""));
    assert!(refused.header("www-authenticate").is_some_and(|how| how.starts_with("Bearer ")));
    gateway.wait_for_log("not listed");
    for forged in ["PT-forged", "ST-1", "PT-", "", &"PT-".repeat(1000)] {
        assert_eq!(change(&gateway, "ticket", forged).status, 401, "{forged}");
    }
    // The Host of the request is part of what a ticket is for: a name that is not the institution's own is none.
    let other = format!("Host: evil.garonne.localhost:{}", gateway.https);
    let ticket = portal.ask(&format!("ticket https://evil.garonne.localhost:{}/portal/session", gateway.https));
    let form = format!("ticket={ticket}");
    let answer = curl(&gateway, HOST, None, "POST", "/portal/session", &["--http1.1", "-H", &other, "--data", &form]);
    assert_eq!(answer.status, 404, "{}", answer.body);
}
