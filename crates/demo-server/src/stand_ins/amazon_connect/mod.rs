//! Amazon Connect: the Participant Service that ChatJS talks to, and the site's own proxy of StartChatContact. Its contacts are in
//! memory, shared by the shops.

mod clock;
mod contact;
mod control;
mod participant;
mod records;
mod refusal;
mod socket;
mod start;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::{get, post};

use records::Records;

/// The service.
#[derive(Clone)]
pub struct AmazonConnect {
    records: Arc<Mutex<Records>>,
    /// The scheme and host of the sockets' addresses. ChatJS accepts `wss://…` and `ws://127.0.0.1:…`.
    sockets: String,
}

impl AmazonConnect {
    /// A service whose sockets are at this scheme and host.
    #[must_use]
    pub fn new(sockets: String) -> Self {
        Self { records: Arc::default(), sockets }
    }

    /// The site's own proxy of StartChatContact, and the service's addresses on a site.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/connect/start", post(start::start))
            .route("/participant/{action}", post(participant::ask))
            .merge(Self::socket_routes())
            .merge(control::routes())
            .with_state(self.clone())
    }

    /// The sockets' address only.
    pub fn sockets(&self) -> Router {
        Self::socket_routes().with_state(self.clone())
    }

    fn socket_routes() -> Router<Self> {
        Router::new().route("/participant/socket", get(socket::open))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Records) -> T) -> T {
        act(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
