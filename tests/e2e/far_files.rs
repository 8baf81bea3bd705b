//! Files on other servers, through WebDAV: the campus's Apache with mod_dav, its OpenSSH, its FTP server and its Ceph, each with the service account in
//! front of which our rights stand, and with each person's own password.

use crate::{
    harness::{Gateway, State, campus, run},
    smb::{COLLEAGUE, ME, administer, app_password, dav},
    sso::{Jar, location, register, with_oidc},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A kind of server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Webdav,
    Sftp,
    Ftp,
    S3,
}

impl Kind {
    /// The table of a mount, as the service account, in a folder of the test's own.
    pub(crate) fn as_service(self, tree: &str) -> String {
        match self {
            Self::Webdav => format!(
                "kind = \"webdav\"\nurl = \"https://localhost:{}/homes/{tree}/{{login}}/\"\nca = {:?}\n\
                 user = \"gateway\"\npassword = {{ file = \"../../far\" }}\ncreate = true\n",
                campus("CAMPUS_WEBDAVS"),
                campus("CAMPUS_CA"),
            ),
            Self::Sftp => format!(
                "{}path = \"{tree}/{{login}}\"\nuser = \"gateway\"\nkey = {{ file = {:?} }}\ncreate = true\n",
                sftp(),
                Path::new(campus("CAMPUS_DIR")).join("sftp/gateway")
            ),
            Self::S3 => format!(
                "kind = \"s3\"\nendpoint = \"https://localhost:{}\"\nca = {:?}\nbucket = \"homes\"\npath = \"{tree}/{{login}}\"\n\
                 access_key = \"campus-gateway\"\nsecret_key = {{ file = \"../../far\" }}\ncreate = true\n",
                campus("CAMPUS_S3S"),
                campus("CAMPUS_CA"),
            ),
            Self::Ftp => format!(
                "kind = \"ftp\"\nserver = \"localhost:{}\"\nca = {:?}\npath = \"{tree}/{{login}}\"\n\
                 user = \"gateway\"\npassword = {{ file = \"../../far\" }}\ncreate = true\n",
                campus("CAMPUS_FTP"),
                campus("CAMPUS_CA"),
            ),
        }
    }

    /// The same with each person's own password.
    fn as_oneself(self, tree: &str) -> String {
        match self {
            Self::Webdav => format!(
                "kind = \"webdav\"\nurl = \"http://127.0.0.1:{}/own/{{login}}/{tree}/\"\ncreate = true\n",
                campus("CAMPUS_WEBDAV")
            ),
            Self::Sftp => format!("{}path = \"{tree}/{{login}}\"\ncreate = true\n", sftp()),
            Self::S3 => unreachable!("nobody opens an object store with their password"),
            Self::Ftp => format!(
                "kind = \"ftp\"\nserver = \"127.0.0.1:{}\"\ntls = \"off\"\npath = \"{tree}/{{login}}\"\ncreate = true\n",
                campus("CAMPUS_FTP")
            ),
        }
    }

    /// A server that is not there.
    fn away(self) -> String {
        match self {
            Self::Webdav => "kind = \"webdav\"\nurl = \"http://127.0.0.1:1/{login}\"\n".to_owned(),
            Self::Sftp => sftp().replace(campus("CAMPUS_SFTP"), "1") + "path = \"{login}\"\n",
            Self::S3 => "kind = \"s3\"\nendpoint = \"http://127.0.0.1:1\"\nbucket = \"homes\"\npath = \"{login}\"\n\
                 access_key = \"x\"\nsecret_key = { file = \"../../far\" }\n"
                .to_owned(),
            Self::Ftp => "kind = \"ftp\"\nserver = \"127.0.0.1:1\"\ntls = \"off\"\npath = \"{login}\"\n".to_owned(),
        }
    }

