//! Institutions' files and their templates: what is in force, and how faults are told.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_core::{Institution, SchedulingRules, SendingRules, Tool};
use passerelle_model::AccountId;
use passerelle_settings::{OriginFrom, Settings, origins};
use std::{fs, path::Path};
use tempfile::TempDir;

const MAIN: &str =
    "[session]\nkeys = [{ file = \"key\" }]\n[state]\nkind = \"sqlite\"\n[realm.r.directory]\nkind = \"ldif\"\n";
const OWN: &str =
    "template = \"regional\"\nhosts = [\"nord.test\"]\nmail_domains = [\"nord.test\"]\n[name]\nen = \"North\"\n";
const TEMPLATE: &str = "realm = \"r\"\n[name]\nfr = \"Université\"\n[branding]\ncolour = \"#ABCDEF\"\nlegal = [{ address = \"https://{host}/legal\", label = { en = \"Legal\" } }]\n[files.home]\nkind = \"local\"\npath = \"/srv/{id}/{login}\"\n";

fn folder(own: &str, template: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("passerelle.toml", MAIN);
    write("key", "a session key of thirty-two octets");
    write("institutions/nord/institution.toml", own);
    write("templates/regional.toml", template);
    folder
}

fn facts(own: &str, template: &str) -> Institution {
    let folder = folder(own, template);
    Settings::load(folder.path()).unwrap().institutions.remove(0).facts
}

/// The fault that a configuration has: where, and a part of what is said.
#[track_caller]
fn faulty(own: &str, template: &str, expected: &str, said: &str) {
    let folder = folder(own, template);
    let told = Settings::load(folder.path()).unwrap_err().to_string();
    let told = told.replace(folder.path().to_str().unwrap(), "");
    assert!(told.contains(expected) && told.contains(said), "{expected} ... {said} in {told}");
}

#[test]
fn a_file_over_its_template() {
    let north = facts(OWN, TEMPLATE);
    assert_eq!((north.name_in("en"), north.name_in("fr")), ("North", "Université"), "tables are joined");
    assert_eq!(north.branding.colour, "#abcdef");
    assert_eq!(north.branding.legal.first().unwrap().address, "https://nord.test/legal");
    let own = format!("{OWN}[branding]\ncolour = \"#123456\"\n[tools]\nmail = false\n[limits]\nupload_mib = 5\n");
    let north = facts(&own, TEMPLATE);
    assert_eq!(north.branding.colour, "#123456", "the file is over it");
    assert!(!north.tools.has(Tool::Mail) && north.tools.has(Tool::Files));
    assert_eq!(north.limits.largest_upload(), Some(5 << 20));
}

#[test]
fn faults_of_settings_that_may_change_at_run_time() {
    let with = |more: &str| format!("{OWN}{more}");
    let own = "/institutions/nord/institution.toml:";
    faulty(&with("[branding]\ncolor = \"#123456\"\n"), TEMPLATE, &format!("{own}7"), "branding.color is not known");
    faulty(&with("[tools]\nmail = 1\n"), TEMPLATE, &format!("{own}7"), "tools.mail: write true or false");
    faulty(&with("[limits]\nupload_mib = -1\n"), TEMPLATE, &format!("{own}7"), "limits.upload_mib");
    faulty(&with("[branding]\nlogo = \"none.png\"\n"), TEMPLATE, &format!("{own}7"), "none.png");
    faulty(&format!("fixed = [\"look\"]\n{OWN}"), TEMPLATE, &format!("{own}1"), "fixed: look is no setting");
    assert_eq!(facts(&format!("fixed = [\"tools\", \"name\"]\n{OWN}"), TEMPLATE).fixed, ["tools", "name"]);
}

#[test]
fn rules_for_scheduling_and_their_faults() {
    let with = |more: &str| format!("{OWN}{more}");
    let rules = facts(&with("[scheduling]\nattendees = 20\nrooms = [\"salle-101\"]\n"), TEMPLATE).scheduling;
    assert_eq!((rules.attendees, rules.rooms.first().map(AccountId::as_str)), (20, Some("salle-101")));
    assert_eq!(facts(OWN, TEMPLATE).scheduling, SchedulingRules::default());
    let own = "/institutions/nord/institution.toml:";
    faulty(&with("[scheduling]\nattendees = 0\n"), TEMPLATE, &format!("{own}7"), "scheduling.attendees 0");
    faulty(&with("[scheduling]\nrooms = [\"a/b\"]\n"), TEMPLATE, &format!("{own}7"), "correct the name");
    faulty(&with("[scheduling]\nqueue = 1\n"), TEMPLATE, &format!("{own}7"), "queue");
}

