//! What libFuzzer writes while it runs.

/// What it prints at the end: `#2097152 DONE cov: 512 ft: 1200 corp: 80/2Kb …`.
#[derive(Debug, PartialEq)]
pub(super) struct Stats<'a> {
    pub(super) runs: &'a str,
    pub(super) coverage: &'a str,
    pub(super) corpus: &'a str,
}

impl<'a> Stats<'a> {
    pub(super) fn read(log: &'a str) -> Option<Self> {
        let words: Vec<&str> = log.lines().rfind(|line| line.contains("\tDONE "))?.split_whitespace().collect();
        let after = |name| words.iter().skip_while(|word| **word != name).nth(1).copied();
        Some(Self { runs: words.first()?.strip_prefix('#')?, coverage: after("cov:")?, corpus: after("corp:")? })
    }
}

/// Where it has written the input of a finding.
pub(super) fn artifact(log: &str) -> Option<&str> {
    log.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, path)| path)
}

/// The part of the log that says what went wrong.
pub(super) fn why(log: &str) -> &str {
    let at = ["panicked at", "ERROR: libFuzzer"].iter().filter_map(|words| log.find(words)).min().unwrap_or_default();
    let rest = log.get(at..).unwrap_or_default();
    rest.char_indices().nth(1500).map_or(rest, |(end, _)| rest.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_run_are_read() {
        let log =
            "#1\tINITED cov: 1\n#4096\tDONE   cov: 512 ft: 1200 corp: 80/2Kb lim: 64 exec/s: 1365 rss: 46Mb\nDone";
        assert_eq!(Stats::read(log), Some(Stats { runs: "4096", coverage: "512", corpus: "80/2Kb" }));
        assert_eq!(Stats::read("nothing of the kind"), None);
        assert!(why("INFO\nthread panicked at x:\nleft").starts_with("panicked at x"));
        assert_eq!(artifact("x\nartifact_prefix='a'; Test unit written to a/crash-1\n"), Some("a/crash-1"));
    }
}
