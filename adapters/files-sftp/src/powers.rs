//! What a server can beyond version 3, as it says itself (OpenSSH's `PROTOCOL` file, §4).

use std::collections::HashMap;

/// How much is read or written at once where a server sets no limit that is lower: every server takes so much
/// (draft-ietf-secsh-filexfer-02 §3).
const EVERYWHERE: u32 = 32 * 1024;
/// And where it says that it takes more.
const MOST: u32 = 128 * 1024;

/// Extensions that are of use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Powers {
    pub(crate) posix_rename: bool,
    pub(crate) fsync: bool,
    pub(crate) statvfs: bool,
    pub(crate) copy_data: bool,
    pub(crate) limits: bool,
    /// How many octets are asked for at once.
    pub(crate) read: u32,
    /// How many octets are sent at once.
    pub(crate) write: u32,
}

impl Powers {
    /// What the server announced.
    pub(crate) fn of(extensions: &HashMap<String, String>) -> Self {
        let has = |name: &str, version: &str| extensions.get(name).is_some_and(|told| told == version);
        Self {
            posix_rename: has("posix-rename@openssh.com", "1"),
            fsync: has("fsync@openssh.com", "1"),
            statvfs: has("statvfs@openssh.com", "2"),
            copy_data: has("copy-data", "1"),
            limits: has("limits@openssh.com", "1"),
            read: EVERYWHERE,
            write: EVERYWHERE,
        }
    }

    /// Takes the limits that the server sets.
    pub(crate) fn limit(&mut self, read: Option<u64>, write: Option<u64>) {
        let within =
            |most: Option<u64>| most.and_then(|most| u32::try_from(most).ok()).map_or(MOST, |most| most.clamp(1, MOST));
        (self.read, self.write) = (within(read), within(write));
    }

    /// In words, for whoever examines the server.
    pub(crate) fn lacks(self) -> String {
        let all = [
            (self.posix_rename, "posix-rename: a file is replaced in two steps"),
            (self.fsync, "fsync: a write may be lost with the server's power"),
            (self.statvfs, "statvfs: room is not told"),
            (self.copy_data, "copy-data: copies pass through the gateway"),
        ];
        all.iter().filter(|(has, _)| !has).map(|(_, what)| *what).collect::<Vec<_>>().join("; ")
    }
}
