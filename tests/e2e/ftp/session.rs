//! Sessions: each command, TLS, ports, app passwords, limits.

use super::{Ftp, changed, python};
use crate::harness::{Gateway, State, campus, eventually, run, try_run};
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::Command,
};

#[test]
fn every_command_of_a_session() {
    let gateway = Gateway::start("ftp-session");
    let home = gateway.home("garonne", "u00021");
    let mut ftp = Ftp::log_in(&gateway, "u00021@a.test", "pw-u00021");
    for (command, expected) in [
        ("SYST", "215 UNIX Type: L8"),
        ("TYPE I", "200"),
        ("TYPE A", "200"),
        ("TYPE E", "504"),
        ("MODE S", "200"),
        ("MODE B", "504"),
        ("STRU F", "200"),
        ("STRU R", "504"),
        ("PWD", "257 \"/\""),
        ("CWD /u00021", "250"),
        ("PWD", "257 \"/u00021\""),
        ("MKD a \"quoted\" one", "257 \"/u00021/a \"\"quoted\"\" one\" "),
        ("MKD a \"quoted\" one", "550"),
        ("CWD a \"quoted\" one", "250"),
        ("CWD ../../../..", "250"),
        ("PWD", "257 \"/\""),
        ("CWD u00021", "250"),
        ("CWD nowhere", "550"),
        ("RMD a \"quoted\" one", "250"),
        ("MKD folder", "257"),
        ("MKD folder/below/it", "550"),
        ("STOR folder", "553"),
        ("APPE folder", "553"),
        ("DELE folder", "550"),
        ("RETR folder", "550"),
        ("RETR missing", "550"),
        ("RETR bad\u{7f}name", "553"),
        ("SIZE folder", "550"),
        ("RNTO there", "503"),
        ("RNFR missing", "550"),
        ("LIST missing", "550"),
        ("STAT folder", "504"),
        ("OPTS UTF8 OFF", "504"),
        ("OPTS MLST type;size;", "200 MLST OPTS type;size;"),
        ("EPSV 2", "522"),
        ("EPSV 1", "229"),
        ("PORT 127,0,0,1,4,1", "502"),
        ("STOR /other", "550"),
        ("STOR /", "550"),
        ("LIST /u00404", "550"),
        ("XYZZY", "500"),
        ("RETR", "501"),
    ] {
        ftp.says(command, expected);
    }
    assert!(ftp.store("folder/f", b"0123456789").starts_with("226 "));
    ftp.says("RMD folder", "550 The folder is not empty");
    ftp.says("SIZE folder/f", "213 10");
    let modified = ftp.says("MDTM folder/f", "213 2");
    assert_eq!(modified.trim().len(), 18, "{modified}");
    assert!(ftp.say("MLST folder/f").contains(" type=file;size=10; /u00021/folder/f\r\n"));
    assert_eq!(ftp.fetch("MLSD folder").1, b"type=file;size=10; f\r\n");
    assert_eq!(ftp.fetch("NLST -a folder").1, b"f\r\n");
    let long = String::from_utf8(ftp.fetch("LIST -la folder").1).unwrap();
    assert!(long.starts_with("-rw------- 1 ") && long.ends_with(" f\r\n") && long.contains(" 10 "), "{long}");
    // From the middle, and what may not be from there.
    ftp.says("REST 7", "350");
    assert_eq!(ftp.retrieve("folder/f").1, b"789");
    ftp.says("REST 10", "350");
    assert_eq!(ftp.retrieve("folder/f").1, b"");
    ftp.says("REST 11", "350");
    ftp.says("RETR folder/f", "554");
    ftp.says("REST 7", "350");
    ftp.says("STOR folder/f", "554");
    assert_eq!(fs::read(home.join("folder/f")).unwrap(), b"0123456789");
    // Lines pass as they are, whatever the type.
    assert!(ftp.store("folder/lines", b"a\nb\r\nc\r").starts_with("226 "));
    assert_eq!(ftp.retrieve("folder/lines").1, b"a\nb\r\nc\r");
    let mut data = ftp.data("APPE folder/lines");
    data.write_all(b"more").unwrap();
    drop(data);
    assert!(ftp.reply().starts_with("226 "));
    assert_eq!(fs::read(home.join("folder/lines")).unwrap(), b"a\nb\r\nc\rmore");
    // STOU tells the name.
    ftp.says("CWD folder", "250");
    let port = ftp.port();
    let told = ftp.says("STOU", "150 FILE: ");
    let name = told.trim().strip_prefix("150 FILE: ").unwrap().to_owned();
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap().write_all(b"unique").unwrap();
    assert!(ftp.reply().starts_with("226 "));
    assert_eq!(fs::read(home.join("folder").join(name)).unwrap(), b"unique");
    // A file takes a file's place, nothing takes a folder's, and a folder does not go into itself.
    ftp.says("RNFR f", "350");
    ftp.says("RNTO lines", "250");
    assert_eq!(fs::read(home.join("folder/lines")).unwrap(), b"0123456789");
    ftp.says("RNFR lines", "350");
    ftp.says("RNTO /u00021/folder", "553");
    ftp.says("RNFR /u00021/folder", "350");
    ftp.says("RNTO /u00021/folder/below", "553");
    ftp.says("RNFR lines", "350");
    ftp.says("NOOP", "200");
    ftp.says("RNTO other", "503");
    // A port is for one transfer.
    ftp.says("RETR lines", "425");
    ftp.says("EPSV ALL", "200");
    ftp.says("PASV", "503");
    ftp.says("DELE lines", "250");
    ftp.says("QUIT", "221");
}

