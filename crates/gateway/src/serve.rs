//! `passerelle serve`: start, reload, drain.

use crate::{Failure, assemble, command::complain, operations, registry, tallying};
use passerelle_core::{Door, LeftBehind, ports::state::State, seal};
use passerelle_model::Timestamp;
use passerelle_net::{
    Certificates, Drainer, Listener, Network, Protocol,
    http::{HttpServer, HttpSurface},
    listen,
};
use passerelle_observe::{Format, Metrics, SettingsRefused, SettingsReloaded, SpaceLeftBehind, emit};
use passerelle_settings::{LogFormat, Settings};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::signal::unix::{SignalKind, signal};

/// How often the files are looked at for a change.
const LOOK_AT_FILES: Duration = Duration::from_secs(2);
/// How often what has expired in State is swept.
const SWEEP: Duration = Duration::from_secs(600);
/// Most threads that wait for file systems: several shares may hang at once, at most 80 threads each.
const MOST_BLOCKING: usize = 1024;
/// How often metrics are kept small.
const UPKEEP: Duration = Duration::from_secs(5);

/// The time.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp(i64::try_from(since).unwrap_or(i64::MAX))
}

/// Runs until SIGTERM or SIGINT, then drains.
pub(crate) fn serve(config: &Path) -> Result<ExitCode, Failure> {
    // Before a file is read: what changes while the gateway starts is a change.
    let before = of_folder(config);
    let settings = match Settings::load(config) {
        Ok(settings) => settings,
        Err(faults) => {
            complain(&faults);
            return Ok(ExitCode::from(2));
        }
    };
    passerelle_observe::log_to_stderr(match settings.log {
        LogFormat::Human => Format::Human,
        LogFormat::Json => Format::Json,
    })?;
    let metrics = Metrics::install()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().max_blocking_threads(MOST_BLOCKING).enable_all().build()?;
    runtime.block_on(run(config, settings, before, metrics))
}

/// What a reload touches.
struct InForce {
    config: PathBuf,
    door: Door,
    network: Network,
    certificates: Certificates,
    certificate_files: Mutex<Vec<PathBuf>>,
}

async fn run(config: &Path, settings: Settings, before: Vec<Stamp>, metrics: Metrics) -> Result<ExitCode, Failure> {
    let factory = assemble::state_factory(&settings)?;
    let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
    let door = Door::new(assemble::parts(&settings)?, Arc::clone(&state), now).await.map_err(|error| error.chain())?;
    let certificate_files = certificate_files(&settings);
    let seen = stamp(before, &certificate_files);
    let certificates = Certificates::load(&settings)?;
    let network = Network::new(&settings, certificates.clone());
    let drainer = Drainer::default();
    let start = u32::from_be_bytes(seal::random::<4>().map_err(|error| error.chain())?);
    open_listeners(&settings, &door, &network, &metrics, &drainer, start).await?;
    tracing::info!(institutions = settings.institutions.len(), "passerelle is ready");
    tell_left_behind(&door).await;
    tokio::spawn(tallying::run(door.clone(), metrics.clone()));
    tokio::spawn(housekeeping(Arc::clone(&state), door.clone(), metrics));
    let certificate_files = Mutex::new(certificate_files);
    let in_force = InForce { config: config.to_path_buf(), door, network, certificates, certificate_files };
    in_force.until_stopped(seen).await?;
    let deadline = Duration::from_secs(in_force.network.limits().drain_seconds);
    tracing::info!(seconds = deadline.as_secs(), "draining: what runs may finish, nothing new begins");
    if !drainer.drain(deadline).await {
        tracing::warn!("the drain's deadline has passed with connections open");
    }
    Ok(ExitCode::SUCCESS)
}

async fn open_listeners(
    settings: &Settings,
    door: &Door,
    network: &Network,
    metrics: &Metrics,
    drainer: &Drainer,
    start: u32,
) -> Result<(), Failure> {
    let surfaces: Vec<Arc<dyn HttpSurface>> = registry::HTTP.iter().map(|(_, make)| make(door.clone())).collect();
    let pages = HttpServer::new(surfaces, start);
    let operations = operations::surface(door.clone(), metrics.clone());
    let operations = HttpServer::new(vec![operations], start);
    let imap = (registry::IMAP)(door.clone(), network.clone());
    let pop3 = (registry::POP3)(door.clone(), network.clone());
    let smtp = (registry::SMTP)(door.clone(), network.clone());
    let lmtp = (registry::LMTP)(door.clone(), network.clone());
    let sieve = (registry::SIEVE)(door.clone(), network.clone());
    let ftp = (registry::FTP)(door.clone(), network.clone());
    let bind = async |address: Option<SocketAddr>, surface, protocol, implicit_tls, serve| match address {
        Some(address) => {
            let listener = Listener { surface, address, protocol, implicit_tls };
            listen(listener, network.clone(), drainer, serve)
                .await
                .map_err(|error| format!("{surface} {address}: {error}"))
        }
        None => Ok(()),
    };
    for (address, surface, implicit_tls) in
        [(settings.listen.http, "http", false), (settings.listen.https, "https", true)]
    {
        let pages = pages.clone();
        let serve = Arc::new(move |connection| Box::pin(pages.clone().serve(connection)) as _);
        bind(address, surface, Protocol::Http, implicit_tls, serve).await?;
    }
    for (address, surface, protocol, implicit_tls, served) in [
        (settings.listen.imap, "imap", Protocol::Imap, false, &imap),
        (settings.listen.imaps, "imaps", Protocol::Imap, true, &imap),
        (settings.listen.pop3, "pop3", Protocol::Pop3, false, &pop3),
        (settings.listen.pop3s, "pop3s", Protocol::Pop3, true, &pop3),
        (settings.listen.submission, "submission", Protocol::Smtp, false, &smtp),
        (settings.listen.submissions, "submissions", Protocol::Smtp, true, &smtp),
        (settings.listen.lmtp, "lmtp", Protocol::Smtp, false, &lmtp),
        (settings.listen.sieve, "sieve", Protocol::Sieve, false, &sieve),
        (settings.listen.ftp, "ftp", Protocol::Ftp, false, &ftp),
        (settings.listen.ftps, "ftps", Protocol::Ftp, true, &ftp),
    ] {
        let served = Arc::clone(served);
        bind(address, surface, protocol, implicit_tls, Arc::new(move |connection| served.serve(connection))).await?;
    }
    let serve = Arc::new(move |connection| Box::pin(operations.clone().serve(connection)) as _);
    bind(settings.listen.metrics, "metrics", Protocol::Http, false, serve).await?;
    Ok(())
}

