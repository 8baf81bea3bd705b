//! Parts for tests: back-ends in memory, contract tests for ports, a small house to open.

pub mod collections_contract;
pub mod cut_wire;
pub mod directory_contract;
pub mod files_contract;
pub mod files_faults;
pub mod files_model;
pub mod files_owner;
pub mod filters_contract;
pub mod house;
pub mod mail_contract;
pub mod memory_collections;
pub mod memory_directory;
pub mod memory_external;
pub mod memory_filters;
pub mod memory_images;
pub mod memory_mail;
pub mod memory_sso;
pub mod memory_state;
pub mod memory_submission;
pub mod state_contract;
