//! Files and settings of the office in Chromium: somebody uploads, makes a folder, shares it with a colleague who adds to it, and
//! by a link with a password; makes an app password, which opens WebDAV. `browser/office_files.mjs` is the visitor.

use crate::{
    browser::install,
    external_mail,
    harness::{campus, curl, root, try_run},
};
use std::{fs, path::Path};

/// Larger than what goes in one request (`ui/src/lib/dav/upload.ts`), and no multiple of a part.
const LARGE: usize = 40 * 1024 * 1024 + 7;

#[test]
fn files_are_sent_shared_and_found() {
    let folder = root().join("tests/e2e/browser");
    install(&folder);
    let gateway = external_mail::gateway("office-files", &[], "");
    let shots = root().join("target/office-files");
    fs::create_dir_all(&shots).unwrap();
    let large = shots.join("enregistrement.bin");
    let octets: Vec<u8> = (0_u32..).flat_map(u32::to_le_bytes).take(LARGE).collect();
    fs::write(&large, &octets).unwrap();
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap();
    let (visitor, port) = (folder.join("office_files.mjs"), gateway.https.to_string());
    let elsewhere = external_mail::elsewhere().to_string();
    let ways = [visitor.as_path(), certificates, Path::new(&port), &shots, &large, Path::new(&elsewhere)];
    let arguments = ways.map(|it| it.to_str().unwrap());
    let visit = try_run("node", &arguments);
    fs::remove_file(&large).unwrap();
    let said = (String::from_utf8_lossy(&visit.stdout), String::from_utf8_lossy(&visit.stderr));
    assert!(visit.status.success(), "{}\n{}", said.0, said.1);
    let home = gateway.home("garonne", "u00096");
    assert!(fs::read(home.join("enregistrement.bin")).unwrap() == octets, "the parts make the file");
    assert_eq!(fs::read(home.join("Projet commun/réponse.txt")).unwrap(), b"bonjour");
    let password = said.0.lines().find_map(|line| line.strip_prefix("password ")).expect("an app password");
    let who = format!("u00096:{password}");
    let read = curl(
        &gateway,
        "garonne.localhost",
        Some(&who),
        "GET",
        "/dav/files/u00096/Projet%20commun/r%C3%A9ponse.txt",
        &[],
    );
    assert_eq!((read.status, read.body.as_str()), (200, "bonjour"));
}