    /// A file of a person's, as the server has it, past the gateway.
    fn beyond(self, tree: &str, login: &str, path: &str) -> String {
        if self != Self::S3 {
            return fs::read_to_string(self.on_disk(tree, login).join(path)).unwrap();
        }
        let key = format!("homes/{tree}/{login}/{}", path.replace(' ', "%20").replace('é', "%C3%A9"));
        let url = format!("http://127.0.0.1:{}/{key}", campus("CAMPUS_S3"));
        let signs = ["--aws-sigv4", "aws:amz:us-east-1:s3", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
        let asks = ["-sSf", "--noproxy", "*", "--user", "campus-gateway:pw-gateway", &url];
        run("curl", &[&signs[..], &asks].concat())
    }

    /// Where a person's tree lies on the server's disk.
    pub(crate) fn on_disk(self, tree: &str, login: &str) -> PathBuf {
        Path::new(campus("CAMPUS_DIR")).join(self.name()).join("homes").join(tree).join(login)
    }

    pub(crate) fn tree(self, name: &str) -> String {
        format!("e2e-{}-{name}-{}", self.name(), std::process::id())
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Webdav => "webdav",
            Self::Sftp => "sftp",
            Self::Ftp => "ftp",
            Self::S3 => "s3",
        }
    }
}

fn sftp() -> String {
    let key = fs::read_to_string(Path::new(campus("CAMPUS_DIR")).join("sftp/host.pub")).unwrap();
    format!("kind = \"sftp\"\nserver = \"127.0.0.1:{}\"\nhost_keys = [{:?}]\n", campus("CAMPUS_SFTP"), key.trim())
}

/// Gives centre its files there.
pub(crate) fn gateway(name: &str, table: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        fs::write(config.join("far"), "pw-gateway\n").unwrap();
        let file = config.join("institutions/centre/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("{text}[files.home]\n{table}\n")).unwrap();
    })
}

fn share(gateway: &Gateway, folder: &str, login: &str, rights: &str) {
    administer(
        gateway,
        &format!("s.grant.set({{'owner': 'u00001', 'path': '{folder}'}}, {{'account': '{login}'}}, {rights})"),
    );
}

/// Ones own tree, what is shared from it, conditions, ranges, copies.
fn own_and_shared(kind: Kind, name: &str) {
    let tree = kind.tree("shared");
    let gateway = gateway(name, &kind.as_service(&tree));
    let at = |path: &str| format!("/dav/files/u00001/{path}");
    assert_eq!(dav(&gateway, ME, "MKCOL", &at("cours"), &[]).status, 201);
    let path = at("cours/R%C3%A9union%20%C3%A9t%C3%A9.txt");
    let put = dav(&gateway, ME, "PUT", &path, &["-d", "bonjour"]);
    assert_eq!(put.status, 201, "{put:?}");
    let tag = put.header("ETag").unwrap().to_owned();
    assert_eq!(kind.beyond(&tree, "u00001", "cours/Réunion été.txt"), "bonjour");
    // Nobody else, then whoever was let in, to read and no more.
    let theirs = "/dav/files/u00001@c.test/cours/";
    assert_eq!(dav(&gateway, COLLEAGUE, "PROPFIND", theirs, &["-H", "Depth: 1"]).status, 404);
    share(&gateway, "cours", "u00002", "['read']");
    let listed = dav(&gateway, COLLEAGUE, "PROPFIND", theirs, &["-H", "Depth: 1"]);
    assert!(listed.status == 207 && listed.body.contains("R%C3%A9union"), "{listed:?}");
    assert_eq!(dav(&gateway, COLLEAGUE, "GET", &path, &[]).body, "bonjour");
    assert_eq!(dav(&gateway, COLLEAGUE, "PUT", &path, &["-d", "x"]).status, 403);
    // Conditions and ranges.
    assert_eq!(dav(&gateway, ME, "PUT", &path, &["-H", "If-Match: \"other\"", "-d", "x"]).status, 412);
    let same = format!("If-Match: {tag}");
    assert_eq!(dav(&gateway, ME, "PUT", &path, &["-H", &same, "-d", "au revoir"]).status, 204);
    assert_eq!(dav(&gateway, ME, "PUT", &path, &["-H", &same, "-d", "x"]).status, 412);
    assert_eq!(dav(&gateway, ME, "GET", &path, &["-H", "Range: bytes=3-8"]).body, "revoir");
    // Copies, and the end of all.
    let to = format!("Destination: https://centre.localhost:{}{}", gateway.https, at("copie"));
    assert_eq!(dav(&gateway, ME, "COPY", &at("cours"), &["-H", &to]).status, 201);
    assert_eq!(dav(&gateway, ME, "DELETE", &at("cours"), &[]).status, 204);
    assert_eq!(dav(&gateway, ME, "GET", &path.replace("cours", "copie"), &[]).body, "au revoir");
    // Who has no password of the directory's at hand reaches the files all the same.
    let program = app_password(&gateway);
    assert_eq!(dav(&gateway, &program, "PUT", &at("phone.txt"), &["-d", "x"]).status, 201);
    assert_eq!(dav(&gateway, ME, "GET", &at("phone.txt"), &[]).body, "x");
    let log = gateway.log();
    assert!(!log.contains("pw-gateway") && !log.contains("PRIVATE KEY"));
}

