use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The demo in a process of its own.
pub struct Demo {
    process: Child,
    scheme: &'static str,
    port: String,
}

impl Demo {
    /// Starts it over https on a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::over("https")
    }

    /// Starts it over http, as `cargo xtask demo` does.
    #[must_use]
    pub fn over_http() -> Self {
        Self::over("http")
    }

    fn over(scheme: &'static str) -> Self {
        let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut process = Command::new(repository.join("target/debug/demo-server"))
            .args((scheme == "https").then_some("--https"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the demo is built; `cargo xtask test` does it");
        let prefix = format!("{scheme}://shop.localhost:");
        let output = process.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let shop = lines.find_map(|line| line.trim().strip_prefix(&prefix).map(str::to_owned));
        let port =
            shop.and_then(|rest| Some(rest.split('/').next()?.to_owned())).expect("the demo names its addresses");
        // Nobody reads the rest, which is short.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, scheme, port }
    }

    /// The address of a shop.
    #[must_use]
    pub fn url(&self, shop: &str) -> String {
        self.page(shop, "")
    }

    /// The address of one of its pages.
    #[must_use]
    pub fn page(&self, shop: &str, page: &str) -> String {
        format!("{}://{shop}.localhost:{}/{page}", self.scheme, self.port)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
