use std::fs;

/// What the figures were measured with.
pub(crate) fn description(browsers: &[String], load: &str, slowdown: f64, rounds: u32) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get);
    let mut list =
        format!("- {cores} cores ({}), which the browser and the server shared; {rounds} rounds\n", processor());
    list.push_str(&format!("- The load average was {load} before: what else ran took the processor, too.\n"));
    for browser in browsers {
        list.push_str(&format!("- {browser}\n"));
    }
    list.push_str(&format!(
        "- Slowed four times, the same loop took {slowdown:.1} times as long in an iframe of another site.\n"
    ));
    list
}

/// How many processes wanted the processor in the last minute (proc_loadavg(5)).
pub(crate) fn load() -> String {
    let account = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    account.split(' ').next().unwrap_or_default().to_owned()
}

/// As the kernel names it, where it does.
fn processor() -> String {
    let account = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = account.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}
