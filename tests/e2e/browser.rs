//! The pages in Chromium: axe-core finds nothing, no report of the policy, no word on the console, nothing wider than the
//! window, every control large enough for a finger, and all of it by keyboard alone. `browser/pages.mjs` is the visitor.

use crate::harness::{Gateway, State, campus, root, run, try_run};
use std::{fs, path::Path, process::Command};

/// Bright yellow: the hardest colour to write on and in.
const YELLOW: &str = "#f2a900";

/// Installs what the visitor needs, when the lock says other than what is there.
pub fn install(folder: &Path) {
    // One test at a time: they are processes of their own, and npm takes the folder away while it fills it.
    let turn = root().join("target/test/npm.lock");
    fs::create_dir_all(root().join("target/test")).unwrap();
    let turn = fs::File::create(turn).unwrap();
    turn.lock().unwrap();
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified()).ok();
    // npm writes this file last.
    if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
        return;
    }
    let installed =
        Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(folder).output().expect("npm is installed");
    assert!(installed.status.success(), "npm ci: {}", String::from_utf8_lossy(&installed.stderr));
    run("touch", &[folder.join("node_modules/.package-lock.json").to_str().unwrap()]);
}

#[test]
fn the_pages_are_accessible_quiet_and_fit() {
    let folder = root().join("tests/e2e/browser");
    install(&folder);
    let gateway = Gateway::start_with("browser", &State::Sqlite, |config| {
        let settings = config.join("institutions/centre/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let yellow = text.replace("colour = \"#8a1538\"", &format!("colour = \"{YELLOW}\""));
        assert_ne!(text, yellow, "the colour is in the settings");
        fs::write(settings, yellow).unwrap();
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        fs::write(settings, text + "[external_mail]\nkind = \"direct\"\n").unwrap();
    });
    let home = gateway.home("garonne", "u00001");
    for (language, width) in ["fr-FR", "en-GB", "ar", "de-DE"].into_iter().flat_map(|it| [(it, 1440), (it, 390)]) {
        fs::create_dir_all(home.join(format!("Cours/{language}-{width}"))).unwrap();
    }
    for name in ["Projets de recherche/Données du laboratoire", "un_nom_sans_espace_".repeat(8).as_str()] {
        fs::create_dir_all(home.join(name)).unwrap();
    }
    for name in ["Rapport d’activité de l’unité mixte – version définitive (3).pdf", "محاضرة.docx", "<b>&amp;.txt"]
    {
        fs::write(home.join(name), "text").unwrap();
    }
    // A picture beside a name, and an image that is none and keeps the icon of a file.
    let garden = image::RgbImage::from_fn(900, 600, |x, y| {
        image::Rgb([u8::try_from(x / 4).unwrap_or(u8::MAX), 160, u8::try_from(y / 3).unwrap_or(u8::MAX)])
    });
    garden.save(home.join("Jardin.jpg")).unwrap();
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap();
    let pictures = root().join("target/test/pages");
    fs::create_dir_all(&pictures).unwrap();
    let (visitor, port) = (folder.join("pages.mjs"), gateway.https.to_string());
    let paths = [visitor.as_path(), certificates, Path::new(&port), pictures.as_path()];
    let visit = try_run("node", &paths.map(|path| path.to_str().unwrap()));
    let said = (String::from_utf8_lossy(&visit.stdout), String::from_utf8_lossy(&visit.stderr));
    assert!(visit.status.success(), "{}\n{}", said.0, said.1);
}
