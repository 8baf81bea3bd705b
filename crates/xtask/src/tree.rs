//! Copies a folder of templates, filled; knows two kinds of file that are more than text.
//!
//! - `NAME.random32` becomes `NAME` with 32 random bytes, `NAME.random32hex` the same in hexadecimal; one
//!   that is there already stays, so that what it sealed can be opened after a restart.
//! - `FOLDERS` is not copied: each of its lines is a folder to make.

use crate::failure::{Doing, Result};
use crate::files;
use crate::template::Values;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

const KEY_BYTES: usize = 32;
const FOLDERS: &str = "FOLDERS";

/// Makes `to` what the templates in `from` say, and removes files that no template gives. Answers the names
/// that the templates used.
pub(crate) fn fill(from: &Path, to: &Path, values: &Values) -> Result<BTreeSet<String>> {
    let mut job = Job { values, used: BTreeSet::new(), made: BTreeSet::new() };
    job.folder(from, to)?;
    job.sweep(to)?;
    Ok(job.used)
}

struct Job<'a> {
    values: &'a Values,
    used: BTreeSet<String>,
    made: BTreeSet<PathBuf>,
}

impl Job<'_> {
    fn folder(&mut self, from: &Path, to: &Path) -> Result<()> {
        files::make_folder(to)?;
        for (path, is_folder) in files::entries(from)? {
            let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
            if is_folder {
                self.folder(&path, &to.join(&name))?;
            } else {
                self.file(&path, &name, to)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: &str, to: &Path) -> Result<()> {
        let bytes = fs::read(path).doing(|| format!("read {}", path.display()))?;
        if let Some(key) = name.strip_suffix(".random32") {
            return self.key(&to.join(key), <[u8]>::to_vec);
        }
        if let Some(key) = name.strip_suffix(".random32hex") {
            return self.key(&to.join(key), |bytes| {
                bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()
            });
        }
        // What is not text (a logo) goes through as it is.
        let Ok(text) = String::from_utf8(bytes.clone()) else {
            return self.write(&to.join(name), bytes);
        };
        let names = self.values.iter().map(|(name, _)| name).filter(|name| text.contains(&format!("@{name}@")));
        self.used.extend(names.map(str::to_owned));
        let filled = self.values.fill(&path.to_string_lossy(), &text)?;
        if name == FOLDERS {
            return filled
                .lines()
                .filter(|line| !line.is_empty())
                .try_for_each(|line| files::make_folder(&to.join(line)));
        }
        self.write(&to.join(name), filled.into_bytes())
    }

    fn write(&mut self, path: &Path, content: Vec<u8>) -> Result<()> {
        // Settings name passwords of service accounts.
        files::write(path, content, files::SECRET)?;
        self.made.insert(path.to_path_buf());
        Ok(())
    }

    fn key(&mut self, path: &Path, encode: impl Fn(&[u8]) -> Vec<u8>) -> Result<()> {
        if path.exists() {
            self.made.insert(path.to_path_buf());
            return Ok(());
        }
        let mut bytes = [0; KEY_BYTES];
        let random = Path::new("/dev/urandom");
        File::open(random)
            .and_then(|mut source| source.read_exact(&mut bytes))
            .doing(|| "read random bytes".to_owned())?;
        self.write(path, encode(&bytes))
    }

    /// Settings of an earlier version would be read as well.
    fn sweep(&self, to: &Path) -> Result<()> {
        for (path, is_folder) in files::entries(to)? {
            if is_folder {
                self.sweep(&path)?;
            } else if !self.made.contains(&path) {
                files::remove(&path)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn fills_keeps_keys_makes_folders_and_sweeps() {
        let base = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        let (from, to) = (base.join("from"), base.join("to"));
        fs::create_dir_all(from.join("sub")).unwrap();
        fs::write(from.join("a.toml"), "port = @PORT@\n").unwrap();
        fs::write(from.join("sub/logo"), [0xff, b'@', b'P', b'O', b'R', b'T', b'@']).unwrap();
        fs::write(from.join("seal.key.random32"), "").unwrap();
        fs::write(from.join("hex.key.random32hex"), "").unwrap();
        fs::write(from.join(FOLDERS), "@PLACE@/files\n").unwrap();
        let mut values = Values::default();
        values.set("PORT", 7).set("PLACE", base.display()).set("OTHER", 1);

        let used = fill(&from, &to, &values).unwrap();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), ["PLACE", "PORT"]);
        assert_eq!(fs::read_to_string(to.join("a.toml")).unwrap(), "port = 7\n");
        assert_eq!(fs::read(to.join("sub/logo")).unwrap().len(), 7);
        assert_eq!(fs::read(to.join("hex.key")).unwrap().len(), 2 * KEY_BYTES);
        assert!(base.join("files").is_dir());
        let key = fs::read(to.join("seal.key")).unwrap();
        assert_eq!(key.len(), KEY_BYTES);

        fs::remove_file(from.join("a.toml")).unwrap();
        fill(&from, &to, &values).unwrap();
        assert!(!to.join("a.toml").exists());
        assert_eq!(fs::read(to.join("seal.key")).unwrap(), key);
        fs::remove_dir_all(&base).unwrap();
    }
}
