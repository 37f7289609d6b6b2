//! A bridge server as its owner runs it: the real program, with a store, keys and a site of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bridge_server::{Key, reference};
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, Method};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const SHOP: &str = "https://shop.example";
pub(crate) const HELP: &str = "https://www.help.example";
pub(crate) const STRANGER: &str = "https://evil.test";

pub(crate) const REFERENCE_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";
pub(crate) const ENCRYPTION_KEY: &str = "2222222222222222222222222222222222222222222222222222222222222222";

pub(crate) const IFRAME: &str = r#"<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Cookie Bridge</title>
    <script>
      const TRUSTED_DOMAINS = [
        "https://shop.example", // the shop
        'https://*.help.example',
      ];
    </script>
    <script>start()</script>
  </head>
  <body></body>
</html>
"#;

/// Settings of a server to be; the folder is there for as long as somebody holds it.
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

    /// Sets an option, in place of an earlier value.
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

    /// For tests that ask more often than any visitor.
    pub(crate) fn unlimited(&self) -> Self {
        self.with("--requests-per-minute-per-address", "100000000")
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

    /// Starts it with nobody who takes its log.
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
        // From here on it is killed whatever happens.
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

    /// What a start says that must fail.
    pub(crate) fn fail(&self) -> String {
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let status = ended(&mut child, Duration::from_secs(10));
        assert!(!status.success());
        let mut text = String::new();
        child.stderr.unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

/// A running server, killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) admin: String,
    log: Arc<Mutex<String>>,
    _folder: Arc<TempDir>,
    pub(crate) client: Client,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {:?} is not JSON", self.status, self.text))
    }

    /// The answer to a request that must succeed.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The error code with its status.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String) {
        let json = self.json();
        assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()), "{json}");
        (self.status, json["code"].as_str().unwrap().to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Server {
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> reqwest::Result<Answer> {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.client.request(method, address).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new()).await
    }

    /// As a page of this origin asks.
    pub(crate) async fn post(&self, origin: &str, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[("origin", origin), ("content-type", "text/plain")], body.to_string()).await
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Until a line of the log has this text.
    pub(crate) async fn logged(&self, text: &str) {
        let started = Instant::now();
        while !self.log().contains(text) {
            assert!(started.elapsed() < Duration::from_secs(10), "{text:?} was not logged: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        ended(&mut self.child, Duration::from_secs(15))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(child: &mut Child, patience: Duration) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > patience {
            let _ = child.kill();
            panic!("the server did not end in {patience:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A Redis of a test's own, killed when it is dropped.
pub(crate) struct Redis {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Redis {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        Self { child: Self::spawn(port, folder.path()), port, folder }
    }

    fn spawn(port: u16, folder: &Path) -> Child {
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"])
            .args(["--appendfsync", "always", "--dir", folder.to_str().unwrap()])
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server must be installed for these tests: apt-get install redis-server");
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        child
    }

    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn start_again(&mut self) {
        self.child = Self::spawn(self.port, self.folder.path());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A client that trusts these certificates and no others.
pub(crate) fn client(trusted: impl IntoIterator<Item = Certificate>) -> Client {
    // It is an error to install it twice, as tests do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().tls_certs_only(trusted).build().unwrap()
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A reference as a site's server makes it.
pub(crate) fn reference(id: &str) -> String {
    reference_of(REFERENCE_KEY, id, now() + 3600)
}

pub(crate) fn reference_of(key: &str, id: &str, expires: u64) -> String {
    reference::sign(&Key::parse_list(key).unwrap()[0], id, expires).unwrap()
}
