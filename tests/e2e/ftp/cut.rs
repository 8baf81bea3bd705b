//! A client that is cut in the middle: within TLS without close_notify, in clear with its control connection gone, by ABOR. The
//! old content stays, and nothing else does. And what is withdrawn while it runs.

use super::{Ftp, python};
use crate::harness::{Gateway, eventually};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

/// What a folder holds, hidden files too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn is_untouched(gateway: &Gateway, folder: &Path) {
    gateway.wait_for_log("way=\"up\" result=\"cut\"");
    eventually("no litter stays", || names(folder) == ["old"]);
    assert_eq!(fs::read_to_string(folder.join("old")).unwrap(), "old content");
}

fn arrange(gateway: &Gateway, login: &str) -> std::path::PathBuf {
    let folder = gateway.home("garonne", login).join("cut");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("old"), "old content").unwrap();
    folder
}

const HALF: &[u8] = &[b'n'; 300_000];

#[test]
fn tls_without_its_goodbye_is_no_end() {
    let gateway = Gateway::start("ftp-cut-tls");
    let folder = arrange(&gateway, "u00012");
    for name in ["old", "new"] {
        // The socket is closed below TLS, as a process that is killed does; the control connection lives on.
        let told = python(
            &gateway,
            "u00012@a.test",
            "pw-u00012",
            &format!(
                "f.prot_p()\nd = f.transfercmd('STOR /u00012/cut/{name}')\nd.sendall(b'n' * 300000)\nimport os\nos.close(d.detach())\nprint(code(f.voidresp))"
            ),
        );
        assert!(told.starts_with("426 "), "{told}");
        is_untouched(&gateway, &folder);
    }
    // The control: the same with the goodbye is whole.
    let told = python(
        &gateway,
        "u00012@a.test",
        "pw-u00012",
        "f.prot_p()\nprint(f.storbinary('STOR /u00012/cut/old', io.BytesIO(b'n' * 300000)))",
    );
    assert!(told.starts_with("226 "), "{told}");
    assert_eq!(fs::read(folder.join("old")).unwrap().len(), 300_000);
}

#[test]
fn in_clear_the_control_connection_has_to_live_on() {
    let gateway = Gateway::start("ftp-cut-clear");
    let folder = arrange(&gateway, "u00013");
    for name in ["old", "new"] {
        // What a killed process looks like: both are closed, in whichever order.
        for data_first in [true, false] {
            let mut ftp = Ftp::log_in(&gateway, "u00013@a.test", "pw-u00013");
            let data = ftp.begin_to_store(&format!("/u00013/cut/{name}"), HALF);
            if data_first {
                drop(data);
                ftp.hang_up();
            } else {
                ftp.hang_up();
                drop(data);
            }
            is_untouched(&gateway, &folder);
        }
    }
    let mut ftp = Ftp::log_in(&gateway, "u00013@a.test", "pw-u00013");
    assert!(ftp.store("/u00013/cut/old", HALF).starts_with("226 "));
    assert_eq!(fs::read(folder.join("old")).unwrap(), HALF);
}

#[test]
fn abor_ends_a_transfer_and_the_session_goes_on() {
    let gateway = Gateway::start("ftp-abor");
    let folder = arrange(&gateway, "u00014");
    let mut ftp = Ftp::log_in(&gateway, "u00014@a.test", "pw-u00014");
    for name in ["old", "new"] {
        let mut data = ftp.begin_to_store(&format!("/u00014/cut/{name}"), HALF);
        // RFC 959 §4.1.3: behind Telnet's Interrupt Process and Synch.
        ftp.send(b"\xff\xf4\xff\xf2ABOR\r\n");
        assert!(ftp.reply().starts_with("426 "));
        assert!(ftp.reply().starts_with("226 "));
        assert!(data.read(&mut [0; 1]).map_or(true, |length| length == 0), "the data connection is closed");
        is_untouched(&gateway, &folder);
    }
    // What is asked meanwhile is answered afterwards; STAT at once.
    let data = ftp.begin_to_store("/u00014/cut/old", b"new content");
    assert!(ftp.say("STAT").starts_with("211 "));
    ftp.send(b"PWD\r\n");
    drop(data);
    assert!(ftp.reply().starts_with("226 "));
    assert!(ftp.reply().starts_with("257 "));
    assert_eq!(fs::read_to_string(folder.join("old")).unwrap(), "new content");
}

#[test]
fn what_is_withdrawn_ends_under_way() {
    let gateway = Gateway::start("ftp-withdrawn");
    let folder = arrange(&gateway, "u00015");
    fs::write(folder.join("large"), vec![7; 64_000_000]).unwrap();
    let mut up = Ftp::log_in(&gateway, "u00015@a.test", "pw-u00015");
    let under_way = up.begin_to_store("/u00015/cut/old", HALF);
    let mut down = Ftp::log_in(&gateway, "u00015@a.test", "pw-u00015");
    let mut coming = down.data("RETR /u00015/cut/large");
    coming.read_exact(&mut [0; 1000]).unwrap();
    let mut web = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00015", "pw-u00015");
    web.post("/logout", &[("everywhere", "1")]);
    for ftp in [&mut up, &mut down] {
        assert!(ftp.reply().starts_with("421 "));
    }
    let mut rest = Vec::new();
    assert!(coming.read_to_end(&mut rest).is_err(), "a download that ended so looks cut");
    assert!(rest.len() < 64_000_000);
    drop(under_way);
    eventually("no litter stays", || names(&folder) == ["large", "old"]);
    assert_eq!(fs::read_to_string(folder.join("old")).unwrap(), "old content");
    gateway.wait_for_log("withdrawn");
}

#[test]
fn a_drain_lets_an_upload_finish() {
    let mut gateway = Gateway::start("ftp-drain");
    let folder = arrange(&gateway, "u00016");
    let mut ftp = Ftp::log_in(&gateway, "u00016@a.test", "pw-u00016");
    let mut silent = Ftp::log_in(&gateway, "u00016@a.test", "pw-u00016");
    let mut data = ftp.begin_to_store("/u00016/cut/old", b"new ");
    gateway.signal("TERM");
    gateway.wait_for_log("draining");
    data.write_all(b"content").unwrap();
    drop(data);
    assert!(ftp.reply().starts_with("226 "));
    assert!(silent.reply().starts_with("421 "));
    assert!(gateway.wait());
    assert_eq!(fs::read_to_string(folder.join("old")).unwrap(), "new content");
}

#[test]
fn a_kill_of_the_gateway_leaves_the_old_content() {
    let mut gateway = Gateway::start("ftp-kill");
    let folder = arrange(&gateway, "u00017");
    let mut ftp = Ftp::log_in(&gateway, "u00017@a.test", "pw-u00017");
    let _under_way = ftp.begin_to_store("/u00017/cut/old", HALF);
    gateway.kill();
    assert_eq!(fs::read_to_string(folder.join("old")).unwrap(), "old content");
    gateway.run();
    let mut ftp = Ftp::log_in(&gateway, "u00017@a.test", "pw-u00017");
    assert!(ftp.store("/u00017/cut/old", b"new content").starts_with("226 "));
    assert_eq!(names(&folder), ["old"]);
}
