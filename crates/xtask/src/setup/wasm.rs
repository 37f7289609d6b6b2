//! The compiler for wasm.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::debian::Missing;
use crate::command::{answer_of, command, root};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
const MODULE_FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Cllvm-args=--inline-threshold=100";

/// The packages of Debian 12 that build wasm where rustup cannot download the target. Their Rust has no standard library for wasm, so
/// cargo builds it from source.
const DEBIAN_WASM: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-22"];
const DEBIAN_WASM_LINKER: &str = "wasm-ld-22";

/// Chooses between the two toolchains, for tests of this set-up: `rustup` or `debian`.
const WASM_CHOICE: &str = "COOKIE_BRIDGE_WASM";

/// Where the compiler for wasm comes from.
///
/// With either toolchain, cargo builds the standard library from source, without the messages of panics: with the prebuilt one the
/// modules are half as large again. That is not stable yet, hence `RUSTC_BOOTSTRAP`, which is set for wasm only.
pub(crate) enum WasmToolchain {
    /// rustup.
    Rustup,
    /// Debian's packages.
    Debian,
}

impl WasmToolchain {
    pub(super) fn ensure() -> Result<Self> {
        let choice = std::env::var(WASM_CHOICE).unwrap_or_default();
        if choice != "debian" && ensure_with_rustup() {
            return Ok(Self::Rustup);
        }
        if choice == "rustup" {
            bail!("{WASM_CHOICE} is rustup, but rustup could not install {WASM_TARGET} and rust-src");
        }
        println!("The wasm target comes from Debian's packages.");
        Missing::among(&DEBIAN_WASM).install()?;
        Ok(Self::Debian)
    }

    /// A cargo command for the wasm target.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = match self {
            Self::Rustup => Command::new("cargo"),
            Self::Debian => {
                let mut cargo = Command::new("/usr/bin/cargo");
                // Cargo finds rustc, rustdoc and clippy on the PATH, and another toolchain's cannot read what this one compiles.
                // xtask itself runs under cargo, whose variables name the other toolchain.
                let path = std::env::var("PATH").unwrap_or_default();
                cargo
                    .env("PATH", format!("/usr/bin:{path}"))
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTDOC", "/usr/bin/rustdoc")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_WASM_LINKER)
                    .env_remove("CARGO")
                    .env_remove("RUSTUP_TOOLCHAIN");
                cargo
            }
        };
        cargo
            .args([subcommand, "--target", WASM_TARGET])
            .env("CARGO_TARGET_DIR", self.target_folder())
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
            .env(RUSTFLAGS, MODULE_FLAGS);
        cargo
    }

    /// A cargo command for the modules that wasm2js turns into JavaScript: they use only WebAssembly 1.0, and their memory has a fixed size.
    pub(crate) fn cargo_without_wasm(&self, subcommand: &str) -> Command {
        let mut cargo = self.cargo(subcommand);
        let size = "-Clink-arg=--initial-memory=4194304 -Clink-arg=--max-memory=4194304";
        let flags = [MODULE_FLAGS, "-Ctarget-cpu=mvp --cfg fixed_memory", size].join(" ");
        cargo.env("CARGO_TARGET_DIR", self.target_folder_without_wasm()).env(RUSTFLAGS, flags);
        cargo
    }

    /// A folder of its own, because other flags make everything stale.
    pub(crate) fn target_folder_without_wasm(&self) -> PathBuf {
        self.target_folder().join("no-wasm")
    }

    /// A folder of its own, because to one toolchain everything of the other is stale.
    pub(crate) fn target_folder(&self) -> PathBuf {
        root().join(match self {
            Self::Rustup => "target/rustup",
            Self::Debian => "target/debian",
        })
    }
}

fn ensure_with_rustup() -> bool {
    if !has_wasm_sources() {
        println!("Installing the Rust target {WASM_TARGET} and the component rust-src with rustup.");
        let _ = command("rustup target add").arg(WASM_TARGET).status();
        let _ = command("rustup component add rust-src").status();
    }
    has_wasm_sources()
}

fn has_wasm_sources() -> bool {
    let has = |rustc: &mut Command, file: &str| {
        answer_of(rustc).is_some_and(|folder| Path::new(folder.trim()).join(file).exists())
    };
    has(command("rustc --print target-libdir --target").arg(WASM_TARGET), "")
        && has(&mut command("rustc --print sysroot"), "lib/rustlib/src/rust/library/std/Cargo.toml")
}
