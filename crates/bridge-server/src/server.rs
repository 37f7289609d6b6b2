use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{SignalKind, signal};

use crate::api::{health, router};
use crate::app::App;
use crate::check;
use crate::connection::{Door, Pulse, bound, keep, most_connections};
use crate::keys::{KnownKeys, Vault};
use crate::limits::Limits;
use crate::observe::{start_log, start_metrics};
use crate::places::Places;
use crate::private::{Private, keep_out};
use crate::proxies::IgnoredProxies;
use crate::settings::{Command, Options, Settings};
use crate::site::Site;
use crate::store::{NONE, Store};

/// How long requests in progress may take after the server was asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How many requests may be under way, in all and of one address, and how many connections the admin listener takes.
const UNDER_WAY: usize = 2048;
const UNDER_WAY_PER_ADDRESS: usize = 128;
const ADMIN_CONNECTIONS: usize = 32;

/// How often expired data is removed.
const TIDY_INTERVAL: Duration = Duration::from_secs(60);

/// Runs the program until `SIGTERM` or `SIGINT`. `SIGHUP` reloads the site and the certificate.
///
/// # Errors
/// If a setting is wrong, or a listener cannot be used.
pub async fn run(options: Options) -> Result<()> {
    match &options.command {
        Some(Command::Sign { customer_id, seconds }) => {
            println!("{}", options.signed(customer_id, *seconds)?);
            Ok(())
        }
        Some(Command::CheckSite(check)) => check::run(&check.folder, check.write.as_deref()),
        None => serve(options.settings()?).await,
    }
}

/// The routes of the server, for a program that has a listener of its own. Requests must carry a `ConnectInfo<SocketAddr>`. The options
/// that concern listeners have no effect.
///
/// # Errors
/// If a setting is wrong.
pub fn hosted(options: Options) -> Result<Router> {
    let app = Arc::new(open(&options.settings()?)?);
    tokio::spawn(tidy(Arc::clone(&app), None));
    Ok(router(app))
}

fn open(settings: &Settings) -> Result<App> {
    let vault = Vault::new(&settings.encryption_keys);
    let keys = KnownKeys { ours: vault.ids(), abandoned: settings.abandoned_keys.clone() };
    Ok(App {
        site: RwLock::new(Arc::new(load(&settings.site, &settings.private, settings.store != NONE)?)),
        reference_keys: settings.reference_keys.clone(),
        vault,
        store: Store::open(&settings.store, keys)?,
        limits: Limits::new(settings.per_address, settings.pages_per_address, settings.per_reference),
        proxies: Arc::new(settings.proxies.clone()),
        ignored: IgnoredProxies::default(),
        under_way: Places::new(UNDER_WAY, UNDER_WAY_PER_ADDRESS),
        public_origin: settings.public_origin.clone(),
        max_age: settings.max_age,
        is_tls: settings.tls.is_some(),
    })
}

async fn serve(settings: Settings) -> Result<()> {
    start_log();
    let metrics = start_metrics()?;
    let app = Arc::new(open(&settings)?);
    app.store.check_keys().await?;
    let certificate = match &settings.tls {
        Some((certificate, key)) => {
            // A second installation is an error. Tests do that.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let config = RustlsConfig::from_pem_file(certificate, key).await;
            Some(config.with_context(|| format!("{} or {} cannot be used", certificate.display(), key.display()))?)
        }
        None => None,
    };

    let (main, admin) = (Handle::new(), Handle::new());
    let listener = listen(settings.listen, "--listen")?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    println!("listening on {scheme}://{}", listener.local_addr()?);
    if let Some(address) = settings.admin {
        let listener = listen(address, "--admin")?;
        println!("admin on http://{}", listener.local_addr()?);
        // Half of its places are for one address, and so for whoever else watches there is always the other half.
        let door = Door::new(Places::new(ADMIN_CONNECTIONS, ADMIN_CONNECTIONS), Arc::default());
        let mut server = axum_server::from_tcp(listener)?.handle(admin.clone()).acceptor(door);
        bound(&mut server);
        tokio::spawn(server.serve(admin_router(&app, &metrics).into_make_service()));
    }

    watch_signals(
        [main.clone(), admin],
        &app,
        (settings.site, settings.private),
        certificate.clone().zip(settings.tls),
    )?;
    tokio::spawn(tidy(Arc::clone(&app), Some(metrics)));

    let places = Places::new(most_connections(settings.connections), settings.connections_per_address);
    let door = Door::new(places, Arc::clone(&app.proxies));
    let service = router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
    match certificate {
        Some(config) => {
            let mut server = axum_server::from_tcp_rustls(listener, config)?.handle(main);
            bound(&mut server);
            let server = server.map(|tls| tls.acceptor(door));
            server.serve(service).await?;
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?.handle(main).acceptor(door);
            bound(&mut server);
            server.serve(service).await?;
        }
    }
    app.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn listen(address: SocketAddr, option: &str) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| format!("{option}: {address} cannot be used"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Loads the site and logs every mistake in its allowlist.
fn load(folder: &Path, private: &[Private], has_store: bool) -> Result<Site> {
    keep_out(folder, private)?;
    let site = Site::load(folder, has_store).context("--site")?;
    for mistake in site.mistakes() {
        tracing::error!("{mistake}");
    }
    Ok(site)
}

fn admin_router(app: &Arc<App>, metrics: &PrometheusHandle) -> Router {
    let metrics = metrics.clone();
    Router::new()
        .route("/metrics", get(|| async move { metrics.render() }))
        .route("/health", get(health))
        .layer(from_fn(keep_exchange))
        .with_state(Arc::clone(app))
}

/// As the guard of the main listener, an exchange lasts until its answer was taken.
async fn keep_exchange(pulse: Option<Extension<Arc<Pulse>>>, request: Request, next: Next) -> Response {
    let exchange = pulse.map(|Extension(pulse)| pulse.begin(Instant::now()));
    keep(next.run(request).await, exchange, None)
}

fn watch_signals(
    handles: [Handle<SocketAddr>; 2],
    app: &Arc<App>,
    site: (PathBuf, Vec<Private>),
    tls: Option<(RustlsConfig, (PathBuf, PathBuf))>,
) -> Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let app = Arc::clone(app);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => reload(&app, &site, tls.as_ref()).await,
            }
        }
        tracing::info!("stopping");
        for handle in &handles {
            handle.graceful_shutdown(Some(GRACE));
        }
    });
    Ok(())
}

/// A site or a certificate that cannot be loaded leaves the previous one in use.
async fn reload(
    app: &App,
    (site, private): &(PathBuf, Vec<Private>),
    tls: Option<&(RustlsConfig, (PathBuf, PathBuf))>,
) {
    match load(site, private, !app.store.is_none()) {
        Ok(site) => {
            app.replace_site(site);
            tracing::info!("the site was reloaded");
        }
        Err(error) => tracing::error!("{error:#}; the site stays as it was"),
    }
    if let Some((config, (certificate, key))) = tls {
        match config.reload_from_pem_file(certificate, key).await {
            Ok(()) => tracing::info!("the certificate was reloaded"),
            Err(error) => tracing::error!("the certificate cannot be used: {error}; it stays as it was"),
        }
    }
}

async fn tidy(app: Arc<App>, metrics: Option<PrometheusHandle>) {
    let mut interval = tokio::time::interval(TIDY_INTERVAL);
    loop {
        interval.tick().await;
        app.limits.tidy();
        if let Some(metrics) = &metrics {
            metrics.run_upkeep();
        }
        app.store.purge().await;
    }
}
