use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::bridge::{binary, site_folder};
use crate::process::{Process, ending_with_this_thread, free_port};
use crate::world::World;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(10);

/// nginx or Caddy in a process of its own, over https, with the bridge site and what `bridge-server check-site` wrote for it.
pub struct ForeignHost {
    host: String,
    port: u16,
    _process: Process,
    _folder: TempDir,
}

impl ForeignHost {
    /// nginx, as Debian has it.
    #[must_use]
    pub fn nginx(world: &World) -> Self {
        Self::start(world, |folder, host, port| {
            let path = |name: &str| folder.path().join(name).display().to_string();
            let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|kind| format!("  {kind}_temp_path {};\n", path(kind)))
                .concat();
            let config = format!(
                "daemon off;\nmaster_process off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\n  access_log off;\n{temporary}  \
                 types {{ text/html html; text/javascript js; }}\n  server {{\n    listen 127.0.0.1:{port} ssl;\n    server_name {host};\n    \
                 ssl_certificate {};\n    ssl_certificate_key {};\n    root {};\n    include {};\n  }}\n}}\n",
                path("pid"),
                path("certificate.pem"),
                path("key.pem"),
                path("site"),
                path("written/nginx.conf"),
            );
            std::fs::write(path("whole.conf"), config).expect("a file for nginx");
            let mut nginx = program("nginx");
            nginx.args(["-e", "stderr", "-p", &path(""), "-c", &path("whole.conf")]);
            nginx
        })
    }

    /// Caddy, as Debian has it.
    #[must_use]
    pub fn caddy(world: &World) -> Self {
        Self::start(world, |folder, host, port| {
            let path = |name: &str| folder.path().join(name).display().to_string();
            // No port for its administration, and none for http.
            let config = format!(
                "{{\n\tadmin off\n\tauto_https disable_redirects\n\tservers {{\n\t\tprotocols h1 h2\n\t}}\n}}\nhttps://{host}:{port} {{\n\tbind 127.0.0.1\n\ttls {} {}\n\troot * {}\n\t\
                 import {}\n\tfile_server\n}}\n",
                path("certificate.pem"),
                path("key.pem"),
                path("site"),
                path("written/Caddyfile"),
            );
            std::fs::write(path("Whole"), config).expect("a file for Caddy");
            let mut caddy = program("caddy");
            caddy.env("HOME", folder.path()).args(["run", "--adapter", "caddyfile", "--config", &path("Whole")]);
            caddy
        })
    }

    /// Starts one on a free port. These programs cannot choose one, so another program may take it first; then it is another one.
    fn start(world: &World, command: impl Fn(&TempDir, &str, u16) -> Command) -> Self {
        let host = world.server.host("bridge");
        let folder = site_folder(world);
        let path = |name: &str| folder.path().join(name);
        let mut check = Command::new(binary());
        check.arg("check-site").arg(path("site")).arg("--write").arg(path("written"));
        let checked = check.output().expect("the bridge server is built; `cargo xtask test` does it");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));

        for _ in 0..5 {
            let port = free_port().expect("a port");
            let log = std::fs::File::create(path("log")).expect("a file for the log");
            let mut command = command(&folder, &host, port);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
            let mut process = Process::start(&mut command).expect("the server starts");
            if process.listens(port, START) {
                return Self { host, port, _process: process, _folder: folder };
            }
        }
        panic!("it does not listen: {}", std::fs::read_to_string(path("log")).unwrap_or_default());
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
}

fn program(name: &str) -> Command {
    // Where Debian has servers, and not every user looks.
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    ending_with_this_thread(
        found.unwrap_or_else(|| panic!("{name} must be installed for this scenario: `cargo xtask test` does it")),
    )
}