#[test]
fn rules_for_sending_and_their_faults() {
    let with = |more: &str| format!("{OWN}{more}");
    let rules =
        facts(&with("[sending]\nlargest_mib = 2\ncheck_from = false\nwithout_scanner = \"accept\"\n"), TEMPLATE)
            .sending;
    assert_eq!((rules.largest, rules.check_from, rules.without_scanner), (Some(2 << 20), false, true));
    let usual = facts(OWN, TEMPLATE).sending;
    assert_eq!(usual, SendingRules::default());
    assert!(usual.check_from && !usual.show_client && !usual.without_scanner, "strict unless somebody says otherwise");
    let own = "/institutions/nord/institution.toml:";
    faulty(&with("[sending]\nlargest_mib = 0\n"), TEMPLATE, &format!("{own}7"), "sending.largest_mib 0");
    faulty(&with("[sending]\nmessages_per_hour = 0\n"), TEMPLATE, &format!("{own}7"), "messages_per_hour");
    faulty(&with("[sending]\nwithout_scanner = \"maybe\"\n"), TEMPLATE, &format!("{own}7"), "maybe");
    faulty(&with("[sending]\nqueue = 1\n"), TEMPLATE, &format!("{own}7"), "queue");
    let scanners = "[scanners.virus]\nkind = \"clamd\"\naddress = \"127.0.0.1:3310\"\n";
    faulty(&with(scanners), TEMPLATE, own, "there is no [submission]");
    faulty(&with("[scanning]\nmarking = [\"spam\"]\n"), TEMPLATE, &format!("{own}7"), "no scanner spam");
    faulty(&with("[scanning]\nbeyond_memory = \"hope\"\n"), TEMPLATE, &format!("{own}7"), "hope");
    let marking = format!("[scanning]\nappend = [\"virus\"]\nmarking = [\"virus\"]\n{scanners}");
    faulty(&with(&marking), TEMPLATE, own, "there is no [submission]");
    // One that looks at what is put into mailboxes needs no MTA.
    let folder = folder(&with(&format!("[scanning]\nappend = [\"virus\"]\n{scanners}")), TEMPLATE);
    let institution = Settings::load(folder.path()).unwrap().institutions.remove(0);
    assert!(institution.scanners.iter().all(|(_, duty)| duty.appends && !duty.marks));
}

#[test]
fn faults_of_templates() {
    let template = "/templates/regional.toml:";
    faulty(OWN, &TEMPLATE.replace("#ABCDEF", "blue"), &format!("{template}5"), "branding.colour");
    faulty(OWN, &format!("template = \"x\"\n{TEMPLATE}"), &format!("{template}1"), "stands on no other one");
    faulty(OWN, "no toml", &format!("{template}1"), "");
    let own = "/institutions/nord/institution.toml:";
    faulty(&OWN.replace("regional", "none"), TEMPLATE, &format!("{own}1"), "templates/none.toml");
    faulty(&OWN.replace("regional", "../x"), TEMPLATE, &format!("{own}1"), "no name");
    faulty(&OWN.replace("hosts = [\"nord.test\"]\n", ""), TEMPLATE, own, "{host}");
}

#[test]
fn an_image_is_told_by_its_octets() {
    let folder = folder(&format!("{OWN}[branding]\nlogo = \"logo.png\"\n"), TEMPLATE);
    let logo = folder.path().join("institutions/nord/logo.png");
    let loaded = |folder: &Path| Settings::load(folder).map(|mut settings| settings.institutions.remove(0).facts);
    fs::write(&logo, "<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"1\"/></svg>").unwrap();
    let image = loaded(folder.path()).unwrap().branding.logo.unwrap();
    assert_eq!(image.media_type(), "image/svg+xml", "whatever its name is");
    fs::write(&logo, "<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>").unwrap();
    assert!(loaded(folder.path()).unwrap_err().to_string().contains("institution.toml:7"));
}

#[test]
fn where_values_come_from() {
    let folder = folder(&format!("{OWN}[tools]\nmail = false\n"), TEMPLATE);
    let all = origins(folder.path()).unwrap();
    let from = |key: &str| all.iter().find(|origin| origin.key == key).unwrap().from.clone();
    assert!(matches!(from("tools.mail"), OriginFrom::File(file, 7) if file.ends_with("nord/institution.toml")));
    assert!(matches!(from("branding.colour"), OriginFrom::Template(file, 5) if file.ends_with("regional.toml")));
    assert_eq!(from("tools.files"), OriginFrom::Default);
    assert_eq!(all.iter().filter(|origin| origin.key == "tools.mail").count(), 1);
}

#[test]
fn spaces_and_their_faults() {
    let space = |lines: &str| format!("{OWN}[spaces.commun]\n{lines}[spaces.commun.store]\nkind = \"local\"\n");
    let folder = folder(&space("everybody = [\"read\"]\ngroups = { staff = [\"add\", \"edit\"] }\n"), TEMPLATE);
    let institution = Settings::load(folder.path()).unwrap().institutions.remove(0);
    let trees: Vec<_> = institution.files.iter().map(|(id, block)| (id.to_string(), block.is_space())).collect();
    assert_eq!(trees, [("home".to_owned(), false), ("commun".to_owned(), true)]);
    let granted: Vec<_> = institution.facts.spaces.iter().flat_map(|it| &it.grants).map(|it| it.to.clone()).collect();
    assert_eq!(granted.len(), 2, "{granted:?}");
    let own = "/institutions/nord/institution.toml:";
    faulty(&space("everybody = [\"see\"]\n"), TEMPLATE, &format!("{own}7"), "no such right");
    faulty(&space("everyone = [\"read\"]\n"), TEMPLATE, &format!("{own}7"), "everyone");
    faulty(&space("").replace("commun", "home"), TEMPLATE, &format!("{own}6"), "cannot be called home");
    faulty(&format!("{OWN}[spaces.commun]\neverybody = []\n"), TEMPLATE, own, "store");
    faulty(&format!("{OWN}[files.commun]\nkind = \"local\"\n"), TEMPLATE, own, "commun");
}
