//! What a server's processes use: CPU time and proportional set size, all of them added up.

use std::collections::BTreeSet;
use std::fs;

/// Ticks of `utime` and `stime` in a second (`getconf CLK_TCK` on every Linux).
const TICKS: f64 = 100.0;

/// CPU seconds that a process tree has used, ended children that were waited for included.
pub(crate) fn cpu_seconds(root: u32) -> f64 {
    let ticks: u64 = tree(root).into_iter().map(ticks).sum();
    f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / TICKS
}

/// Proportional set size of a process tree, in KiB.
pub(crate) fn pss_kib(root: u32) -> u64 {
    tree(root).into_iter().map(pss).sum()
}

fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // proc(5): the name is in parentheses and may contain anything; utime, stime, cutime, cstime are fields 14 to 17.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn pss(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// A process and all below it.
fn tree(root: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        if found.insert(pid) {
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
            for task in tasks {
                let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
                open.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            }
        }
    }
    found
}
