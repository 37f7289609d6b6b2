//! `cargo xtask demo`: the two shops and the bridge, on three sites, from one process.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::build;
use crate::command::{command, root};
use crate::setup::Tools;

#[derive(Args)]
pub(crate) struct Options {
    /// The port of all three sites; a free one if it is not given
    #[arg(long)]
    port: Option<u16>,
    /// Serve over https with a certificate of its own, which Safari needs (accept it on each of the three sites first)
    #[arg(long)]
    https: bool,
}

pub(crate) fn run_demo(options: &Options) -> Result<()> {
    build::run_build(&Tools::ensure()?)?;
    let mut server = command("cargo run --quiet --package demo-server --");
    if let Some(port) = options.port {
        server.arg("--port").arg(port.to_string());
    }
    if options.https {
        server.arg("--https");
    }
    replace_this_process(server.current_dir(root()))
}

/// On Unix, `cargo run` became this process, which becomes `cargo run` again and then the server. There is never a second process, so
/// whatever stops this one stops the demo. Returns only if cargo cannot be started.
#[cfg(unix)]
fn replace_this_process(command: &mut Command) -> Result<()> {
    use anyhow::Context;
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(error).with_context(|| format!("cannot start: {}", crate::command::show(command)))
}

/// Other systems cannot replace a process.
#[cfg(not(unix))]
fn replace_this_process(command: &mut Command) -> Result<()> {
    crate::command::run(command)
}
