//! Finds the tools that are needed, and installs those that are missing: into `.tools/` of this repository where it can, with
//! the system's packages where it must. What it cannot install it names, with the command, and stops.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::{root, run, show};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
const MODULE_FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Cllvm-args=--inline-threshold=100";

/// Builds with rustc 1.95; later versions need a newer one.
const TRUNK: &str = "0.21.14";

/// Builds and runs the fuzz targets.
const CARGO_FUZZ: &str = "0.13.2";

/// Firefox's driver, which Debian has no package of.
const GECKODRIVER: &str = "0.37.1";

/// wasm-opt with wasm2js, the bundler, the minifier, the type checker, and the chat systems of the demo and the tests, as the npm registry serves
/// them.
const NPM_PACKAGES: [(&str, &str); 6] = [
    ("binaryen", "132.0.0"),
    ("esbuild", "0.28.2"),
    ("terser", "5.51.2"),
    ("typescript", "7.0.2"),
    ("amazon-connect-chatjs", "5.0.0"),
    ("botframework-directlinejs", "0.15.8"),
];

/// The packages of Debian 12 that build wasm where rustup cannot fetch the target. Their Rust has no standard library for wasm, so
/// cargo builds it from source.
const DEBIAN_WASM: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-22"];
const DEBIAN_WASM_LINKER: &str = "wasm-ld-22";

/// Chooses between the two ways to wasm, for tests of this set-up: `rustup` or `debian`.
const WASM_CHOICE: &str = "COOKIE_BRIDGE_WASM";

/// Everything that a build needs.
pub(crate) struct Tools {
    pub(crate) wasm: WasmToolchain,
    trunk: PathBuf,
}

impl Tools {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[("cc", "gcc"), ("node", "nodejs"), ("npm", "npm")]).install()?;
        ensure_npm_packages()?;
        Ok(Self { wasm: WasmToolchain::ensure()?, trunk: ensure_crate("trunk", TRUNK)? })
    }

    /// A file of an npm package.
    pub(crate) fn npm_file(&self, path: &str) -> PathBuf {
        root().join(".tools/node_modules").join(path)
    }

    pub(crate) fn wasm_opt(&self) -> Command {
        Command::new(npm_binary("wasm-opt"))
    }

    pub(crate) fn wasm2js(&self) -> Command {
        Command::new(npm_binary("wasm2js"))
    }

    pub(crate) fn bundle(&self) -> Command {
        Command::new(npm_binary("esbuild"))
    }

    pub(crate) fn minify(&self) -> Command {
        Command::new(npm_binary("terser"))
    }

    pub(crate) fn type_check(&self) -> Command {
        Command::new(npm_binary("tsc"))
    }

    pub(crate) fn trunk(&self) -> Command {
        Command::new(&self.trunk)
    }
}

/// What the tests run, besides what is built: browsers with their drivers, and what the bridge server works with.
pub(crate) struct TestPrograms {
    geckodriver: PathBuf,
}

impl TestPrograms {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[
            ("chromium", "chromium"),
            ("chromedriver", "chromium-driver"),
            ("firefox-esr", "firefox-esr"),
            ("WebKitWebDriver", "webkit2gtk-driver"),
            ("Xvfb", "xvfb"),
            ("dbus-daemon", "dbus"),
            ("setpriv", "util-linux"),
            ("redis-server", "redis-server"),
            ("nginx", "nginx-light"),
            ("caddy", "caddy"),
            ("python3", "python3"),
        ])
        .install()?;
        Ok(Self { geckodriver: ensure_crate("geckodriver", GECKODRIVER)? })
    }

    /// Tells a command which they are.
    pub(crate) fn tell(&self, tests: &mut Command) {
        tests.env("GECKODRIVER", &self.geckodriver);
    }
}

/// What fuzzing needs: the command, and the compiler of libFuzzer, which comes with its crate as C++.
pub(crate) struct Fuzzer {
    command: PathBuf,
}

impl Fuzzer {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[("c++", "g++")]).install()?;
        Ok(Self { command: ensure_crate("cargo-fuzz", CARGO_FUZZ)? })
    }

    /// A command of cargo-fuzz.
    ///
    /// Without the address sanitizer: it finds what only unsafe code does, of which the product's own has none. What is left of the
    /// instrumentation is on stable, too, so there is no second toolchain. With the assertions of a debug build, among them those
    /// that a number does not overflow.
    pub(crate) fn cargo_fuzz(&self, subcommand: &str) -> Command {
        let mut fuzz = Command::new(&self.command);
        fuzz.args([subcommand, "--sanitizer", "none", "--debug-assertions", "--fuzz-dir"]).arg(root().join("fuzz"));
        fuzz.arg("--target-dir").arg(root().join("target/fuzz"));
        fuzz
    }
}

