//! The gateway's binary between the campus's real servers and real clients. `cargo xtask test` brings the campus up and
//! names its folder in `PASSERELLE_TEST_CAMPUS`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test may panic"
)]

mod deliver;
mod demo_desk;
mod doctor;
mod guessing;
mod harness;

mod administration;
mod administration_console;
mod archive;
mod backup;
mod browser;
mod canary;
mod clients;
mod collections;
mod cut;
mod dav;
mod external_mail;
mod far_files;
mod ftp;
mod gateway_groups;
mod hostile;
mod imap;
mod jmap;
mod languages;
mod lemon;
mod links;
mod mail_clients;
mod mail_faults;
mod midi;
mod model;
mod mount;
mod nodes;
mod office;
mod office_api;
mod office_files;
mod own_store;
mod owner;
mod people;
mod pop3;
mod portal;
mod portals;
mod preview;
mod reload;
mod same_tree;
mod screened;
mod search;
mod servers;
mod settings;
mod shared_mail;
mod sharing;
mod sieve;
mod smb;
mod spaces;
mod sso;
mod storm;
mod submission;
mod thunderbird;
mod tokens;
mod transcripts;
mod uploads;
mod web;
mod xmlrpc;
mod xss;
