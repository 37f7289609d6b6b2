use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use tokio::sync::watch;

use crate::sites::VIOLATIONS;

/// The response of a path of a site.
#[derive(Clone)]
pub struct Page {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    first: Part,
    second: Part,
}

/// What is sent once the gate is open, if there is one.
#[derive(Clone, Default)]
struct Part {
    content: String,
    gate: Option<Gate>,
}

/// Closed until a scenario opens it.
#[derive(Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets everything through, from now on.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    async fn pass(&self) {
        let _ = self.0.subscribe().wait_for(|is_open| *is_open).await;
    }
}

impl Page {
    /// An HTML page.
    #[must_use]
    pub fn html(content: impl Into<String>) -> Self {
        Self::of("text/html", content.into())
    }

    /// A page in XML.
    #[must_use]
    pub fn xhtml(content: impl Into<String>) -> Self {
        Self::of("application/xhtml+xml", content.into())
    }

    /// A script.
    #[must_use]
    pub fn script(content: String) -> Self {
        Self::of("text/javascript", content)
    }

    /// Text that is no page.
    pub(crate) fn plain(content: String) -> Self {
        Self::of("text/plain", content)
    }

    fn of(kind: &str, content: String) -> Self {
        Self {
            status: StatusCode::OK,
            headers: vec![(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))],
            first: Part { content, gate: None },
            second: Part::default(),
        }
    }

    /// With a response header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((HeaderName::from_static(name), value.to_owned()));
        self
    }

    /// Under a Content-Security-Policy whose violations are reported to its site.
    #[must_use]
    pub fn under(self, policy: &str) -> Self {
        self.header("content-security-policy", &format!("{policy}; report-uri {VIOLATIONS}"))
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or_default();
        self
    }

    /// With something after it.
    #[must_use]
    pub fn appended(mut self, content: &str) -> Self {
        self.first.content.push_str(content);
        self
    }

    /// With one string in place of another, which must be there.
    #[must_use]
    pub fn replaced(mut self, text: &str, with: &str) -> Self {
        let content = &mut self.first.content;
        assert!(content.contains(text), "the page has no {text}");
        *content = content.replace(text, with);
        self
    }

    /// With its content changed.
    #[must_use]
    pub fn edited(mut self, edit: impl FnOnce(&str) -> String) -> Self {
        let edited = edit(&self.first.content);
        assert_ne!(edited, self.first.content, "nothing was changed");
        self.first.content = edited;
        self
    }

    /// Sends nothing before the gate is open.
    #[must_use]
    pub fn behind(mut self, gate: &Gate) -> Self {
        self.first.gate = Some(gate.clone());
        self
    }

    /// Stops before the first such string until the gate is open.
    #[must_use]
    pub fn halting_before(mut self, text: &str, gate: &Gate) -> Self {
        let content = self.first.content;
        let at = content.find(text).unwrap_or_else(|| panic!("the page has no {text}"));
        let (first, second) = content.split_at(at);
        self.first.content = first.to_owned();
        self.second = Part { content: second.to_owned(), gate: Some(gate.clone()) };
        self
    }

    /// What is sent first.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.first.content
    }

    pub(crate) async fn respond(self) -> Response {
        let mut response = Response::builder().status(self.status).header(header::CACHE_CONTROL, "no-store");
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        // Headers wait for the first part's gate, too.
        let first = self.first.send().await;
        let second = self.second;
        let parts = stream::iter([first]).chain(stream::once(async move { second.send().await }));
        let body = Body::from_stream(parts.map(Ok::<_, std::convert::Infallible>));
        response.body(body).unwrap_or_else(|error| error.to_string().into_response())
    }
}

impl Part {
    async fn send(self) -> Bytes {
        if let Some(gate) = self.gate {
            gate.pass().await;
        }
        Bytes::from(self.content)
    }
}
