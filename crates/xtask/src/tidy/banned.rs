//! Crates that must not be in the program: a second TLS library, or one that the system would have to bring.
//!
//! `deny.toml` says the same to cargo-deny, with the licences; this check needs nothing but cargo.

use super::Findings;
use crate::failure::Result;
use crate::process;
use std::path::Path;
use std::process::Command;

/// The crate and why not.
const BANNED: [(&str, &str); 4] = [
    ("ring", "TLS and sealing are aws-lc-rs; with two providers rustls panics at the first connection"),
    ("openssl", "TLS is rustls"),
    ("openssl-sys", "TLS is rustls"),
    ("native-tls", "TLS is rustls"),
];

/// Looks at all that is built into the program or runs while it is built; tests may use what they like.
pub(super) fn check(root: &Path, findings: &mut Findings) -> Result<()> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--workspace", "--edges=normal,build", "--prefix=none", "--format={p}"]).current_dir(root);
    judge(&process::output(&mut tree)?, findings);
    Ok(())
}

/// One line for each crate: `name vVERSION ...`.
fn judge(tree: &str, findings: &mut Findings) {
    for (name, why) in BANNED {
        if tree.lines().any(|line| line.split_whitespace().next() == Some(name)) {
            findings
                .fail("Cargo.lock", format!("{name} is built in ({why}); `cargo tree -i {name}` says who wants it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_banned_crates_are_found() {
        let mut findings = Findings::default();
        judge("passerelle-core v0.1.0 (/x)\nstring v1.0.0\nopenssl-probe v0.1.6\n", &mut findings);
        assert_eq!(findings, Findings::default());
        judge("rustls v0.23.0\nring v0.17.0 (*)\n", &mut findings);
        assert_eq!(findings.failures.len(), 1);
    }
}