#[test]
fn no_password_in_clear_and_no_data_beside_tls() {
    let gateway = changed("ftp-tls", "plain_login_from = [\"127.0.0.0/8\"]", "plain_login_from = []");
    let mut ftp = Ftp::connect(&gateway);
    for command in ["USER u00022@a.test", "PASS pw-u00022"] {
        ftp.says(command, "530 Begin TLS first (AUTH TLS)");
    }
    for (command, code) in
        [("PBSZ 0", "503"), ("PROT P", "503"), ("AUTH GSSAPI", "504"), ("LIST", "530"), ("STOR x", "530")]
    {
        ftp.says(command, code);
    }
    let features = ftp.say("FEAT");
    for feature in
        [" AUTH TLS", " PBSZ", " PROT", " EPSV", " MLST type*;size*;modify*;perm*;", " REST STREAM", " TVFS", " UTF8"]
    {
        assert!(features.lines().any(|line| line == feature), "{features}");
    }
    // What comes in clear behind AUTH is thrown away.
    ftp.send(b"AUTH TLS\r\nUSER injected\r\n");
    assert!(ftp.reply().starts_with("234 "));
    ftp.send(b"NOOP\r\n");
    assert!(!ftp.reply().starts_with("2"));
    let told = python(
        &gateway,
        "u00022@a.test",
        "pw-u00022",
        "print(code(f.sendcmd, 'CCC'), code(f.sendcmd, 'AUTH TLS'), code(f.sendcmd, 'PROT P'))\n\
         print(code(f.nlst))\n\
         f.prot_p(); print(code(f.prot_c))\n\
         print(f.nlst('/'))\n\
         print(code(f.sendcmd, 'PROT S'))",
    );
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("534 ") && lines[0].contains("503 "), "{told}");
    assert!(lines[1].starts_with("521 "), "data passes within TLS only: {told}");
    assert!(lines[2].starts_with("534 "), "{told}");
    assert_eq!(lines[3], "['u00022']");
    assert!(lines[4].starts_with("536 "), "{told}");
    let clear =
        try_run("curl", &["-sS", "-u", "u00022@a.test:pw-u00022", &format!("ftp://localhost:{}/", gateway.ftp)]);
    assert!(!clear.status.success(), "curl does not log in in clear either");
}

