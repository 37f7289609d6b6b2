use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use demo_server::self_signed;
use tempfile::TempDir;

use crate::process::{Process, ending_with_this_thread};
use crate::sites::dist;
use crate::world::World;

/// The bridge server in a process of its own, over https, for the shop and the help site.
pub struct BridgeServer {
    process: Process,
    host: String,
    port: String,
    folder: TempDir,
}

/// Any 32 bytes in base64.
const REFERENCE_KEY: &str = "cmVmZXJlbmNlIGtleSBvZiB0aGUgc2NlbmFyaW9zISE=";
const ENCRYPTION_KEY: &str = "ZW5jcnlwdGlvbiBrZXkgb2YgdGhlIHNjZW5hcmlvcyE=";

impl BridgeServer {
    /// Starts it on a free port, with its files in a folder of its own.
    #[must_use]
    pub fn start(world: &World) -> Self {
        let host = world.server.host("bridge");
        let folder = site_folder(world);
        let (process, port) = run(&folder, "127.0.0.1:0");
        Self { process, host, port, folder }
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://{}:{}", self.host, self.port)
    }

    /// The bridge page's address.
    #[must_use]
    pub fn iframe_url(&self) -> String {
        format!("{}/iframe.html", self.origin())
    }

    /// A reference of a customer, as a site's backend would sign it.
    #[must_use]
    pub fn reference(&self, customer: &str, seconds: i64) -> String {
        let mut sign = Command::new(binary());
        sign.args(["sign", customer, "--seconds", &seconds.to_string()]).env("BRIDGE_REFERENCE_KEY", REFERENCE_KEY);
        let output = sign.output().expect("bridge-server signs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Kills it, as a machine that fails.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port, with what was stored.
    pub fn restart(&mut self) {
        self.kill();
        (self.process, self.port) = run(&self.folder, &format!("127.0.0.1:{}", self.port));
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// A folder with the bridge site, for the shop and the help site, in `site`, and the certificate of its host.
pub(crate) fn site_folder(world: &World) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("site")).expect("a folder for the site");
    for file in ["doctor.html", "cookie-provider.js"] {
        let content = dist(&format!("iframe-site/{file}")).expect("the built site");
        std::fs::write(path("site").join(file), content).expect("a file of the site");
    }
    let page = world.server.edited_bridge_page(&["shop", "help"]);
    std::fs::write(path("site").join("iframe.html"), page).expect("the page");
    let (certificate, key) = self_signed(&[&world.server.host("bridge")]).expect("a certificate");
    std::fs::write(path("certificate.pem"), certificate).expect("the certificate's file");
    std::fs::write(path("key.pem"), key).expect("the key's file");
    std::fs::set_permissions(path("key.pem"), Permissions::from_mode(0o600)).expect("a private file");
    folder
}

pub(crate) fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/debug/bridge-server")
}

fn run(folder: &TempDir, listen: &str) -> (Process, String) {
    let path = |file: &str| folder.path().join(file);
    let log = std::fs::File::options().create(true).append(true).open(path("log")).expect("a file for the log");
    let mut command = ending_with_this_thread(binary());
    command
        .args(["--listen", listen, "--site"])
        .arg(path("site"))
        .arg("--tls-cert")
        .arg(path("certificate.pem"))
        .arg("--tls-key")
        .arg(path("key.pem"))
        .args(["--store", &format!("sqlite:{}", path("sessions.db").display())])
        .env("BRIDGE_REFERENCE_KEY", REFERENCE_KEY)
        .env("BRIDGE_ENCRYPTION_KEY", ENCRYPTION_KEY)
        .stdout(Stdio::piped())
        .stderr(log);
    let mut process = Process::start(&mut command).expect("the bridge server is built; `cargo xtask test` does it");
    let port = process
        .find_in_output(|line| Some(line.strip_prefix("listening on https://")?.rsplit_once(':')?.1.to_owned()))
        .unwrap_or_else(|| panic!("it does not listen: {}", std::fs::read_to_string(path("log")).unwrap_or_default()));
    (process, port)
}
