//! `cargo xtask demo`: the campus, and the gateway in front of it with the settings of `demo-config/`.
//!
//! Everything is below `target/demo`. Both run in sessions of their own; Ctrl-C, or `--stop` later, ends them by pid.

use crate::args::Args;
use crate::campus::ports::{DEFAULT_BASE, Ports};
use crate::campus::{self, Daemons};
use crate::failure::{Doing, Failure, Result};
use crate::interrupt::Interrupt;
use crate::steps::Steps;
use crate::template::Values;
use crate::{files, process, tree, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const HTTPS: u16 = 8443;
/// The gateway's ports by the names that `env` and the templates use.
const PORTS: [(&str, u16); 11] = [
    ("PASSERELLE_HTTPS", HTTPS),
    ("PASSERELLE_HTTP", 8080),
    ("PASSERELLE_IMAP", 1143),
    ("PASSERELLE_IMAPS", 1993),
    ("PASSERELLE_POP3", 1110),
    ("PASSERELLE_POP3S", 1995),
    ("PASSERELLE_SUBMISSION", 1587),
    ("PASSERELLE_SUBMISSIONS", 1465),
    ("PASSERELLE_SIEVE", 14190),
    ("PASSERELLE_FTP", 1021),
    ("PASSERELLE_METRICS", 9464),
];
/// The name of the gateway's process among the daemons.
const GATEWAY: &str = "passerelle";
/// The mail domains of the universities whose first person has a desk to look at.
const DESKS: [&str; 2] = ["a.test", "b.test"];
/// How long the listeners may take.
const START: Duration = Duration::from_secs(30);

/// Starts, or with `--stop` ends, the demo.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let (detach, stop) = (args.flag("--detach"), args.flag("--stop"));
    args.end()?;
    let demo = Demo::at(workspace::root()?)?;
    if stop {
        return demo.stop();
    }
    let interrupt = Interrupt::watch()?;
    let started = demo.start(&interrupt);
    if detach && started.is_ok() && !interrupt.came() {
        println!("`cargo xtask demo --stop` ends it");
        return Ok(());
    }
    let waited = started.and_then(|gateway| {
        println!("Ctrl-C ends it");
        demo.wait(&gateway, &interrupt)
    });
    // A failed start leaves nothing running either.
    let stopped = demo.stop();
    waited.and(stopped)
}

/// Where things are.
struct Demo {
    root: PathBuf,
    dir: PathBuf,
}

impl Demo {
    fn at(root: PathBuf) -> Result<Self> {
        let dir = root.join("target/demo");
        files::make_folder(&dir)?;
        Ok(Self { root, dir })
    }

    fn campus(&self) -> PathBuf {
        self.dir.join("campus")
    }

    fn config(&self) -> PathBuf {
        self.dir.join("config")
    }

    /// Brings everything up and says where it answers.
    fn start(&self, interrupt: &Interrupt) -> Result<Daemons> {
        let mut steps = Steps::begin();
        let ports = Ports::new(DEFAULT_BASE)?;
        campus::up(&campus::Options { dir: self.campus(), ports, size: campus::Size::default() })?;
        steps.done("campus");
        let mut build = Command::new("cargo");
        build.args(["build", "--release", "--package", "passerelle-gateway"]);
        process::run(build.current_dir(&self.root))?;
        steps.done("release build");
        let mut gateway = Daemons::load(&self.dir)?;
        gateway.stop()?;
        let listeners = self.write_config()?;
        steps.done("settings");
        if interrupt.came() {
            return Ok(gateway);
        }
        self.start_gateway(&mut gateway, &listeners)?;
        steps.done("gateway");
        self.fill_desks()?;
        steps.done("desks");
        self.write_env(&gateway)?;
        self.print_addresses(&listeners);
        Ok(gateway)
    }

    /// Fills the templates; answers the listeners that they name.
    fn write_config(&self) -> Result<Vec<(&'static str, u16)>> {
        let mut values = campus::environment(&self.campus())?;
        values.set("DEMO_DIR", self.dir.display()).set("CONFIG_DIR", self.config().display());
        values.set("CA_DIR", self.campus().join("ca").display());
        for (name, port) in PORTS {
            values.set(name, port);
        }
        let used = tree::fill(&self.root.join("crates/xtask/demo-config"), &self.config(), &values)?;
        Ok(PORTS.into_iter().filter(|(name, _)| used.contains(*name)).collect())
    }

