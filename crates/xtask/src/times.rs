//! How long the scenarios took. For each test the harness writes a file with a line for each configuration of a browser:
//! `<milliseconds>\t<name of the test>\t<configuration>`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// The time of each test, in all configurations together.
#[derive(Default)]
pub(crate) struct Times(BTreeMap<String, Total>);

#[derive(Default)]
struct Total {
    time: Duration,
    configurations: usize,
}

impl Times {
    /// Reads all files of a folder. Without the folder there are no times.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut times = Self::default();
        if folder.exists() {
            for file in fs::read_dir(folder)? {
                let path = file?.path();
                let text = fs::read_to_string(&path)?;
                times.add(&text).with_context(|| format!("unknown form: {}", path.display()))?;
            }
        }
        Ok(times)
    }

    fn add(&mut self, lines: &str) -> Option<()> {
        for line in lines.lines() {
            let mut fields = line.split('\t');
            let (milliseconds, name, _configuration) = (fields.next()?, fields.next()?, fields.next()?);
            let total = self.0.entry(name.to_owned()).or_default();
            total.time += Duration::from_millis(milliseconds.parse().ok()?);
            total.configurations += 1;
        }
        Some(())
    }

    /// The slowest tests, the slowest first, for people to read.
    pub(crate) fn slowest(&self, count: usize) -> String {
        let mut tests: Vec<(&String, &Total)> = self.0.iter().collect();
        tests.sort_by_key(|(_, total)| std::cmp::Reverse(total.time));
        let all: Duration = tests.iter().map(|(_, total)| total.time).sum();
        tests.truncate(count);
        let mut text = format!(
            "== the {} slowest of {} scenarios, which took {:.1} s together\n",
            tests.len(),
            self.0.len(),
            all.as_secs_f64()
        );
        for (name, Total { time, configurations }) in tests {
            text.push_str(&format!("{:>7.1} s  {name} ({configurations} ×)\n", time.as_secs_f64()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_scenarios_come_first_with_all_their_configurations() {
        let mut times = Times::default();
        times.add("1500\tpopup::opens\tchromium-allow\n2000\tpopup::opens\tfirefox-allow\n").unwrap();
        times.add("4000\tload::loads\tchromium-allow\n").unwrap();
        times.add("10\tsave::saves\twebkit-allow\n").unwrap();
        assert_eq!(
            times.slowest(2),
            "== the 2 slowest of 3 scenarios, which took 7.5 s together\n    4.0 s  load::loads (1 ×)\n    3.5 s  popup::opens (2 ×)\n"
        );
    }

    #[test]
    fn a_line_of_another_form_is_not_ignored() {
        assert_eq!(Times::default().add("soon\tpopup::opens\tchromium-allow"), None);
        assert_eq!(Times::default().add("1500"), None);
    }
}
