use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use bridge_server::site;
use demo_server::{Sites, certificate, with_trusted_domains};
use serde_json::Value;

use crate::page::Page;

/// Where browsers report violations of a policy.
pub(crate) const VIOLATIONS: &str = "/violations";

/// The page through which links hand sessions over, and its script.
pub const RETURN_PAGE: &str = "/.well-known/cookie-bridge.html";
const RETURN_PAGE_SCRIPT: &str = "/.well-known/cookie-bridge.js";

/// The sites: two of the owner's, the bridge, and a stranger.
const SITES: [&str; 4] = ["shop", "help", "bridge", "stranger"];

/// A server over https on a free port, with sites that no other server of this process has. Scenarios put pages on it.
pub struct Server {
    number: usize,
    port: u16,
    pages: Pages,
    handle: Handle<SocketAddr>,
}

type Pages = Arc<Mutex<Contents>>;

#[derive(Default)]
struct Contents {
    /// By site and path.
    pages: HashMap<(String, String), Page>,
    /// The site of each request, and its path with the query, in their order.
    asked: Vec<(String, String)>,
    /// The site and the `Referer` header of each request that has one, in their order.
    referrers: Vec<(String, String)>,
    /// The site and the report of each violation of a policy.
    violations: Vec<(String, Value)>,
}

impl Server {
    pub(crate) async fn start() -> Result<Self> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let pages = Pages::default();
        let mut sites = Sites::default();
        for site in SITES {
            let state = (site.to_owned(), Arc::clone(&pages));
            sites = sites.with(&host(site, number), Router::new().fallback(answer).with_state(state));
        }
        let hosts = SITES.map(|site| host(site, number));
        let certificate = certificate(&hosts.each_ref().map(String::as_str)).await?;
        let handle = Handle::new();
        tokio::spawn(sites.serve(listener, Some(certificate), handle.clone()));

