//! lftp, curl and rclone within TLS, each as two people of the same login.

use crate::harness::{Gateway, campus, run, try_run};
use std::{fs, process::Command};

const PEOPLE: [(&str, &str, &str); 2] =
    [("u00011@a.test", "pw-u00011", "garonne"), ("u00011@b.test", "pw-u00011", "autan")];

#[test]
fn lftp_mirrors_both_ways() {
    let gateway = Gateway::start("ftp-lftp");
    for (login, password, institution) in PEOPLE {
        let near = gateway.dir.join(format!("near-{institution}"));
        fs::create_dir_all(near.join("sub/deep")).unwrap();
        for index in 0..20 {
            fs::write(near.join(format!("sub/file {index} é.txt")), format!("{index} of {login}")).unwrap();
        }
        fs::write(near.join("sub/deep/empty"), "").unwrap();
        fs::write(near.join("sub/large"), vec![7; 3_000_000]).unwrap();
        let script = format!(
            "set ssl:ca-file {ca}; set ftp:ssl-force true; set ftp:ssl-protect-data true; set net:max-retries 1; set net:timeout 20; \
             set cmd:fail-exit true; open -u {login},{password} ftp://localhost:{port}; ls /; cd /u00011; mirror -R {near} far; \
             ls far/sub; mv 'far/sub/file 1 é.txt' far/renamed; rm 'far/sub/file 2 é.txt'; mkdir far/made; rmdir far/made; \
             mirror far {back}; put {near}/sub/large -o far/again; quit",
            ca = campus("CAMPUS_CA"),
            port = gateway.ftp,
            near = near.display(),
            back = gateway.dir.join(format!("back-{institution}")).display(),
        );
        let told = run("lftp", &["-c", &script]);
        assert!(told.contains("file 19 é.txt") && told.contains("u00011"), "{told}");
        let far = gateway.home(institution, "u00011").join("far");
        assert_eq!(fs::read_to_string(far.join("renamed")).unwrap(), format!("1 of {login}"));
        assert!(!far.join("sub/file 2 é.txt").exists() && !far.join("made").exists());
        assert_eq!(fs::read(far.join("again")).unwrap(), vec![7; 3_000_000]);
        let back = gateway.dir.join(format!("back-{institution}"));
        run("diff", &["-r", "-x", "again", back.to_str().unwrap(), far.to_str().unwrap()]);
    }
}

#[test]
fn curl_by_both_kinds_of_tls() {
    let gateway = Gateway::start("ftp-curl");
    let near = gateway.dir.join("near");
    fs::write(&near, "0123456789").unwrap();
    for (login, password, institution) in PEOPLE {
        let who = format!("{login}:{password}");
        let curl = |arguments: &[&str]| {
            let mut all = vec!["-sS", "--cacert", campus("CAMPUS_CA"), "--ssl-reqd", "-u", &who];
            all.extend(arguments);
            run("curl", &all)
        };
        for (scheme, port) in [("ftp", gateway.ftp), ("ftps", gateway.ftps)] {
            let at = |path: &str| format!("{scheme}://localhost:{port}/u00011/{path}");
            let file = at(&format!("{scheme}/a%20b"));
            curl(&["--ftp-create-dirs", "-T", near.to_str().unwrap(), &file]);
            assert_eq!(curl(&[&file]), "0123456789");
            // From the middle on (REST), and behind what is there (APPE).
            assert_eq!(curl(&["-r", "7-", &file]), "789");
            curl(&["--append", "-T", near.to_str().unwrap(), &file]);
            assert_eq!(curl(&[&file]), "01234567890123456789");
            assert!(curl(&[&at(&format!("{scheme}/"))]).contains(" 20 "), "the listing tells the size");
            assert_eq!(curl(&["-l", &at(&format!("{scheme}/"))]).trim(), "a b");
            let head = curl(&["-I", &file]);
            assert!(head.contains("Content-Length: 20") && head.contains("Last-Modified"), "{head}");
            let share = gateway.home(institution, "u00011").join(scheme);
            assert_eq!(fs::read_to_string(share.join("a b")).unwrap(), "01234567890123456789");
        }
    }
    // Without TLS of the control connection no data connection has it.
    let clear = try_run(
        "curl",
        &["-sS", "-u", "u00011@a.test:pw-u00011", &format!("ftp://localhost:{}/u00011/ftp/a%20b", gateway.ftp)],
    );
    assert_eq!(clear.stdout, b"01234567890123456789", "from a network that may");
}

#[test]
fn rclone_copies_and_deletes_nothing_when_a_listing_fails() {
    let gateway = Gateway::start("ftp-rclone");
    for (login, password, institution) in PEOPLE {
        let near = gateway.dir.join(format!("near-{institution}"));
        fs::create_dir_all(near.join("sub")).unwrap();
        for index in 0..40 {
            fs::write(near.join(format!("sub/file {index} é.txt")), format!("{index}")).unwrap();
        }
        let secret = run("rclone", &["obscure", password]);
        let rclone = |arguments: &[&str]| {
            Command::new("rclone")
                .args(["--retries", "1", "--low-level-retries", "1", "--config", "/dev/null"])
                .args(["--ca-cert", campus("CAMPUS_CA")])
                .args(arguments)
                .env("RCLONE_CONFIG_G_TYPE", "ftp")
                .env("RCLONE_CONFIG_G_HOST", "localhost")
                .env("RCLONE_CONFIG_G_PORT", gateway.ftp.to_string())
                .env("RCLONE_CONFIG_G_EXPLICIT_TLS", "true")
                .env("RCLONE_CONFIG_G_NO_CHECK_CERTIFICATE", "true")
                .env("RCLONE_CONFIG_G_USER", login)
                .env("RCLONE_CONFIG_G_PASS", secret.trim())
                .output()
                .unwrap()
        };
        let fine = |arguments: &[&str]| {
            let output = rclone(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        fine(&["copy", near.to_str().unwrap(), "g:u00011/backup"]);
        fine(&["check", "--download", near.to_str().unwrap(), "g:u00011/backup"]);
        fine(&["moveto", "g:u00011/backup/sub/file 3 é.txt", "g:u00011/backup/three"]);
        fine(&["purge", "g:u00011/backup/sub"]);
        let share = gateway.home(institution, "u00011");
        assert!(share.join("backup/three").exists() && !share.join("backup/sub").exists());
        // A folder that cannot be read is an error to rclone, which then deletes nothing at home.
        let away = share.with_extension("away");
        fs::rename(&share, &away).unwrap();
        fs::write(&share, "not a folder").unwrap();
        assert!(!rclone(&["sync", "g:u00011/backup", near.to_str().unwrap()]).status.success());
        assert_eq!(fs::read_dir(near.join("sub")).unwrap().count(), 40);
        fs::remove_file(&share).unwrap();
        fs::rename(&away, &share).unwrap();
    }
}
