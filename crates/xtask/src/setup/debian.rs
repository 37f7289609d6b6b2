//! Debian's packages, which only root can install.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Result, bail};

use crate::command::{answer_of, command, run, show};

/// Packages that are not installed.
pub(super) struct Missing(Vec<String>);

impl Missing {
    /// Takes commands, each with the package that has it.
    pub(super) fn find(commands: &[(&str, &str)]) -> Self {
        let is_missing = |(command, _): &&(&str, &str)| !is_on_path(command);
        Self(commands.iter().filter(is_missing).map(|(_, package)| (*package).to_owned()).collect())
    }

    /// Takes packages that have no command of their own.
    pub(super) fn among(packages: &[&str]) -> Self {
        Self(packages.iter().filter(|package| !is_installed(package)).map(|package| (*package).to_owned()).collect())
    }

    pub(super) fn install(self) -> Result<()> {
        let Self(packages) = self;
        if packages.is_empty() {
            return Ok(());
        }
        let Some(apt_get) = apt_get() else { bail!(by_hand(&packages)) };
        println!("Installing Debian packages: {}.", packages.join(", "));
        let apt_get = |arguments: &str| {
            let mut command = command(&format!("{apt_get} {arguments}"));
            command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
            command
        };
        run(&mut apt_get("update -qq"))?;
        let mut install = apt_get("install -y -qq --no-install-recommends");
        install.args(&packages);
        println!("{}", show(&install));
        run(&mut install)
    }
}

/// What a person has to do who may become root.
fn by_hand(packages: &[String]) -> String {
    let line = |package: &String| format!("  sudo apt-get install --no-install-recommends {package}");
    format!(
        "missing, and cannot be installed from here (no apt-get, or no root): {}\nInstall each, then repeat:\n{}",
        packages.join(", "),
        packages.iter().map(line).collect::<Vec<_>>().join("\n")
    )
}

/// The words that run apt-get as root without a question, if there are any.
fn apt_get() -> Option<&'static str> {
    if !is_on_path("apt-get") {
        None
    } else if answer_of(&mut command("id -u")).is_some_and(|id| id.trim() == "0") {
        Some("apt-get")
    } else if answer_of(&mut command("sudo -n true")).is_some() {
        Some("sudo -n apt-get")
    } else {
        None
    }
}

fn is_installed(package: &str) -> bool {
    answer_of(command("dpkg-query -W -f ${Status}").arg(package)).is_some_and(|status| status.contains("ok installed"))
}

fn is_on_path(command: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers there, and only root's PATH names it.
    let sbin = PathBuf::from("/usr/sbin");
    std::env::split_paths(&path).chain([sbin]).any(|folder| folder.join(command).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_command_that_installs_it() {
        let missing = Missing::find(&[("cargo", "cargo"), ("no-such-command", "no-such-package")]);
        assert_eq!(missing.0, ["no-such-package"]);
        let text = by_hand(&missing.0);
        assert!(text.ends_with("\n  sudo apt-get install --no-install-recommends no-such-package"), "{text}");
    }
}