#[test]
fn each_institution_has_its_own_certificate() {
    let gateway = Gateway::start("ftp-sni");
    let login = "u00023";
    for institution in ["garonne", "autan"] {
        let host = format!("{institution}.localhost");
        let at = format!("{host}:{}:127.0.0.1", gateway.ftp);
        let told = try_run(
            "curl",
            &[
                "-v",
                "--cacert",
                campus("CAMPUS_CA"),
                "--ssl-reqd",
                "--resolve",
                &at,
                "-u",
                &format!("{login}:pw-{login}"),
                &format!("ftp://{host}:{}/", gateway.ftp),
            ],
        );
        let log = String::from_utf8_lossy(&told.stderr).into_owned();
        let shown: Vec<&str> = log.lines().filter_map(|line| line.split_once("subject: CN=")).map(|it| it.1).collect();
        // A data connection that resumes shows none.
        assert!(told.status.success() && !shown.is_empty(), "{log}");
        assert!(shown.iter().all(|name| *name == institution), "{log}");
        assert!(String::from_utf8_lossy(&told.stdout).contains(login));
    }
}

#[test]
fn the_settings_say_ports_address_and_protection() {
    let low = 10_000 + u16::try_from(std::process::id() % 475).unwrap() * 5 % 2_000;
    let settings = format!(
        "[ftp]\npassive_ports = \"{low}-{}\"\npassive_address = \"192.0.2.7\"\nclear_data = true\nsame_tls_session = true\n[network]",
        low + 400
    );
    let gateway = changed("ftp-settings", "[network]", &settings);
    let mut ftp = Ftp::log_in(&gateway, "u00024@a.test", "pw-u00024");
    let told = ftp.says("PASV", "227 Entering passive mode (192,0,2,7,");
    let numbers: Vec<u16> =
        told.split(['(', ')']).nth(1).unwrap().split(',').map(|number| number.parse().unwrap()).collect();
    assert!((low..=low + 400).contains(&(numbers[4] * 256 + numbers[5])), "{told}");
    assert!((low..=low + 400).contains(&ftp.port()));
    // curl resumes the session of its control connection; Python's ftplib cannot.
    let url = format!("ftp://localhost:{}/", gateway.ftp);
    let listed =
        run("curl", &["-sS", "--cacert", campus("CAMPUS_CA"), "--ssl-reqd", "-u", "u00024@a.test:pw-u00024", &url]);
    assert!(listed.contains("u00024"), "{listed}");
    let told = python(
        &gateway,
        "u00024@a.test",
        "pw-u00024",
        "f.prot_p(); told = code(f.nlst)\nprint(told if told.startswith('425') else code(f.voidresp))\nf.prot_c(); print(f.nlst('/'))",
    );
    assert!(told.starts_with("425 ") && told.contains("['u00024']"), "{told}");
    let file = gateway.config().join("passerelle.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(&format!("\"{low}-"), "\"9-").replace(&format!("{}\"", low + 400), "1\"")).unwrap();
    let checked =
        Command::new(crate::harness::binary()).args(["check", "--config"]).arg(gateway.config()).output().unwrap();
    let told = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(
        !checked.status.success() && told.contains("passerelle.toml:") && told.contains("range of ports"),
        "{told}"
    );
}

#[test]
fn a_port_is_for_its_own_client() {
    let gateway = Gateway::start("ftp-stranger");
    let home = gateway.home("garonne", "u00025");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("f"), "mine").unwrap();
    let mut ftp = Ftp::log_in(&gateway, "u00025@a.test", "pw-u00025");
    let port = ftp.port();
    ftp.says("RETR /u00025/f", "150");
    // Somebody at another address is quicker.
    let script = format!(
        "import socket\ns = socket.socket(); s.bind(('127.0.0.2', 0)); s.settimeout(20)\ns.connect(('127.0.0.1', {port}))\ntry:\n    print(s.recv(10))\nexcept OSError as e:\n    print('closed')"
    );
    let told = run("python3", &["-c", &script]);
    assert!(told.contains("closed") || told.contains("b''"), "{told}");
    let mut data = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
    let mut content = String::new();
    data.read_to_string(&mut content).unwrap();
    assert_eq!(content, "mine");
    assert!(ftp.reply().starts_with("226 "));
    gateway.wait_for_log("stranger");
}

