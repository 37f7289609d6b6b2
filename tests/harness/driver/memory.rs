use std::collections::HashMap;

use anyhow::Result;
use procfs::process::{Process, all_processes};

/// The memory of a process and all its descendants in bytes. What they share counts once (PSS, `proc(5)`).
pub(super) fn of_family(root: i32) -> Result<u64> {
    // A process may end at any time, and then has neither a parent nor memory.
    let mut children: HashMap<i32, Vec<Process>> = HashMap::new();
    for process in all_processes()?.filter_map(Result::ok) {
        if let Ok(stat) = process.stat() {
            children.entry(stat.ppid).or_default().push(process);
        }
    }
    let mut family = vec![Process::new(root)?];
    let mut total = 0;
    while let Some(member) = family.pop() {
        total += pss(&member).unwrap_or(0);
        family.extend(children.remove(&member.pid).unwrap_or_default());
    }
    Ok(total)
}

fn pss(process: &Process) -> Option<u64> {
    let rollup = process.smaps_rollup().ok()?;
    rollup.memory_map_rollup.into_iter().find_map(|map| map.extension.map.get("Pss").copied())
}
