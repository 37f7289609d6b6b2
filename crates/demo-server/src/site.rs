use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use serde::Serialize;
use tower::ServiceExt;

/// The sites of one server, by host name.
#[derive(Clone, Default)]
pub struct Sites(HashMap<String, Router>);

impl Sites {
    /// Adds a site.
    #[must_use]
    pub fn with(mut self, host: &str, site: Router) -> Self {
        self.0.insert(host.to_owned(), site);
        self
    }

    /// Serves until the handle shuts it down; over TLS if there is a certificate.
    ///
    /// # Errors
    /// If the listener cannot be used.
    pub async fn serve(
        self,
        listener: TcpListener,
        certificate: Option<RustlsConfig>,
        handle: Handle<SocketAddr>,
    ) -> Result<()> {
        listener.set_nonblocking(true)?;
        let service = Router::new().fallback(move |request| dispatch(self.clone(), request));
        let service = service.into_make_service_with_connect_info::<SocketAddr>();
        match certificate {
            Some(config) => {
                axum_server::from_tcp_rustls(listener, config)?.handle(handle).serve(service).await?;
            }
            None => axum_server::from_tcp(listener)?.handle(handle).serve(service).await?,
        }
        Ok(())
    }
}

async fn dispatch(sites: Sites, request: Request) -> Response {
    // HTTP/2 has the host in the address, HTTP/1 in a header.
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(header).unwrap_or_default();
    match sites.0.get(host.split(':').next().unwrap_or_default()) {
        // A router's error type has no values.
        Some(site) => site.clone().oneshot(request).await.unwrap_or_else(|never| match never {}),
        None => (StatusCode::NOT_FOUND, "There is no such site here.").into_response(),
    }
}

/// Answers with this content, of this media type.
pub fn served(kind: &'static str, content: String) -> MethodRouter {
    get(move || {
        let headers = [(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))];
        async move { (headers, content).into_response() }
    })
}

/// A new, self-signed certificate for these hosts.
///
/// # Errors
/// If the key cannot be made.
pub async fn certificate(hosts: &[&str]) -> Result<RustlsConfig> {
    let (certificate, key) = self_signed(hosts)?;
    configured(certificate, key).await
}

/// A certificate and its key, both in PEM, for a server.
///
/// # Errors
/// If they do not belong together.
pub async fn configured(certificate: String, key: String) -> Result<RustlsConfig> {
    // Installing it twice is an error, and the tests do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(RustlsConfig::from_pem(certificate.into_bytes(), key.into_bytes()).await?)
}

/// Such a certificate and its key, in PEM.
///
/// # Errors
/// If the key cannot be made.
pub fn self_signed(hosts: &[&str]) -> Result<(String, String)> {
    let names: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names)?;
    Ok((made.cert.pem(), made.signing_key.serialize_pem()))
}

/// The page with another list, as its owner would edit it by hand.
///
/// # Errors
/// If the page has no list.
pub fn with_trusted_domains(page: &str, entries: &[impl Serialize]) -> Result<String> {
    let (before, rest) = page.split_once("const TRUSTED_DOMAINS = [").context("the page has no TRUSTED_DOMAINS")?;
    let (_, after) = rest.split_once(']').context("the page's TRUSTED_DOMAINS has no end")?;
    let list = serde_json::to_string(entries)?;
    Ok(format!("{before}const TRUSTED_DOMAINS = {list}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_the_page_is_replaced() {
        let page = "<script>\nconst TRUSTED_DOMAINS = [\n  \"https://a.example\",\n];\n</script>";
        let edited = with_trusted_domains(page, &["https://b.example", "https://c.example"]).unwrap();
        assert_eq!(
            edited,
            "<script>\nconst TRUSTED_DOMAINS = [\"https://b.example\",\"https://c.example\"];\n</script>"
        );
        assert!(with_trusted_domains("<html>", &["https://b.example"]).is_err());
    }
}
