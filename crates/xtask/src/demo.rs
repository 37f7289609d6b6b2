//! `cargo xtask demo`: the two shops and the bridge, on three sites, from one process.

use anyhow::Result;
use clap::Args;

use crate::build;
use crate::command::{command, run};
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
    run(&mut server)
}