#[test]
fn webdav_is_ones_own_and_others_see_what_was_granted() {
    own_and_shared(Kind::Webdav, "far-dav");
}

#[test]
fn sftp_is_ones_own_and_others_see_what_was_granted() {
    own_and_shared(Kind::Sftp, "far-sftp");
}

#[test]
fn ftp_is_ones_own_and_others_see_what_was_granted() {
    own_and_shared(Kind::Ftp, "far-ftp");
}

#[test]
fn s3_is_ones_own_and_others_see_what_was_granted() {
    own_and_shared(Kind::S3, "far-s3");
}

/// Each person's own password, and what cannot be without.
fn oneself(kind: Kind, name: &str) {
    let gateway = gateway(name, &kind.as_oneself(&kind.tree("own")));
    let path = "/dav/files/u00001/mine.txt";
    assert_eq!(dav(&gateway, ME, "PUT", path, &["-d", "x"]).status, 201);
    assert_eq!(dav(&gateway, ME, "GET", path, &[]).body, "x");
    assert_eq!(dav(&gateway, &app_password(&gateway), "GET", path, &[]).status, 501);
    assert_eq!(dav(&gateway, ME, "DELETE", path, &[]).status, 204);
}

#[test]
fn webdav_takes_ones_own_password() {
    oneself(Kind::Webdav, "far-dav-own");
}

#[test]
fn sftp_takes_ones_own_password() {
    oneself(Kind::Sftp, "far-sftp-own");
}

#[test]
fn ftp_takes_ones_own_password() {
    oneself(Kind::Ftp, "far-ftp-own");
}

/// litmus whole, in a tree of ones own and in one that is shared.
fn litmus(kind: Kind, name: &str) {
    let gateway = gateway(name, &kind.as_service(&kind.tree("litmus")));
    crate::dav::litmus(&gateway, "u00002@c.test", "/dav/files/u00002@c.test/");
    assert_eq!(dav(&gateway, ME, "MKCOL", "/dav/files/u00001/common", &[]).status, 201);
    share(&gateway, "common", "u00002", "['read', 'add', 'edit', 'remove']");
    crate::dav::litmus(&gateway, "u00002@c.test", "/dav/files/u00001@c.test/common/");
}

#[test]
fn litmus_passes_whole_on_webdav() {
    litmus(Kind::Webdav, "far-dav-litmus");
}

#[test]
fn litmus_passes_whole_on_sftp() {
    litmus(Kind::Sftp, "far-sftp-litmus");
}

#[test]
fn litmus_passes_whole_on_ftp() {
    litmus(Kind::Ftp, "far-ftp-litmus");
}

#[test]
fn litmus_passes_whole_on_s3() {
    litmus(Kind::S3, "far-s3-litmus");
}