async fn housekeeping(state: Arc<dyn State>, door: Door, metrics: Metrics) {
    let mut sweep = tokio::time::interval(SWEEP);
    let mut upkeep = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = sweep.tick() => {
                if let Err(error) = state.sweep(now()).await {
                    tracing::warn!(error = %error.chain(), "sweeping State failed and will be tried again");
                }
                match door.reseal().await {
                    Ok(0) => {}
                    Ok(renewed) => tracing::info!(renewed, "passwords of external accounts are under the newest key"),
                    Err(error) => tracing::warn!(error = %error.chain(), "resealing failed and will be tried again"),
                }
                if let Err(error) = door.end_subscriptions().await {
                    tracing::warn!(error = %error.chain(), "ending subscriptions failed and will be tried again");
                }
            }
            _ = upkeep.tick() => metrics.upkeep(),
        }
    }
}

impl InForce {
    /// Reloads on SIGHUP and on files that are not as they were seen, until told to stop.
    async fn until_stopped(&self, mut seen: Vec<Stamp>) -> Result<(), Failure> {
        let mut hangup = signal(SignalKind::hangup())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut look = tokio::time::interval(LOOK_AT_FILES);
        loop {
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
                _ = hangup.recv() => {
                    seen = self.stamp();
                    if !self.reload().await {
                        seen.clear();
                    }
                }
                _ = look.tick() => {
                    let stamp = self.stamp();
                    if stamp != seen {
                        seen = stamp;
                        if !self.reload().await {
                            seen.clear();
                        }
                    }
                }
            }
        }
    }

    /// When and how large the files are: those of the configuration, and the certificates wherever they lie.
    fn stamp(&self) -> Vec<Stamp> {
        let certificates = self.certificate_files.lock().unwrap_or_else(PoisonError::into_inner).clone();
        stamp(of_folder(&self.config), &certificates)
    }

    /// All of the new settings or none: a bad file keeps the old ones, and says why. Addresses to listen on and State stay
    /// until a restart. `false` when it is to be tried again though no file changes: State could not be read.
    async fn reload(&self) -> bool {
        let outcome = Settings::load(&self.config).and_then(|settings| {
            let parts = assemble::parts(&settings)?;
            Ok((settings, parts))
        });
        let (settings, parts) = match outcome {
            Ok(loaded) => loaded,
            Err(faults) => {
                emit(SettingsRefused { faults: &faults.to_string() });
                return true;
            }
        };
        if let Err(fault) = self.certificates.reload(&settings) {
            emit(SettingsRefused { faults: &fault.to_string() });
            return true;
        }
        *self.certificate_files.lock().unwrap_or_else(PoisonError::into_inner) = certificate_files(&settings);
        if let Err(error) = self.door.replace(parts).await {
            emit(SettingsRefused { faults: &error.chain() });
            return false;
        }
        self.network.reload(&settings);
        emit(SettingsReloaded);
        tell_left_behind(&self.door).await;
        true
    }
}

/// Says of which spaces State has grants and links that nobody sees: whoever makes one anew under the old name has to know.
async fn tell_left_behind(door: &Door) {
    match door.left_behind().await {
        Ok(spaces) => {
            for LeftBehind { space, grants, links } in spaces {
                let (institution, space) = (space.institution.as_str(), space.id.as_str());
                emit(SpaceLeftBehind { institution, space, grants, links });
            }
        }
        Err(error) => tracing::warn!(error = %error.chain(), "nothing is known of spaces that are not in the settings"),
    }
}

/// A file, when it was changed, and its size.
type Stamp = (PathBuf, Option<SystemTime>, u64);

/// The certificates and keys of the settings. Whoever renews them puts new files in their place, wherever that is.
fn certificate_files(settings: &Settings) -> Vec<PathBuf> {
    let institutions = settings.institutions.iter().filter_map(|institution| institution.tls.as_ref());
    let all = settings.tls.iter().chain(institutions);
    all.flat_map(|files| [files.certificate.clone(), files.key.clone()]).collect()
}

/// To notice a change: of a folder, and of what lies elsewhere.
fn stamp(mut stamps: Vec<Stamp>, elsewhere: &[PathBuf]) -> Vec<Stamp> {
    let meta =
        |path: &PathBuf| std::fs::metadata(path).ok().map(|meta| (path.clone(), meta.modified().ok(), meta.len()));
    stamps.extend(elsewhere.iter().filter_map(meta));
    stamps.sort();
    stamps
}

/// Names, times and sizes, two levels of folders deep.
fn of_folder(folder: &Path) -> Vec<Stamp> {
    let mut stamps = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() && depth < 2 {
                folders.push((entry.path(), depth + 1));
            } else if meta.is_file() {
                stamps.push((entry.path(), meta.modified().ok(), meta.len()));
            }
        }
    }
    stamps
}
