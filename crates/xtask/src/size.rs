//! `cargo xtask size`: the bytes of what is shipped.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::command::root;

/// What a visitor's browser downloads, and the most bytes that it may have after brotli.
const SHIPPED: [(&str, usize); 5] = [
    ("cookie-provider.js", 35 * 1024),
    ("iframe-site/iframe.html", 21 * 1024 + 512),
    ("return-page/.well-known/cookie-bridge.js", 2432),
    ("no-wasm/cookie-provider.js", 49 * 1024 + 512),
    ("no-wasm/iframe-site/iframe.html", 31 * 1024),
];

pub(crate) fn run() -> Result<()> {
    println!("{:<40} {:>8} {:>8} {:>8} {:>8}", "bytes", "raw", "gzip", "brotli", "limit");
    for (file, limit) in SHIPPED {
        let bytes = std::fs::read(root().join("dist").join(file))
            .with_context(|| format!("dist/{file} is not there; run `cargo xtask build`"))?;
        // A server or a page that declares another encoding changes nothing then, not even a script's hash.
        ensure!(bytes.is_ascii(), "dist/{file} has characters outside ASCII");
        let brotli = brotli(&bytes)?;
        println!("{file:<40} {:>8} {:>8} {brotli:>8} {limit:>8}", bytes.len(), gzip(&bytes)?);
        ensure!(brotli <= limit, "dist/{file} has {brotli} bytes after brotli, more than its limit of {limit}");
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut compressed = Vec::new();
    brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22).write_all(bytes)?;
    Ok(compressed.len())
}