/// rclone finds what it copied, and deletes nothing at home when the server cannot be reached.
fn rclone(kind: Kind, name: &str) {
    let tree = kind.tree("rclone");
    let whole = gateway(name, &kind.as_service(&tree));
    let near = whole.dir.join("near");
    fs::create_dir_all(near.join("sub")).unwrap();
    for index in 0..50 {
        fs::write(near.join(format!("sub/file {index} é.txt")), format!("{index}")).unwrap();
    }
    fs::write(near.join("large"), vec![7; 20_000_000]).unwrap();
    let secret = run("rclone", &["obscure", "pw-u00001"]);
    let rclone = |gateway: &Gateway, arguments: &[&str]| {
        let mut rclone = Command::new("rclone");
        rclone.args(["--retries", "1", "--low-level-retries", "1", "--config", "/dev/null"]);
        rclone.args(["--ca-cert", campus("CAMPUS_CA")]).args(arguments);
        rclone.env("RCLONE_CONFIG_G_TYPE", "webdav").env("RCLONE_CONFIG_G_VENDOR", "other");
        rclone.env("RCLONE_CONFIG_G_URL", format!("https://localhost:{}/dav/files/u00001/", gateway.https));
        rclone.env("RCLONE_CONFIG_G_USER", "u00001@c.test").env("RCLONE_CONFIG_G_PASS", secret.trim());
        rclone.output().unwrap()
    };
    let near = near.to_str().unwrap();
    let copied = rclone(&whole, &["copy", near, "g:backup"]);
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let checked = rclone(&whole, &["check", "--download", near, "g:backup"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let away = gateway(&format!("{name}-away"), &kind.away());
    let synced = rclone(&away, &["sync", "g:backup", near]);
    assert!(!synced.status.success());
    assert_eq!(fs::read_dir(Path::new(near).join("sub")).unwrap().count(), 50);
    let looked = dav(&away, ME, "PROPFIND", "/dav/files/u00001/", &["-H", "Depth: 1"]);
    assert_eq!(looked.status, 503, "away is not absent: {looked:?}");
}

#[test]
fn rclone_and_webdav() {
    rclone(Kind::Webdav, "far-dav-rclone");
}

#[test]
fn rclone_and_sftp() {
    rclone(Kind::Sftp, "far-sftp-rclone");
}

#[test]
fn rclone_and_ftp() {
    rclone(Kind::Ftp, "far-ftp-rclone");
}

#[test]
fn rclone_and_s3() {
    rclone(Kind::S3, "far-s3-rclone");
}

#[test]
fn webdav_takes_the_token_of_a_sign_on() {
    let tree = Kind::Webdav.tree("token");
    // The provider must know the address before the gateway can know its client.
    let mut gateway = Gateway::start_with("far-token", &State::Sqlite, |_| {});
    let client = register(&[gateway.https], "files");
    gateway.kill();
    with_oidc(&gateway.config(), &client);
    let settings = gateway.config().join("institutions/autan/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let (before, after) = text.split_once("[files.home]").unwrap();
    let rest = after.find("\n[").map_or("", |at| &after[at..]);
    let port = campus("CAMPUS_WEBDAV");
    let url = format!("http://127.0.0.1:{port}/bearer/{tree}/{{login}}");
    let table = format!("kind = \"webdav\"\nurl = {url:?}\nbearer = true\ncreate = true\n");
    fs::write(&settings, format!("{before}[files.home]\n{table}{rest}")).unwrap();
    gateway.run();

    let jar = Jar::new();
    let home = format!("https://autan.localhost:{}", gateway.https);
    let provider = format!("http://127.0.0.1:{}", campus("CAMPUS_OIDC"));
    let whole = |address: String| if address.starts_with('/') { format!("{provider}{address}") } else { address };
    let begun = location(&jar.get(&format!("{home}/oidc/autan/login"), &[]));
    let asks = whole(location(&jar.get(&begun, &[])));
    let mut next = location(&jar.get(&asks, &["-d", "login=u00016&password=pw-u00016"]));
    while !next.starts_with(&home) {
        assert!(!next.is_empty(), "the provider leads nowhere");
        next = location(&jar.get(&whole(next), &[]));
    }
    jar.get(&next, &[]);

    let file = format!("{home}/dav/files/u00016/note.txt");
    let origin = format!("Origin: {home}");
    let put = ["-X", "PUT", "-H", &origin, "-H", "Content-Type: application/octet-stream", "-d", "by token"];
    assert!(jar.get(&file, &put).starts_with("HTTP/2 201"), "{}", gateway.log());
    let got = jar.get(&file, &[]);
    assert!(got.starts_with("HTTP/2 200") && got.ends_with("by token"), "{got}");
    assert_eq!(fs::read_to_string(Kind::Webdav.on_disk(&tree, "u00016").join("note.txt")).unwrap(), "by token");
    assert!(!gateway.log().contains("eyJ"), "no token is in the log");
}
