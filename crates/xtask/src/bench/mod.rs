//! `cargo xtask bench`: what is measured next to what others do.

mod load;

use anyhow::Result;

pub(crate) use load::Options;

pub(crate) fn run_bench(options: &Options) -> Result<()> {
    load::run_bench(options)
}
