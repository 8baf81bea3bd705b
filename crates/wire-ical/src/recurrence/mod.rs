//! Recurrence (RFC 5545 §3.3.10, §3.8.5): rules, and the instances that a component and its overrides have.

mod dates;
mod days;
mod rule;
mod series;
mod span;
mod walk;

pub(crate) use dates::{Dates, Stopped};
pub use dates::{HORIZON_YEARS, MOST_STEPS};
pub use rule::{Frequency, Rule, Until};
pub(crate) use series::{Item, Series, duration};
pub use series::{MOST_DATES, Truncated};
pub use span::Ends;
pub use walk::{MOST_OCCURRENCES, Occurrence};
pub(crate) use walk::{Visit, Window};
