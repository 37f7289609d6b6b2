use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_bridge-server"));
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
