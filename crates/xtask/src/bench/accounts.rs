//! Accounts in bulk: `ldapadd`, XML-RPC multicalls of 100 and `passerelle import`, in turn onto one slapd. All make the same
//! entries under logins of their own, so that the directory grows for all alike. What each reads is made before the clock
//! starts.

use super::peers::{PERSON, ROUNDS};
use super::report::{Figures, Table};
use super::sides::{GATEWAY_HTTP, Sides};
use crate::failure::{Failure, Result};
use crate::{campus, files, process};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Accounts of a round.
const A_ROUND: usize = 2_000;
/// Accounts of the one long run.
const ALL: usize = 80_000;
/// Calls of one multicall.
const A_CALL: usize = 100;
const SIDES: [&str; 3] = ["ldapadd", "Passerelle, XML-RPC", "Passerelle, import"];

/// What one side is given: a file, or a list of calls.
struct Work {
    side: usize,
    file: PathBuf,
}

/// Runs the rounds (`accounts`) and the long run (`accounts-80000`), as far as they are wanted.
pub(super) fn run(root: &Path, sides: &mut Sides, campus_dir: &Path, wanted: &[&str]) -> Result<Vec<Table>> {
    let gateway = sides.proxy(root, super::sides::Kind::Gateway)?;
    let bench = Bench {
        program: root.join("target/release/passerelle"),
        config: sides.dir.join("config/gateway"),
        dir: sides.dir.join("accounts"),
        ldap: campus::environment(campus_dir)?
            .iter()
            .find(|(name, _)| *name == "CAMPUS_LDAP_A")
            .map(|(_, port)| format!("ldap://127.0.0.1:{port}"))
            .ok_or_else(|| Failure::new("the campus says nothing of its directory"))?,
        token: token()?,
    };
    files::make_folder(&bench.dir)?;
    let mut tables = Vec::new();
    if wanted.contains(&"accounts") {
        for with in [Password::Without, Password::With] {
            tables.push(bench.table(A_ROUND, ROUNDS, with)?);
        }
    }
    if wanted.contains(&"accounts-80000") {
        tables.push(bench.table(ALL, 1, Password::Without)?);
    }
    sides.end(gateway.pid)?;
    Ok(tables)
}

/// Whether accounts get a password: hashed beforehand for `ldapadd`, by the server (RFC 3062) for the gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Password {
    With,
    Without,
}

struct Bench {
    program: PathBuf,
    config: PathBuf,
    dir: PathBuf,
    ldap: String,
    token: String,
}

impl Bench {
    fn table(&self, count: usize, rounds: usize, password: Password) -> Result<Table> {
        let mut rows: Vec<(String, Vec<Figures>)> =
            SIDES.iter().map(|side| ((*side).to_owned(), vec![Figures::default(), Figures::default()])).collect();
        for round in 1..=rounds {
            let mut base = f64::NAN;
            for side in 0..SIDES.len() {
                let work = self.prepare(side, count, round, password)?;
                let began = Instant::now();
                self.make(&work)?;
                let seconds = began.elapsed().as_secs_f64();
                if side == 0 {
                    base = seconds;
                }
                let made = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
                if let Some((_, [rate, ratio])) = rows.get_mut(side).map(|(name, all)| (name, all.as_mut_slice())) {
                    rate.add(made / seconds);
                    ratio.add(seconds / base);
                }
            }
        }
        let title = match password {
            Password::Without => format!("{count} accounts"),
            Password::With => format!("{count} accounts with passwords"),
        };
        let hashed = match password {
            Password::Without => "",
            Password::With => {
                " ldapadd's file has passwords that were hashed before; the gateway lets the server hash them."
            }
        };
        let text = format!(
            "The same entries onto one slapd, {rounds} round(s): ldapadd from a file, multicalls of {A_CALL} by an API client one after the other, and passerelle import of a CSV file.{hashed}"
        );
        Ok(Table { title, text, columns: vec!["accounts/s", "times ldapadd's time"], rows })
    }