/// What the benchmark needs: the load generator, and the packages of the server that is compared.
pub(crate) struct BenchTools {
    folder: PathBuf,
}

impl BenchTools {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[("wrk", "wrk"), ("node", "nodejs"), ("npm", "npm")]).install()?;
        let tools = Self { folder: root().join(".tools/bench") };
        let (wanted, installed) = (root().join("bench/express/package.json"), tools.folder.join("package.json"));
        let manifest = std::fs::read_to_string(&wanted)?;
        // better-sqlite3 is compiled for one version of Node.js, so only a try shows whether it is there.
        let try_it = "require('express'); new (require('better-sqlite3'))(':memory:')";
        let is_there = std::fs::read_to_string(&installed).is_ok_and(|text| text == manifest)
            && output_of(tools.with_packages(Command::new("node")).args(["--eval", try_it])).is_some();
        if !is_there {
            Missing::find(&[("python3", "python3"), ("g++", "g++"), ("make", "make")]).install()?;
            println!(
                "Installing Express and better-sqlite3 from npm into .tools/bench (two minutes, if it has to be compiled)."
            );
            // What another version of Node.js has left would be taken as it is.
            let _ = std::fs::remove_dir_all(tools.folder.join("node_modules"));
            std::fs::create_dir_all(&tools.folder)?;
            let mut npm = Command::new("npm");
            npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]);
            npm.arg(&tools.folder);
            // Its headers are next to Node.js where the system's packages have them; elsewhere node-gyp downloads them.
            let prefix = output_of(Command::new("node").args(["--print", "path.resolve(process.execPath, '../..')"]));
            if let Some(prefix) = prefix.map(|text| PathBuf::from(text.trim()))
                && prefix.join("include/node/node.h").exists()
            {
                npm.env("npm_config_nodedir", prefix);
            }
            std::fs::write(&installed, manifest)?;
            run(&mut npm)?;
        }
        Ok(tools)
    }

    /// Runs a script of bench/express.
    pub(crate) fn node(&self, script: &str) -> Command {
        let mut node = self.with_packages(Command::new("node"));
        node.arg(root().join("bench/express").join(script));
        node
    }

    pub(crate) fn version_of(&self, package: &str) -> Result<String> {
        let manifest = self.folder.join("node_modules").join(package).join("package.json");
        let manifest: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(manifest)?)?;
        Ok(manifest.get("version").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
    }

    fn with_packages(&self, mut node: Command) -> Command {
        node.env("NODE_PATH", self.folder.join("node_modules"));
        node
    }
}

/// Where the compiler for wasm comes from.
///
/// Either way cargo builds the standard library from its source, without the text of panics: with the prebuilt one the modules are
/// half as large again. That is not yet stable, hence `RUSTC_BOOTSTRAP`, which is set for wasm only.
pub(crate) enum WasmToolchain {
    /// rustup.
    Rustup,
    /// Debian's packages.
    Debian,
}

impl WasmToolchain {
    fn ensure() -> Result<Self> {
        let choice = std::env::var(WASM_CHOICE).unwrap_or_default();
        if choice != "debian" && ensure_with_rustup() {
            return Ok(Self::Rustup);
        }
        if choice == "rustup" {
            bail!("{WASM_CHOICE} is rustup, but rustup could not install {WASM_TARGET} and rust-src");
        }
        println!("The wasm target comes from Debian's packages.");
        let missing = DEBIAN_WASM.iter().filter(|package| !is_debian_installed(package));
        Missing(missing.map(|package| (*package).to_owned()).collect()).install()?;
        Ok(Self::Debian)
    }

    /// A cargo command for the wasm target.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = match self {
            Self::Rustup => Command::new("cargo"),
            Self::Debian => {
                let mut cargo = Command::new("/usr/bin/cargo");
                // Cargo finds rustc, rustdoc and clippy on the PATH; those of another toolchain cannot read what this one
                // compiles. xtask itself runs under cargo, whose variables name the other toolchain.
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

    /// A cargo command for what wasm2js makes JavaScript of: it has only what the first WebAssembly had, and memory of one size.
    pub(crate) fn cargo_without_wasm(&self, subcommand: &str) -> Command {
        let mut cargo = self.cargo(subcommand);
        let size = "-Clink-arg=--initial-memory=4194304 -Clink-arg=--max-memory=4194304";
        let flags = [MODULE_FLAGS, "-Ctarget-cpu=mvp --cfg fixed_memory", size].join(" ");
        cargo.env("CARGO_TARGET_DIR", self.target_folder_without_wasm()).env(RUSTFLAGS, flags);
        cargo
    }

    /// Apart, because other flags make other work of all of it.
    pub(crate) fn target_folder_without_wasm(&self) -> PathBuf {
        self.target_folder().join("no-wasm")
    }

    /// Apart, because one toolchain takes the other's work for stale.
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
        let rustup = |arguments: &[&str]| Command::new("rustup").args(arguments).status();
        let _ = rustup(&["target", "add", WASM_TARGET]);
        let _ = rustup(&["component", "add", "rust-src"]);
    }
    has_wasm_sources()
}

