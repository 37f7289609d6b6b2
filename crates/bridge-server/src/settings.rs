use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use bridge_protocol::{MAX_AGE_SECONDS, Origin};
use clap::{Args, Parser, Subcommand};
use zeroize::Zeroizing;

use crate::domains::to_ascii;
use crate::keys::{Key, KeyId};
use crate::private::{Private, refuse_public};
use crate::proxies::{Network, Proxies, ProxyHeader};
use crate::reference::{MAX_REFERENCE_SECONDS, sign};
use crate::store::NONE;

/// Hosts the bridge site, and stores sessions.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = false)]
pub struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    serve: ServeOptions,

    /// A file with the keys that sign references, or BRIDGE_REFERENCE_KEY with the keys themselves
    #[arg(long, global = true, env = "BRIDGE_REFERENCE_KEY_FILE", value_name = "FILE")]
    reference_key_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Reports every mistake in the allowlist of a bridge site, with line and column
    CheckSite(CheckOptions),
    /// Prints a customer reference
    Sign {
        /// The id by which your site knows the customer
        customer_id: String,
        /// The lifetime of the reference; a negative number makes an expired one, for tests
        #[arg(long, default_value_t = 3600, allow_negative_numbers = true)]
        seconds: i64,
    },
}

#[derive(Args)]
pub(crate) struct CheckOptions {
    /// The folder of the built bridge site, with your allowlist in its iframe.html
    pub(crate) folder: PathBuf,
    /// Write the configuration with which other web servers send the same headers into this folder: nginx.conf, Caddyfile, .htaccess, _headers, s3-cloudfront.txt
    #[arg(long, value_name = "FOLDER")]
    pub(crate) write: Option<PathBuf>,
}

#[derive(Args)]
struct ServeOptions {
    /// The folder of the built bridge site, with your allowlist in its iframe.html
    #[arg(long, env = "BRIDGE_SITE", value_name = "FOLDER")]
    site: Option<PathBuf>,
    /// Where to listen; port 0 selects a free port
    #[arg(long, env = "BRIDGE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// The certificate chain (PEM); without it, plain http for a reverse proxy
    #[arg(long, env = "BRIDGE_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, env = "BRIDGE_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// A second listener, plain http, for /metrics and /health
    #[arg(long, env = "BRIDGE_ADMIN", value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// sqlite:<path> or redis://<host>; or none, to host the bridge only: that needs no keys
    #[arg(long, env = "BRIDGE_STORE", hide_env_values = true, default_value = "sqlite:bridge.db")]
    store: String,
    /// A file with the keys that seal what is stored, or BRIDGE_ENCRYPTION_KEY with the keys themselves
    #[arg(long, env = "BRIDGE_ENCRYPTION_KEY_FILE", value_name = "FILE")]
    encryption_key_file: Option<PathBuf>,
    /// Deletes the sessions that were sealed with a key that is lost or given up, by its id; may be given several times, or with commas
    #[arg(long, env = "BRIDGE_ABANDON_KEY", value_name = "ID", value_delimiter = ',')]
    abandon_key: Vec<KeyId>,
    /// The lifetime of a session if a page gives none, and the longest one
    #[arg(long, env = "BRIDGE_MAX_AGE", value_name = "SECONDS", default_value_t = 30 * 24 * 60 * 60,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_AGE_SECONDS)))]
    max_age: u32,
    /// The limit for one client address
    #[arg(long, env = "BRIDGE_REQUESTS_PER_MINUTE_PER_ADDRESS", value_name = "NUMBER", default_value = "600")]
    requests_per_minute_per_address: NonZeroU32,
    /// The limit for one customer
    #[arg(long, env = "BRIDGE_REQUESTS_PER_MINUTE_PER_REFERENCE", value_name = "NUMBER", default_value = "120")]
    requests_per_minute_per_reference: NonZeroU32,
    /// The limit of requests for the bridge's files for one client address
    #[arg(long, env = "BRIDGE_PAGES_PER_MINUTE_PER_ADDRESS", value_name = "NUMBER", default_value = "6000")]
    pages_per_minute_per_address: NonZeroU32,
    /// How many connections may be open
    #[arg(long, env = "BRIDGE_CONNECTIONS", value_name = "NUMBER", default_value = "4096")]
    connections: NonZeroU32,
    /// How many connections one address may have open, at most half of all; trusted proxies have no such limit
    #[arg(long, env = "BRIDGE_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER", default_value = "256")]
    connections_per_address: NonZeroU32,
    /// A reverse proxy whose header is trusted, or a range of them (10.0.0.0/8); may be given several times, or with commas
    #[arg(long, env = "BRIDGE_TRUSTED_PROXY", value_name = "IP", value_delimiter = ',')]
    trusted_proxy: Vec<Network>,
    /// The header in which the trusted proxies name the client
    #[arg(long, env = "BRIDGE_PROXY_HEADER", value_name = "HEADER", default_value = "x-forwarded-for")]
    proxy_header: ProxyHeader,
    /// The bridge's own origin, to let its own pages call the API: https://bridge.example
    #[arg(long, env = "BRIDGE_PUBLIC_ORIGIN", value_name = "ORIGIN")]
    public_origin: Option<String>,
}

