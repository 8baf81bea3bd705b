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

/// How often something happened at an institution since the process began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The institution's identifier.
    pub institution: String,
    /// The name of the metric and its other labels by name, `passerelle_logins_total result=accepted surface=imap`.
    pub what: String,
    /// How often.
    pub count: u64,
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

    /// The counters that have a label `institution`.
    pub fn counts(&self) -> Vec<Count> {
        counts(&self.render())
    }

    /// Drops what is kept for histograms longer than needed; to be called every few seconds.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// Reads `name{a="x",b="y"} 7` (the Prometheus text format). Other lines are no counters of an institution.
fn counts(text: &str) -> Vec<Count> {
    let line = |line: &str| {
        let (name, rest) = line.split_once('{').filter(|(name, _)| name.ends_with("_total"))?;
        let (labels, value) = rest.rsplit_once("} ")?;
        let mut labels = self::labels(labels)?;
        let at = labels.iter().position(|(name, value)| name == "institution" && !value.is_empty())?;
        let (_, institution) = labels.remove(at);
        labels.sort();
        let what = labels.iter().fold(name.to_owned(), |what, (name, value)| format!("{what} {name}={value}"));
        Some(Count { institution, what, count: value.parse().ok()? })
    };
    text.lines().filter_map(line).collect()
}

/// Labels with their values, in which `\\`, `\"` and `\n` stand for what they are.
fn labels(mut text: &str) -> Option<Vec<(String, String)>> {
    let mut all = Vec::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"")?;
        let (mut value, mut characters) = (String::new(), rest.char_indices());
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => match characters.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (_, other) => value.push(other),
            }
        };
        all.push((name.to_owned(), value));
        text = rest.get(end + 1..)?;
        text = text.strip_prefix(',').unwrap_or(text);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_institutions_are_read() {
        let text = "# TYPE passerelle_logins_total counter\n\
                    passerelle_logins_total{surface=\"imap\",institution=\"garonne\",result=\"accepted\"} 12\n\
                    passerelle_logins_total{institution=\"\",surface=\"imap\",result=\"credentials\"} 3\n\
                    passerelle_back_ends_examined_total{institution=\"garonne\",back_end=\"a} \\\"b\\\", c=1\",result=\"works\"} 2\n\
                    passerelle_http_seconds_bucket{institution=\"garonne\",le=\"1\"} 9\n\
                    passerelle_faults_total{surface=\"dav\"} 1\nnonsense{ 1\n";
        let count = |what: &str, count| Count { institution: "garonne".to_owned(), what: what.to_owned(), count };
        let expected = [
            count("passerelle_logins_total result=accepted surface=imap", 12),
            count("passerelle_back_ends_examined_total back_end=a} \"b\", c=1 result=works", 2),
        ];
        assert_eq!(counts(text), expected);
    }
}
