//! Where the log and the metrics go.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::fmt;
use tracing_subscriber::{EnvFilter, fmt::time::UtcTime, util::SubscriberInitExt};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Human,
    /// One JSON object a line.
    Json,
}

/// The log or the metrics had been set up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadySet;

impl fmt::Display for AlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the log is set up once in a process")
    }
}
impl std::error::Error for AlreadySet {}

/// Sends the log to standard error. `PASSERELLE_LOG` chooses what is said (`info`, `passerelle=debug`), as
/// `tracing_subscriber::EnvFilter` reads it; `info` without.
///
/// # Errors
/// [`AlreadySet`] the second time.
pub fn log_to_stderr(format: Format) -> Result<(), AlreadySet> {
    let filter = EnvFilter::try_from_env("PASSERELLE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Whatever is asked for, these say nothing below: the one tells each request of the kernel at DEBUG, with the names of
    // people's files, the other each command to a server at TRACE, with their passwords.
    let quiet = ["fuser=warn", "suppaftp=warn"];
    let filter = quiet.iter().filter_map(|it| it.parse().ok()).fold(filter, EnvFilter::add_directive);
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_timer(UtcTime::rfc_3339());
    match format {
        Format::Human => lines.with_ansi(false).finish().try_init(),
        Format::Json => lines.json().flatten_event(true).finish().try_init(),
    }
    .map_err(|_| AlreadySet)
}

/// The metrics, to be shown in the Prometheus text format.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Begins to count.
    ///
    /// # Errors
    /// [`AlreadySet`] the second time.
    pub fn install() -> Result<Self, AlreadySet> {
        PrometheusBuilder::new().install_recorder().map(Self).map_err(|_| AlreadySet)
    }

    /// The text of `/metrics`.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Drops what is kept for histograms longer than needed; to be called every few seconds.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}