/// The options after validation.
pub(crate) struct Settings {
    pub(crate) site: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) store: String,
    /// The files that nobody else may see.
    pub(crate) private: Vec<Private>,
    pub(crate) reference_keys: Vec<Key>,
    pub(crate) encryption_keys: Vec<Key>,
    pub(crate) abandoned_keys: Vec<KeyId>,
    pub(crate) max_age: u32,
    pub(crate) per_address: NonZeroU32,
    pub(crate) per_reference: NonZeroU32,
    pub(crate) pages_per_address: NonZeroU32,
    pub(crate) connections: usize,
    pub(crate) connections_per_address: usize,
    pub(crate) proxies: Proxies,
    pub(crate) public_origin: Option<String>,
}

impl Options {
    pub(crate) fn settings(self) -> Result<Settings> {
        let has_store = self.serve.store != NONE;
        let reference_keys = if has_store { self.reference_keys()? } else { vec![] };
        let private = self.private();
        let serve = self.serve;
        let encryption_keys = if has_store {
            keys(serve.encryption_key_file.as_deref(), "BRIDGE_ENCRYPTION_KEY", "--encryption-key-file")?
        } else {
            vec![]
        };
        if reference_keys.iter().any(|key| encryption_keys.contains(key)) {
            bail!("the reference keys and the encryption keys must differ: your site's server needs only the former");
        }
        let tls = match (serve.tls_cert, serve.tls_key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => bail!("--tls-cert and --tls-key belong together"),
        };
        if let Some((_, key)) = &tls {
            refuse_public("--tls-key", key)?;
        }
        let public_origin = serve.public_origin.map(|text| {
            let origin =
                Origin::parse(&text, &to_ascii).map_err(|error| anyhow::anyhow!("--public-origin: {text} {error}"))?;
            anyhow::Ok(origin.as_str().to_owned())
        });
        Ok(Settings {
            site: serve.site.context("--site is missing: the folder of the bridge site")?,
            listen: serve.listen,
            tls,
            admin: serve.admin,
            store: serve.store,
            private,
            reference_keys,
            encryption_keys,
            abandoned_keys: serve.abandon_key,
            max_age: serve.max_age,
            per_address: serve.requests_per_minute_per_address,
            per_reference: serve.requests_per_minute_per_reference,
            pages_per_address: serve.pages_per_minute_per_address,
            connections: serve.connections.get() as usize,
            connections_per_address: serve.connections_per_address.get() as usize,
            proxies: Proxies::new(serve.trusted_proxy, serve.proxy_header),
            public_origin: public_origin.transpose()?,
        })
    }

    /// The reference that `bridge-server sign` prints.
    pub(crate) fn signed(&self, customer_id: &str, seconds: i64) -> Result<String> {
        if seconds.unsigned_abs() > MAX_REFERENCE_SECONDS {
            bail!("--seconds must be at most {MAX_REFERENCE_SECONDS}");
        }
        let keys = self.reference_keys()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        keys.first()
            .and_then(|key| sign(key, customer_id, now.saturating_add_signed(seconds)))
            .context("the customer id must have 1 to 128 bytes")
    }

    fn private(&self) -> Vec<Private> {
        let database = self.serve.store.strip_prefix("sqlite:").map(PathBuf::from);
        let files = [
            ("--reference-key-file", self.reference_key_file.clone()),
            ("--encryption-key-file", self.serve.encryption_key_file.clone()),
            ("--tls-key", self.serve.tls_key.clone()),
            ("--store", database),
        ];
        files.into_iter().filter_map(|(option, path)| Some(Private { option, path: path? })).collect()
    }

    fn reference_keys(&self) -> Result<Vec<Key>> {
        keys(self.reference_key_file.as_deref(), "BRIDGE_REFERENCE_KEY", "--reference-key-file")
    }
}

/// Reads keys from a file or from the environment. They are never an argument, which every user of the machine can see.
fn keys(file: Option<&Path>, variable: &str, option: &str) -> Result<Vec<Key>> {
    let text = match (file, std::env::var(variable)) {
        (Some(_), Ok(_)) => bail!("both {option} and {variable} are given; give one"),
        (Some(path), Err(_)) => {
            refuse_public(option, path)?;
            std::fs::read_to_string(path).with_context(|| format!("{option}: {} cannot be read", path.display()))?
        }
        (None, Ok(text)) => text,
        (None, Err(_)) => bail!(
            "there is no key: give {option} or {variable} (`openssl rand -base64 32` makes one), or --store none to host the bridge only"
        ),
    };
    Key::parse_list(&Zeroizing::new(text))
        .with_context(|| if file.is_some() { option.to_owned() } else { variable.to_owned() })
}
