//! Thunderbird itself, without a screen, driven over Marionette: the protocol with which Mozilla tests its programs. Scripts
//! run inside the program, on the interfaces that its own windows stand on.

use crate::harness::{Gateway, PATIENCE, campus};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running Thunderbird with a profile of its own.
pub(super) struct Thunderbird {
    child: Child,
    reader: BufReader<TcpStream>,
    id: u32,
}

impl Thunderbird {
    /// Starts it with one account: this person's, at the gateway, with IMAPS and SMTP over TLS.
    pub(super) fn start(gateway: &Gateway, login: &str, password: &str) -> Self {
        let folder = gateway.dir.join("thunderbird");
        let profile = folder.join("profile");
        fs::create_dir_all(&profile).unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let preferences = json!({
            "marionette.port": port,
            "mail.provider.suppress_dialog_on_startup": true,
            "mail.spotlight.firstRunDone": true,
            "mail.shell.checkDefaultClient": false,
            "mail.rights.version": 1,
            "mailnews.start_page.enabled": false,
            "mailnews.database.global.indexer.enabled": false,
            "mail.biff.play_sound": false,
            "mail.biff.show_alert": false,
            "app.update.enabled": false,
            "app.normandy.enabled": false,
            "datareporting.policy.dataSubmissionEnabled": false,
            "toolkit.telemetry.enabled": false,
            "offline.autoDetect": false,
            "network.manage-offline-status": false,
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
        });
        let lines =
            preferences.as_object().unwrap().iter().map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"));
        fs::write(profile.join("user.js"), lines.collect::<String>()).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let child = Command::new("thunderbird")
            .args(["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile"])
            .arg(&profile)
            .env("HOME", &folder)
            .env("MOZ_LOG", "IMAP:4,SMTP:4,timestamp,sync")
            .env("MOZ_LOG_FILE", folder.join("imap"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("thunderbird is installed");
        let deadline = Instant::now() + PATIENCE;
        let stream = loop {
            if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                break stream;
            }
            assert!(Instant::now() < deadline, "thunderbird does not listen");
            std::thread::sleep(Duration::from_millis(50));
        };
        stream.set_read_timeout(Some(PATIENCE * 3)).unwrap();
        let mut program = Self { child, reader: BufReader::new(stream), id: 0 };
        program.message();
        program.command("WebDriver:NewSession", &json!({}));
        program.command("Marionette:SetContext", &json!({"value": "chrome"}));
        program.command("WebDriver:SetTimeouts", &json!({"script": 40_000}));
        let authority: String = fs::read_to_string(campus("CAMPUS_CA"))
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        program.run(include_str!("conversation.js"), &[]);
        program.run(
            "return account(...args)",
            &[json!(authority), json!(gateway.imaps), json!(gateway.submissions), json!(login), json!(password)],
        );
        program
    }

    /// Runs a script in the program; it may wait, and may return anything that JSON can say.
    #[track_caller]
    pub(super) fn run(&mut self, script: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const args = [...arguments]; const done = args.pop();\n(async () => {{ {script}\n}})().then(value => done({{value}}), error => done({{error: `${{error}} ${{error.stack}}`}}));"
        );
        let parameters = json!({"script": script, "args": arguments, "sandbox": "system", "newSandbox": false});
        let told = self.command("WebDriver:ExecuteAsyncScript", &parameters);
        assert!(told["value"]["error"].is_null(), "{}", told["value"]["error"]);
        told["value"]["value"].clone()
    }

    #[track_caller]
    fn command(&mut self, name: &str, parameters: &Value) -> Value {
        self.id += 1;
        let text = json!([0, self.id, name, parameters]).to_string();
        write!(self.reader.get_mut(), "{}:{text}", text.len()).unwrap();
        let answer = self.message();
        assert!(answer[2].is_null(), "{name}: {}", answer[2]);
        answer[3].clone()
    }

    /// `length ":" JSON`.
    fn message(&mut self) -> Value {
        let mut length = Vec::new();
        self.reader.read_until(b':', &mut length).unwrap();
        let length: usize = std::str::from_utf8(&length).unwrap().trim_end_matches(':').parse().unwrap();
        let mut text = vec![0; length];
        self.reader.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }
}

impl Drop for Thunderbird {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
