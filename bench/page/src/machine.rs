use std::fs;

/// What the figures were measured with.
pub(crate) fn description(browsers: &[String], slowdown: f64, rounds: u32) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get);
    let mut list =
        format!("- {cores} cores ({}), which the browser and the server shared; {rounds} rounds\n", processor());
    for browser in browsers {
        list.push_str(&format!("- {browser}\n"));
    }
    list.push_str(&format!(
        "- Slowed four times, the same loop took {slowdown:.1} times as long in an iframe of another site.\n"
    ));
    list
}

/// As the kernel names it, where it does.
fn processor() -> String {
    let account = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = account.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}
