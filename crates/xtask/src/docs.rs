//! `cargo xtask docs`: the pages that the code writes of itself. A test of each fails when the page is stale; here the same
//! test writes it.

use crate::args::Args;
use crate::failure::Result;
use crate::{process, workspace};
use std::process::Command;

/// The package and the test that knows how to write its page.
const PAGES: &[(&str, &str)] = &[("passerelle-surface-xmlrpc", "the_file_is_what_the_code_says")];

/// Writes every page.
pub(crate) fn task(args: Args) -> Result<()> {
    args.end()?;
    let root = workspace::root()?;
    for (package, test) in PAGES {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--quiet", "--package", package, "--lib", test]).env("UPDATE", "1").current_dir(&root);
        process::run(&mut cargo)?;
    }
    Ok(())
}
