//! Runs commands in the repository's folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).map_or_else(PathBuf::new, Path::to_owned)
}

/// A command from one line: words between spaces, without quotes.
pub(crate) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// Runs a command in the repository's folder. Fails if the command fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    run_in(&root(), command)
}

/// As `run`, in another folder.
pub(crate) fn run_in(folder: &Path, command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.current_dir(folder).status().with_context(|| format!("cannot start: {shown}"))?;
    if !status.success() {
        bail!("failed ({status}): {shown}");
    }
    Ok(())
}

/// What a command prints. Fails, with what it printed as errors, if the command fails.
pub(crate) fn output_of(command: &mut Command) -> Result<Vec<u8>> {
    let shown = show(command);
    let output = command.current_dir(root()).output().with_context(|| format!("cannot start: {shown}"))?;
    if !output.status.success() {
        bail!("failed ({}): {shown}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// What a command prints, or nothing if it fails or does not exist.
pub(crate) fn answer_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_was_written() {
        assert_eq!(show(&command("cargo  fmt --all --check")), "cargo fmt --all --check");
    }

    #[test]
    fn a_failure_says_which_command_failed() {
        let error = run(&mut command("false")).unwrap_err().to_string();
        assert!(error.ends_with(": false"), "{error}");
        let error = run(&mut command("no-such-command")).unwrap_err().to_string();
        assert_eq!(error, "cannot start: no-such-command");
        assert_eq!(answer_of(&mut command("no-such-command")), None);
    }
}