#[test]
fn app_passwords_open_what_they_are_for() {
    let gateway = Gateway::start("ftp-app-password");
    let home = gateway.home("garonne", "u00026");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("f"), "content").unwrap();
    let mut browser = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00026", "pw-u00026");
    let mut made = |scope: &str| {
        let made = browser.post("/app-passwords", &[("name", scope), ("scope", scope)]);
        made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned()
    };
    let (mail, reading, files) = (made("mail"), made("files-reading"), made("files"));
    let mut ftp = Ftp::connect(&gateway);
    ftp.says("USER u00026@a.test", "331");
    ftp.says(&format!("PASS {mail}"), "530");
    let mut ftp = Ftp::log_in(&gateway, "u00026@a.test", &reading);
    assert_eq!(ftp.retrieve("/u00026/f").1, b"content");
    assert!(String::from_utf8(ftp.fetch("MLSD /u00026").1).unwrap().contains("perm=r; f"), "and it says so");
    for command in
        ["STOR /u00026/f", "STOR /u00026/new", "APPE /u00026/f", "DELE /u00026/f", "MKD /u00026/d", "RNFR /u00026/f"]
    {
        ftp.says(command, "550 You may not do that here");
    }
    let mut ftp = Ftp::log_in(&gateway, "u00026@a.test", &files);
    assert!(ftp.store("/u00026/f", b"changed").starts_with("226 "));
    assert_eq!(browser.post("/app-passwords/remove", &[("id", &files[..8])]).status, 303);
    assert!(ftp.reply().starts_with("421 "), "withdrawn at once");
}

#[test]
fn limits_hold_and_bad_input_is_answered() {
    let gateway = changed("ftp-limits", "[limits]", "[limits]\nconnections_per_account = 2");
    let first = Ftp::log_in(&gateway, "u00027@a.test", "pw-u00027");
    let _second = Ftp::log_in(&gateway, "u00027@a.test", "pw-u00027");
    let mut third = Ftp::connect(&gateway);
    third.says("USER u00027@a.test", "331");
    third.says("PASS pw-u00027", "530 Too many connections");
    drop(first);
    eventually("the place is given back", || {
        let mut ftp = Ftp::connect(&gateway);
        ftp.say("USER u00027@a.test");
        ftp.say("PASS pw-u00027").starts_with("230")
    });
    let mut ftp = Ftp::connect(&gateway);
    ftp.send(&vec![b'a'; 20_000]);
    assert!(ftp.reply().starts_with("421 "));
    let mut ftp = Ftp::connect(&gateway);
    for _ in 0..4 {
        ftp.says("GET / HTTP/1.1", "500");
    }
    ftp.says("Host: x", "421");
    let mut ftp = Ftp::connect(&gateway);
    for (login, code) in [("u00027@a.test", "530"), ("u99999@a.test", "530"), ("anonymous", "530 ")] {
        ftp.says(&format!("USER {login}"), "331");
        ftp.says("PASS wrong", code);
    }
    assert_eq!(ftp.reply(), "", "three are enough");
}

#[test]
fn an_institution_without_files_says_so() {
    let gateway = Gateway::start_with("ftp-no-files", &State::Sqlite, |_| {});
    let mut ftp = Ftp::connect(&gateway);
    ftp.says("USER u00001@c.test", "331");
    let told = ftp.say("PASS pw-u00001");
    assert!(told.starts_with("530 There are no files"), "{told}");
}
