//! The bridge server. The library's documentation describes it.

use std::process::ExitCode;

use bridge_server::Options;
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match bridge_server::run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bridge-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
