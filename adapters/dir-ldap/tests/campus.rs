//! Against real servers: the slapd of the campus that `PASSERELLE_TEST_CAMPUS` names, and small ones that a test starts
//! and stops. All names begin with `campus_`, so that a run without a campus can leave them out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "real/bulk.rs"]
mod bulk;
#[path = "real/campus.rs"]
mod campus;
#[path = "real/faults.rs"]
mod faults;
#[path = "real/groups.rs"]
mod groups;
#[path = "real/lists.rs"]
mod lists;
#[path = "real/provision.rs"]
mod provision;
#[path = "real/slapd.rs"]
mod slapd;
