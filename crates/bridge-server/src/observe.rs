//! The log and the metrics of requests. Neither contains a path with a reference in it.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::LevelFilter;

use crate::app::App;
use crate::origin::origin_of;

/// In seconds. Most responses need one commit; a store that is busy or down may take seconds.
const LATENCIES: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// Writes the log to stderr, one line of JSON for each event.
pub(crate) fn start_log() {
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_target(false);
    // Once nobody reads stderr any more, the server continues without a log. To report that on stderr would panic.
    let log = log.log_internal_errors(false);
    // A second start is an error. Tests do that.
    let _ = log.with_max_level(LevelFilter::INFO).with_writer(std::io::stderr).try_init();
}

/// Installs the recorder of metrics.
pub(crate) fn start_metrics() -> Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().set_buckets(&LATENCIES)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("the metrics recorder is already installed"))?;
    Ok(handle)
}

pub(crate) async fn observe(
    State(app): State<Arc<App>>,
    route: Option<Extension<MatchedPath>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    // Only paths that exist on this server are logged. Any other path is a string of the client's choice, perhaps a reference.
    let route = match &route {
        Some(route) => route.as_str().to_owned(),
        None if app.site().file(request.uri().path().trim_start_matches('/')).is_some() => {
            request.uri().path().to_owned()
        }
        None => "other".to_owned(),
    };
    let method = if request.method().as_str().len() <= 7 { request.method().to_string() } else { "other".to_owned() };
    let origin: Option<String> = origin_of(request.headers()).map(|origin| origin.chars().take(300).collect());

    let response = next.run(request).await;

    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status, ms, origin, "request");
    counter!("bridge_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    histogram!("bridge_request_seconds", "route" => route).record(elapsed.as_secs_f64());
    response
}
