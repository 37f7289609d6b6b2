//! `cargo xtask build`: what a site owner hosts, in dist/.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::command::{root, run};
use crate::setup::Tools;
use crate::{bundle, doctor};

pub(crate) fn run_build(tools: &Tools) -> Result<()> {
    bundle::make_all(tools)?;
    let dist = root().join("dist");
    fs::create_dir_all(&dist)?;
    fs::copy(bundle::PROVIDER.script(), dist.join("cookie-provider.js"))?;
    fs::copy(bundle::chat_adapters(), dist.join("chat-adapters.js"))?;
    fs::copy(root().join("crates/cookie-provider/chat-adapters.d.ts"), dist.join("chat-adapters.d.ts"))?;
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
    keep_from_rocket_loader(&dist.join("iframe-site/iframe.html"))?;
    copy_chat_pages(tools, &dist.join("provider-demo/chats"))?;
    copy_return_page(&dist.join("return-page/.well-known"))?;
    fs::write(dist.join("iframe-site/doctor.html"), doctor::page(tools)?)?;
    // The doctor's.
    fs::copy(bundle::PROVIDER.script(), dist.join("iframe-site/cookie-provider.js"))?;
    copy_without_wasm(&dist)
}

/// Gives the script that Trunk has put into the page the attribute that keeps Cloudflare's Rocket Loader from changing it.
fn keep_from_rocket_loader(page: &Path) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let script = fs::read_to_string(bundle::IFRAME.script())?;
    let plain = format!("<script>{script}");
    ensure!(text.contains(&plain), "Trunk has changed the script of iframe.html");
    Ok(fs::write(page, text.replace(&plain, &format!("<script data-cfasync=\"false\">{script}")))?)
}

/// The same without WebAssembly: only the scripts differ.
fn copy_without_wasm(dist: &Path) -> Result<()> {
    let to = dist.join("no-wasm");
    fs::create_dir_all(to.join("iframe-site"))?;
    for copy in ["cookie-provider.js", "iframe-site/cookie-provider.js"] {
        fs::copy(bundle::PROVIDER_WITHOUT_WASM.script(), to.join(copy))?;
    }
    fs::copy(dist.join("iframe-site/doctor.html"), to.join("iframe-site/doctor.html"))?;
    let page = fs::read_to_string(dist.join("iframe-site/iframe.html"))?;
    let [script, other] = [bundle::IFRAME.script(), bundle::IFRAME_WITHOUT_WASM.script()].map(fs::read_to_string);
    let (before, after) = page.split_once(script?.as_str()).context("Trunk has changed the script of iframe.html")?;
    fs::write(to.join("iframe-site/iframe.html"), [before, &other?, after].concat())?;
    Ok(())
}

/// The demo's pages for one chat system each, with the vendors' own scripts. The demo's server has stand-ins for the others.
fn copy_chat_pages(tools: &Tools, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(root().join("provider-demo/chats"))? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    for script in ["amazon-connect-chatjs/dist/amazon-connect-chat.js", "botframework-directlinejs/dist/directline.js"]
    {
        let from = tools.npm_file(script);
        fs::copy(&from, to.join(from.file_name().context("a file")?))?;
    }
    Ok(())
}

/// The page through which links hand sessions over, with its script. Host pages expect it at this path of their own origins (RFC 8615).
fn copy_return_page(to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::copy(root().join("crates/cookie-provider/return-page/cookie-bridge.html"), to.join("cookie-bridge.html"))?;
    fs::copy(bundle::return_page(), to.join("cookie-bridge.js"))?;
    Ok(())
}

pub(crate) fn run_command() -> Result<()> {
    run_build(&Tools::ensure()?)?;
    println!("dist/cookie-provider.js  the script for host pages");
    println!("dist/iframe-site/        the folder to host; edit TRUSTED_DOMAINS in its iframe.html");
    println!("dist/return-page/        what each of your domains hosts at its root, if links hand sessions over");
    println!("dist/no-wasm/            script and bridge for pages and sites that cannot allow WebAssembly");
    Ok(())
}