    fn start_gateway(&self, gateway: &mut Daemons, listeners: &[(&str, u16)]) -> Result<()> {
        let busy = listeners.iter().find(|(_, port)| process::listening(*port));
        if let Some((name, port)) = busy {
            return Err(Failure::new(format!("port {port} ({name}) is in use by something else")));
        }
        let Some((_, first)) = listeners.first() else {
            return Err(Failure::new("the settings in demo-config name none of the gateway's ports"));
        };
        let log = self.log();
        let mut serve = process::quiet("setsid");
        serve.arg(self.root.join("target/release/passerelle")).arg("serve").arg("--config").arg(self.config());
        gateway.start(GATEWAY, serve.current_dir(&self.dir), &log, *first)?;
        for (name, port) in listeners {
            if !process::wait_until(START, || process::listening(*port) || !gateway.all_run()) || !gateway.all_run() {
                let words = files::read_if_there(&log)?.unwrap_or_default();
                let what = format!("the gateway does not listen on port {port} ({name}); see {}", log.display());
                return Err(Failure::new(format!("{what}: {}", process::tail(&words))));
            }
        }
        Ok(())
    }

    /// Gives the first person of each university mail and files to look at.
    fn fill_desks(&self) -> Result<()> {
        for domain in DESKS {
            let mut fill = Command::new("python3");
            fill.arg(self.root.join("crates/xtask/demo-content/desk.py"));
            for name in ["PASSERELLE_HTTPS", "PASSERELLE_IMAPS"] {
                fill.args(PORTS.iter().filter(|(known, _)| *known == name).map(|(_, port)| port.to_string()));
            }
            fill.arg(self.campus().join("ca/ca.pem")).args([domain, "u00001", "u00005"]);
            process::run(&mut fill)?;
        }
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.dir.join("passerelle.log")
    }

    fn write_env(&self, gateway: &Daemons) -> Result<()> {
        let mut values = Values::default();
        for (name, port) in PORTS {
            values.set(name, port);
        }
        values.set("PASSERELLE_CA", self.campus().join("ca/ca.pem").display());
        values.set("PASSERELLE_CONFIG", self.config().display());
        for daemon in gateway.list().iter().filter(|daemon| daemon.name == GATEWAY) {
            values.set("PASSERELLE_PID", daemon.pid);
        }
        files::write(&self.dir.join("env"), values.to_shell(), files::PUBLIC)
    }

    fn print_addresses(&self, listeners: &[(&str, u16)]) {
        println!("\nThe gateway answers on 127.0.0.1:");
        for (name, port) in listeners {
            println!("  {:<12} {port}", name.trim_start_matches("PASSERELLE_").to_lowercase());
        }
        for (institution, domain) in campus::GATEWAYS {
            // Of the seven that share a host, u00001 is the first one's; u00002 is the second one's, and so on.
            let domain = if institution == "midi" { format!("m1.{domain}") } else { domain.to_owned() };
            println!(
                "  {institution:<12} https://{institution}.localhost:{HTTPS}/   log-in u00001@{domain}, password pw-u00001"
            );
        }
        println!("certificate authority {}", self.campus().join("ca/ca.pem").display());
        println!("log                   {}", self.log().display());
        println!("to source             {}", self.dir.join("env").display());
    }

    /// Until Ctrl-C, or until the gateway ends by itself, which is a failure.
    fn wait(&self, gateway: &Daemons, interrupt: &Interrupt) -> Result<()> {
        while !interrupt.came() {
            if !gateway.all_run() {
                let words = files::read_if_there(&self.log())?.unwrap_or_default();
                return Err(Failure::new(format!("the gateway has ended: {}", process::tail(&words))));
            }
            process::wait_until(Duration::from_secs(1), || interrupt.came() || !gateway.all_run());
        }
        println!();
        Ok(())
    }

    fn stop(&self) -> Result<()> {
        let mut gateway = Daemons::load(&self.dir)?;
        let ran = gateway.any_runs();
        gateway.stop()?;
        remove_env(&self.dir)?;
        if ran {
            println!("the gateway has ended");
        }
        campus::down(&self.campus())
    }
}

fn remove_env(dir: &Path) -> Result<()> {
    let env = dir.join("env");
    if env.exists() {
        fs::remove_file(&env).doing(|| format!("remove {}", env.display()))?;
    }
    Ok(())
}