    /// Writes what a side reads. Logins of one run begin with letters that no other run has.
    fn prepare(&self, side: usize, count: usize, round: usize, password: Password) -> Result<Work> {
        let stamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let logins: Vec<String> = (0..count).map(|number| format!("b{stamp:x}r{round}s{side}n{number}")).collect();
        let with = password == Password::With;
        let file = match side {
            0 => {
                let entry = |login: &String| {
                    let hash = if with { "userPassword: {SSHA}3vFzBd0Rr0zJm3S8vN1bX2sJb1dqYkZ3\n" } else { "" };
                    format!(
                        "dn: uid={login},ou=people,dc=a,dc=test\nobjectClass: inetOrgPerson\nobjectClass: eduPerson\nobjectClass: supannPerson\nuid: {login}\ncn: Name {login}\ndisplayName: Name {login}\nsn: {login}\ngivenName: Name\nmail: {login}@a.test\n{hash}\n"
                    )
                };
                ("accounts.ldif", logins.iter().map(entry).collect::<String>())
            }
            1 => ("calls.curl", self.calls(&logins, with)?),
            _ => {
                let (head, cell) = if with { (",password", ",pw-of-somebody") } else { ("", "") };
                let row = |login: &String| format!("{login},Name {login},{login},Name,{login}@a.test{cell}\n");
                let rows: String = logins.iter().map(row).collect();
                ("accounts.csv", format!("login,name,surname,givenName,mails{head}\n{rows}"))
            }
        };
        let path = self.dir.join(file.0);
        files::write(&path, file.1, files::SECRET)?;
        Ok(Work { side, file: path })
    }

    /// One multicall a file, and what makes curl send them one after the other over one connection.
    fn calls(&self, logins: &[String], with: bool) -> Result<String> {
        let text = |value: &str| format!("<value><string>{value}</string></value>");
        let member = |name: &str, value: &str| format!("<member><name>{name}</name>{value}</member>");
        let mut config = String::new();
        for (number, some) in logins.chunks(A_CALL).enumerate() {
            let mut body = "<?xml version=\"1.0\"?><methodCall><methodName>system.multicall</methodName><params><param><value><array><data>".to_owned();
            for login in some {
                let address = format!("{login}@a.test");
                let mut said =
                    [("login", login.as_str()), ("mails", &address), ("surname", login), ("givenName", "Name")]
                        .map(|(name, value)| member(name, &text(value)))
                        .concat();
                said.push_str(&member("name", &text(&format!("Name {login}"))));
                if with {
                    said.push_str(&member("password", &text("pw-of-somebody")));
                }
                let _ = write!(
                    body,
                    "<value><struct>{}<member><name>params</name><value><array><data><value><struct>{said}</struct></value></data></array></value></member></struct></value>",
                    member("methodName", &text("account.create")),
                );
            }
            body.push_str("</data></array></value></param></params></methodCall>");
            let file = self.dir.join(format!("call-{number}.xml"));
            files::write(&file, body, files::SECRET)?;
            if number > 0 {
                config.push_str("next\n");
            }
            let _ = write!(
                config,
                "url = \"http://127.0.0.1:{GATEWAY_HTTP}/xmlrpc\"\nheader = \"Content-Type: text/xml\"\nheader = \"Authorization: Bearer {}\"\ndata-binary = \"@{}\"\nfail\nsilent\n",
                self.token,
                file.display(),
            );
        }
        Ok(config)
    }

    fn make(&self, work: &Work) -> Result<()> {
        let said = match work.side {
            0 => {
                let mut add = process::quiet("ldapadd");
                add.args([
                    "-x",
                    "-H",
                    &self.ldap,
                    "-D",
                    "cn=provision,ou=services,dc=a,dc=test",
                    "-w",
                    "svc-provision",
                ]);
                process::output(add.arg("-f").arg(&work.file))?
            }
            1 => process::output(process::quiet("curl").arg("-K").arg(&work.file))?,
            _ => {
                let mut import = Command::new(&self.program);
                import.arg("import").arg("--config").arg(&self.config).args(["--institution", "garonne"]);
                process::output(import.arg(&work.file).env("PASSERELLE_LOG", "error"))?
            }
        };
        // A call in a multicall that failed is a fault in an answer.
        if said.contains("faultCode") || said.contains("FAIL") {
            let side = SIDES.get(work.side).copied().unwrap_or_default();
            return Err(Failure::new(format!("{side}: {}", process::tail(&said))));
        }
        Ok(())
    }
}

/// The token of an API client that may make accounts.
fn token() -> Result<String> {
    let call = "<methodCall><methodName>apiClient.make</methodName><params><param><value><string>bench</string></value></param><param><value><array><data><value><string>account.*</string></value></data></array></value></param></params></methodCall>";
    let mut make = process::quiet("curl");
    make.args(["-sf", "-u", &format!("{}:{}", PERSON.0, PERSON.1), "-H", "Content-Type: text/xml", "-d", call]);
    let answer = process::output(make.arg(format!("http://127.0.0.1:{GATEWAY_HTTP}/xmlrpc")))?;
    let token = answer.split_once("<name>token</name>").and_then(|(_, rest)| rest.split_once("<string>"));
    let token = token.and_then(|(_, rest)| rest.split_once('<')).map(|(token, _)| token.to_owned());
    token.ok_or_else(|| Failure::new(format!("no API client was made: {answer}")))
}