fn has_wasm_sources() -> bool {
    let has = |arguments: &[&str], file: &str| {
        output_of(Command::new("rustc").args(arguments))
            .is_some_and(|folder| Path::new(folder.trim()).join(file).exists())
    };
    has(&["--print", "target-libdir", "--target", WASM_TARGET], "")
        && has(&["--print", "sysroot"], "lib/rustlib/src/rust/library/std/Cargo.toml")
}

/// A program from crates.io, whether the system has it or this repository.
fn ensure_crate(name: &str, version: &str) -> Result<PathBuf> {
    let ours = root().join(".tools/bin").join(name);
    for candidate in [&ours, Path::new(name)] {
        if output_of(Command::new(candidate).arg("--version")).is_some_and(|text| text.contains(version)) {
            return Ok(candidate.to_owned());
        }
    }
    println!("Installing {name} {version} into .tools/ (a few minutes).");
    // A debug build: compiling it takes a third of the time, and it runs as fast as is needed.
    run(Command::new("cargo")
        .args(["install", "--quiet", "--locked", "--debug", "--version", version, name, "--root"])
        .arg(root().join(".tools"))
        .env("CARGO_TARGET_DIR", root().join("target/tools"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(ours)
}

fn ensure_npm_packages() -> Result<()> {
    let has = |(name, version): &(&str, &str)| {
        let manifest = root().join(".tools/node_modules").join(name).join("package.json");
        std::fs::read_to_string(manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    };
    if NPM_PACKAGES.iter().all(has) {
        return Ok(());
    }
    let packages: Vec<String> = NPM_PACKAGES.iter().map(|(name, version)| format!("{name}@{version}")).collect();
    println!("Installing {} from npm into .tools/.", packages.join(", "));
    run(Command::new("npm")
        .args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix"])
        .arg(root().join(".tools"))
        .args(packages))
}

fn npm_binary(name: &str) -> PathBuf {
    root().join(".tools/node_modules/.bin").join(name)
}

/// Debian packages that are not there.
struct Missing(Vec<String>);

impl Missing {
    /// Takes commands with the package that has each.
    fn find(commands: &[(&str, &str)]) -> Self {
        let is_missing = |(command, _): &&(&str, &str)| !is_on_path(command);
        Self(commands.iter().filter(is_missing).map(|(_, package)| (*package).to_owned()).collect())
    }

    fn install(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let Some(apt) = apt_get() else {
            let lines: Vec<String> = self
                .0
                .iter()
                .map(|package| format!("  sudo apt-get install --no-install-recommends {package}"))
                .collect();
            bail!(
                "missing, and cannot be installed from here (no apt-get, or no root): {}\nInstall each, then repeat:\n{}",
                self.0.join(", "),
                lines.join("\n")
            );
        };
        println!("Installing Debian packages: {}.", self.0.join(", "));
        let command = |arguments: &[&str]| {
            let mut words = apt.iter().map(String::as_str).chain(arguments.iter().copied());
            let mut command = Command::new(words.next().unwrap_or("apt-get"));
            command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
            command
        };
        run(&mut command(&["update", "-qq"]))?;
        let mut install = command(&["install", "-y", "-qq", "--no-install-recommends"]);
        install.args(&self.0);
        println!("{}", show(&install));
        run(&mut install)
    }
}

/// The words that run apt-get as root without a question, if there are any.
fn apt_get() -> Option<Vec<String>> {
    let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect());
    if !is_on_path("apt-get") {
        None
    } else if output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0") {
        words("apt-get")
    } else if output_of(Command::new("sudo").args(["-n", "true"])).is_some() {
        words("sudo -n apt-get")
    } else {
        None
    }
}

fn is_debian_installed(package: &str) -> bool {
    output_of(Command::new("dpkg-query").args(["-W", "-f", "${Status}", package]))
        .is_some_and(|status| status.contains("ok installed"))
}

fn is_on_path(command: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Where Debian has servers, and not every user looks.
    let sbin = PathBuf::from("/usr/sbin");
    std::env::split_paths(&path).chain([sbin]).any(|folder| folder.join(command).is_file())
}

/// What a command prints if it succeeds.
fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