        let server = Self { number, port, pages, handle };
        let script = Page::script(dist("cookie-provider.js")?);
        let return_page = Page::html(dist("return-page/.well-known/cookie-bridge.html")?);
        let its_script = Page::script(dist("return-page/.well-known/cookie-bridge.js")?);
        for site in SITES {
            server.put(site, "/cookie-provider.js", script.clone());
            server.put(site, RETURN_PAGE, return_page.clone());
            server.put(site, RETURN_PAGE_SCRIPT, its_script.clone());
        }
        server.put("bridge", "/iframe.html", server.bridge_page(&["shop", "help"]));
        Ok(server)
    }

    /// The origin of a site.
    #[must_use]
    pub fn origin(&self, site: &str) -> String {
        format!("https://{}:{}", self.host(site), self.port)
    }

    /// The host name of a site.
    #[must_use]
    pub fn host(&self, site: &str) -> String {
        host(site, self.number)
    }

    /// Puts a page on a site, in place of any before it.
    pub fn put(&self, site: &str, path: &str, page: Page) {
        let mut contents = lock(&self.pages);
        contents.pages.insert((site.to_owned(), path.to_owned()), page);
    }

    /// Makes the sites reachable at another port of this machine, too.
    pub async fn reach_at(&self, port: u16) {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("the port is free");
        let to = (Ipv4Addr::LOCALHOST, self.port);
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                tokio::spawn(async move {
                    if let Ok(mut to) = tokio::net::TcpStream::connect(to).await {
                        // Either side may close the connection at any time.
                        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
                    }
                });
            }
        });
    }

    /// The paths that were requested from a site, in their order.
    #[must_use]
    pub fn asked(&self, site: &str) -> Vec<String> {
        let path = |address: String| address.split('?').next().unwrap_or_default().to_owned();
        self.addresses(site).into_iter().map(path).collect()
    }

    /// How often a path was requested from a site.
    #[must_use]
    pub fn times_asked(&self, site: &str, path: &str) -> usize {
        self.asked(site).iter().filter(|asked| *asked == path).count()
    }

    /// The paths with their queries that were requested from a site, in their order.
    #[must_use]
    pub fn addresses(&self, site: &str) -> Vec<String> {
        let contents = lock(&self.pages);
        contents.asked.iter().filter(|(asked, _)| asked == site).map(|(_, address)| address.clone()).collect()
    }

    /// The `Referer` headers of a site's requests, in their order.
    #[must_use]
    pub fn referrers(&self, site: &str) -> Vec<String> {
        let contents = lock(&self.pages);
        contents.referrers.iter().filter(|(asked, _)| asked == site).map(|(_, referrer)| referrer.clone()).collect()
    }

    /// The return page that all sites have.
    #[must_use]
    pub fn return_page(&self) -> Page {
        Page::html(dist("return-page/.well-known/cookie-bridge.html").unwrap_or_else(|error| panic!("{error:#}")))
    }

    /// Moves a site's return page into another folder.
    pub fn move_return_page(&self, site: &str, folder: &str) {
        let script = dist("return-page/.well-known/cookie-bridge.js").unwrap_or_else(|error| panic!("{error:#}"));
        self.put(site, &format!("{folder}/cookie-bridge.html"), self.return_page());
        self.put(site, &format!("{folder}/cookie-bridge.js"), Page::script(script));
        for path in [RETURN_PAGE, RETURN_PAGE_SCRIPT] {
            lock(&self.pages).pages.remove(&(site.to_owned(), path.to_owned()));
        }
    }

    /// Gives a site the script for host pages that allow no WebAssembly.
    pub fn put_script_without_wasm(&self, site: &str) {
        let script = dist("no-wasm/cookie-provider.js").unwrap_or_else(|error| panic!("{error:#}"));
        self.put(site, "/cookie-provider.js", Page::script(script));
    }

    /// The provider script of all sites.
    #[must_use]
    pub fn script(&self) -> String {
        let contents = lock(&self.pages);
        let key = ("shop".to_owned(), "/cookie-provider.js".to_owned());
        contents.pages.get(&key).map(|page| page.content().to_owned()).unwrap_or_default()
    }

    /// The directives that were violated on a site, each with the browser's report, in their order.
    #[must_use]
    pub fn violations(&self, site: &str) -> Vec<(String, String)> {
        let contents = lock(&self.pages);
        let of_site = contents.violations.iter().filter(|(reported, _)| reported == site);
        of_site
            .map(|(_, report)| {
                let report = &report["csp-report"];
                let directive = report["effective-directive"].as_str().or(report["violated-directive"].as_str());
                let directive = directive.and_then(|text| text.split(' ').next()).unwrap_or_default();
                (directive.to_owned(), report.to_string())
            })
            .collect()
    }

    /// Puts up a bridge site, each page under the policy that `bridge-server` sends with it and `check-site` writes. `folder` is the
    /// built site's, below `dist/`.
    pub fn put_strict_bridge(&self, folder: &str, trusted: &[&str]) {
        let read = |file: &str| dist(&format!("{folder}/{file}")).unwrap_or_else(|error| panic!("{error:#}"));
        let origins: Vec<String> = trusted.iter().map(|site| self.origin(site)).collect();
        let listed: Vec<&str> = origins.iter().map(String::as_str).collect();
        let iframe = with_trusted_domains(&read("iframe.html"), &listed).unwrap_or_else(|error| panic!("{error:#}"));
        let needs_wasm = site::Page::read(&iframe).needs_wasm();
        for (path, page) in [("/iframe.html", iframe), ("/doctor.html", read("doctor.html"))] {
            let policy = site::Page::read(&page).content_security_policy(&origins, needs_wasm);
            let page = Page::html(page).under(&policy).header("cross-origin-embedder-policy", "require-corp");
            self.put("bridge", path, page.header("cross-origin-resource-policy", "cross-origin"));
        }
        self.put("bridge", "/cookie-provider.js", Page::script(read("cookie-provider.js")));
    }

    /// The policy that `bridge-server` sends with this page of the bridge, whose list has these sites.
    #[must_use]
    pub fn policy_of(&self, page: &Page, trusted: &[&str]) -> String {
        let origins: Vec<String> = trusted.iter().map(|site| self.origin(site)).collect();
        site::Page::read(page.content()).content_security_policy(&origins, true)
    }

    /// The doctor as it is built.
    #[must_use]
    pub fn built_doctor(&self) -> Page {
        Page::html(dist("iframe-site/doctor.html").unwrap_or_else(|error| panic!("{error:#}")))
    }

    /// The bridge page as its owner would edit it, with these sites in the list.
    #[must_use]
    pub fn bridge_page(&self, trusted: &[&str]) -> Page {
        Page::html(self.edited_bridge_page(trusted))
    }

    /// The bridge page with these entries of the list.
    #[must_use]
    pub fn bridge_page_listing(&self, entries: &[Value]) -> Page {
        let page = with_trusted_domains(&self.built_bridge_page(), entries);
        Page::html(page.unwrap_or_else(|error| panic!("{error:#}")))
    }

    pub(crate) fn edited_bridge_page(&self, trusted: &[&str]) -> String {
        let origins: Vec<String> = trusted.iter().map(|site| self.origin(site)).collect();
        let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
        let page = dist("iframe-site/iframe.html").and_then(|page| with_trusted_domains(&page, &origins));
        page.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// The bridge page as it is built, for a scenario to edit.
    #[must_use]
    pub fn built_bridge_page(&self) -> String {
        dist("iframe-site/iframe.html").unwrap_or_else(|error| panic!("{error:#}"))
    }
}

fn host(site: &str, number: usize) -> String {
    format!("{site}-{number}.localhost")
}

impl Drop for Server {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

async fn answer(State((site, pages)): State<(String, Pages)>, request: Request) -> Response {
    let key = (site, request.uri().path().to_owned());
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if key.1 == VIOLATIONS {
        let body = to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
        let report = serde_json::from_slice(&body).unwrap_or_default();
        lock(&pages).violations.push((key.0, report));
        return StatusCode::NO_CONTENT.into_response();
    }
    let page = {
        let mut contents = lock(&pages);
        contents.asked.push((key.0.clone(), format!("{}{query}", key.1)));
        if let Some(referrer) = request.headers().get(header::REFERER) {
            let referrer = String::from_utf8_lossy(referrer.as_bytes()).into_owned();
            contents.referrers.push((key.0.clone(), referrer));
        }
        contents.pages.get(&key).cloned()
    };
    match page {
        Some(page) => page.respond().await,
        None => (StatusCode::NOT_FOUND, "no such page").into_response(),
    }
}

fn lock(pages: &Pages) -> MutexGuard<'_, Contents> {
    pages.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn dist(file: &str) -> Result<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dist").join(file);
    std::fs::read_to_string(&path).with_context(|| format!("{} is not there; run `cargo xtask build`", path.display()))
}
