//! Programs that people have: mbsync, imapclient, cadaver, rclone, curl; each as two people of the same login.

use crate::harness::{Gateway, campus, run, try_run};
use std::{fs, process::Command};

const PEOPLE: [(&str, &str); 2] = [("u00001@a.test", "pw-u00001"), ("u00001@b.test", "pw-u00001")];

#[test]
fn mbsync_fetches_a_mailbox_and_deletes_nothing_when_the_store_is_away() {
    let gateway = Gateway::start("mbsync");
    for (login, password) in PEOPLE {
        let home = gateway.dir.join(login);
        fs::create_dir_all(home.join("mail")).unwrap();
        let settings = format!(
            "IMAPAccount g\nHost localhost\nPort {}\nUser {login}\nPass {password}\nSSLType IMAPS\nCertificateFile {}\n\nIMAPStore far\nAccount g\n\nMaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\n\nChannel all\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nExpunge Near\nSyncState *\n",
            gateway.imaps,
            campus("CAMPUS_CA"),
            mail = home.join("mail").display(),
        );
        let file = home.join("mbsyncrc");
        fs::write(&file, settings).unwrap();
        run("mbsync", &["-q", "-c", file.to_str().unwrap(), "all"]);
        let fetched = || {
            fs::read_dir(home.join("mail/INBOX/cur")).unwrap().count()
                + fs::read_dir(home.join("mail/INBOX/new")).unwrap().count()
        };
        let before = fetched();
        assert!(before > 0, "{login}");
        // The gateway is up and the store is not: nothing at home is deleted.
        let broken = Gateway::start_with(
            &format!("mbsync-away-{}", login.replace('@', "-")),
            &crate::harness::State::Sqlite,
            |config| {
                for (institution, port) in [("garonne", campus("CAMPUS_IMAP_A")), ("autan", campus("CAMPUS_IMAPS_B"))] {
                    let settings = config.join(format!("institutions/{institution}/institution.toml"));
                    let text = fs::read_to_string(&settings).unwrap();
                    fs::write(&settings, text.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:9")).unwrap();
                }
            },
        );
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace(&gateway.imaps.to_string(), &broken.imaps.to_string())).unwrap();
        assert!(!try_run("mbsync", &["-q", "-c", file.to_str().unwrap(), "all"]).status.success());
        assert_eq!(fetched(), before, "{login}");
    }
}

#[test]
fn imapclient_reads_and_writes() {
    let gateway = Gateway::start("imapclient");
    for (login, password) in PEOPLE {
        let script = format!(
            "import ssl\nfrom imapclient import IMAPClient\nc = IMAPClient('localhost', port={}, ssl_context=ssl.create_default_context(cafile='{}'))\nc.login('{login}', '{password}')\ni = c.select_folder('INBOX')\nassert i[b'EXISTS'] > 0\nm = c.search('ALL')\ne = c.fetch(m[:50], ['ENVELOPE', 'FLAGS'])\nassert len(e) == min(50, len(m))\nassert b'IDLE' in c.capabilities() and not any(x.startswith(b'AUTH=') for x in c.capabilities())\nc.logout()\n",
            gateway.imaps,
            campus("CAMPUS_CA")
        );
        run(campus("CAMPUS_PYTHON"), &["-c", &script]);
    }
}

#[test]
fn cadaver_puts_and_gets() {
    let gateway = Gateway::start("cadaver");
    let home = gateway.dir.join("cadaver");
    fs::create_dir_all(&home).unwrap();
    for (login, password) in PEOPLE {
        fs::write(home.join(".netrc"), format!("machine 127.0.0.1 login {login} password {password}\n")).unwrap();
        fs::write(home.join("here.txt"), format!("of {login}\n")).unwrap();
        let name = login.split('@').next().unwrap();
        let script = "mkcol folder\ncd folder\nput here.txt there.txt\nls\nget there.txt back.txt\nquit\n";
        let url = format!("http://127.0.0.1:{}/dav/files/{name}/", gateway.http);
        let told = run(
            "bash",
            &[
                "-c",
                &format!(
                    "cd {} && rm -f back.txt && printf '{}' | HOME={} cadaver {url}",
                    home.display(),
                    script.replace('\n', "\\n"),
                    home.display()
                ),
            ],
        );
        assert_eq!(fs::read_to_string(home.join("back.txt")).unwrap_or_default(), format!("of {login}\n"), "{told}");
    }
}

#[test]
fn rclone_copies_and_deletes_nothing_when_a_listing_breaks() {
    let gateway = Gateway::start("rclone");
    for (login, password) in PEOPLE {
        let near = gateway.dir.join(format!("near-{login}"));
        fs::create_dir_all(near.join("sub")).unwrap();
        for index in 0..50 {
            fs::write(near.join(format!("sub/file {index} é.txt")), format!("{index}")).unwrap();
        }
        let name = login.split('@').next().unwrap();
        let secret = run("rclone", &["obscure", password]);
        let rclone = |gateway: &Gateway, arguments: &[&str]| {
            Command::new("rclone")
                .args([
                    "--retries",
                    "1",
                    "--low-level-retries",
                    "1",
                    "--config",
                    "/dev/null",
                    "--ca-cert",
                    campus("CAMPUS_CA"),
                ])
                .args(arguments)
                .env("RCLONE_CONFIG_G_TYPE", "webdav")
                .env("RCLONE_CONFIG_G_URL", format!("https://localhost:{}/dav/files/{name}/", gateway.https))
                .env("RCLONE_CONFIG_G_VENDOR", "other")
                .env("RCLONE_CONFIG_G_USER", login)
                .env("RCLONE_CONFIG_G_PASS", secret.trim())
                .output()
                .unwrap()
        };
        let copied = rclone(&gateway, &["copy", near.to_str().unwrap(), "g:backup"]);
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        let checked = rclone(&gateway, &["check", "--download", near.to_str().unwrap(), "g:backup"]);
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        // A folder that cannot be read is an error to rclone, which then deletes nothing at home.
        let institution = if login.ends_with("a.test") { "garonne" } else { "autan" };
        let share = gateway.home(institution, name);
        let away = share.with_extension("away");
        fs::rename(&share, &away).unwrap();
        fs::write(&share, "not a folder").unwrap();
        let synced = rclone(&gateway, &["sync", "g:backup", near.to_str().unwrap()]);
        assert!(!synced.status.success());
        assert_eq!(fs::read_dir(near.join("sub")).unwrap().count(), 50);
        fs::remove_file(&share).unwrap();
        fs::rename(&away, &share).unwrap();
    }
}
