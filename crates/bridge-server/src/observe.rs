//! The log and the metrics of requests. Neither contains a path with a reference in it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::LevelFilter;

use crate::app::App;
use crate::origin::origin_of;
use crate::site::{Site, file_name};

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
    let route = match &route {
        Some(route) => Cow::Borrowed(route.as_str()),
        None => Cow::Owned(file_label(&app.site(), request.uri().path())),
    };
    let method = method_label(request.method());
    let origin: Option<String> = origin_of(request.headers()).map(|origin| origin.chars().take(300).collect());

    let response = next.run(request).await;

    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(method, route = &*route, status, ms, origin, "request");
    let route = route.into_owned();
    counter!("bridge_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    histogram!("bridge_request_seconds", "route" => route).record(elapsed.as_secs_f64());
    response
}

/// The label of a path that is no route. Any path but a file's is a string of the client's choice, of any length, and perhaps a reference. So
/// there are never more labels than files.
fn file_label(site: &Site, path: &str) -> String {
    match file_name(path) {
        Some(name) if site.file(name).is_some() => format!("/{name}"),
        _ => "other".to_owned(),
    }
}

/// The methods of HTTP. Any other is a word of the client's choice.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "PATCH" => "PATCH",
        _ => "other",
    }
}
