//! Programs that people have: vdirsyncer, khal, khard and Python's caldav, on one's own and on shared collections.

use super::{ask, event, radicale};
use crate::{
    harness::{Gateway, campus, run, try_run},
    sharing::grants,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder with the settings of vdirsyncer for somebody: calendars and contacts of the gateway on one side, folders on the other.
pub(crate) fn vdirsyncer(gateway: &Gateway, login: &str) -> PathBuf {
    let home = gateway.dir.join(login);
    fs::create_dir_all(&home).unwrap();
    let mut settings = format!("[general]\nstatus_path = \"{}/status/\"\n", home.display());
    for (name, kind, extension, family) in
        [("cal", "caldav", ".ics", "calendars"), ("card", "carddav", ".vcf", "contacts")]
    {
        settings += &format!(
            "[pair {name}]\na = \"{name}_near\"\nb = \"{name}_far\"\ncollections = [\"from a\", \"from b\"]\nconflict_resolution = \"b wins\"\n\
             [storage {name}_near]\ntype = \"filesystem\"\npath = \"{}/{family}\"\nfileext = \"{extension}\"\n\
             [storage {name}_far]\ntype = \"{kind}\"\nurl = \"https://localhost:{}/\"\nusername = \"{login}@a.test\"\npassword = \"pw-{login}\"\nverify = \"{}\"\n",
            home.display(),
            gateway.https,
            campus("CAMPUS_CA"),
        );
    }
    fs::write(home.join("config"), settings).unwrap();
    home
}

#[track_caller]
pub(crate) fn sync(home: &Path) {
    let config = home.join("config");
    run("bash", &["-c", &format!("yes | vdirsyncer -c '{}' discover && vdirsyncer -c '{0}' sync", config.display())]);
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

#[test]
fn vdirsyncer_khal_and_khard_keep_own_and_shared_collections_the_same() {
    let gateway = Gateway::start("vdirsyncer");
    radicale("DELETE", "/a-u00121/", "");
    radicale("DELETE", "/a-u00122/", "");
    let (owner, other) = ("u00121@a.test:pw-u00121", "u00122@a.test:pw-u00122");
    assert_eq!(ask(&gateway, owner, "MKCALENDAR", "/dav/calendars/u00121/cours/", &[], "").status, 201);
    assert_eq!(ask(&gateway, owner, "PUT", "/dav/calendars/u00121/cours/a.ics", &[], &event("a", "far")).status, 201);
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        "s.grant.set({'owner': 'u00121', 'kind': 'calendar', 'path': 'cours'}, {'account': 'u00122'}, ['read', 'add', 'edit', 'remove'])",
    );
    let make = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/>\
        </D:resourcetype></D:prop></D:set></D:mkcol>";
    assert_eq!(ask(&gateway, other, "MKCOL", "/dav/contacts/u00122/amis/", &[], make).status, 201);

    let (mine, theirs) = (vdirsyncer(&gateway, "u00121"), vdirsyncer(&gateway, "u00122"));
    sync(&mine);
    sync(&theirs);
    let near = mine.join("calendars/cours");
    assert_eq!(names(&near), ["a.ics"]);
    assert!(fs::read_to_string(near.join("a.ics")).unwrap().contains("SUMMARY:far"));
    let shared = theirs.join("calendars/u00121@a.test:cours");
    assert_eq!(names(&shared), ["a.ics"]);

    // Both write near themselves, the other in a calendar that is shared with them, and in a contact of their own.
    fs::write(near.join("b.ics"), event("b", "by the owner")).unwrap();
    fs::write(shared.join("c.ics"), event("c", "by the other")).unwrap();
    fs::write(theirs.join("contacts/amis/zoe.vcf"), super::card("zoe", "Zoë Martin")).unwrap();
    sync(&mine);
    sync(&theirs);
    sync(&mine);
    assert_eq!(names(&near).len(), 3, "{:?}", names(&near));
    assert_eq!(names(&shared).len(), 3, "{:?}", names(&shared));
    // A conflict: both change one event, and the one that comes later is told.
    let changed = |folder: &Path, name: &str, summary: &str| fs::write(folder.join(name), event("a", summary)).unwrap();
    changed(&near, "a.ics", "the owner's change");
    changed(&shared, "a.ics", "the other's change");
    sync(&mine);
    sync(&theirs);
    assert!(
        fs::read_to_string(shared.join("a.ics")).unwrap().contains("the owner's change"),
        "the far side wins, as asked"
    );
    // What is removed near goes on the far side too.
    fs::remove_file(near.join("b.ics")).unwrap();
    sync(&mine);
    sync(&theirs);
    assert_eq!(names(&shared).len(), 2, "{:?}", names(&shared));

    let listed = khal(&theirs);
    assert!(listed.contains("the owner's change") && listed.contains("by the other"), "{listed}");
    let listed = khard(&theirs);
    assert!(listed.contains("Zoë Martin"), "{listed}");

    // The server away: nothing near is taken for removed.
    let settings = fs::read_to_string(theirs.join("config")).unwrap();
    fs::write(theirs.join("config"), settings.replace(&gateway.https.to_string(), "9")).unwrap();
    assert!(!try_run("vdirsyncer", &["-c", theirs.join("config").to_str().unwrap(), "sync"]).status.success());
    assert_eq!(names(&shared).len(), 2);
}

#[test]
fn pythons_caldav_makes_and_reads_a_calendar() {
    let gateway = Gateway::start("python-caldav");
    radicale("DELETE", "/a-u00123/", "");
    python(&gateway, "u00123", "cours");
}

/// Python's caldav makes a calendar of this name, writes, follows and removes it.
pub(super) fn python(gateway: &Gateway, login: &str, name: &str) {
    let script = format!(
        "import caldav\nc = caldav.DAVClient('https://localhost:{}/dav/', username='{login}@a.test', password='pw-{login}', ssl_verify_cert='{}')\n\
         p = c.principal()\nhad = {{x.name for x in p.calendars()}}\nk = p.make_calendar(name='Cours', cal_id='{name}')\n\
         k.save_event('''{}''')\nassert {{x.name for x in p.calendars()}} - had == {{'Cours'}}\ne = k.events()\nassert len(e) == 1, e\n\
         assert 'SUMMARY:essai' in e[0].data, e[0].data\no = k.objects_by_sync_token(load_objects=True)\nassert len(list(o)) == 1\n\
         e[0].delete()\no.sync()\nassert len(list(o)) == 0\nk.delete()\nassert {{x.name for x in p.calendars()}} == had\n",
        gateway.https,
        campus("CAMPUS_CA"),
        event("py", "essai").replace("\r\n", "\n").replace('\\', "\\\\"),
    );
    run("/usr/bin/python3", &["-c", &script]);
}

/// What khal tells of the first days of December in the calendars of a folder of vdirsyncer's.
pub(super) fn khal(home: &Path) -> String {
    let settings = home.join("khal");
    fs::write(&settings, format!("[calendars]\n[[all]]\npath = {}/calendars/*\ntype = discover\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\npath = {0}/khal.db\n", home.display())).unwrap();
    run("khal", &["-c", settings.to_str().unwrap(), "list", "2026-12-01", "2d"])
}

/// What khard tells of the address book `amis`.
pub(super) fn khard(home: &Path) -> String {
    let settings = home.join("khard");
    fs::write(
        &settings,
        format!(
            "[addressbooks]\n[[amis]]\npath = {}/contacts/amis\n[general]\ndefault_action = list\n",
            home.display()
        ),
    )
    .unwrap();
    run("khard", &["-c", settings.to_str().unwrap(), "list"])
}
