use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::server::ended;
use super::{ENCRYPTION_KEY, IFRAME, REFERENCE_KEY, Redis, Server, client};

/// The settings of a server. The folder exists as long as a setup or a server holds it.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) folder: Arc<TempDir>,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) reference_keys: String,
    pub(crate) encryption_keys: String,
    /// What a shell does before it becomes the server.
    shell: Option<String>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        let setup = Self {
            options: vec![],
            reference_keys: REFERENCE_KEY.to_owned(),
            encryption_keys: ENCRYPTION_KEY.to_owned(),
            folder: Arc::new(folder),
            shell: None,
        };
        setup.write("iframe.html", IFRAME);
        setup.write("cookie-provider.js", "// the provider");
        setup
            .with("--site", setup.site().to_str().unwrap())
            .with("--store", &format!("sqlite:{}", setup.database().display()))
            .with("--listen", "127.0.0.1:0")
            .with("--admin", "127.0.0.1:0")
    }

    /// Sets an option, replacing an earlier value.
    pub(crate) fn with(&self, option: &str, value: &str) -> Self {
        let mut setup = self.clone();
        setup.options.retain(|(name, _)| name != option);
        setup.options.push((option.to_owned(), value.to_owned()));
        setup
    }

    pub(crate) fn without(&self, option: &str) -> Self {
        let mut setup = self.clone();
        setup.options.retain(|(name, _)| name != option);
        setup
    }

    pub(crate) fn on(&self, redis: &Redis) -> Self {
        self.with("--store", &redis.address())
    }

    pub(crate) fn in_shell(&self, first: &str) -> Self {
        Self { shell: Some(first.to_owned()), ..self.clone() }
    }

    /// With a certificate of its own, for `localhost`.
    pub(crate) fn with_tls(&self) -> (Self, rustls::pki_types::CertificateDer<'static>) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (self.folder.path().join("cert.pem"), self.folder.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        write_secret(&key, &made.signing_key.serialize_pem());
        let setup = self.with("--tls-cert", certificate.to_str().unwrap()).with("--tls-key", key.to_str().unwrap());
        (setup, made.cert.der().clone())
    }

    /// Without rate limits, for tests that send more requests than any visitor.
    pub(crate) fn unlimited(&self) -> Self {
        self.with("--requests-per-minute-per-address", "100000000")
            .with("--pages-per-minute-per-address", "100000000")
            .with("--requests-per-minute-per-reference", "100000000")
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("bridge.db")
    }

    pub(crate) fn write(&self, file: &str, content: &str) {
        std::fs::write(self.site().join(file), content).unwrap();
    }

    pub(crate) fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_bridge-server");
        let mut command = Command::new(if self.shell.is_some() { "/bin/sh" } else { program });
        if let Some(first) = &self.shell {
            command.args(["-c", &format!("{first}; exec \"$0\" \"$@\""), program]);
        }
        command.env_clear().env("BRIDGE_REFERENCE_KEY", &self.reference_keys);
        command.env("BRIDGE_ENCRYPTION_KEY", &self.encryption_keys);
        for (name, value) in &self.options {
            command.args([name, value]);
        }
        command
    }

    /// Starts a server whose log nobody reads.
    pub(crate) fn start_unheard(&self) -> Server {
        self.start_with_log(Arc::default(), drop)
    }

    pub(crate) fn start(&self) -> Server {
        let log = Arc::<Mutex<String>>::default();
        let into = Arc::clone(&log);
        self.start_with_log(log, move |stderr| {
            std::thread::spawn(move || {
                let (mut stderr, mut line) = (BufReader::new(stderr), String::new());
                while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                    into.lock().unwrap().push_str(&line);
                    line.clear();
                }
            });
        })
    }

    fn start_with_log(&self, log: Arc<Mutex<String>>, take_log: impl FnOnce(ChildStderr)) -> Server {
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        take_log(child.stderr.take().unwrap());
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (url, admin) = (String::new(), String::new());
        // From here on, a panic kills it, too.
        let mut server = Server { child, url, admin, log, client: client([]), _folder: Arc::clone(&self.folder) };
        let mut address = |prefix: &str| {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            match line.trim().strip_prefix(prefix) {
                Some(address) => address.to_owned(),
                None => panic!("{prefix:?} expected, {line:?} came; the log: {}", server.log()),
            }
        };
        let url = address("listening on ");
        let has_admin = self.options.iter().any(|(name, _)| name == "--admin");
        let admin = if has_admin { address("admin on ") } else { String::new() };
        (server.url, server.admin) = (url, admin);
        server
    }

    /// The error output of a start that must fail.
    pub(crate) fn fail(&self) -> String {
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let status = ended(&mut child, Duration::from_secs(10));
        assert!(!status.success());
        let mut text = String::new();
        child.stderr.unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

/// A file that nobody else may read.
pub(crate) fn write_secret(path: &Path, content: &str) {
    let mut options = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create(true).truncate(true).open(path).unwrap().write_all(content.as_bytes()).unwrap();
}
