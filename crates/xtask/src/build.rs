//! `cargo xtask build`: what a site owner hosts, in dist/.

use std::fs;

use anyhow::Result;

use crate::setup::Tools;
use crate::{bundle, root, run};

pub(crate) fn run_build(tools: &Tools) -> Result<()> {
    bundle::make_all(tools)?;
    let dist = root().join("dist");
    fs::create_dir_all(&dist)?;
    fs::copy(bundle::PROVIDER.script(), dist.join("cookie-provider.js"))?;
    fs::copy(root().join("crates/cookie-provider/cookie-provider.d.ts"), dist.join("cookie-provider.d.ts"))?;
    for (folder, page) in
        [("iframe-site", "iframe.html"), ("provider-demo", "shop.html"), ("provider-demo", "help.html")]
    {
        let output = match page {
            "iframe.html" => dist.join("iframe-site"),
            _ => dist.join("provider-demo").join(page.trim_end_matches(".html")),
        };
        let mut trunk = tools.trunk();
        // NO_COLOR is `1` in some environments; Trunk takes only `true` and `false`.
        trunk.arg("build").arg("--release").arg("--offline").arg("--dist").arg(output).env_remove("NO_COLOR");
        trunk.arg("--config").arg(root().join(folder).join("Trunk.toml")).arg(root().join(folder).join(page));
        run(&mut trunk)?;
    }
    // The doctor's.
    fs::copy(bundle::PROVIDER.script(), dist.join("iframe-site/cookie-provider.js"))?;
    Ok(())
}

pub(crate) fn run_command() -> Result<()> {
    run_build(&Tools::ensure()?)?;
    println!("dist/cookie-provider.js  the script for host pages");
    println!("dist/iframe-site/        the folder to host; edit TRUSTED_DOMAINS in its iframe.html");
    Ok(())
}
