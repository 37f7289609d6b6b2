use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::World;
use crate::bridge::{binary, site_folder};
use crate::driver::free_port;

/// nginx or Caddy in a process of its own, over https, with the bridge site and what `bridge-server check-site` wrote for it.
pub struct ForeignHost {
    process: Child,
    host: String,
    port: u16,
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

    /// Starts one on a free port, which these programs cannot choose themselves: if another program was faster, on another one.
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
            let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
            let mut process = process.expect("it starts: `cargo xtask test` installs it");
            if listens(&mut process, port) {
                return Self { process, host, port, _folder: folder };
            }
            let _ = process.kill();
            let _ = process.wait();
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

impl Drop for ForeignHost {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether the process comes to listen; one that ends, because its port is taken, does not.
fn listens(process: &mut Child, port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        let has_ended = process.try_wait().is_ok_and(|status| status.is_some());
        if has_ended {
            return false;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        // Between two looks at a condition.
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn program(name: &str) -> Command {
    // Where Debian has servers, and not every user looks.
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    Command::new(
        found.unwrap_or_else(|| panic!("{name} must be installed for this scenario: `cargo xtask test` does it")),
    )
}
