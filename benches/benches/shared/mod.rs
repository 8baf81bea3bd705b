//! What every benchmark needs: short settings, and a runtime of one thread, so that figures are those of one core.

use criterion::Criterion;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Two seconds a benchmark: enough for three digits, and the whole suite stays a matter of minutes.
pub(crate) fn settings() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500))
        .sample_size(20)
        .without_plots()
        .configure_from_args()
}

#[allow(dead_code, reason = "not every benchmark waits for something")]
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
